import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';
import { disabled, EventWriter, stopped } from './operational-events.js';

const control = controlUnderTest();
let env: Record<string, string>;
let api: Api;
let events: EventWriter;

beforeAll(async () => {
  env = await control.environment();
  const { port } = await control.start(env);
  api = new Api(`http://127.0.0.1:${String(port)}`);
  events = await EventWriter.open(control.kafka);
});

const newSubscriptionId = (): string => `sub_${randomUUID().replaceAll('-', '').slice(0, 26).toLowerCase()}`;

function dataOf({ body }: Answer): Record<string, unknown>[] {
  return body['data'] as Record<string, unknown>[];
}

async function idsOf(query: string, headers: Record<string, string> = {}): Promise<unknown[]> {
  const answer = await api.call('GET', `/v1/events?${query}`, { headers });
  expect(answer.status).toBe(200);
  return dataOf(answer).map(({ id }) => id);
}

async function until(id: string): Promise<void> {
  await eventually(async () => (await idsOf('')).includes(id));
}

/** The headers that an application proves itself with. */
async function application(fields: object): Promise<{ id: string; headers: Record<string, string> }> {
  const created = await api.call('POST', '/v1/applications', { body: { name: 'Shop', ...fields } });
  const id = String(created.body['id']);
  const key = await api.call('POST', `/v1/applications/${id}/credentials`, { body: { kind: 'api-key' } });
  return { id, headers: { authorization: `Bearer ${String(key.body['secret'])}` } };
}

describe('GET /v1/events', () => {
  it('says of an event what happened, when, and what to do', async () => {
    const subscriptionId = newSubscriptionId();
    const at = new Date(Date.now() - 5_000);
    const id = await events.write(disabled(subscriptionId), { at });
    await until(id);
    const [event] = dataOf(await api.get(`/v1/events?subscriptionId=${subscriptionId}`));
    expect(event).toEqual({
      id,
      type: 'subscription.disabled',
      at: at.toISOString(),
      database: 'acme',
      subscriptionId,
      data: { consecutive_dead: 5, reason: '5 dead letters in a row' },
      what: expect.stringContaining('disabled after 5 dead letters'),
      whatToDo: expect.stringMatching(new RegExp(`${subscriptionId}/enable.*redrives`)),
    });
  });

  it('shows one that is told twice once, and goes on after what cannot be read', async () => {
    const subscriptionId = newSubscriptionId();
    const id = await events.write(disabled(subscriptionId));
    await events.writeText('{"kind":');
    await events.writeText(null);
    await events.write(disabled(subscriptionId), { id });
    const last = await events.write(disabled(subscriptionId));
    await until(last);
    expect(await idsOf(`subscriptionId=${subscriptionId}`)).toEqual([last, id]);
    expect(await control.kafka.readToEnd('relay.rejected.control')).toHaveLength(2);
  });

  it('filters, and pages from the latest on', async () => {
    const before = new Date(Date.now() - 3_600_000);
    const first = await events.write(stopped, { database: 'globex', at: before });
    const ids = [first];
    for (let count = 0; count < 4; count += 1) {
      ids.push(await events.write(stopped, { database: 'globex' }));
    }
    await until(ids.at(-1) ?? '');
    const latest = [...ids].reverse();
    expect(await idsOf('database=globex')).toEqual(latest);
    expect(await idsOf('database=globex&type=capture.stopped')).toEqual(latest);
    expect(await idsOf('database=globex&type=capture.gap')).toEqual([]);
    const middle = new Date(Date.now() - 1_800_000).toISOString();
    expect(await idsOf(`database=globex&until=${middle}`)).toEqual([first]);
    expect(await idsOf(`database=globex&since=${middle}`)).toEqual(latest.slice(0, 4));
    const walked: unknown[] = [];
    for (let cursor = ''; cursor !== 'null';) {
      const page = await api.get(`/v1/events?database=globex&limit=2${cursor && `&cursor=${cursor}`}`);
      walked.push(...dataOf(page).map(({ id }) => id));
      cursor = String(page.body['nextCursor']);
    }
    expect(walked).toEqual(latest);
  });

  it('shows an application what is of its own subscriptions and granted databases, and nothing else', async () => {
    const [mine, other] = [await application({ databases: ['acme'] }), await application({})];
    const own = await events.write(disabled(newSubscriptionId(), mine.id));
    await events.write(disabled(newSubscriptionId(), mine.id), { database: 'globex' });
    await events.write(disabled(newSubscriptionId(), other.id));
    await until(await events.write(stopped));
    expect(await idsOf('', mine.headers)).toEqual([own]);
    expect(await idsOf('type=capture.stopped', mine.headers)).toEqual([]);
    const narrow = await application({ scopes: ['subscriptions:read'] });
    expect((await api.call('GET', '/v1/events', { headers: narrow.headers })).status).toBe(403);
  });

  it.each(['cursor=x', 'since=yesterday', 'database=nope', 'subscriptionId=1', 'limit=0', 'other=1'])(
    'refuses %s',
    async (query) => {
      expect((await api.get(`/v1/events?${query}`)).status).toBe(422);
    },
  );

  it('has each event once after a restart', async () => {
    const subscriptionId = newSubscriptionId();
    const first = await control.start(env);
    const id = await events.write(disabled(subscriptionId));
    await until(id);
    await first.stop();
    const second = await control.start(env);
    const last = await events.write(disabled(subscriptionId));
    await until(last);
    expect(await idsOf(`subscriptionId=${subscriptionId}`)).toEqual([last, id]);
    await second.stop();
  });
});
