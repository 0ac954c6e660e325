import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../../../test/harness/apps.js';
import { eventually } from '../../../test/harness/eventually.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { OrderChanges, readReplay, replay, replayEnded, replayTasks } from './order-changes.js';

const control = controlUnderTest();
let env: Record<string, string>;
let orders: OrderChanges;
const records = 1_200;
const createdMs = Date.now();

beforeAll(async () => {
  env = await control.environment();
  orders = await OrderChanges.open(control);
  const ids = Array.from({ length: records }, (_, index) => index + 1);
  // Most were something else before.
  await orders.publish(...ids.slice(0, 1_000).map((id) => orders.created(id, {}, createdMs)));
  await orders.publish(...ids.map((id) => orders.confirmed(id, {}, createdMs)));
});

const apiOf = ({ url }: StartedApp): Api => new Api(url);
const start = (overrides: Record<string, string> = {}): Promise<StartedApp> =>
  startApp('control', { ...env, ...overrides });
const confirmations = { eventTypes: ['sale.order.confirmed'] };

function untilSent(api: Api, id: string, count: number): Promise<unknown> {
  return eventually(async () => (await readReplay(api, id)).sent >= count);
}

describe('a replay goes on', () => {
  it.each([
    ['the current state', { from: 'current-state', ids: 'same' }],
    ['the current state under new ids', { from: 'current-state', ids: 'new' }],
    ['history', { from: { time: new Date(createdMs).toISOString() }, ids: 'same' }],
  ])(
    'after kill -9, at every kill: nothing is lost, and doubles have the same id (%s)',
    async (_, body) => {
      let app = await start();
      const { id } = await apiOf(app).create(confirmations);
      const begun = await replay(apiOf(app), id, { ...body, ratePerS: 300 });
      const kills = 2;
      for (let kill = 1; kill <= kills; kill++) {
        await untilSent(apiOf(app), begun.id, kill * 400);
        await app.kill();
        app = await start();
      }
      const done = await replayEnded(apiOf(app), begun.id);
      expect(done).toMatchObject({ state: 'done', matched: records, sent: records, unread: 0 });
      const tasks = await replayTasks(control, begun.id);
      expect(new Set(tasks.map(({ record }) => record)).size).toBe(records);
      expect(new Set(tasks.map(({ webhookId }) => webhookId)).size).toBe(records);
      // A step is a quarter of a second.
      expect(tasks.length).toBeLessThanOrEqual(records + kills * 75);
      expect(await app.stop()).toBe(0);
    },
    120_000,
  );

  it('after SIGTERM, before it has begun to send, and sends nothing twice', async () => {
    let app = await start();
    const { id, ...view } = await apiOf(app).create({ ...confirmations, startWith: 'current-state' });
    const replayId = String(view['replayId']);
    expect(await app.stop()).toBe(0);
    app = await start();
    expect((await readReplay(apiOf(app), replayId))['subscriptionId']).toBe(id);
    await untilSent(apiOf(app), replayId, 20);
    expect(await app.stop()).toBe(0);
    app = await start();
    await apiOf(app).call('POST', `/v1/replays/${replayId}/stop`);
    await eventually(async () => {
      const { sent } = await readReplay(apiOf(app), replayId);
      return sent === (await replayTasks(control, replayId)).length;
    });
    const ids = (await replayTasks(control, replayId)).map(({ webhookId }) => webhookId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await app.stop()).toBe(0);
  });

  it('after an outage of Kafka', async () => {
    const proxy = await control.stack.kafkaProxy();
    const app = await start({ KAFKA_BROKERS: proxy.address });
    const { id } = await apiOf(app).create(confirmations);
    const begun = await replay(apiOf(app), id, { from: 'current-state', ratePerS: 150 });
    expect(begun.state).toBe('running');
    proxy.block();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await readReplay(apiOf(app), begun.id)).state).toBe('running');
    proxy.restore();
    expect(await replayEnded(apiOf(app), begun.id)).toMatchObject({ state: 'done', sent: records });
    const tasks = await replayTasks(control, begun.id);
    expect(new Set(tasks.map(({ record }) => record)).size).toBe(records);
    expect(await app.stop()).toBe(0);
    await proxy.close();
  });
});

describe('a partition of more keys than are looked at at once', () => {
  it('is read slice by slice, and each record is sent once', async () => {
    const app = await start();
    const { id } = await apiOf(app).create(confirmations);
    const begun = await replay(apiOf(app), id, { from: 'current-state', ratePerS: 1 });
    await apiOf(app).call('POST', `/v1/replays/${begun.id}/stop`);
    // As if there were so many: three slices of each partition, none of them begun.
    const database = new Client(env['DATABASE_URL']);
    await database.connect();
    await database.query(
      `INSERT INTO relay_control.replays
         SELECT 'rpl_' || repeat('z', 26), subscription_id, database, origin, selection, dry_run, 10000, new_ids,
                'running', jsonb_set('{"matched": 0, "sent": 0, "skipped": {}}', '{ranges}',
                  (SELECT jsonb_agg(entry || jsonb_build_object('slices', 3, 'slice', 0, 'next', entry->'start'))
                     FROM jsonb_array_elements(progress->'ranges') entry)),
                NULL, NULL, started_at, NULL
           FROM relay_control.replays WHERE id = $1`,
      [begun.id],
    );
    await database.end();
    const done = await replayEnded(apiOf(app), `rpl_${'z'.repeat(26)}`);
    expect(done).toMatchObject({ state: 'done', matched: records, sent: records, unread: 0 });
    const tasks = await replayTasks(control, done.id);
    expect(tasks).toHaveLength(records);
    expect(new Set(tasks.map(({ record }) => record)).size).toBe(records);
    expect(await app.stop()).toBe(0);
  });
});
