import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttemptRow } from '#libs/delivery-task';
import { AttemptRows, KeptAttempts } from './attempt-rows.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { DeadLetters, ended, redrive } from './dead-letters.js';

const control = controlUnderTest();
let api: Api;
let rows: AttemptRows;
let kept: KeptAttempts;
let letters: DeadLetters;
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
  kept = await KeptAttempts.open(env['DATABASE_URL'] ?? '');
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

  it('is listed with who asked for it, and stands in the audit log', async () => {
    const { body: erased } = await erase(['res.partner,70']);
    const { body } = await api.get('/v1/erasures?limit=1');
    expect(body['data']).toEqual([erased]);
    const next = await api.get(`/v1/erasures?limit=1&cursor=${String(body['nextCursor'])}`);
    expect(next.body['data']).toMatchObject([{ records: ['res.partner,60'] }]);
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
