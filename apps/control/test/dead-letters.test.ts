import { beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, taskHeaders, writeTask } from '#libs/delivery-task';
import { partitionOfKey } from '#libs/kafka';
import { delay } from '#libs/process';
import { Api, controlUnderTest } from './control-under-test.js';
import { DeadLetters, ended, readRedrive, redrive } from './dead-letters.js';

const control = controlUnderTest();
let api: Api;
let letters: DeadLetters;

beforeAll(async () => {
  const { port } = await control.start(await control.environment());
  api = new Api(`http://127.0.0.1:${port}`);
  letters = new DeadLetters(control.kafka, await control.kafka.publisher());
});

const fast = { ratePerS: 10_000 };

describe('a redrive of a subscription', () => {
  it('sends all of its dead letters with all their attempts, under their ids, to the same partition', async () => {
    const { id } = await api.create({ settings: { expiresAfterMs: 120_000 } });
    const other = await api.create();
    const ids = await letters.die(id, 30);
    await letters.die(other.id, 5);
    const startedMs = Date.now();
    const begun = await redrive(api, { subscriptionId: id, ...fast });
    const done = await ended(api, begun.id);
    expect(done).toMatchObject({
      state: 'done',
      selection: { subscriptionId: id },
      dryRun: false,
      newIds: false,
      matched: 30,
      matchedByReason: { 'attempts-exhausted': 30 },
      sent: 30,
      skipped: {},
      unread: 0,
      notes: [],
      error: null,
    });
    expect(await letters.replayedIds(begun.id)).toEqual([...ids].sort());
    const [record] = await letters.replayed(begun.id);
    expect(record?.partition).toBe(partitionOfKey(id, deliveryTopics.partitions));
    const [task] = await letters.replayedTasks(begun.id);
    expect(task).toMatchObject({ attempts: 0, dueAtMs: 0, lastOutcome: null, redrive: begun.id });
    expect(task?.expiresAtMs).toBeGreaterThanOrEqual(startedMs + 120_000);
    expect(String(task?.body)).toContain('größer');
    expect(record?.headers[taskHeaders.reason]).toBeUndefined();
  });

  it('that has no dead letters is done at once', async () => {
    const { id } = await api.create();
    const { state, matched, sent } = await redrive(api, { subscriptionId: id });
    expect([state, matched, sent]).toEqual(['done', 0, 0]);
  });

  it('does not take what dies after the call', async () => {
    const { id } = await api.create();
    await letters.die(id, 80);
    const begun = await redrive(api, { subscriptionId: id, ratePerS: 20 });
    expect(begun.state).toBe('running');
    await letters.die(id, 7);
    expect(await ended(api, begun.id)).toMatchObject({ state: 'done', matched: 80, sent: 80 });
    expect(await letters.replayedIds(begun.id)).toHaveLength(80);
  });

  it('under new ids makes the same ones for the same redrive, and others for the next', async () => {
    const { id } = await api.create();
    const ids = await letters.die(id, 3);
    const sent: string[][] = [];
    for (let time = 0; time < 2; time++) {
      const begun = await redrive(api, { subscriptionId: id, newIds: true, ...fast });
      await ended(api, begun.id);
      sent.push(await letters.replayedIds(begun.id));
    }
    expect(new Set([...ids, ...sent.flat()]).size).toBe(9);
    expect(sent.flat().filter((sentId) => !/^msg_[A-Za-z0-9_-]{27}$/.test(sentId))).toEqual([]);
  });
});

describe('a selection', () => {
  it('by reason takes only those', async () => {
    const { id } = await api.create();
    await letters.die(id, 3);
    const expired = await letters.die(id, 2, { reason: 'expired' });
    const begun = await redrive(api, { subscriptionId: id, reason: 'expired', ...fast });
    await ended(api, begun.id);
    expect(await letters.replayedIds(begun.id)).toEqual([...expired].sort());
  });

  it('by time takes what died from then on and before', async () => {
    const { id } = await api.create();
    await letters.die(id, 3);
    await delay(20);
    const from = new Date().toISOString();
    const between = await letters.die(id, 4);
    await delay(20);
    const to = new Date().toISOString();
    await letters.die(id, 5);
    const begun = await redrive(api, { subscriptionId: id, from, to, ...fast });
    expect((await ended(api, begun.id))['selection']).toEqual({ subscriptionId: id, from, to });
    expect(await letters.replayedIds(begun.id)).toEqual([...between].sort());
    expect((await redrive(api, { subscriptionId: id, from, dryRun: true })).matched).toBe(9);
    expect((await redrive(api, { subscriptionId: id, to, dryRun: true })).matched).toBe(7);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect((await redrive(api, { subscriptionId: id, from: later, dryRun: true })).matched).toBe(0);
  });

  it('by id takes only those', async () => {
    const { id } = await api.create();
    const ids = await letters.die(id, 10);
    const wanted = [ids[7] ?? '', ids[2] ?? ''].sort();
    const body = { database: 'acme', webhookIds: [...wanted, 'msg_that_is_nowhere'], ...fast };
    const begun = await redrive(api, body);
    expect((await ended(api, begun.id)).matched).toBe(2);
    expect(await letters.replayedIds(begun.id)).toEqual(wanted);
  });

  it('by database takes those of all its subscriptions, in all partitions, and of no other', async () => {
    const subscriptions = await Promise.all(
      Array.from({ length: 8 }, () => api.create({ database: 'globex' })),
    );
    const ids: string[] = [];
    for (const { id } of subscriptions) {
      ids.push(...(await letters.die(id, 5, { database: 'globex' })));
    }
    await letters.die((await api.create()).id, 5);
    const begun = await redrive(api, { database: 'globex', ...fast });
    expect(await ended(api, begun.id)).toMatchObject({ matched: 40, sent: 40 });
    expect(await letters.replayedIds(begun.id)).toEqual([...ids].sort());
    const partitions = (await letters.replayed(begun.id)).map(({ partition }) => partition);
    expect(new Set(partitions).size).toBeGreaterThan(1);
  });
});

describe('a dry run', () => {
  it('answers with the count, by reason, and sends nothing', async () => {
    const { id } = await api.create();
    await letters.die(id, 1_200);
    await letters.die(id, 3, { reason: 'expired' });
    const answer = await redrive(api, { subscriptionId: id, dryRun: true, ratePerS: 1 });
    expect(answer).toMatchObject({
      state: 'done',
      dryRun: true,
      matched: 1_203,
      matchedByReason: { 'attempts-exhausted': 1_200, expired: 3 },
      sent: 0,
      skipped: {},
    });
    expect(await letters.replayedIds(answer.id)).toEqual([]);
  });

  it('says what would be skipped', async () => {
    const { id } = await api.create();
    await letters.die(id, 4);
    await api.call('POST', `/v1/subscriptions/${id}/disable`);
    const answer = await redrive(api, { subscriptionId: id, dryRun: true });
    expect(answer).toMatchObject({ matched: 4, sent: 0, skipped: { 'subscription-disabled': 4 } });
  });
});

describe('letters that are not sent are counted with the reason', () => {
  it('of a subscription that its owner switched off, until it is on again', async () => {
    const { id } = await api.create();
    const ids = await letters.die(id, 4);
    await api.call('POST', `/v1/subscriptions/${id}/disable`);
    const refused = await redrive(api, { subscriptionId: id });
    expect(refused).toMatchObject({
      state: 'done',
      matched: 4,
      sent: 0,
      skipped: { 'subscription-disabled': 4 },
      notes: [expect.stringMatching(/^4 skipped: .*POST \/v1\/subscriptions\/\{id\}\/enable/)],
    });
    await api.call('POST', `/v1/subscriptions/${id}/enable`);
    const again = await redrive(api, { subscriptionId: id, ...fast });
    await ended(api, again.id);
    expect(await letters.replayedIds(again.id)).toEqual([...ids].sort());
  });

  it('of a subscription that delivery switched off', async () => {
    const { id } = await api.create();
    await letters.die(id, 5);
    await control.writeState({
      subscriptionId: id,
      state: 'disabled',
      enabledEpoch: 0,
      consecutiveDead: 5,
      countedWebhookIds: [],
      attemptsOffset: 5n,
      sinceMs: BigInt(Date.now()),
      reason: '5 in a row are dead',
      breaker: null,
    });
    for (;;) {
      const { body } = await api.get(`/v1/subscriptions/${id}`);
      if (body['state'] === 'disabled') break;
      await delay(20);
    }
    expect(await redrive(api, { subscriptionId: id })).toMatchObject({
      sent: 0,
      skipped: { 'subscription-disabled': 5 },
    });
  });

  it('of a subscription that is deleted', async () => {
    const { id } = await api.create();
    await letters.die(id, 2);
    await api.call('DELETE', `/v1/subscriptions/${id}`);
    expect(await redrive(api, { subscriptionId: id })).toMatchObject({
      sent: 0,
      skipped: { 'subscription-deleted': 2 },
      notes: [expect.stringContaining('deleted')],
    });
  });

  it('that cannot be read, wherever they stand', async () => {
    const { id } = await api.create();
    const partition = partitionOfKey(id, deliveryTopics.partitions);
    const bad = { topic: deliveryTopics.dead, partition };
    const others = ['one', 'another', 'a third'].filter(
      (key) => partitionOfKey(key, deliveryTopics.partitions) !== partition,
    );
    const good = await letters.die(id, 1);
    await letters.write([
      { ...bad, key: id, value: Buffer.from([0, 255]) },
      { ...bad, key: null, value: null },
      { ...bad, key: id, value: 'x', headers: { [taskHeaders.webhookId]: 'ü', reason: 'none of ours' } },
      { ...writeTask(letters.task(id), deliveryTopics.dead), value: null },
      { ...writeTask(letters.task(id), deliveryTopics.dead), key: others[0] ?? '' },
      { ...writeTask(letters.task(id), deliveryTopics.dead), headers: { [taskHeaders.original]: 'x/y/z' } },
    ]);
    good.push(...(await letters.die(id, 1)));
    const begun = await redrive(api, { subscriptionId: id, ...fast });
    const done = await ended(api, begun.id);
    // What names no subscription is found by its database only, and what has another's key in its partition.
    expect(done).toMatchObject({ state: 'done', sent: 2, skipped: { unreadable: 4 }, matched: 6 });
    expect(done.matchedByReason).toEqual({ 'attempts-exhausted': 2, unknown: 4 });
    expect(await letters.replayedIds(begun.id)).toEqual(good.sort());
    const ofDatabase = await redrive(api, { database: 'globex', dryRun: true });
    expect(ofDatabase.skipped['unreadable']).toBe(4);
  });
});

describe('a letter that was too large to hold its body', () => {
  /** A trimmed letter, and where the record with its body stands. */
  async function dieTrimmed(id: string, original: string): Promise<string> {
    const task = letters.task(id, { body: Buffer.alloc(0) });
    const headers = { [taskHeaders.reason]: 'unsendable', [taskHeaders.original]: original };
    await letters.write([writeTask(task, deliveryTopics.dead, headers)]);
    return task.webhookId;
  }

  it('is sent with the body of the original record', async () => {
    const { id } = await api.create();
    const partition = partitionOfKey(id, deliveryTopics.partitions);
    await control.kafka.ensureTopics([
      { topic: deliveryTopics.first, partitions: deliveryTopics.partitions },
    ]);
    const task = letters.task(id, { attempts: 0, body: Buffer.from('x'.repeat(500_000)) });
    await letters.write([
      writeTask(letters.task(id), deliveryTopics.first),
      writeTask(task, deliveryTopics.first),
      writeTask(letters.task(id), deliveryTopics.first),
    ]);
    const trimmed = { ...task, body: Buffer.alloc(0) };
    const headers = {
      [taskHeaders.reason]: 'unsendable',
      [taskHeaders.original]: `${deliveryTopics.first}/${partition}/1`,
    };
    await letters.write([writeTask(trimmed, deliveryTopics.dead, headers)]);
    const begun = await redrive(api, { subscriptionId: id, ...fast });
    expect(await ended(api, begun.id)).toMatchObject({ matched: 1, sent: 1 });
    const [sent, ...more] = await letters.replayedTasks(begun.id);
    expect(more).toEqual([]);
    expect([sent?.webhookId, sent?.body.equals(task.body)]).toEqual([task.webhookId, true]);
  });

  it('is skipped where the original is no longer there', async () => {
    const { id } = await api.create();
    const partition = partitionOfKey(id, deliveryTopics.partitions);
    await dieTrimmed(id, `${deliveryTopics.first}/${partition}/999999`);
    // Of another delivery: the topic was made anew.
    await letters.die(id, 1, { reason: 'expired' });
    await letters.write([writeTask(letters.task(id), deliveryTopics.replay)]);
    await dieTrimmed(id, `${deliveryTopics.replay}/${partition}/0`);
    await dieTrimmed(id, 'relay.deliveries.retry.5h/3/4');
    const body = { subscriptionId: id, reason: 'unsendable', ...fast };
    const done = await ended(api, (await redrive(api, body)).id);
    expect(done).toMatchObject({ state: 'done', matched: 3, sent: 0, skipped: { 'body-gone': 3 } });
  });

  it('that names no place of ours is unreadable', async () => {
    const { id } = await api.create();
    for (const original of ['relay.subscriptions/0/0', 'relay.deliveries/0', 'relay.deliveries/-1/0', '']) {
      await dieTrimmed(id, original);
    }
    expect(await redrive(api, { subscriptionId: id })).toMatchObject({ skipped: { unreadable: 4 } });
  });
});

describe('redrives', () => {
  it('are listed, the latest first, page by page', async () => {
    const { id } = await api.create();
    const made: string[] = [];
    for (let count = 0; count < 3; count++) {
      made.push((await redrive(api, { subscriptionId: id })).id);
    }
    const first = (await api.get('/v1/redrives?limit=2')).body as {
      data: { id: string }[];
      nextCursor: string;
    };
    expect(first.data.map((each) => each.id)).toEqual([made[2], made[1]]);
    const next = (await api.get(`/v1/redrives?limit=200&cursor=${first.nextCursor}`)).body as typeof first;
    expect(next.data[0]?.id).toBe(made[0]);
    expect(next.nextCursor).toBeNull();
    expect(next.data.at(-1)).toEqual(await readRedrive(api, next.data.at(-1)?.id ?? ''));
  });

  it('stay as they are when they are stopped after their end', async () => {
    const { id } = await api.create();
    const done = await redrive(api, { subscriptionId: id });
    const answer = await api.call('POST', `/v1/redrives/${done.id}/stop`);
    expect([answer.status, answer.body]).toEqual([200, done]);
  });
});
