import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, type IncomingRecord } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import type { Stack } from '#embedded';
import { eventually } from '../harness/eventually.js';
import { startPrivateStack } from '../harness/stack.js';

const kills = 3;
let stack: Stack;
let kafka: Kafka;

beforeAll(async () => {
  stack = await startPrivateStack({ only: ['kafka'] });
  kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', logger: silentLogger });
  await kafka.ensureTopics([
    { topic: 'published', partitions: 3 },
    { topic: 'transacted', partitions: 3 },
    { topic: 'position', partitions: 1, config: { 'cleanup.policy': 'compact' } },
  ]);
}, 120_000);

afterAll(async () => {
  await kafka.close();
  await stack.stop();
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const numbers = (records: readonly IncomingRecord[]): number[] => records.map(({ value }) => Number(value));

describe('a broker that is killed', () => {
  it('loses nothing that was acknowledged and nobody has to be started again', async () => {
    const stop = new AbortController();
    const publisher = await kafka.publisher();
    let published = 0;
    const publishing = (async () => {
      while (!stop.signal.aborted) {
        await publisher.publish([{ topic: 'published', key: 'one', value: String(published + 1) }]);
        published++;
      }
    })();

    const transactor = await kafka.transactor({ transactionalId: 'killed' });
    let position = 0;
    const transacting = (async () => {
      while (!stop.signal.aborted) {
        const value = String(position + 1);
        await transactor
          .transact([
            { topic: 'transacted', key: value, value },
            { topic: 'position', key: 'p', value },
          ])
          .then(
            () => position++,
            async () => (position = numbers(await kafka.readToEnd('position')).at(-1) ?? 0),
          );
      }
    })();

    const consumed: number[] = [];
    const crashes: Error[] = [];
    const consumer = await kafka.consumer({
      groupId: 'killed',
      topics: ['transacted'],
      onBatch: (batch) => {
        for (const record of batch.records) {
          consumed.push(Number(record.value));
          batch.ack(record.offset);
        }
      },
      onCrash: (error) => crashes.push(error),
    });

    for (let kill = 0; kill < kills; kill++) {
      const before = { published, position };
      await stack.pieces.kafka?.kill();
      await stack.pieces.kafka?.start();
      await eventually(() => published > before.published + 20 && position > before.position + 20, {
        timeoutMs: 60_000,
      });
    }
    stop.abort();
    await Promise.all([publishing, transacting]);

    const inOrder = numbers(await kafka.readToEnd('published'));
    expect([...new Set(inOrder)]).toEqual(upTo(published));
    const transacted = numbers(await kafka.readToEnd('transacted')).sort((a, b) => a - b);
    expect(transacted).toEqual(upTo(position));
    await eventually(async () => (await kafka.lag('killed', ['transacted'])) === 0n, { timeoutMs: 60_000 });
    expect([...new Set(consumed)].sort((a, b) => a - b)).toEqual(upTo(position));
    expect(crashes).toEqual([]);
    expect(consumer.ready()).toBeUndefined();
  }, 240_000);
});
