import { beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../../../test/harness/apps.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { wholeNumber } from './wrong-fields.js';

const control = controlUnderTest();
let api: Api;
let path: string;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
  path = `/v1/subscriptions/${(await api.create()).id}/replays`;
});

const forms = /must be one of "current-state", "missed", \{"time": …\} or \{"changeId": …\}/;
const time = /a time with its zone as RFC 3339 has it/;
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();

describe('a replay that is not right is refused, with a sentence that says what to do', () => {
  it.each([
    ['nothing to replay', { from: undefined }, 'from', /must say what is replayed: "current-state"/],
    ['null', { from: null }, 'from', /must say what is replayed/],
    ['another word', { from: 'yesterday' }, 'from', forms],
    ['a number', { from: 1 }, 'from', forms],
    ['a list', { from: ['missed'] }, 'from', forms],
    ['an empty object', { from: {} }, 'from', forms],
    ['two of them', { from: { time: '2026-11-24T08:00:00Z', changeId: 'e1-1' } }, 'from', forms],
    ['another field', { from: { offset: 1 } }, 'from', forms],
    ['a time without its zone', { from: { time: '2026-11-24T08:00:00' } }, 'from.time', time],
    ['a day that is none', { from: { time: '2026-02-30T08:00:00Z' } }, 'from.time', time],
    ['milliseconds', { from: { time: 1_795_000_000_000 } }, 'from.time', time],
    ['a time to come', { from: { time: tomorrow } }, 'from.time', /must not be in the future/],
    ['an id that is no text', { from: { changeId: 7 } }, 'from.changeId', /the id of a change/],
    ['an empty id', { from: { changeId: '' } }, 'from.changeId', /the id of a change/],
    ['an endless id', { from: { changeId: 'x'.repeat(201) } }, 'from.changeId', /the id of a change/],
    ['other ids', { ids: 'fresh' }, 'ids', /must be "same" or "new"/],
    ['no rate', { ratePerS: 0 }, 'ratePerS', wholeNumber(1, 10_000)],
    ['too high a rate', { ratePerS: 10_001 }, 'ratePerS', wholeNumber(1, 10_000)],
    ['a rate as text', { ratePerS: '50' }, 'ratePerS', wholeNumber(1, 10_000)],
    ['a dry run as text', { dryRun: 'false' }, 'dryRun', /true or false/],
    ['an unknown field', { dry_run: true }, 'dry_run', /leave it out/],
  ])('%s', async (_, fields, field, says) => {
    const answer = await api.call('POST', path, { body: { from: 'current-state', ...fields } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    const errors = answer.body['errors'] as { field: string; message: string }[];
    const { message = '' } = errors.find((error) => error.field === field) ?? {};
    expect(message).toMatch(says);
  });

  it('leaves nothing behind', async () => {
    expect((await api.get(path)).body).toEqual({ data: [], nextCursor: null });
  });

  it('also where a subscription would start with it', async () => {
    const body = { database: 'acme', eventTypes: ['product.created'], url: 'https://shop.example/x' };
    const answer = await api.call('POST', '/v1/subscriptions', { body: { ...body, startWith: 'missed' } });
    expect([answer.status, answer.body['detail']]).toEqual([
      422,
      'startWith must be "current-state"; left out, only what changes from now on comes',
    ]);
  });
});

describe('a list that is asked for wrongly is refused', () => {
  it.each([
    ['limit=0', wholeNumber(1, 200)],
    ['limit=201', wholeNumber(1, 200)],
    ['cursor=rdr_01kasq3w7r4k9b1zc6f8gj2ys5', 'must be the nextCursor of the page before'],
  ])('%s', async (query, says) => {
    const answer = await api.get(`${path}?${query}`);
    expect([answer.status, answer.body['detail']]).toEqual([422, expect.stringContaining(says)]);
  });
});

describe('what is not there is answered with 404', () => {
  it.each([
    ['GET', '/v1/replays/rpl_00000000000000000000000000', 'replay_not_found'],
    ['GET', '/v1/replays/rdr_00000000000000000000000000', 'replay_not_found'],
    ['POST', '/v1/replays/rpl_00000000000000000000000000/stop', 'replay_not_found'],
    ['POST', '/v1/replays/%00/stop', 'replay_not_found'],
    ['GET', '/v1/subscriptions/sub_00000000000000000000000000/replays', 'subscription_not_found'],
    ['POST', '/v1/subscriptions/sub_00000000000000000000000000/replays', 'subscription_not_found'],
    ['POST', '/v1/subscriptions/%00/replays', 'subscription_not_found'],
  ])('%s %s', async (method, route, code) => {
    const request = method === 'POST' ? { body: { from: 'current-state' } } : {};
    const { status, body } = await api.call(method, route, request);
    expect([status, body['code']]).toEqual([404, code]);
  });
});

describe('without the admin key', () => {
  it.each([
    ['GET', '/v1/replays/rpl_00000000000000000000000000'],
    ['POST', '/v1/replays/rpl_00000000000000000000000000/stop'],
    ['GET', '/v1/subscriptions/sub_00000000000000000000000000/replays'],
    ['POST', '/v1/subscriptions/sub_00000000000000000000000000/replays'],
  ])('nothing is answered: %s %s', async (method, route) => {
    const response = await fetch(api.url + route, { method });
    await response.arrayBuffer();
    expect(response.status).toBe(401);
  });
});

describe('an outage of Kafka', () => {
  it('is told with 503 where Kafka has to be asked, and nothing was begun', async () => {
    const proxy = await control.stack.kafkaProxy();
    const app = await startApp('control', await control.environment({ KAFKA_BROKERS: proxy.address }));
    const own = new Api(app.url);
    const route = `/v1/subscriptions/${(await own.create()).id}/replays`;
    proxy.block();
    const body = { from: { time: new Date(Date.now() - 1_000).toISOString() } };
    const answer = await own.call('POST', route, { body });
    expect([answer.status, answer.body['code']]).toEqual([503, 'kafka_unavailable']);
    expect((await own.get(route)).body['data']).toEqual([]);
    proxy.restore();
    expect((await own.call('POST', route, { body })).status).toBe(201);
    expect(await app.stop()).toBe(0);
    await proxy.close();
  });
});
