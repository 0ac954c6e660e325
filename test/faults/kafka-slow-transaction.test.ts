import { expect, it } from '@jest/globals';
import { Kafka } from '#libs/kafka';
import { delay } from '#libs/process';
import { silentLogger } from '#libs/telemetry';
import { testStack } from '../harness/stack.js';

const stack = testStack();
/** Longer than the interval at which a broker looks for transactions that are too old. */
const outageMs = 13_000;

it('a transaction that hangs longer than its timeout is not taken for one of another instance', async () => {
  const proxy = await stack.kafkaProxy();
  const { topicPrefix } = stack;
  const kafka = new Kafka({ brokers: [proxy.address], clientId: 'test', topicPrefix, logger: silentLogger });
  await kafka.ensureTopics([{ topic: 'slow', partitions: 1 }]);
  const transactor = await kafka.transactor({ transactionalId: 'slow', transactionTimeoutMs: 1_000 });
  await transactor.transact([{ topic: 'slow', key: 'k', value: 'before' }]);

  // The marks of the last one are written meanwhile; before that no other can begin.
  await delay(500);
  // The broker gets to know of the transaction, and then nothing more of it.
  const begun = proxy.requestBytesPassed(1);
  const outcome = transactor.transact([{ topic: 'slow', key: 'k', value: 'slow' }]).then(
    () => 'written',
    (error: unknown) => (error as { code: string }).code,
  );
  await begun;
  proxy.freeze();
  await delay(outageMs);
  proxy.restore();

  expect(await outcome).toBe('PUBLISH_FAILED');
  await transactor.transact([{ topic: 'slow', key: 'k', value: 'after' }]);
  const values = (await kafka.readToEnd('slow')).map(({ value }) => String(value));
  expect(values).toEqual(['before', 'after']);
  await kafka.close();
});
