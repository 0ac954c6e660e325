import { beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { DeadLetters, ended, readRedrive, redrive } from './dead-letters.js';

const control = controlUnderTest();
let env: Record<string, string>;
let letters: DeadLetters;

beforeAll(async () => {
  env = await control.environment();
  letters = new DeadLetters(control.kafka, await control.kafka.publisher());
});

const apiOf = ({ url }: StartedApp): Api => new Api(url);
const start = (overrides: Record<string, string> = {}): Promise<StartedApp> =>
  startApp('control', { ...env, ...overrides });

/** Waits until so many are said to be sent. */
function untilSent(api: Api, id: string, count: number): Promise<unknown> {
  return eventually(async () => (await readRedrive(api, id)).sent >= count);
}

describe('the rate of a redrive', () => {
  it('is not exceeded', async () => {
    const app = await control.start(env);
    const api = new Api(`http://127.0.0.1:${app.port}`);
    const { id } = await api.create();
    await letters.die(id, 120);
    const startedMs = performance.now();
    const begun = await redrive(api, { subscriptionId: id, ratePerS: 40 });
    expect(begun).toMatchObject({ state: 'running' });
    expect((await ended(api, begun.id)).sent).toBe(120);
    // 3 s at this rate, and the first step goes at once.
    expect(performance.now() - startedMs).toBeGreaterThan(1_500);
    await app.stop();
  });
});

describe('a redrive that is stopped', () => {
  it('sends no more, and says how many it has sent', async () => {
    const app = await control.start(env);
    const api = new Api(`http://127.0.0.1:${app.port}`);
    const { id } = await api.create();
    await letters.die(id, 2_000);
    const begun = await redrive(api, { subscriptionId: id, ratePerS: 20 });
    await untilSent(api, begun.id, 10);
    const answer = await api.call('POST', `/v1/redrives/${begun.id}/stop`);
    expect(answer.body).toMatchObject({ state: 'stopped', endedAt: expect.any(String) });
    // What was under way is counted when it is done with.
    await eventually(async () => {
      const { sent } = await readRedrive(api, begun.id);
      return (await letters.replayedIds(begun.id)).length === sent;
    });
    const { state, sent, unread } = await readRedrive(api, begun.id);
    expect([state, sent < 200, unread > 1_000]).toEqual(['stopped', true, true]);
    await app.stop();
    const next = await control.start(env);
    const other = await redrive(new Api(`http://127.0.0.1:${next.port}`), {
      subscriptionId: id,
      dryRun: true,
    });
    expect([other.state, other.matched]).toEqual(['done', 2_000]);
    expect(await letters.replayedIds(begun.id)).toHaveLength(sent);
    await next.stop();
  });
});

describe('a redrive goes on', () => {
  it('after SIGTERM and the next start, and sends nothing twice', async () => {
    let app = await start();
    const { id } = await apiOf(app).create();
    const ids = await letters.die(id, 600);
    const begun = await redrive(apiOf(app), { subscriptionId: id, ratePerS: 150 });
    await untilSent(apiOf(app), begun.id, 100);
    expect(await app.stop()).toBe(0);
    const before = await letters.replayedIds(begun.id);
    expect(before.length).toBeLessThan(600);
    app = await start();
    const done = await ended(apiOf(app), begun.id);
    expect(done).toMatchObject({ state: 'done', matched: 600, sent: 600, unread: 0 });
    expect(await letters.replayedIds(begun.id)).toEqual([...ids].sort());
    expect(await app.stop()).toBe(0);
  });

  it.each([false, true])(
    'after kill -9, at every kill: nothing is lost, and doubles have the same id (new ids: %s)',
    async (newIds) => {
      let app = await start();
      const { id } = await apiOf(app).create();
      const ids = await letters.die(id, 1_500);
      const body = { subscriptionId: id, ratePerS: 400, newIds };
      const begun = await redrive(apiOf(app), body);
      const kills = 3;
      for (let kill = 1; kill <= kills; kill++) {
        await untilSent(apiOf(app), begun.id, kill * 300);
        await app.kill();
        app = await start();
      }
      const done = await ended(apiOf(app), begun.id);
      expect(done).toMatchObject({ state: 'done', matched: 1_500, sent: 1_500 });
      const replayed = await letters.replayedTasks(begun.id);
      expect(new Set(replayed.map(({ changeId }) => changeId)).size).toBe(1_500);
      const sentIds = new Set(replayed.map(({ webhookId }) => webhookId));
      expect(sentIds.size).toBe(1_500);
      expect(ids.filter((each) => sentIds.has(each))).toHaveLength(newIds ? 0 : 1_500);
      // A step is a quarter of a second.
      expect(replayed.length).toBeLessThanOrEqual(1_500 + kills * 100);
      expect(await app.stop()).toBe(0);
    },
    120_000,
  );

  it('in the instance that is left when the one that worked on it is killed', async () => {
    const [one, two] = [await start(), await start()];
    const { id } = await apiOf(one).create();
    const ids = await letters.die(id, 400);
    const begun = await redrive(apiOf(two), { subscriptionId: id, ratePerS: 100 });
    await untilSent(apiOf(two), begun.id, 50);
    await one.kill();
    const done = await ended(apiOf(two), begun.id);
    expect(done).toMatchObject({ state: 'done', matched: 400, sent: 400 });
    expect(new Set(await letters.replayedIds(begun.id))).toEqual(new Set(ids));
    expect(await two.stop()).toBe(0);
  });

  it('after an outage of Kafka', async () => {
    const proxy = await control.stack.kafkaProxy();
    const app = await start({ KAFKA_BROKERS: proxy.address });
    const { id } = await apiOf(app).create();
    const ids = await letters.die(id, 300);
    const begun = await redrive(apiOf(app), { subscriptionId: id, ratePerS: 50 });
    proxy.block();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await readRedrive(apiOf(app), begun.id)).state).toBe('running');
    proxy.restore();
    expect(await ended(apiOf(app), begun.id)).toMatchObject({ state: 'done', sent: 300 });
    expect(new Set(await letters.replayedIds(begun.id))).toEqual(new Set(ids));
    expect(await app.stop()).toBe(0);
    await proxy.close();
  });
});

describe('a stop of control', () => {
  it('is in time also while Kafka does not answer', async () => {
    const proxy = await control.stack.kafkaProxy();
    const app = await start({ KAFKA_BROKERS: proxy.address });
    const { id } = await apiOf(app).create();
    const ids = await letters.die(id, 300);
    const begun = await redrive(apiOf(app), { subscriptionId: id, ratePerS: 100 });
    proxy.freeze();
    expect(await app.stop()).toBe(0);
    proxy.restore();
    const next = await start();
    await ended(apiOf(next), begun.id);
    expect(new Set(await letters.replayedIds(begun.id))).toEqual(new Set(ids));
    expect(await next.stop()).toBe(0);
    await proxy.close();
  });
});
