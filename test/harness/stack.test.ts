import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Kafka, SchemaRegistry, type IncomingRecord } from '#libs/kafka';
import { silentLogger as logger } from '#libs/telemetry';
import type { Piece, Stack } from '#embedded';
import { eventually } from './eventually.js';
import { startPrivateStack, testStack } from './stack.js';
import { startTcpProxy } from './tcp-proxy.js';

/**
 * What every stack has to do, embedded or of containers: RELAY_STACK chooses the one that runs here. It is a
 * stack of its own, since its servers are killed.
 */
const shared = testStack();
const startTimeoutMs = 180_000;
const schema = { type: 'record', name: 'Row', fields: [{ name: 'id', type: 'long' }] };

let stack: Stack;

beforeAll(async () => {
  stack = await startPrivateStack({ proxiedListeners: 1 });
}, startTimeoutMs);

afterAll(async () => {
  await stack.stop();
});

function pieceOf(name: keyof Stack['pieces']): Piece {
  const piece = stack.pieces[name];
  if (piece === undefined) throw new Error(`the stack has started no ${name}`);
  return piece;
}

async function withKafka<T>(use: (kafka: Kafka) => Promise<T>, brokers = stack.brokers): Promise<T> {
  const kafka = new Kafka({ brokers, clientId: 'stack-test', logger });
  try {
    return await use(kafka);
  } finally {
    await kafka.close();
  }
}

async function query(
  text: string,
  url = stack.databaseUrl,
): Promise<pg.QueryResult<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(text);
  } finally {
    await client.end();
  }
}

function valuesOf(records: readonly IncomingRecord[]): string[] {
  return records.map(({ value }) => value?.toString() ?? '').sort();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a stack', () => {
  it('is of the kind that was asked for', () => {
    expect(stack.variant).toBe(shared.variant);
    expect(process.env['RELAY_STACK'] ?? stack.variant).toBe(stack.variant);
  });

  it('creates topics, and gives back what was published and committed, and nothing that was not', async () => {
    await withKafka(async (kafka) => {
      await kafka.ensureTopics([{ topic: 'orders', partitions: 3, config: { 'cleanup.policy': 'compact' } }]);
      const publisher = await kafka.publisher();
      await publisher.publish(
        [1, 2, 3].map((n) => ({ topic: 'orders', key: `k${n}`, value: `published ${n}` })),
      );
      const transactor = await kafka.transactor({ transactionalId: 'writer' });
      await transactor.transact(
        [4, 5].map((n) => ({ topic: 'orders', key: `k${n}`, value: `committed ${n}` })),
      );
      expect(valuesOf(await kafka.readToEnd('orders'))).toEqual([
        'committed 4',
        'committed 5',
        'published 1',
        'published 2',
        'published 3',
      ]);
    });
  });

  it('makes no topic that nobody has created', async () => {
    await withKafka(async (kafka) => {
      await expect(kafka.readToEnd('never-made')).rejects.toThrow();
    });
  });

  it('brings a consumer of a group its records', async () => {
    await withKafka(async (kafka) => {
      await kafka.ensureTopics([{ topic: 'jobs', partitions: 2 }]);
      const publisher = await kafka.publisher();
      await publisher.publish([{ topic: 'jobs', key: 'a', value: 'job' }]);
      const seen: IncomingRecord[] = [];
      await kafka.consumer({
        groupId: 'workers',
        topics: ['jobs'],
        onBatch: (batch) => {
          seen.push(...batch.records);
          for (const { offset } of batch.records) batch.ack(offset);
        },
        onCrash: (error) => {
          throw error;
        },
      });
      await eventually(() => seen.length > 0);
      expect(valuesOf(seen)).toEqual(['job']);
    });
  });

  it('gives a client that comes through the proxied listener only that way in', async () => {
    const [listener] = stack.proxiedListeners;
    if (listener === undefined) throw new Error('the stack has no proxied listener');
    const { listenHost: host, listenPort, advertisedPort } = listener;
    const proxy = await startTcpProxy({ target: { host, port: listenPort }, port: advertisedPort });
    try {
      await withKafka(
        async (kafka) => {
          await kafka.ensureTopics([{ topic: 'proxied', partitions: 1 }]);
          const publisher = await kafka.publisher();
          const passed = proxy.requestBytesPassed(10_000);
          await publisher.publish([{ topic: 'proxied', key: null, value: 'x'.repeat(10_000) }]);
          await passed;
        },
        [proxy.address],
      );
    } finally {
      await proxy.close();
    }
  });

  it('registers a schema and finds it by its id', async () => {
    const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, logger });
    const codec = await registry.register('orders', 'value', schema);
    const decoded = await new SchemaRegistry({ url: stack.schemaRegistryUrl, logger }).decode(
      codec.encode({ id: 7n }),
    );
    expect(decoded).toMatchObject({ kind: 'decoded', schemaId: codec.schemaId, value: { id: 7n } });
  });

  it('creates a database once, lets it be used, and drops it', async () => {
    const url = await stack.createDatabase('shop');
    expect(await stack.createDatabase('shop')).toBe(url);
    const { rows } = await query(
      `SELECT current_database() AS name, current_setting('timezone') AS zone`,
      url,
    );
    expect(rows).toEqual([{ name: 'shop', zone: 'UTC' }]);
    await stack.dropDatabase('shop');
    await expect(query('SELECT 1', url)).rejects.toThrow('does not exist');
  });

  it(
    'keeps what Kafka has acknowledged when the broker is killed, at the same address',
    async () => {
      await withKafka(async (kafka) => {
        await kafka.ensureTopics([{ topic: 'kept', partitions: 1 }]);
        const publisher = await kafka.publisher();
        await publisher.publish([{ topic: 'kept', key: 'k', value: 'before the crash' }]);
      });
      const broker = pieceOf('kafka');
      await broker.kill();
      expect(await broker.pid()).toBeUndefined();
      await broker.start();
      await withKafka(async (kafka) => {
        const publisher = await kafka.publisher();
        await publisher.publish([{ topic: 'kept', key: 'k', value: 'then another' }]);
        expect(valuesOf(await kafka.readToEnd('kept'))).toEqual(['before the crash', 'then another']);
      });
    },
    startTimeoutMs,
  );

  it(
    'keeps the ids of schemas when the registry is killed or restarted',
    async () => {
      const registry = (): SchemaRegistry => new SchemaRegistry({ url: stack.schemaRegistryUrl, logger });
      const first = await registry().register('first', 'value', { ...schema, name: 'First' });
      const piece = pieceOf('registry');
      await piece.kill();
      await piece.start();
      const second = await registry().register('second', 'value', { ...schema, name: 'Second' });
      await piece.stop();
      await piece.start();
      const again = await registry().register('first', 'value', { ...schema, name: 'First' });
      expect(again.schemaId).toBe(first.schemaId);
      expect(second.schemaId).not.toBe(first.schemaId);
      const decoded = await registry().decode(second.encode({ id: 1n }));
      expect(decoded).toMatchObject({ kind: 'decoded', schemaId: second.schemaId });
    },
    startTimeoutMs,
  );

  it('keeps what Postgres has committed when it is killed', async () => {
    await query('CREATE TABLE kept AS SELECT 42 AS answer');
    const piece = pieceOf('postgres');
    await piece.kill();
    await expect(query('SELECT 1')).rejects.toThrow();
    await piece.start();
    expect((await query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
  });

  it('leaves nothing running when it has been stopped, and can be stopped twice', async () => {
    const pids = Object.values(await stack.pids());
    expect(pids).toHaveLength(3);
    await stack.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await stack.pids()).toEqual({});
    await stack.stop();
  });
});
