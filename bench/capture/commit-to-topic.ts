import { changeTopicPrefix, ChangeReader } from '#libs/change';
import { delay } from '#libs/process';
import { percentilesOf, type Percentiles } from '../../docker/start/percentiles.js';
import type { CapturedOdoo } from './captured-odoo.js';

/**
 * From the moment COMMIT returned to the client to the moment a `read_committed` consumer has the record, at a
 * steady rate of one-field writes, each a transaction of its own.
 */
export async function commitToTopic(
  odoo: CapturedOdoo,
  reader: ChangeReader,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Percentiles> {
  const committedAtMs = new Map<string, number>();
  const readAtMs = new Map<string, number>();
  const consumer = await odoo.kafka.consumer({
    groupId: `bench-${String(Date.now())}`,
    topics: { prefix: changeTopicPrefix },
    onBatch: (batch) => {
      const nowMs = performance.now();
      for (const record of batch.records) {
        void note(reader, record, nowMs, readAtMs).then(() => {
          batch.ack(record.offset);
        });
      }
    },
    onCrash: (error) => {
      throw error;
    },
  });
  // What was there before is read first.
  await delay(5_000);
  const { rows } = await odoo.client.query<{ id: number }>('select id from res_partner order by id limit 40');
  const startedMs = performance.now();
  for (let turn = 0; turn < perSecond * seconds; turn++) {
    await delay(Math.max(0, startedMs + (turn * 1000) / perSecond - performance.now()));
    const { id } = rows[turn % rows.length] ?? { id: 1 };
    const written = await odoo.client.query<{ xact: string }>(
      `update res_partner set ref = $1 where id = $2 returning pg_current_xact_id()::text as xact`,
      [`turn ${String(turn)}`, id],
    );
    committedAtMs.set(written.rows[0]?.xact ?? '', performance.now());
  }
  await odoo.untilPublished();
  await delay(1_000);
  await consumer.stop();
  const measured = [...committedAtMs].flatMap(([xact, atMs]) => {
    const readMs = readAtMs.get(xact);
    return readMs === undefined ? [] : [readMs - atMs];
  });
  if (measured.length < committedAtMs.size) {
    throw new Error(`${String(committedAtMs.size - measured.length)} changes were not read`);
  }
  return percentilesOf(measured);
}

async function note(
  reader: ChangeReader,
  record: Parameters<ChangeReader['read']>[0],
  nowMs: number,
  readAtMs: Map<string, number>,
): Promise<void> {
  const read = await reader.read(record);
  if (read.kind === 'change' && !readAtMs.has(read.change.source.tx.id)) {
    readAtMs.set(read.change.source.tx.id, nowMs);
  }
}
