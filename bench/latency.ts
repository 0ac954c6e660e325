import { ChangeReader, changeTopicPrefix } from '#libs/change';
import { SchemaRegistry } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { startActivity } from '#sample';
import { percentilesOf, type Percentiles } from '../docker/start/percentiles.js';
import type { BenchPipeline } from './pipeline.js';

/**
 * From the moment COMMIT returned to the client to the moment the receiver had the whole request, for every
 * delivery that could be followed: transaction -> change (by reading the topics afterwards) -> receipt.
 */
export async function measureLatency(
  pipeline: BenchPipeline,
  changesPerSecond: number,
  seconds: number,
): Promise<Percentiles & { measured: number }> {
  const committedAtMs = new Map<string, number>();
  const run = async (forMs: number): Promise<void> => {
    const activity = await startActivity({
      databaseUrl: pipeline.odooDatabaseUrl,
      changesPerSecond,
      onCommit: ({ id, committedAtMonotonicMs }) => {
        committedAtMs.set(id, performance.timeOrigin + committedAtMonotonicMs);
      },
    });
    await delay(forMs);
    await activity.stop();
  };
  await run(5_000);
  committedAtMs.clear();
  await pipeline.receiver.count(true);
  await run(seconds * 1000);
  await pipeline.untilIdle();
  const { receipts } = await pipeline.receiver.count();
  const transactions = await transactionsByChange(pipeline);
  const latenciesMs = receipts.flatMap(([changeId, atMs]) => {
    const committed = committedAtMs.get(transactions.get(changeId) ?? '');
    return committed === undefined ? [] : [atMs - committed];
  });
  return { ...percentilesOf(latenciesMs), measured: latenciesMs.length };
}

async function transactionsByChange(pipeline: BenchPipeline): Promise<Map<string, string>> {
  const reader = new ChangeReader(
    new SchemaRegistry({ url: pipeline.schemaRegistryUrl, logger: silentLogger }),
  );
  const transactions = new Map<string, string>();
  const done = new Map<string, number>();
  const consumer = await pipeline.kafka.consumer({
    groupId: 'bench-latency',
    topics: { prefix: changeTopicPrefix },
    onBatch: (batch) => {
      void (async () => {
        for (const record of batch.records) {
          const read = await reader.read(record);
          if (read.kind === 'change') {
            transactions.set(read.change.source.change_id, read.change.source.tx.id);
          }
          batch.ack(record.offset);
        }
        done.set(batch.topic, (done.get(batch.topic) ?? 0) + batch.records.length);
      })();
    },
    onCrash: (error) => {
      throw error;
    },
  });
  for (let before = -1, now = 0; before !== now || now === 0;) {
    before = now;
    await delay(2_000);
    now = [...done.values()].reduce((sum, count) => sum + count, 0);
  }
  await consumer.stop();
  return transactions;
}
