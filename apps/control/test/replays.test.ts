import { beforeAll, describe, expect, it } from '@jest/globals';
import { webhookId, type Change } from '#libs/change';
import { deliveryTopics } from '#libs/delivery-task';
import { partitionOfKey } from '#libs/kafka';
import { delay } from '#libs/process';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest } from './control-under-test.js';
import {
  bodyOf,
  OrderChanges,
  readReplay,
  replay,
  replayEnded,
  replayRecords,
  replayTasks,
  type Replay,
} from './order-changes.js';

const control = controlUnderTest();
let api: Api;
let orders: OrderChanges;
/** Changes of order 1 to 40, in this order: created, confirmed (even ids), deleted (39 and 40). */
const created: Change[] = [];
const confirmed: Change[] = [];
/** When each of these three was read: 10 minutes apart. */
const [createdMs, confirmedMs, deletedMs] = [3, 2, 1].map((back) => Date.now() - back * 600_000) as [
  number,
  number,
  number,
];
const iso = (timeMs: number): string => new Date(timeMs).toISOString();

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
  orders = await OrderChanges.open(control);
  const ids = Array.from({ length: 40 }, (_, index) => index + 1);
  created.push(...ids.map((id) => orders.created(id, { amount_total: String(id) }, createdMs)));
  confirmed.push(
    ...ids
      .filter((id) => id % 2 === 0)
      .map((id) => orders.confirmed(id, { amount_total: String(id) }, confirmedMs)),
  );
  await orders.publish(...created);
  await orders.publish(...confirmed);
  await orders.publish(orders.deleted(39, deletedMs), orders.deleted(40, deletedMs));
});

const fast = { ratePerS: 10_000 };
const allOrders = { eventTypes: ['sale.order.created', 'sale.order.confirmed', 'sale.order.deleted'] };

async function subscribed(fields: Record<string, unknown> = {}): Promise<string> {
  return (await api.create({ ...allOrders, ...fields })).id;
}

async function done(id: string, body: object): Promise<Replay> {
  const begun = await replay(api, id, { ...fast, ...body });
  return begun.state === 'running' ? replayEnded(api, begun.id) : begun;
}

const changeIdsOf = (changes: readonly Change[]): string[] => changes.map(({ source }) => source.change_id);
async function replayedChanges({ id }: Replay): Promise<string[]> {
  return (await replayTasks(control, id)).map(({ changeId }) => changeId);
}

describe('a replay of the current state', () => {
  it('sends each record once as it is, marked, and none that is deleted', async () => {
    const id = await subscribed();
    const result = await done(id, { from: 'current-state' });
    expect(result).toMatchObject({
      state: 'done',
      subscriptionId: id,
      from: 'current-state',
      period: null,
      ids: 'same',
      dryRun: false,
      matched: 38,
      sent: 38,
      skipped: {},
      unread: 0,
      notes: [],
      error: null,
    });
    const tasks = await replayTasks(control, result.id);
    const bodies = tasks.map(bodyOf);
    expect(bodies.map(({ record_id: record }) => Number(record)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 38 }, (_, index) => index + 1),
    );
    for (const { data, record_id: record, ...body } of bodies) {
      expect(body).toMatchObject({ type: 'sale.order.snapshot', op: 'r', replay: true, changed: null });
      expect(data).toMatchObject({ state: Number(record) % 2 === 0 ? 'sale' : 'draft' });
    }
    expect(tasks[0]).toMatchObject({ eventType: 'sale.order.snapshot', attempts: 0, redrive: result.id });
    const [record] = await replayRecords(control, result.id);
    expect(record?.partition).toBe(partitionOfKey(id, deliveryTopics.partitions));
  });

  it('asks the filter of the record, and no field changes', async () => {
    const id = await subscribed({
      filter: [
        ['state', '=', 'sale'],
        ['amount_total', '>', 30],
      ],
      fieldChanges: [{ field: 'amount_total' }],
    });
    const result = await done(id, { from: 'current-state' });
    const ids = (await replayTasks(control, result.id)).map((task) => Number(bodyOf(task)['record_id']));
    expect(ids.sort()).toEqual([32, 34, 36, 38]);
  });

  it('in XML is marked, too', async () => {
    const id = await subscribed({ format: 'xml', filter: [['id', '=', 7]] });
    const result = await done(id, { from: 'current-state' });
    const [task, ...more] = await replayTasks(control, result.id);
    expect(more).toEqual([]);
    expect(String(task?.body)).toContain('<op>r</op><replay>true</replay>');
  });

  it('begins with a subscription that asks for it, and what changes meanwhile is not lost', async () => {
    const before = Date.now();
    const { id, ...view } = await api.create({ ...allOrders, startWith: 'current-state' });
    const first = await replayEnded(api, String(view['replayId']));
    expect(first).toMatchObject({ state: 'done', subscriptionId: id, from: 'current-state', sent: 38 });
    const subscription = (await control.publishedStates()).get(id);
    // What was read before, and comes into its topic later than the load looked, is live.
    expect(Number(subscription?.sinceMs)).toBeLessThanOrEqual(before - 59_000);
    expect(Date.parse(String(view['since']))).toBeGreaterThanOrEqual(before);
  });

  it('of a table that goes on in another topic is that of the last one', async () => {
    const next = await OrderChanges.open(control, '-2');
    const id = await subscribed();
    await next.publish(next.loaded(1_000), next.loaded(1_001));
    const result = await done(id, { from: 'current-state' });
    const ids = (await replayTasks(control, result.id)).map((task) => Number(bodyOf(task)['record_id']));
    expect(ids.sort()).toEqual([1_000, 1_001]);
  });
});

describe('a replay of history', () => {
  it('since a time sends each change as it was delivered, under its id, and marked', async () => {
    const id = await subscribed();
    const result = await done(id, { from: { time: iso(confirmedMs) } });
    expect(result).toMatchObject({
      state: 'done',
      from: { time: iso(confirmedMs) },
      period: { from: iso(confirmedMs), before: null },
      sent: 22,
    });
    const tasks = await replayTasks(control, result.id);
    expect(tasks.filter(({ webhookId: own, changeId }) => own === webhookId(changeId, id))).toHaveLength(22);
    expect(new Set(await replayedChanges(result))).toEqual(
      new Set([...changeIdsOf(confirmed), ...['e1-61', 'e1-62']]),
    );
    const types = tasks.map(({ eventType }) => eventType);
    expect([types.filter((type) => type === 'sale.order.confirmed').length, new Set(types).size]).toEqual([
      20, 2,
    ]);
    const { op, replay: mark, changed } = bodyOf(tasks[0] ?? (undefined as never));
    expect([op, mark, changed]).toEqual(['u', true, ['state']]);
  });

  it('keeps the order of each record', async () => {
    const id = await subscribed();
    const result = await done(id, { from: { time: iso(createdMs) } });
    expect(result.sent).toBe(62);
    const byRecord = new Map<string, bigint[]>();
    for (const { record, sequence } of await replayTasks(control, result.id)) {
      byRecord.set(record, [...(byRecord.get(record) ?? []), sequence]);
    }
    expect(byRecord.get('sale.order,40')).toHaveLength(3);
    for (const sequences of byRecord.values()) {
      expect(sequences).toEqual([...sequences].sort((a, b) => Number(a - b)));
    }
  });

  it('since a change sends what came after it, and not that one', async () => {
    const id = await subscribed();
    const changeId = confirmed[9]?.source.change_id ?? '';
    const result = await done(id, { from: { changeId } });
    expect(result).toMatchObject({ state: 'done', from: { changeId }, sent: 12 });
    expect(new Set(await replayedChanges(result))).toEqual(
      new Set([...changeIdsOf(confirmed.slice(10)), 'e1-61', 'e1-62']),
    );
  });

  it('matches as live: event types, filter and field changes', async () => {
    const id = await subscribed({
      eventTypes: ['sale.order.confirmed', 'sale.order.updated'],
      filter: [['amount_total', '<=', 10]],
      fieldChanges: [{ field: 'state', to: ['sale'] }],
    });
    const result = await done(id, { from: { time: iso(createdMs) } });
    expect(new Set(await replayedChanges(result))).toEqual(new Set(changeIdsOf(confirmed.slice(0, 5))));
  });

  it('under new ids makes the same ones for the same replay, and others for the next', async () => {
    const id = await subscribed();
    const sent: string[] = [];
    for (let time = 0; time < 2; time++) {
      const result = await done(id, { from: { time: iso(deletedMs) }, ids: 'new' });
      expect(result['ids']).toBe('new');
      sent.push(...(await replayTasks(control, result.id)).map((task) => task.webhookId));
    }
    const live = ['e1-61', 'e1-62'].map((changeId) => webhookId(changeId, id));
    expect(new Set([...sent, ...live]).size).toBe(6);
    expect(sent.filter((own) => !/^msg_[A-Za-z0-9_-]{27}$/.test(own))).toEqual([]);
  });
});

describe('what was missed', () => {
  async function off(id: string): Promise<void> {
    await api.call('POST', `/v1/subscriptions/${id}/disable`);
  }
  async function on(id: string): Promise<void> {
    await api.call('POST', `/v1/subscriptions/${id}/enable`);
    await delay(5);
  }

  it('while its owner had switched it off is sent, and nothing before or after', async () => {
    const id = await subscribed();
    await off(id);
    await delay(5);
    const missed = [orders.created(100), orders.confirmed(100)];
    await orders.publish(...missed);
    // A second switch-off changes nothing.
    await off(id);
    await delay(5);
    await on(id);
    await orders.publish(orders.created(101));
    const result = await done(id, { from: 'missed' });
    expect((await replayedChanges(result)).sort()).toEqual(changeIdsOf(missed).sort());
    expect(result['period']).toEqual({ from: expect.any(String), before: expect.any(String) });
  });

  it('while delivery had switched it off is sent', async () => {
    const id = await subscribed();
    const sinceMs = Date.now() - 300_000;
    await control.writeState({
      subscriptionId: id,
      state: 'disabled',
      enabledEpoch: 0,
      consecutiveDead: 5,
      countedWebhookIds: [],
      attemptsOffset: 5n,
      sinceMs: BigInt(sinceMs),
      reason: '5 in a row are dead',
      breaker: null,
    });
    await eventually(async () => (await api.get(`/v1/subscriptions/${id}`)).body['state'] === 'disabled');
    const early = orders.created(200, {}, sinceMs - 120_000);
    const missed = orders.created(201, {}, sinceMs + 1_000);
    await orders.publish(early, missed);
    await off(id);
    await on(id);
    const result = await done(id, { from: 'missed' });
    const ids = await replayedChanges(result);
    expect([ids.includes(missed.source.change_id), ids.includes(early.source.change_id)]).toEqual([
      true,
      false,
    ]);
  });

  it('of one that was never switched off is nothing, and that is said', async () => {
    const answer = await refused(await subscribed(), 'missed');
    expect(answer).toMatch(/never switched off/);
  });
});

async function refused(id: string, from: unknown): Promise<string> {
  const answer = await api.call('POST', `/v1/subscriptions/${id}/replays`, { body: { from } });
  expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed']);
  return String(answer.body['detail']);
}

describe('beyond what is kept, a replay is refused with what is possible instead', () => {
  it('for a time', async () => {
    const id = await subscribed();
    const detail = await refused(id, { time: iso(Date.now() - 8 * 86_400_000) });
    const possible = /Possible instead: (\{"time": "[^"]+"\}) or later, or "current-state"/.exec(detail)?.[1];
    const from = JSON.parse(possible ?? '') as unknown;
    expect((await replay(api, id, { from, dryRun: true })).state).toBe('done');
  });

  it('for a change that is not found', async () => {
    const detail = await refused(await subscribed(), { changeId: 'e0-1' });
    expect(detail).toMatch(/names no change that is kept.*Possible instead.*"current-state"/);
  });

  it('for a subscription that is switched off', async () => {
    const id = await subscribed();
    await api.call('POST', `/v1/subscriptions/${id}/disable`);
    expect(await refused(id, 'current-state')).toMatch(/enable/);
  });

  it('and nothing was begun', async () => {
    const id = await subscribed();
    await refused(id, { changeId: 'e0-1' });
    expect((await api.get(`/v1/subscriptions/${id}/replays`)).body).toEqual({ data: [], nextCursor: null });
  });
});

describe('a dry run', () => {
  it('counts, and sends nothing', async () => {
    const id = await subscribed();
    const result = await replay(api, id, { from: { time: iso(confirmedMs) }, dryRun: true });
    expect(result).toMatchObject({ state: 'done', dryRun: true, sent: 0, unread: 0 });
    expect(result.matched).toBeGreaterThanOrEqual(22);
    expect(await replayRecords(control, result.id)).toEqual([]);
  });
});

describe('a record that cannot be sent is skipped and counted', () => {
  it('and the rest goes on', async () => {
    const id = await subscribed({ filter: [['id', 'in', [300, 301, 302, 303]]] });
    const sinceMs = Date.now();
    await orders.publish(orders.created(300), orders.created(301, { state: 'x'.repeat(1_000_001) }));
    await orders.publishRaw(302, Buffer.from([0, 0, 0, 0, 1, 255]));
    await orders.publish(orders.created(303));
    const result = await done(id, { from: { time: iso(sinceMs) } });
    expect(result).toMatchObject({
      state: 'done',
      matched: 4,
      sent: 2,
      skipped: { unreadable: 1, 'too-large': 1 },
      notes: expect.arrayContaining([expect.stringMatching(/^1 skipped: their bodies have more than/)]),
    });
  });
});

describe('a replay that is under way', () => {
  it('ends when it is stopped, and says how many it has sent', async () => {
    const id = await subscribed();
    const begun = await replay(api, id, { from: { time: iso(createdMs) }, ratePerS: 4 });
    expect(begun).toMatchObject({ state: 'running', error: null });
    const { body } = await api.call('POST', `/v1/replays/${begun.id}/stop`);
    expect(body).toMatchObject({ state: 'stopped', endedAt: expect.any(String) });
    await eventually(async () => {
      const { sent } = await readReplay(api, begun.id);
      return sent > 0 && sent < 40 && (await replayRecords(control, begun.id)).length === sent;
    });
    const other = await done(await subscribed(), { from: { time: iso(deletedMs) } });
    expect(other.state).toBe('done');
    expect((await readReplay(api, begun.id)).sent).toBe((await replayRecords(control, begun.id)).length);
  });

  it('does not exceed its rate', async () => {
    const startedMs = performance.now();
    const begun = await replay(api, await subscribed(), { from: { time: iso(createdMs) }, ratePerS: 20 });
    const { sent } = await replayEnded(api, begun.id);
    // The first step goes at once.
    expect(performance.now() - startedMs).toBeGreaterThan(((sent - 10) / 20) * 1_000);
  });

  it.each([
    ['disable', /switched off/],
    ['DELETE', /deleted/],
  ])('fails when its subscription is no more to get it (%s), with the reason', async (how, why) => {
    const id = await subscribed();
    const begun = await replay(api, id, { from: { time: iso(createdMs) }, ratePerS: 4 });
    await (how === 'DELETE'
      ? api.call('DELETE', `/v1/subscriptions/${id}`)
      : api.call('POST', `/v1/subscriptions/${id}/${how}`));
    const ended = await replayEnded(api, begun.id);
    expect([ended.state, ended.error]).toEqual(['failed', expect.stringMatching(why)]);
    expect(ended.sent).toBeLessThan(62);
  });
});

describe('the replays of a subscription', () => {
  it('are listed, the latest first, page by page, and no others', async () => {
    const id = await subscribed();
    const made: string[] = [];
    for (let count = 0; count < 3; count++) {
      made.push((await replay(api, id, { from: 'current-state', dryRun: true })).id);
    }
    const first = (await api.get(`/v1/subscriptions/${id}/replays?limit=2`)).body;
    expect((first['data'] as Replay[]).map((each) => each.id)).toEqual([made[2], made[1]]);
    const next = (await api.get(`/v1/subscriptions/${id}/replays?cursor=${String(first['nextCursor'])}`))
      .body;
    expect(next).toEqual({ data: [await readReplay(api, made[0] ?? '')], nextCursor: null });
  });
});
