import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { createDatabase, dropDatabase } from '#embedded';
import { ChangeReader, changeTopic, type Change } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { Scrape } from '../harness/metrics.js';
import type { TcpProxy } from '../harness/tcp-proxy.js';
import { testStack } from '../harness/stack.js';
import { connect, createSmallOdoo, smallOdooModels } from './small-odoo.js';

const stack = testStack();

let kafka: Kafka;
let reader: ChangeReader;
let databaseUrl: string;
let writer: Client;
let ingest: StartedApp | undefined;
/** One for all: there are few of them. */
let proxy: TcpProxy | undefined;

beforeAll(async () => {
  databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  writer = await connect(databaseUrl);
  const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
  kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', ...connection });
  reader = new ChangeReader(new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection }));
});

afterEach(async () => {
  await ingest?.stop();
  ingest = undefined;
});

afterAll(async () => {
  await writer.end();
  await kafka.close();
});

function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: databaseUrl,
    DATABASE_SLUG: 'small',
    MODELS: smallOdooModels.join(','),
    ...more,
  };
}

async function changesOf(table: string, recordId: number): Promise<Change[]> {
  const changes: Change[] = [];
  for (const record of await kafka.readToEnd(changeTopic('small', table))) {
    const read = await reader.read(record);
    if (read.kind === 'change' && read.recordId === BigInt(recordId)) changes.push(read.change);
  }
  return changes;
}

function changesUntil(table: string, recordId: number, count: number): Promise<Change[]> {
  return eventually(async () => {
    const changes = await changesOf(table, recordId);
    return changes.length >= count ? changes : false;
  });
}

/** How an app ends that cannot start: its exit code and the sentence it ends with. */
async function refusal(more: Record<string, string>): Promise<{ code: unknown; sentence: string }> {
  const app = await startApp('ingest', environment(more), { waitUntilReady: false });
  const code = await app.ended;
  return { code, sentence: String(app.logLines().at(-1)?.['msg']) };
}

describe('a change', () => {
  it('is in its topic with every value exact', async () => {
    ingest = await startApp('ingest', environment());
    await writer.query(`insert into product_template (id, name, list_price, weight, volume, active, standard_price,
        available_on, big, write_uid, write_date)
      values (1, '{"en_US": "Böx \\"1\\"", "fr_FR": "Boîte"}', 76.67917649363673, 12.50, 0.1, true,
        '{"1": 100.0, "2": 12345678901234567890.5}', '2026-02-28', 9007199254740993, 2, '2026-11-23 17:44:39.63')`);
    const [created] = await changesUntil('product_template', 1, 1);
    expect({ ...created?.after }).toEqual({
      id: 1,
      name: 'Böx "1"',
      name__translations: '{"en_US": "Böx \\"1\\"", "fr_FR": "Boîte"}',
      list_price: '76.67917649363673',
      weight: '12.5',
      volume: 0.1,
      active: true,
      standard_price: '{"1": 100.0, "2": 12345678901234567890.5}',
      available_on: '2026-02-28',
      big: 9007199254740993n,
      write_uid: 2,
      write_date: '2026-11-23T17:44:39.630000',
    });
    expect(created).toMatchObject({ op: 'c', before: null, changed: null, included: null });
    expect(created?.source).toMatchObject({
      connector: 'odoo-relay',
      name: 'odoo.small',
      database: 'small',
      table: 'product_template',
      model: 'product.template',
      user_id: 2,
      company_id: null,
      tx: { ordinal: 1n, total: 1n },
    });
    expect(created?.source.change_id).toBe(
      `${created?.source.epoch ?? ''}-${created?.source.sequence.toString() ?? ''}`,
    );
  });

  it('of a column that was added while ingest runs has the new column', async () => {
    ingest = await startApp('ingest', environment());
    await writer.query(`insert into res_partner (id, name) values (10, 'before')`);
    await changesUntil('res_partner', 10, 1);
    await writer.query('alter table res_partner add column x_studio_size numeric');
    await writer.query(`update res_partner set x_studio_size = 1.50 where id = 10`);
    const [, updated] = await changesUntil('res_partner', 10, 2);
    expect(updated?.after?.['x_studio_size']).toBe('1.5');
    expect(updated?.changed).toEqual(['x_studio_size']);
    await writer.query('alter table res_partner drop column x_studio_size');
    await writer.query(`update res_partner set name = 'after' where id = 10`);
    const [, , last] = await changesUntil('res_partner', 10, 3);
    expect(last?.after?.['x_studio_size'] ?? null).toBeNull();
    expect(last?.changed).toEqual(['name']);
  });

  it('with a value that its topic cannot hold is put aside with the reason, and the next ones go on', async () => {
    ingest = await startApp('ingest', environment());
    await writer.query(`insert into product_template (id, list_price) values (2, 1e-21)`);
    await writer.query(`insert into product_template (id, list_price) values (3, 1)`);
    await changesUntil('product_template', 3, 1);
    const rejected = await kafka.readToEnd('relay.rejected.ingest');
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.headers['reason']).toMatch(/in column list_price is no decimal\(38,20\)/);
    expect(rejected[0]?.headers['origin-topic']).toBe('odoo.small.product_template');
    expect(rejected[0]?.value?.toString()).toContain('0.000000000000000000001');
    expect(await changesOf('product_template', 2)).toEqual([]);
    const scrape = await Scrape.of(ingest.url);
    expect(scrape.value('relay_ingest_rejected_records_total')).toBe(1);
    expect(scrape.value('relay_ingest_captured_changes_total')).toBe(2);
    expect(scrape.value('relay_kafka_published_records_total{topic="odoo.small.product_template"}')).toBe(1);
    expect(scrape.undocumented()).toEqual([]);
  });

  it('is seen by Prometheus to wait, in the outbox and behind a transaction that stays open', async () => {
    proxy ??= await stack.kafkaProxy();
    ingest = await startApp('ingest', environment({ KAFKA_BROKERS: proxy.address }));
    const { url } = ingest;
    await writer.query('begin');
    await writer.query(`insert into res_partner (id, name) values (90, 'open')`);
    await eventually(async () => {
      const scrape = await Scrape.of(url);
      expect(scrape.value('relay_ingest_oldest_open_transaction_seconds')).toBeGreaterThan(0);
      expect(scrape.value('relay_ingest_capture_lag_seconds')).toBe(0);
      expect(scrape.value('relay_ingest_capture_lag_changes')).toBe(0);
      return true;
    });
    proxy.block();
    await writer.query('commit');
    await eventually(async () => {
      const scrape = await Scrape.of(url);
      expect(scrape.value('relay_ingest_capture_lag_seconds')).toBeGreaterThan(1);
      expect(scrape.value('relay_ingest_capture_lag_changes')).toBe(1);
      return true;
    });
    proxy.restore();
    await changesUntil('res_partner', 90, 1);
    await eventually(async () => {
      const scrape = await Scrape.of(url);
      expect(scrape.value('relay_ingest_capture_lag_seconds')).toBe(0);
      expect(scrape.value('relay_ingest_oldest_open_transaction_seconds')).toBe(0);
      expect(scrape.value('relay_ingest_capture_state{state="on"}')).toBe(1);
      expect(scrape.value('relay_ingest_outbox_bytes')).toBeGreaterThan(0);
      return true;
    });
  });
});

describe('a record', () => {
  it('fault 6: created, written and deleted in one transaction is not published, in three c, u, d and a tombstone', async () => {
    ingest = await startApp('ingest', environment());
    const steps = [
      `insert into res_partner (id, name) values (15, 'a')`,
      `update res_partner set name = 'b' where id = 15`,
      'delete from res_partner where id = 15',
    ];
    await writer.query(`begin; ${steps.join(';')}; commit`);
    for (const step of steps) await writer.query(step);
    expect((await changesUntil('res_partner', 15, 3)).map(({ op }) => op)).toEqual(['c', 'u', 'd']);
    const records = await kafka.readToEnd(changeTopic('small', 'res_partner'));
    const deletion = records.findIndex(({ value }) => value === null);
    expect(records.filter(({ value }) => value === null)).toHaveLength(1);
    expect(records[deletion - 1]?.key).toEqual(records[deletion]?.key);
  });

  it('fault 4: whose transaction is rolled back and tried again, as Odoo does, makes one change', async () => {
    ingest = await startApp('ingest', environment());
    await writer.query(`insert into res_partner (id, name) values (16, 'a')`);
    const other = await connect(databaseUrl);
    const attempt = `begin isolation level repeatable read; select from res_partner where id = 16`;
    await other.query(attempt);
    await writer.query(`update res_partner set name = 'b' where id = 16`);
    const write = `update res_partner set name = name || 'c' where id = 16`;
    await expect(other.query(write)).rejects.toThrow('could not serialize access');
    await other.query('rollback');
    await other.query(attempt);
    await other.query(`${write}; commit`);
    await other.end();
    const changes = await changesUntil('res_partner', 16, 3);
    expect(changes.map(({ after }) => after?.['name'])).toEqual(['a', 'b', 'bc']);
  });
});

describe('an ingest that is interrupted', () => {
  it('publishes on its next start what was committed while it was stopped', async () => {
    const first = await startApp('ingest', environment());
    await writer.query(`insert into res_partner (id, name) values (20, 'a')`);
    await changesUntil('res_partner', 20, 1);
    expect(await first.stop()).toBe(0);
    await writer.query(`update res_partner set name = 'b' where id = 20`);
    ingest = await startApp('ingest', environment());
    await writer.query(`update res_partner set name = 'c' where id = 20`);
    const changes = await changesUntil('res_partner', 20, 3);
    expect(changes.map(({ after }) => after?.['name'])).toEqual(['a', 'b', 'c']);
  });

  it('goes on when Postgres ends its connections', async () => {
    ingest = await startApp('ingest', environment());
    for (let n = 1; n <= 3; n += 1) {
      await writer.query('insert into res_partner (id, name) values ($1, $2)', [30 + n, 'x']);
      await writer.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name like 'odoo-relay%'`);
    }
    await writer.query(`insert into res_partner (id, name) values (39, 'last')`);
    await changesUntil('res_partner', 39, 1);
    for (const id of [31, 32, 33, 39]) expect(await changesOf('res_partner', id)).toHaveLength(1);
  });

  it('fault 2: neither loses nor repeats a change when Kafka takes its writes and the answers are lost', async () => {
    proxy ??= await stack.kafkaProxy();
    ingest = await startApp('ingest', environment({ KAFKA_BROKERS: proxy.address }));
    await writer.query(`insert into res_partner (id, name) values (40, '0')`);
    await changesUntil('res_partner', 40, 1);
    const isPublished = async (name: string): Promise<boolean> =>
      (await changesOf('res_partner', 40)).at(-1)?.after?.['name'] === name;
    const rounds = 6;
    for (let round = 1; round <= rounds; round += 1) {
      // From round to round the answers are lost of a later request of the transaction, its commit too.
      const passed = proxy.requestBytesPassed(375 * round);
      await writer.query(`update res_partner set name = '${round}' where id = 40`);
      await Promise.race([passed, eventually(() => isPublished(String(round)))]);
      proxy.swallowAnswers();
      await new Promise((resolve) => setTimeout(resolve, 20));
      proxy.restore();
      await eventually(() => isPublished(String(round)));
    }
    expect(ingest.output()).toContain('capture is interrupted');
    expect((await changesOf('res_partner', 40)).map(({ after }) => after?.['name'])).toEqual(
      Array.from({ length: rounds + 1 }, (_none, n) => String(n)),
    );
  }, 180_000);

  it('ends with a clear sentence when a second instance takes over, which repeats nothing', async () => {
    const first = await startApp('ingest', environment());
    await writer.query(`insert into res_partner (id, name) values (50, 'a')`);
    await changesUntil('res_partner', 50, 1);
    ingest = await startApp('ingest', environment());
    await writer.query(`update res_partner set name = 'b' where id = 50`);
    await changesUntil('res_partner', 50, 2);
    for (let n = 1; n <= 20; n += 1) {
      await writer.query(`update res_partner set name = 'c${n}' where id = 50`);
    }
    expect(await changesUntil('res_partner', 50, 22)).toHaveLength(22);
    // It learns it at its next write, which it makes when it is the first to see a change.
    const ended = await eventually(async () => {
      await writer.query(`update res_partner set name = 'd' || now() where id = 50`);
      return Promise.race([first.ended, new Promise<false>((resolve) => setTimeout(resolve, 50, false))]);
    });
    expect(ended).toBe(75);
    expect(first.logLines().at(-1)?.['code']).toBe('FENCED');
    const ids = (await changesOf('res_partner', 50)).map(({ source }) => source.change_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('puts a trigger back that somebody has dropped', async () => {
    await writer.query('drop trigger relay_capture on res_partner');
    ingest = await startApp('ingest', environment());
    await writer.query(`insert into res_partner (id, name) values (60, 'a')`);
    const changes = await changesUntil('res_partner', 60, 1);
    // The load that follows a dropped trigger may come upon the row, too.
    expect(changes.filter(({ op }) => op !== 'r').map(({ op }) => op)).toEqual(['c']);
  });
});

describe('a database that ingest must not read', () => {
  it('is one that is not there', async () => {
    const url = new URL(databaseUrl);
    url.port = '1';
    const { code, sentence } = await refusal({ ODOO_DATABASE_URL: url.href });
    expect(code).toBe(69);
    expect(sentence).toMatch(/cannot connect to Postgres at .*ODOO_DATABASE_URL/);
    expect(sentence).not.toContain(url.password === '' ? 'no password' : `:${url.password}@`);
  });

  it('is one that is not Odoo, or has none of the models', async () => {
    const { code, sentence } = await refusal({ ODOO_DATABASE_URL: await stack.freshDatabase() });
    expect(code).toBe(78);
    expect(sentence).toMatch(/is not Odoo's/);
    const without = await refusal({ MODELS: 'no.such.model' });
    expect(without.code).toBe(78);
    expect(without.sentence).toMatch(/set MODELS/);
  });

  it('is one in which its user may not create triggers', async () => {
    const role = `r${stack.topicPrefix.replace('-', '')}`;
    await writer.query(`create role ${role} login password 'x'`);
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = 'x';
    const { code, sentence } = await refusal({ ODOO_DATABASE_URL: url.href });
    await writer.query(`drop role ${role}`);
    expect(code).toBe(77);
    expect(sentence).toMatch(/grant it CREATE on the database/);
  });

  it('is a copy of the one the capture was installed in', async () => {
    ingest = await startApp('ingest', environment());
    await ingest.stop();
    await writer.end();
    const name = `copy_${stack.topicPrefix.replace('-', '')}`;
    const copy = await createCopy(name);
    writer = await connect(databaseUrl);
    const { code, sentence } = await refusal({ ODOO_DATABASE_URL: copy });
    await dropDatabase(stack.databaseUrl, name);
    expect(code).toBe(78);
    expect(sentence).toMatch(/copy or a restored backup .*drop schema relay cascade/);
  });

  it('is another one than its topics were written from, unless that is accepted', async () => {
    await writer.query('drop schema relay cascade');
    const { code, sentence } = await refusal({});
    expect(code).toBe(78);
    const told = (await kafka.readToEnd('relay.events')).at(-1);
    expect(told?.headers['ce_type']).toBe('capture.epoch_mismatch');
    expect(told?.value?.toString()).toContain('ACCEPT_EPOCH');
    const epoch = /ACCEPT_EPOCH=(\w+)/.exec(sentence)?.[1] ?? '';
    ingest = await startApp('ingest', environment({ ACCEPT_EPOCH: epoch }));
    await writer.query(`insert into res_partner (id, name) values (70, 'a')`);
    const [change] = await changesUntil('res_partner', 70, 1);
    expect(change?.source.epoch).toBe(epoch);
  });
});

async function createCopy(name: string): Promise<string> {
  const admin = await connect(stack.databaseUrl);
  const original = new URL(databaseUrl).pathname.slice(1);
  await admin.query(`create database ${name} template ${original}`);
  await admin.end();
  return createDatabase(stack.databaseUrl, name);
}
