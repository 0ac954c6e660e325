import { beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../../../test/harness/apps.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { wholeNumber } from './wrong-fields.js';

const control = controlUnderTest();
let api: Api;
const subscriptionId = 'sub_01kasq3w7r4k9b1zc6f8gj2ys5';

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
});

const time = /a time with its zone as RFC 3339 has it/;
const oneOfThem = /give one of them/;
const tooMany = Array.from({ length: 1_001 }, (_, index) => `msg_${index}`);

describe('a redrive that is not right is refused, with a sentence that says what to do', () => {
  it.each([
    ['nothing selected', {}, 'subscriptionId', /must be given, or database instead/],
    ['both', { database: 'acme' }, 'subscriptionId', oneOfThem],
    ['no id of a subscription', { subscriptionId: 'mine' }, 'subscriptionId', /id of a subscription/],
    ['null for one', { subscriptionId: null }, 'subscriptionId', /id of a subscription/],
    ['an unknown database', { subscriptionId: undefined, database: 'x' }, 'database', /known are "acme"/],
    ['a database that is no text', { subscriptionId: undefined, database: 1 }, 'database', /slug/],
    ['a time without its zone', { from: '2026-11-24T08:00:00' }, 'from', time],
    ['a day that is none', { from: '2026-02-30T08:00:00Z' }, 'from', time],
    ['a second that is none', { to: '2026-02-20T08:00:61Z' }, 'to', time],
    ['a date', { to: '2026-11-24' }, 'to', time],
    ['milliseconds', { from: 1_795_000_000_000 }, 'from', /a time as text/],
    ['an end before its start', { from: '2026-11-24T08:00:00Z', to: '2026-11-24T08:00:00Z' }, 'to', /later/],
    [
      'an end before its start in another zone',
      { from: '2026-11-24T08:00:00Z', to: '2026-11-24T09:00:00+02:00' },
      'to',
      /must be later than from/,
    ],
    ['an unknown reason', { reason: 'timeout' }, 'reason', /must be one of "attempts-exhausted", "expired"/],
    ['no ids', { webhookIds: [] }, 'webhookIds', /at least one webhook id: leave it out for all/],
    ['one id that is no list', { webhookIds: 'msg_1' }, 'webhookIds', /a list of webhook ids/],
    ['ids that are no texts', { webhookIds: [1] }, 'webhookIds', /as texts/],
    ['an id twice', { webhookIds: ['a', 'a'] }, 'webhookIds', /each webhook id once/],
    ['too many ids', { webhookIds: tooMany }, 'webhookIds', /at most 1000 webhook ids/],
    ['an endless id', { webhookIds: ['x'.repeat(201)] }, 'webhookIds', /1 to 200 printable/],
    ['an id that no header can hold', { webhookIds: ['a\u0000'] }, 'webhookIds', /printable/],
    ['no rate', { ratePerS: 0 }, 'ratePerS', wholeNumber(1, 10_000)],
    ['too high a rate', { ratePerS: 10_001 }, 'ratePerS', wholeNumber(1, 10_000)],
    ['half a letter a second', { ratePerS: 0.5 }, 'ratePerS', wholeNumber(1, 10_000)],
    ['a rate as text', { ratePerS: '50' }, 'ratePerS', wholeNumber(1, 10_000)],
    ['a dry run as text', { dryRun: 'false' }, 'dryRun', /true or false/],
    ['new ids as a number', { newIds: 1 }, 'newIds', /true or false/],
    ['an unknown field', { dry_run: true }, 'dry_run', /leave it out/],
  ])('%s', async (_, fields, field, says) => {
    const given = Object.keys(fields).length === 0 ? {} : { subscriptionId, ...fields };
    const answer = await api.call('POST', '/v1/redrives', { body: given });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const errors = answer.body['errors'] as { field: string; message: string }[];
    const { message = '' } = errors.find((error) => error.field === field) ?? {};
    expect(message).toMatch(says);
    expect(answer.body['detail']).toContain(`${field} ${message}`);
  });

  it('tells all that is wrong at once', async () => {
    const body = { database: 'x', from: 'yesterday', to: 'today' };
    const { body: problem } = await api.call('POST', '/v1/redrives', { body });
    const errors = problem['errors'] as { field: string }[];
    expect(errors.map(({ field }) => field)).toEqual(['database', 'from', 'to']);
  });

  it('leaves nothing behind', async () => {
    expect((await api.get('/v1/redrives')).body).toEqual({ data: [], nextCursor: null });
  });
});

describe('a list that is asked for wrongly is refused', () => {
  it.each([
    ['limit=0', wholeNumber(1, 200)],
    ['limit=201', wholeNumber(1, 200)],
    ['cursor=sub_01kasq3w7r4k9b1zc6f8gj2ys5', 'must be the nextCursor of the page before'],
  ])('%s', async (query, says) => {
    const answer = await api.get(`/v1/redrives?${query}`);
    expect([answer.status, answer.body['detail']]).toEqual([422, expect.stringContaining(says)]);
  });
});

describe('a redrive that is not there', () => {
  it.each([
    ['GET', 'rdr_00000000000000000000000000'],
    ['GET', 'sub_00000000000000000000000000'],
    ['POST', 'rdr_00000000000000000000000000/stop'],
    ['POST', '%00/stop'],
  ])('is answered with 404: %s %s', async (method, path) => {
    const { status, body } = await api.call(method, `/v1/redrives/${path}`);
    expect([status, body['code']]).toEqual([404, 'redrive_not_found']);
  });
});

describe('without the admin key', () => {
  it.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', '/rdr_00000000000000000000000000'],
    ['POST', '/rdr_00000000000000000000000000/stop'],
  ])('nothing is answered: %s /v1/redrives%s', async (method, path) => {
    const response = await fetch(`${api.url}/v1/redrives${path}`, { method });
    await response.arrayBuffer();
    expect(response.status).toBe(401);
  });
});

describe('an outage of Kafka', () => {
  it.each(['block', 'freeze'] as const)('is told with 503, and nothing was begun (%s)', async (fault) => {
    const proxy = await control.stack.kafkaProxy();
    const app = await startApp('control', await control.environment({ KAFKA_BROKERS: proxy.address }));
    const own = new Api(app.url);
    proxy[fault]();
    const answer = await own.call('POST', '/v1/redrives', { body: { subscriptionId } });
    expect([answer.status, answer.body['code']]).toEqual([503, 'kafka_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await own.get('/v1/redrives')).body['data']).toEqual([]);
    proxy.restore();
    const again = await own.call('POST', '/v1/redrives', { body: { subscriptionId } });
    expect(again.status).toBe(201);
    expect(await app.stop()).toBe(0);
    await proxy.close();
  });
});
