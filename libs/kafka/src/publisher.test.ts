import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delay, RelayError } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import type { TcpProxy } from '../../../test/harness/tcp-proxy.js';
import { isRecordTooLarge, Kafka, type IncomingRecord } from './index.js';

const stack = testStack();
let kafka: Kafka;
/** Reaches the same brokers through the proxy. */
let behind: Kafka;
let proxy: TcpProxy;

const connectedTo = (brokers: readonly string[]): Kafka =>
  new Kafka({ brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger: silentLogger });

beforeAll(async () => {
  proxy = await stack.kafkaProxy();
  kafka = connectedTo(stack.brokers);
  behind = connectedTo([proxy.address]);
  await kafka.ensureTopics([
    { topic: 'orders', partitions: 3 },
    { topic: 'lost-acks', partitions: 3 },
    { topic: 'outage', partitions: 1 },
    { topic: 'small', partitions: 1, config: { 'max.message.bytes': '2000' } },
    { topic: 'one', partitions: 1 },
  ]);
});

afterAll(async () => {
  await kafka.close();
  await behind.close();
});

/** Values by key, in the order of the log. */
function byKey(records: readonly IncomingRecord[]): Map<string, number[]> {
  const values = new Map<string, number[]>();
  for (const { key, value } of records) {
    const name = String(key);
    values.set(name, [...(values.get(name) ?? []), Number(value)]);
  }
  return values;
}

const oneTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('publishing', () => {
  it('that waits for more loses nothing and keeps the order', async () => {
    const publisher = await kafka.publisher({ lingerMs: 5 });
    const values = oneTo(300);
    const sent = values.map((value) =>
      publisher.publish([{ topic: 'one', key: 'linger', value: String(value) }]),
    );
    await Promise.all(sent);
    await publisher.close();
    const read = (await kafka.readToEnd('one')).filter(({ key }) => String(key) === 'linger');
    expect(read.map(({ value }) => Number(value))).toEqual(values);
  });

  it('gives up what it cannot write in time when it closes during an outage', async () => {
    const publisher = await behind.publisher({ flushTimeoutMs: 200 });
    proxy.block();
    const call = publisher.publish([{ topic: 'one', key: null, value: 'v' }]);
    const outcome = call.then(
      () => 'written',
      (error: unknown) => (error as RelayError).code,
    );
    await publisher.close();
    proxy.restore();
    expect(await outcome).toBe('PUBLISH_FAILED');
  });

  it('keeps the order of concurrent calls with the same key (G2)', async () => {
    const publisher = await kafka.publisher();
    const calls: Promise<void>[] = [];
    for (const value of oneTo(500)) {
      for (const key of ['a', 'b', 'c', 'd']) {
        const record = { topic: 'orders', key, value: String(value) };
        const more = { topic: 'one', key, value: 'v' };
        calls.push(publisher.publish(value % 10 === 0 ? [record, more] : [record]));
      }
    }
    await Promise.all(calls);
    const values = byKey(await kafka.readToEnd('orders'));
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(values.get(key)).toEqual(oneTo(500));
    }
    await publisher.close();
  });

  it('neither loses nor doubles a record when acknowledgements are lost, and keeps the order (G1)', async () => {
    const publisher = await behind.publisher();
    const written = new Map<string, number>();
    let stopped = false;
    const write = async (key: string): Promise<void> => {
      for (let value = 1; !stopped; value++) {
        await publisher.publish([{ topic: 'lost-acks', key, value: String(value) }]);
        written.set(key, value);
      }
    };
    const writers = Array.from({ length: 20 }, (_, i) => write(`key-${i}`));
    for (let cut = 0; cut < 12; cut++) {
      await proxy.requestBytesPassed(20_000);
      proxy.swallowAnswers();
      // The batch under way is appended meanwhile.
      await delay(30);
      proxy.restore();
    }
    stopped = true;
    await Promise.all(writers);

    const values = byKey(await kafka.readToEnd('lost-acks'));
    for (const [key, last] of written) {
      expect({ key, values: values.get(key) }).toEqual({ key, values: oneTo(last) });
    }
    await publisher.close();
  });

  it('goes on after an outage by itself, with everything that waited (G3)', async () => {
    const publisher = await behind.publisher();
    await publisher.publish([{ topic: 'outage', key: 'k', value: '1' }]);
    proxy.block();
    const waiting = [2, 3, 4].map((value) =>
      publisher.publish([{ topic: 'outage', key: 'k', value: String(value) }]),
    );
    // Longer than the tries kafkajs makes on its own.
    await delay(7_000);
    proxy.restore();
    await Promise.all(waiting);
    const values = byKey(await kafka.readToEnd('outage')).get('k') ?? [];
    expect([...new Set(values)]).toEqual([1, 2, 3, 4]);
    await publisher.close();
  });

  it('lets callers wait while the queue is full (G4)', async () => {
    const publisher = await kafka.publisher({ maxQueuedBytes: 20_000 });
    const value = 'x'.repeat(5_000);
    let admitted = 0;
    const calls = Array.from({ length: 40 }, () => {
      const records = [{ topic: 'one', key: 'k', value }];
      // The queue asks for the records when it takes them in.
      const lazily = Object.defineProperty([], '0', {
        get: () => {
          admitted++;
          return records[0];
        },
        enumerable: true,
      }) as typeof records;
      return publisher.publish(lazily);
    });
    expect(admitted).toBeLessThanOrEqual(4);
    await Promise.all(calls);
    expect(admitted).toBe(40);
    await publisher.close();
  });

  it('rejects only the call whose record is too large, and says so', async () => {
    const publisher = await kafka.publisher();
    const write = (value: string): Promise<unknown> =>
      publisher.publish([{ topic: 'small', key: 'k', value }]).then(
        () => 'written',
        (error: unknown) => error,
      );
    const [first, large, last] = await Promise.all([write('1'), write('x'.repeat(3_000)), write('3')]);
    expect([first, last]).toEqual(['written', 'written']);
    expect(large).toBeInstanceOf(RelayError);
    expect((large as RelayError).code).toBe('PUBLISH_FAILED');
    expect(isRecordTooLarge(large)).toBe(true);
    expect((await kafka.readToEnd('small')).map(({ value }) => String(value))).toEqual(['1', '3']);
    await publisher.close();
  });

  it('writes what is queued before it closes, and nothing afterwards', async () => {
    const publisher = await kafka.publisher();
    const before = (await kafka.readToEnd('one')).length;
    const calls = oneTo(50).map(() => publisher.publish([{ topic: 'one', key: null, value: 'v' }]));
    await publisher.close();
    await Promise.all(calls);
    expect((await kafka.readToEnd('one')).length - before).toBe(50);
    await expect(publisher.publish([{ topic: 'one', key: null, value: 'v' }])).rejects.toMatchObject({
      code: 'PUBLISH_FAILED',
    });
  });

  it('resolves a call without records at once', async () => {
    const publisher = await kafka.publisher();
    await expect(publisher.publish([])).resolves.toBeUndefined();
    await publisher.close();
  });
});
