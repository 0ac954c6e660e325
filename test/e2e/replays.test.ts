import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { ControlClient } from './control-client.js';
import { DeliveryFixture } from './delivery-fixture.js';
import { orderChange, orderRow, RouterInput } from './router-fixture.js';

const stack = testStack();
let fixture: DeliveryFixture;
let apps: StartedApp[];
let client: ControlClient;
let input: RouterInput;
let receiver: Receiver;
const loaded = 2_000;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  input = await RouterInput.open(fixture.kafka, fixture.registry);
  receiver = await startReceiver();
  const environment = await ControlClient.environment(stack, fixture.secretsKey);
  apps = [await startApp('control', environment), await startApp('router', environment)];
  await fixture.startApp({ CATCH_UP_PER_S: '10000' });
  client = new ControlClient(apps[0]?.url ?? '');
});

afterAll(async () => {
  for (const app of apps) await app.stop();
  await fixture.close();
  await receiver.close();
});

interface Body {
  type: string;
  op: string;
  replay?: boolean;
  record_id: number;
  change_id: string;
}

const bodyOf = ({ body }: ReceivedRequest): Body => JSON.parse(String(body)) as Body;

describe('a new subscription that starts with the current state', () => {
  it('gets every record once, marked, and live changes while it is still sent', async () => {
    const ids = Array.from({ length: loaded }, (_, index) => index + 1);
    await input.publish(...ids.map((id) => orderChange(id, id, { op: 'r', changed: null, before: null })));
    const { id, replayId } = await client.startWithState(receiver.url, ['sale.order.confirmed']);
    // At 50 a second it takes 40 s; the changes below come in the midst of it.
    await eventually(() => receiver.requests.length >= 50);

    const live = 20;
    for (let count = 1; count <= live; count++) {
      const sequence = loaded + count;
      await input.publish(confirmed(sequence, Date.now()));
      const got = await eventually(() =>
        receiver.requests.find((request) => bodyOf(request).change_id === `e1-${sequence}`),
      );
      expect(bodyOf(got)).toMatchObject({ type: 'sale.order.confirmed', op: 'u' });
      expect(bodyOf(got)).not.toHaveProperty('replay');
    }
    expect((await client.readReplay(replayId)).state).toBe('running');

    await client.stopReplay(replayId);
    const rest = await client.replay(id, { from: 'current-state', ratePerS: 10_000, ids: 'new' });
    const atLeast = loaded + live;
    await eventually(
      async () => (await client.readReplay(rest.id)).state === 'done' && (await fixture.isQuiet()),
      { timeoutMs: 60_000 },
    );
    const rows = (await fixture.rows()).filter((row) => row.redrive === rest.id);
    expect(rows.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(atLeast);
    const snapshots = receiver.requests.map(bodyOf).filter(({ type }) => type === 'sale.order.snapshot');
    expect(snapshots.filter(({ op, replay }) => op !== 'r' || replay !== true)).toEqual([]);
    expect(new Set(snapshots.map(({ record_id: record }) => record)).size).toBe(atLeast);
  }, 180_000);

  it('and answers 410 is switched off, and its load ends with the reason', async () => {
    const failing = await startReceiver(410);
    const { id, replayId } = await client.startWithState(failing.url, ['sale.order.confirmed']);
    // 410 switches it off: what is left is not sent, and the replay says so.
    await eventually(async () => (await client.readReplay(replayId)).state === 'failed');
    expect((await client.readReplay(replayId)).error).toMatch(/switched off/);
    expect((await fixture.state(id))?.consecutiveDead).toBe(0);
    await failing.close();
  });
});

/** An order that is new to the topic, confirmed now. */
function confirmed(sequence: number, nowMs: number): ReturnType<typeof orderChange> {
  const change = orderChange(sequence, sequence);
  return {
    ...change,
    before: orderRow(sequence),
    source: { ...change.source, ts_ms: BigInt(nowMs) },
  };
}
