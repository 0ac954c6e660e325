import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { AttemptRow } from '#libs/delivery-task';
import { silentLogger } from '#libs/telemetry';
import type { Principal } from '../src/access/principal.js';
import { Erasures } from '../src/erasures/erasures.js';
import { AttemptPartitions } from '../src/history/attempt-partitions.js';
import { dayMs, KeptDays } from '../src/history/kept-days.js';
import { openDataSource } from '../src/persistence/data-source.js';
import { eventually } from '../../../test/harness/eventually.js';
import { AttemptRows, KeptAttempts } from './attempt-rows.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { DeadLetters, ended, redrive } from './dead-letters.js';

const control = controlUnderTest();
const somebody: Principal = { kind: 'administrator', id: 'admin-key' };
let api: Api;
let rows: AttemptRows;
let kept: KeptAttempts;
let letters: DeadLetters;
let databaseUrl: string;
let written = 0;

interface Attempt {
  outcome: string;
  at: string;
  request: object | null;
  response: { status: number | null; body: string | null; durationMs: number } | null;
  error: string | null;
  erased: boolean;
}

beforeAll(async () => {
  const env = await control.environment();
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
  rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  databaseUrl = env['DATABASE_URL'] ?? '';
  kept = await KeptAttempts.open(databaseUrl);
  letters = new DeadLetters(control.kafka, await control.kafka.publisher());
});

afterAll(async () => {
  await kept.close();
  await rows.kafka.close();
});

async function write(...given: readonly AttemptRow[]): Promise<void> {
  await rows.write(given);
  written += given.length;
  await kept.until(written);
}

/** A request that failed, of which the endpoint says more than it should. */
function failed(record: string, fields: Partial<AttemptRow> = {}): AttemptRow {
  const told = { response: 'Jane Doe, jane@example.com', error: 'status 500: Jane Doe' };
  return rows.row({ record, outcome: 'failed', status: 500, ...told, ...fields });
}

async function attemptsOf(record: string, database = 'acme'): Promise<Attempt[]> {
  const { body } = await api.get(`/v1/attempts?record=${record}&database=${database}`);
  return body['data'] as Attempt[];
}

const erase = (records: unknown, database: unknown = 'acme'): ReturnType<Api['call']> =>
  api.call('POST', '/v1/erasures', { body: { database, records } });

describe('an erasure', () => {
  it('takes what endpoints answered of its records, and the errors, and leaves the outcomes and all others', async () => {
    await write(
      failed('res.partner,42'),
      failed('res.partner,42'),
      failed('crm.lead,7'),
      failed('res.partner,4'),
      failed('res.partner,42', { database: 'globex' }),
    );
    const before = await attemptsOf('res.partner,42');
    const answer = await erase(['res.partner,42', 'crm.lead,7']);
    expect(answer).toMatchObject({
      status: 201,
      body: {
        id: expect.stringMatching(/^ers_[0-9a-z]{26}$/),
        principalKind: 'administrator',
        principalId: 'admin-key',
        database: 'acme',
        records: ['res.partner,42', 'crm.lead,7'],
        state: 'done',
        attempts: 3,
      },
    });
    const after = await attemptsOf('res.partner,42');
    expect(after).toEqual(
      before.map((attempt) => ({
        ...attempt,
        response: { ...attempt.response, body: null },
        error: null,
        erased: true,
      })),
    );
    expect(after).toHaveLength(2);
    for (const others of [attemptsOf('res.partner,4'), attemptsOf('res.partner,42', 'globex')]) {
      expect(await others).toMatchObject([
        { response: { body: 'Jane Doe, jane@example.com' }, error: 'status 500: Jane Doe', erased: false },
      ]);
    }
    const left = await kept.query(
      `SELECT 1 FROM relay_control.attempts WHERE record = 'crm.lead,7' AND (response, error)::text LIKE '%Jane%'`,
    );
    expect(left).toEqual([]);
  });

  it('holds for attempts that come to the history later, but not for those of later changes', async () => {
    await erase(['res.partner,50']);
    const afterwards = BigInt(Date.now() + 60_000);
    await write(
      failed('res.partner,50', { committed_at_ms: BigInt(Date.now() - 60_000), change_id: 'old' }),
      failed('res.partner,50', { committed_at_ms: afterwards, at_ms: afterwards, change_id: 'new' }),
    );
    expect(await attemptsOf('res.partner,50')).toMatchObject([
      { changeId: 'new', response: { body: expect.any(String) }, erased: false },
      { changeId: 'old', response: { status: 500, body: null }, error: null, erased: true },
    ]);
  });

  it('keeps dead letters of its records from being sent again, and says so', async () => {
    const { id } = await api.create();
    await letters.die(id, 2, { record: 'res.partner,60' });
    const others = await letters.die(id, 3);
    await erase(['res.partner,60']);
    const later = await letters.die(id, 1, { record: 'res.partner,60', committedAtMs: Date.now() + 60_000 });
    const begun = await redrive(api, { subscriptionId: id, ratePerS: 10_000 });
    const done = await ended(api, begun.id);
    expect(done).toMatchObject({ matched: 6, sent: 4, skipped: { erased: 2 } });
    expect(done.notes.join()).toContain('erased on request');
    expect(await letters.replayedIds(begun.id)).toEqual([...others, ...later].sort());
  });

  it('that its request has not finished says so, and goes on in the background', async () => {
    await write(failed('res.partner,65'), failed('res.partner,65', { outcome: 'dead' }));
    const dataSource = await openDataSource(databaseUrl, silentLogger);
    const impatient = new Erasures(dataSource, { sliceRows: 1, answerWaitMs: 0 });
    const answered = await impatient.erase(somebody, 'acme', ['res.partner,65']);
    await dataSource.destroy();
    expect(answered).toMatchObject({ state: 'running', attempts: 0 });
    await eventually(async () => {
      const { body } = await api.get(`/v1/erasures/${answered.id}`);
      return body['state'] === 'done' && body['attempts'] === 2;
    });
    expect(await attemptsOf('res.partner,65')).toMatchObject([{ erased: true }, { erased: true }]);
    expect(await api.get(`/v1/erasures/ers_${'0'.repeat(26)}`)).toMatchObject({
      status: 404,
      body: { code: 'erasure_not_found' },
    });
  });

  it('is listed with who asked for it, and stands in the audit log', async () => {
    const { body: erased } = await erase(['res.partner,70']);
    const { body } = await api.get('/v1/erasures?limit=1');
    expect(body['data']).toEqual([erased]);
    const next = await api.get(`/v1/erasures?limit=1&cursor=${String(body['nextCursor'])}`);
    expect(next.body['data']).toMatchObject([{ records: ['res.partner,65'] }]);
    const log = await api.get(`/v1/audit-log?resource=erasures/${String(erased['id'])}`);
    expect(log.body['data']).toMatchObject([
      { principalId: 'admin-key', method: 'POST', route: '/v1/erasures', status: 201 },
    ]);
  });

  it('is of a database that is no longer captured, too, as long as something of it is kept', async () => {
    await write(failed('res.partner,42', { database: 'closed' }));
    expect(await erase(['res.partner,42'], 'closed')).toMatchObject({ status: 201, body: { attempts: 1 } });
  });

  it.each<[field: string, body: unknown]>([
    ['database', { records: ['res.partner,1'] }],
    ['database', { database: 'unknown', records: ['res.partner,1'] }],
    ['database', { database: 7, records: ['res.partner,1'] }],
    ['records', { database: 'acme' }],
    ['records', { database: 'acme', records: [] }],
    ['records', { database: 'acme', records: 'res.partner,1' }],
    ['records', { database: 'acme', records: ['res.partner'] }],
    ['records', { database: 'acme', records: ['res.partner,1', 'res.partner,1'] }],
    ['records', { database: 'acme', records: Array.from({ length: 101 }, (_, id) => `res.partner,${id}`) }],
    ['person', { database: 'acme', records: ['res.partner,1'], person: 'Jane' }],
  ])('with a wrong %s is refused, and erases nothing: %j', async (field, body) => {
    const { body: before } = await api.get('/v1/erasures');
    const answer = await api.call('POST', '/v1/erasures', { body });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ field }] },
    });
    expect((await api.get('/v1/erasures')).body).toEqual(before);
  });

  it('is nothing that an application may ask for or see', async () => {
    const created = await api.call('POST', '/v1/applications', { body: { name: 'Shop' } });
    const path = `/v1/applications/${String(created.body['id'])}/credentials`;
    const credential = await api.call('POST', path, { body: { kind: 'api-key' } });
    const headers = { authorization: `Bearer ${String(credential.body['secret'])}` };
    const body = { database: 'acme', records: ['res.partner,1'] };
    for (const answer of [
      await api.call('POST', '/v1/erasures', { body, headers }),
      await api.call('GET', '/v1/erasures', { headers }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } });
    }
  });
});

describe('an erasure of more attempts than there is time for at once', () => {
  const sliceRows = 4;
  const records = ['res.partner,1', 'crm.lead,2', 'res.partner,3'];
  let dataSource: DataSource;

  /** Two days, two outcomes; the second record has few. What was committed an hour ahead is no part of it. */
  beforeEach(async () => {
    dataSource = await openDataSource(await control.stack.freshDatabase(), silentLogger);
    await new AttemptPartitions(dataSource, new KeptDays(3)).keep();
    await new AttemptPartitions(dataSource, new KeptDays(3, () => Date.now() - dayMs)).keep();
    await dataSource.query(
      `INSERT INTO relay_control.attempt_kinds VALUES ('acme', 'dead'), ('acme', 'failed')`,
    );
    await dataSource.query(
      `INSERT INTO relay_control.attempts
         (at_ms, topic_offset, sequence, committed_at_ms, topic_partition, attempt, duration_ms, outcome,
          subscription_id, database, event_type, record, webhook_id, change_id, response)
       SELECT now_ms - (number / 3) * 3 * 3600000, number, 1, now_ms + CASE number WHEN 5 THEN 3600000 ELSE 0 END,
         0, 1, 1, CASE number % 4 WHEN 0 THEN 'dead' ELSE 'failed' END, 's', database, 't', record, 'w', 'c', 'Jane'
       FROM (VALUES ('acme', 'res.partner,1', 22), ('acme', 'crm.lead,2', 3), ('acme', 'res.partner,3', 9),
                    ('globex', 'res.partner,1', 10), ('acme', 'res.partner,4', 2)) AS given (database, record, count),
         generate_series(1, count) AS number, (SELECT $1::bigint AS now_ms) AS now`,
      [Date.now() - 1_000],
    );
  });
  afterEach(() => dataSource.destroy());

  const left = async (): Promise<Record<string, number>> => {
    const rows = await dataSource.query<{ what: string; count: number }[]>(
      `SELECT database || ' ' || record AS what, count(*)::integer AS count
       FROM relay_control.attempts WHERE response IS NOT NULL AND NOT erased GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
  };

  it('goes in slices, each no more than that, whoever takes the next one, and leaves all others', async () => {
    const begun = await new Erasures(dataSource, { sliceRows, answerWaitMs: 0 }).erase(
      somebody,
      'acme',
      records,
    );
    expect(begun).toMatchObject({ state: 'running', attempts: 0 });
    const counts = [0];
    while ((await new Erasures(dataSource).runningIds()).length > 0) {
      let isFirst = true;
      const once = (): boolean => isFirst && !(isFirst = false);
      // Another one each time, as after a restart.
      const instance = new Erasures(dataSource, { sliceRows, answerWaitMs: 0 });
      await instance.goOn(begun.id, once);
      counts.push((await instance.find(begun.id))?.attempts ?? -1);
    }
    const taken = counts.slice(1).map((count, index) => count - (counts[index] ?? 0));
    expect(Math.max(...taken)).toBeLessThanOrEqual(sliceRows);
    expect(taken.filter((count) => count > 0).length).toBeGreaterThan(7);
    // Of two records one attempt each is of a change that came later.
    expect(counts.at(-1)).toBe(22 + 3 + 9 - 2);
    expect(await left()).toEqual({
      'acme res.partner,1': 1,
      'acme res.partner,3': 1,
      'globex res.partner,1': 10,
      'acme res.partner,4': 2,
    });
  });

  it('is done in time for its answer where there is enough, and once more does nothing', async () => {
    const erasures = new Erasures(dataSource, { sliceRows, answerWaitMs: 10_000 });
    const [first, again] = [
      await erasures.erase(somebody, 'acme', records),
      await erasures.erase(somebody, 'acme', records),
    ];
    expect([first, again]).toMatchObject([
      { state: 'done', attempts: 32 },
      { state: 'done', attempts: 0 },
    ]);
  });

  it('is done once by several who work on it at the same time', async () => {
    const begun = await new Erasures(dataSource, { sliceRows, answerWaitMs: 0 }).erase(
      somebody,
      'acme',
      records,
    );
    const several = [1, 2, 3].map(() => new Erasures(dataSource, { sliceRows, answerWaitMs: 0 }));
    await Promise.all(several.map((erasures) => erasures.goOn(begun.id, () => true)));
    expect(await several[0]?.find(begun.id)).toMatchObject({ state: 'done', attempts: 32 });
  });
});
