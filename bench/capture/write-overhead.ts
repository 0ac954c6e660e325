import { odooFixture, readWorkload, type WorkloadLine } from '../../test/e2e/odoo-fixture.js';
import type { CapturedOdoo } from './captured-odoo.js';

export interface WriteOverhead {
  /** Of a transaction that changes the price of a product, with the reads Odoo makes for it. */
  oneFieldWriteMs: { without: number; with: number };
  overheadPercent: number;
  /** What the same write took in the recorded Odoo, its Python included: from one of fifty to the next. */
  recordedWriteMs: number;
  /** Of an UPDATE of many rows. */
  massUpdateMs: { without: number; with: number };
  captureMicrosecondsPerRow: number;
}

const massRows = 50_000;

/** Both with and without the triggers, turn by turn in one run. Ingest is stopped, so that only writing counts. */
export async function writeOverhead(
  odoo: CapturedOdoo,
  { writes, massUpdates }: { writes: number; massUpdates: number },
): Promise<WriteOverhead> {
  await odoo.stopIngest();
  const one = await oneFieldWrites(odoo, writes);
  const mass = await massUpdate(odoo, massUpdates);
  await odoo.startIngest();
  return {
    oneFieldWriteMs: one,
    overheadPercent: (one.with / one.without - 1) * 100,
    recordedWriteMs: recordedWriteMs(readWorkload(odooFixture() ?? '')),
    massUpdateMs: mass,
    captureMicrosecondsPerRow: ((mass.with - mass.without) * 1000) / massRows,
  };
}

async function triggers(odoo: CapturedOdoo, tables: readonly string[], on: boolean): Promise<void> {
  for (const table of tables) {
    await odoo.client.query(`alter table ${table} ${on ? 'enable' : 'disable'} trigger relay_capture`);
  }
}

/** What Odoo sends for `product.write({'list_price': …})`, reads included. */
const oneFieldWrite = (template: number, product: number, turn: number): string[] => [
  'BEGIN ISOLATION LEVEL REPEATABLE READ',
  `SELECT id, active, company_id, name->>'en_US', login FROM (SELECT 1 AS id, true AS active, 1 AS company_id,
     '{"en_US": "x"}'::jsonb AS name, 'admin' AS login) u`,
  `SELECT * FROM product_template WHERE id IN (${String(template)})`,
  `SELECT * FROM product_product WHERE product_tmpl_id IN (${String(template)}) ORDER BY default_code, id`,
  `UPDATE "product_template" SET "list_price" = "__tmp"."list_price"::numeric,
     "write_date" = "__tmp"."write_date"::timestamp, "write_uid" = "__tmp"."write_uid"::int4
   FROM (VALUES (${String(template)}, ${String(turn)}.5, now() at time zone 'UTC', 2))
     AS "__tmp"("id", "list_price", "write_date", "write_uid")
   WHERE "product_template"."id" = "__tmp"."id"`,
  `UPDATE "product_product" SET "write_date" = "__tmp"."write_date"::timestamp,
     "write_uid" = "__tmp"."write_uid"::int4
   FROM (VALUES (${String(product)}, now() at time zone 'UTC', 2)) AS "__tmp"("id", "write_date", "write_uid")
   WHERE "product_product"."id" = "__tmp"."id"`,
  'COMMIT',
];

async function oneFieldWrites(
  odoo: CapturedOdoo,
  writes: number,
): Promise<{ without: number; with: number }> {
  const tables = ['product_template', 'product_product'];
  const { rows } = await odoo.client.query<{ template: number; product: number }>(
    'select product_tmpl_id as template, max(id) as product from product_product group by 1 order by 1 limit 50',
  );
  const times = { without: [] as number[], with: [] as number[] };
  const perBlock = 50;
  for (let done = 0; done < writes; done += perBlock) {
    for (const which of ['without', 'with'] as const) {
      await triggers(odoo, tables, which === 'with');
      for (let turn = 0; turn < perBlock; turn++) {
        const { template, product } = rows[turn % rows.length] ?? { template: 1, product: 1 };
        const startedMs = performance.now();
        for (const sql of oneFieldWrite(template, product, done + turn)) await odoo.client.query(sql);
        times[which].push(performance.now() - startedMs);
      }
    }
  }
  return { without: median(times.without), with: median(times.with) };
}

/** `write_date` is when a transaction began, and each of these began when the one before had ended. */
function recordedWriteMs(workload: readonly WorkloadLine[]): number {
  const beganMs: number[] = [];
  let isHot = false;
  for (const { step, sql } of workload) {
    isHot = step === undefined ? isHot : step.startsWith('hot price');
    const began = /'(\d{4}-\d\d-\d\dT[\d:.]+)'::timestamp/.exec(sql ?? '')?.[1];
    if (isHot && began !== undefined && sql?.startsWith('UPDATE "product_template"') === true) {
      beganMs.push(microsOf(began) / 1000);
    }
  }
  return median(beganMs.slice(1).map((ms, index) => ms - (beganMs[index] ?? NaN)));
}

/** Since 1970; a Date would cut them to milliseconds. */
function microsOf(iso: string): number {
  const [seconds = '', fraction = ''] = iso.split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** A table of its own rows would be narrow: copies of a partner, as wide as partners are. */
async function massUpdate(odoo: CapturedOdoo, rounds: number): Promise<{ without: number; with: number }> {
  const { client } = odoo;
  await triggers(odoo, ['res_partner'], false);
  await client.query(
    `insert into res_partner
     select copy.* from generate_series(1, ${String(massRows)}) n, res_partner p,
       lateral jsonb_populate_record(p, jsonb_build_object(
         'id', nextval('res_partner_id_seq') + n * 0, 'name', 'mass', 'active', false)) copy
     where p.id = 1`,
  );
  await client.query('vacuum analyze res_partner');
  const times = { without: [] as number[], with: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const which of ['without', 'with'] as const) {
      await triggers(odoo, ['res_partner'], which === 'with');
      const startedMs = performance.now();
      await client.query(`update res_partner set ref = '${which} ${String(round)}' where name = 'mass'`);
      times[which].push(performance.now() - startedMs);
      await client.query('vacuum res_partner');
      await client.query('checkpoint');
    }
  }
  return { without: median(times.without), with: median(times.with) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
