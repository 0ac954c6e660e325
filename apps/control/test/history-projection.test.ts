import type { DataSource } from 'typeorm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { startTcpProxy } from '../../../test/harness/tcp-proxy.js';
import { AttemptPartitions } from '../src/history/attempt-partitions.js';
import { AttemptStore } from '../src/history/attempt-store.js';
import { historyProjection } from '../src/history/history.js';
import { dayMs, KeptDays } from '../src/history/kept-days.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { AttemptRows, KeptAttempts, type AttemptFields } from './attempt-rows.js';
import { Api, controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
const closing: (() => Promise<unknown>)[] = [];
let stands = 0;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Stand {
  rows: AttemptRows;
  kept: KeptAttempts;
  url: string;
  topicPrefix: string;
  /** Starts a projection of its own connections. */
  start: (url?: string, nowMs?: () => number) => Promise<Awaited<ReturnType<typeof historyProjection>>>;
  dataSource: (url?: string) => Promise<DataSource>;
}

/** Topics and a database of a test's own. */
async function stand(retentionDays = 30): Promise<Stand> {
  const { stack } = control;
  const topicPrefix = `${stack.topicPrefix}h${String(++stands)}-`;
  const url = await stack.freshDatabase();
  const rows = await AttemptRows.open(stack, topicPrefix);
  closing.push(() => rows.kafka.close());
  const dataSource = async (at = url): Promise<DataSource> => {
    const opened = await openDataSource(at, silentLogger);
    closing.push(() => opened.destroy());
    return opened;
  };
  await dataSource();
  const kept = await KeptAttempts.open(url);
  closing.push(() => kept.close());
  const start = async (
    at = url,
    nowMs = Date.now,
  ): Promise<Awaited<ReturnType<typeof historyProjection>>> => {
    const parts = { databaseUrl: at, dataSource: await dataSource(at), logger: silentLogger };
    const { kafka, registry } = rows;
    const projection = await historyProjection({ ...parts, kafka, registry }, retentionDays, nowMs);
    projection.start();
    closing.push(() => projection.stop());
    return projection;
  };
  return { rows, kept, url, topicPrefix, start, dataSource };
}

const many = (
  rows: AttemptRows,
  count: number,
  fields: AttemptFields = {},
): ReturnType<AttemptRows['row']>[] =>
  Array.from({ length: count }, (_, index) =>
    rows.row({ subscription_id: `sub_${String(index % 40).padStart(26, '0')}`, ...fields }),
  );

describe('the projection of relay.attempts', () => {
  it('keeps each row with all that it says', async () => {
    const { rows, kept, start } = await stand();
    const plain = rows.row({ record: 'sale.order,42' });
    const failed = rows.row({
      outcome: 'failed',
      status: null,
      error: 'connection refused',
      response: null,
      redrive: 'rdr_1',
      sequence: -9_007_199_254_740_993n,
      url_hash: -2_147_483_648,
    });
    const odd = rows.row({ outcome: 'later', response: '"größer", \\ {} NULL', reason: 'unsendable' });
    await rows.write([plain, failed, odd]);
    await start();
    await kept.until(3);
    const stored = await kept.query<Record<string, unknown>>(
      `SELECT *, at_ms::text, sequence::text, committed_at_ms::text FROM relay_control.attempts ORDER BY topic_offset`,
    );
    const expected = [plain, failed, odd].map((row) => ({
      ...row,
      at_ms: String(row.at_ms),
      sequence: String(row.sequence),
      committed_at_ms: String(row.committed_at_ms),
      application_id: null,
    }));
    expect(stored).toEqual(expected.map((row) => expect.objectContaining(row) as unknown));
  });

  it('knows the application of a subscription, also when it is deleted before its rows come', async () => {
    const env = await control.environment();
    const { port } = await control.start(env);
    const api = new Api(`http://127.0.0.1:${port}`);
    const { id } = await api.create();
    await api.call('DELETE', `/v1/subscriptions/${id}`);
    const rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
    closing.push(() => rows.kafka.close());
    await rows.write([rows.row({ subscription_id: id })]);
    const kept = await KeptAttempts.open(env['DATABASE_URL'] ?? '');
    closing.push(() => kept.close());
    await kept.until(1);
    expect(await kept.query('SELECT application_id, subscription_id FROM relay_control.attempts')).toEqual([
      { application_id: 'default', subscription_id: id },
    ]);
  });

  it('puts what cannot be read aside and goes on', async () => {
    const { rows, kept, start } = await stand();
    const key = rows.row().subscription_id;
    const tomorrow = BigInt(Date.now() + 2 * dayMs);
    await rows.writeValues([
      [key, 'no Avro at all'],
      [key, null],
      [key, Buffer.from([0, 0, 0x7f, 0xff, 0xff, 1, 2, 3])],
    ]);
    await rows.write([
      rows.row({ record: 'x'.repeat(2_000) }),
      rows.row({ at_ms: tomorrow }),
      rows.row({ at_ms: -1n }),
      rows.row({ response: 'a\0b' }),
    ]);
    await start();
    await kept.until(1);
    expect(await kept.query('SELECT response FROM relay_control.attempts')).toEqual([
      { response: 'a\uFFFDb' },
    ]);
    const rejected = await rows.rejected();
    expect(rejected.map(({ headers }) => headers['reason'])).toEqual([
      expect.stringContaining("registry's zero byte"),
      'it has no value',
      expect.stringContaining('schema'),
      'its record is missing or not of its form',
      expect.stringContaining('more than a day ahead'),
      'its at_ms is missing or not of its form',
    ]);
    expect(rejected[0]?.value?.toString()).toBe('no Avro at all');
    expect(rejected[0]?.headers).toMatchObject({ 'origin-topic': 'relay.attempts' });
  });

  it('is done by one of several instances, and by another one when that has gone', async () => {
    const { rows, kept, start } = await stand();
    await rows.write(many(rows, 500));
    const instances = await Promise.all([start(), start(), start()]);
    expect(await kept.until(500)).toEqual({ rows: 500, places: 500 });
    for (const [index, instance] of instances.entries()) {
      await instance.stop();
      await rows.write(many(rows, 100));
      if (index < instances.length - 1) {
        await kept.until(500 + (index + 1) * 100);
      }
    }
    await start();
    expect(await kept.until(800)).toEqual({ rows: 800, places: 800 });
  });
});

describe('exactly once by position', () => {
  it('refuses what was not read from where the positions are: a leader that does not know that it was deposed', async () => {
    const { rows, kept, dataSource } = await stand();
    const store = async (): Promise<AttemptStore> => {
      const source = await dataSource();
      return new AttemptStore(source, new AttemptPartitions(source, new KeptDays(30)));
    };
    const [first, second] = [await store(), await store()];
    const starts = new Map([[0, 0n]]);
    const batch = {
      attempts: [
        { row: rows.row(), partition: 0, offset: 0n },
        { row: rows.row(), partition: 0, offset: 1n },
      ],
      next: new Map([[0, 2n]]),
    };
    const positions = await first.positions(starts);
    expect(await second.positions(new Map([[0, 1n]]))).toEqual(starts);
    const results = await Promise.allSettled([first.take(batch, positions), second.take(batch, positions)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'FENCED' } });
    expect(await kept.count()).toEqual({ rows: 2, places: 2 });
    expect(await first.positions(starts)).toEqual(new Map([[0, 2n]]));
  });

  it('after kill -9 at any point nothing is lost and nothing double', async () => {
    const { rows, kept, url, topicPrefix } = await stand();
    const env = await control.environment({ DATABASE_URL: url, KAFKA_TOPIC_PREFIX: topicPrefix });
    const total = 40_000;
    const written = (async () => {
      for (let done = 0; done < total; done += 1_000) await rows.write(many(rows, 1_000));
    })();
    let app: StartedApp = await startApp('control', env, { waitUntilReady: false });
    for (const share of [0.1, 0.3, 0.6]) {
      await kept.until(total * share);
      await app.kill();
      app = await startApp('control', env, { waitUntilReady: false });
    }
    await written;
    expect(await kept.until(total, 60_000)).toEqual({ rows: total, places: total });
    expect(await app.stop()).toBe(0);
  }, 120_000);

  it('a commit whose answer is lost is not made again', async () => {
    const { rows, kept, url, start } = await stand();
    const address = new URL(url);
    const proxy = await startTcpProxy({ target: { port: Number(address.port) } });
    closing.push(() => proxy.close());
    address.port = String(proxy.port);
    await start(address.href);
    await rows.write(many(rows, 100));
    await kept.until(100);
    for (let round = 1; round <= 5; round++) {
      const lost = proxy.answerSwallowed();
      proxy.swallowAnswers();
      await rows.write(many(rows, 100));
      await lost;
      proxy.restore();
      await kept.until(100 * (round + 1));
    }
    expect(await kept.count()).toEqual({ rows: 600, places: 600 });
  }, 120_000);
});

describe('an outage', () => {
  it.each(['block', 'freeze'] as const)(
    'of Postgres (%s) leaves nothing out',
    async (fault) => {
      const { rows, kept, url, start } = await stand();
      const address = new URL(url);
      const proxy = await startTcpProxy({ target: { port: Number(address.port) } });
      closing.push(() => proxy.close());
      address.port = String(proxy.port);
      await start(address.href);
      await rows.write(many(rows, 1_000));
      await kept.until(1_000);
      proxy[fault]();
      await rows.write(many(rows, 3_000));
      await new Promise((resolve) => setTimeout(resolve, 7_000));
      expect(await kept.count()).toEqual({ rows: 1_000, places: 1_000 });
      proxy.restore();
      expect(await kept.until(4_000)).toEqual({ rows: 4_000, places: 4_000 });
    },
    90_000,
  );

  it('does not keep a stop waiting', async () => {
    const { url, start } = await stand();
    const address = new URL(url);
    const proxy = await startTcpProxy({ target: { port: Number(address.port) } });
    closing.push(() => proxy.close());
    address.port = String(proxy.port);
    const projection = await start(address.href);
    await eventually(() => proxy.openConnections() > 1);
    proxy.freeze();
    const startedMs = performance.now();
    await projection.stop();
    expect(performance.now() - startedMs).toBeLessThan(12_000);
    proxy.restore();
  });
});

describe('the partitions of the history', () => {
  const nowMs = Date.parse('2026-03-10T12:00:00Z');
  const at = (day: string): { at_ms: bigint } => ({ at_ms: BigInt(Date.parse(`${day}T10:00:00Z`)) });

  it('are one a day, made ahead, and for late rows when they come; what is not kept any more is not taken', async () => {
    const { rows, kept, start } = await stand(7);
    await rows.write([
      rows.row(at('2026-03-10')),
      rows.row({ at_ms: BigInt(Date.parse('2026-03-10T00:00:00Z')) }),
      rows.row({ at_ms: BigInt(Date.parse('2026-03-09T23:59:59.999Z')) }),
      rows.row(at('2026-03-03')),
      rows.row(at('2026-03-02')),
    ]);
    await start(undefined, () => nowMs);
    await kept.until(4);
    expect(await kept.partitions()).toEqual(
      ['20260303', '20260309', '20260310', '20260311', '20260312'].map((day) => `attempts_${day}`),
    );
    expect(await kept.query('SELECT count(*)::integer AS rows FROM relay_control.attempts_20260310')).toEqual(
      [{ rows: 2 }],
    );
    expect(await rows.rejected()).toEqual([]);
    expect(await kept.count()).toEqual({ rows: 4, places: 4 });
  });

  it('are dropped whole when their day is no longer kept, but not while somebody reads', async () => {
    const { rows, kept, start, dataSource } = await stand(7);
    await rows.write(['2026-03-03', '2026-03-04', '2026-03-10'].map((day) => rows.row(at(day))));
    await start(undefined, () => nowMs);
    await kept.until(3);
    const partitions = new AttemptPartitions(await dataSource(), new KeptDays(7, () => nowMs + dayMs));
    await kept.query('BEGIN');
    await kept.query('SELECT count(*) FROM relay_control.attempts');
    await partitions.keep();
    expect(await kept.partitions()).toContain('attempts_20260303');
    await kept.query('COMMIT');
    await partitions.keep();
    expect(await kept.partitions()).toEqual(
      ['20260304', '20260310', '20260311', '20260312', '20260313'].map((day) => `attempts_${day}`),
    );
    expect((await kept.count()).rows).toBe(2);
  });

  it('and with them the URLs that a subscription had before', async () => {
    const { kept, dataSource } = await stand();
    const source = await dataSource();
    await kept.query(`
      INSERT INTO relay_control.subscription_urls VALUES
        ('sub_1', 1, 'https://shop.example/old', '2026-03-01T00:00:00Z'),
        ('sub_1', 2, 'https://shop.example/late', '2026-03-03T00:00:00Z'),
        ('sub_1', 3, 'https://shop.example/now', NULL)`);
    await new AttemptPartitions(source, new KeptDays(7, () => nowMs)).keep();
    expect(await kept.query('SELECT url_hash FROM relay_control.subscription_urls ORDER BY 1')).toEqual([
      { url_hash: 2 },
      { url_hash: 3 },
    ]);
  });

  it('are made once, however many make them', async () => {
    const { kept, dataSource } = await stand();
    const sources = await Promise.all([dataSource(), dataSource(), dataSource()]);
    await Promise.all(
      sources.map((source) => new AttemptPartitions(source, new KeptDays(7, () => nowMs)).keep()),
    );
    expect(await kept.partitions()).toHaveLength(3);
  });
});
