import { parseArgs } from 'node:util';
import { delay } from '#libs/process';
import { CapturedOdoo } from '../capture/captured-odoo.js';

/**
 * What many changes leave behind in Odoo's database: the size of the outbox and its dead rows while ingest keeps
 * up with a writer, and the memory of ingest. `npm run bench -- outbox --changes 5000000`
 */
const { values } = parseArgs({ options: { changes: { type: 'string', default: '5000000' } } });
const wanted = Number(values.changes);
const perTransaction = 500;
const reportEvery = Math.max(perTransaction, Math.round(wanted / 20));
/** More waiting than this and the writer pauses, so that it is ingest that sets the pace. */
const maxOutboxBytes = 200_000_000;

interface Look {
  outboxMb: number;
  deadRows: number;
  ingestRssMb: number;
}

const odoo = await CapturedOdoo.start((text) => process.stdout.write(`${text}\n`));
const look = async (): Promise<Look> => {
  const { rows } = await odoo.client.query<{ bytes: string; dead: string }>(
    `select relay.outbox_bytes()::text as bytes,
            (select sum(n_dead_tup) from pg_stat_user_tables where schemaname = 'relay')::text as dead`,
  );
  return {
    outboxMb: Math.round(Number(rows[0]?.bytes) / 1e6),
    deadRows: Number(rows[0]?.dead),
    ingestRssMb: odoo.ingestRssMb(),
  };
};

try {
  const looks: Look[] = [];
  const { rows } = await odoo.client.query<{ last: number }>('select max(id) as last from product_product');
  const last = rows[0]?.last ?? 0;
  const startedMs = performance.now();
  for (let done = 0; done < wanted;) {
    const written = await odoo.client.query(
      'update product_product set write_date = clock_timestamp() where id > $1::int - $2::int',
      [last, perTransaction],
    );
    const before = done;
    done += written.rowCount ?? 0;
    while ((await look()).outboxMb * 1e6 > maxOutboxBytes) await delay(200);
    if (Math.floor(done / reportEvery) > Math.floor(before / reportEvery)) {
      const now = await look();
      looks.push(now);
      process.stdout.write(`${done} changes: ${JSON.stringify(now)}\n`);
    }
  }
  await odoo.untilPublished();
  const seconds = (performance.now() - startedMs) / 1000;
  // The slots are truncated as readers of old ones end.
  await delay(3_000);
  process.stdout.write(
    `${JSON.stringify({
      changes: wanted,
      changesPerSecond: Math.round(wanted / seconds),
      largest: {
        outboxMb: Math.max(...looks.map(({ outboxMb }) => outboxMb)),
        deadRows: Math.max(...looks.map(({ deadRows }) => deadRows)),
        ingestRssMb: Math.max(...looks.map(({ ingestRssMb }) => ingestRssMb)),
      },
      atEnd: await look(),
    })}\n`,
  );
} finally {
  await odoo.stop();
}
