import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../../../test/harness/stack.js';
import { eventually } from '../../../test/harness/eventually.js';
import type { TcpProxy } from '../../../test/harness/tcp-proxy.js';
import { Kafka, type OutgoingRecord } from './index.js';

const stack = testStack();
let kafka: Kafka;
/** Reaches the same brokers through the proxy. */
let behind: Kafka;
let proxy: TcpProxy;

beforeAll(async () => {
  proxy = await stack.kafkaProxy();
  kafka = connectedTo(stack.brokers);
  behind = connectedTo([proxy.address]);
  await kafka.ensureTopics([
    { topic: 'changes', partitions: 3 },
    { topic: 'positions', partitions: 1, config: { 'cleanup.policy': 'compact' } },
    { topic: 'small', partitions: 1, config: { 'max.message.bytes': '2000' } },
    { topic: 'lost-acks', partitions: 3 },
    { topic: 'lost-positions', partitions: 1, config: { 'cleanup.policy': 'compact' } },
  ]);
});

afterAll(async () => {
  await kafka.close();
  await behind.close();
});

function connectedTo(brokers: readonly string[]): Kafka {
  return new Kafka({ brokers, clientId: 'test', topicPrefix: stack.topicPrefix, logger: silentLogger });
}

async function valuesOf(topic: string): Promise<string[]> {
  return (await kafka.readToEnd(topic)).map(({ value }) => String(value));
}

const change = (value: string): OutgoingRecord => ({ topic: 'changes', key: value, value });
const position = (value: string): OutgoingRecord => ({ topic: 'positions', key: 'p', value });

describe('a transaction', () => {
  it('is there whole for readers when it resolves', async () => {
    const transactor = await kafka.transactor({ transactionalId: 'whole' });
    await transactor.transact([change('a'), change('b'), position('1')]);
    await transactor.transact([change('c'), position('2')]);
    expect((await valuesOf('changes')).sort()).toEqual(['a', 'b', 'c']);
    expect((await valuesOf('positions')).at(-1)).toBe('2');
    await transactor.close();
  });

  it('leaves nothing behind when a record of it is refused', async () => {
    const transactor = await kafka.transactor({ transactionalId: 'refused' });
    const before = await valuesOf('changes');
    const refused = transactor.transact([
      change('x'),
      { topic: 'small', key: 'k', value: 'y'.repeat(3_000) },
    ]);
    await expect(refused).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
    expect(await valuesOf('changes')).toHaveLength(before.length);
    await transactor.transact([change('y')]);
    expect(await valuesOf('changes')).toHaveLength(before.length + 1);
    await transactor.close();
  });

  it('is refused for good once another instance with the same id has come', async () => {
    const first = await kafka.transactor({ transactionalId: 'fenced' });
    await first.transact([change('by first')]);
    const second = await kafka.transactor({ transactionalId: 'fenced' });
    await second.transact([change('by second')]);
    await expect(first.transact([change('too late')])).rejects.toMatchObject({ code: 'FENCED' });
    await expect(first.transact([change('too late')])).rejects.toMatchObject({ code: 'FENCED' });
    await second.transact([change('by second again')]);
    expect(await valuesOf('changes')).not.toContain('too late');
    await first.close();
    await second.close();
  });

  it('waits for the one before it', async () => {
    const transactor = await kafka.transactor({ transactionalId: 'queue' });
    await Promise.all(['1', '2', '3', '4'].map((value) => transactor.transact([position(value)])));
    expect((await valuesOf('positions')).slice(-4)).toEqual(['1', '2', '3', '4']);
    await transactor.close();
  });

  it('is waited for while Kafka is away, with the reason, and may be repeated afterwards', async () => {
    const transactor = await behind.transactor({ transactionalId: 'away' });
    expect(transactor.ready()).toBeUndefined();
    proxy.block();
    const outcome = transactor.transact([change('away')]).catch((error: unknown) => error);
    expect(await eventually(() => transactor.ready())).toContain('cannot write a transaction');
    proxy.restore();
    expect(await outcome).toMatchObject({ code: 'PUBLISH_FAILED' });
    expect(transactor.ready()).toBeUndefined();
    await transactor.transact([change('back')]);
    expect(await valuesOf('changes')).toContain('back');
    await transactor.close();
  });

  it('is written exactly once by who reads its position after each unknown outcome', async () => {
    const transactor = await behind.transactor({ transactionalId: 'lost-acks' });
    const readPosition = async (): Promise<number> =>
      Number((await behind.readToEnd('lost-positions')).at(-1)?.value ?? 0);
    let unknownOutcomes = 0;
    let stopped = false;
    let last = 0;
    const write = async (): Promise<void> => {
      for (let next = 1; !stopped;) {
        const value = String(next);
        try {
          await transactor.transact([
            { topic: 'lost-acks', key: value, value },
            { topic: 'lost-positions', key: 'p', value },
          ]);
          last = next++;
        } catch {
          unknownOutcomes++;
          last = await readPosition();
          next = last + 1;
        }
      }
    };
    const writer = write();
    // A cut matters when it meets the end of a transaction; others mend themselves.
    for (let cut = 0; unknownOutcomes < 3; cut++) {
      await proxy.requestBytesPassed(600 + ((cut * 137) % 1_500));
      proxy.swallowAnswers();
      await delay(30);
      proxy.restore();
    }
    stopped = true;
    await writer;
    const values = (await valuesOf('lost-acks')).map(Number).sort((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    await transactor.close();
  });
});
