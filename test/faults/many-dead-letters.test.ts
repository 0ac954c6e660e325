import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, taskHeaders } from '#libs/delivery-task';
import { ControlClient } from '../e2e/control-client.js';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { dieInMasses, MemoryWatch } from './redrive-memory.js';

const stack = testStack();
let fixture: DeliveryFixture;
let control: StartedApp;
let client: ControlClient;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  control = await startApp('control', await ControlClient.environment(stack, fixture.secretsKey));
  client = new ControlClient(control.url);
});

afterAll(async () => {
  await control.stop();
  await fixture.close();
});

const count = 20_000;
const bodyBytes = 8_000;
/** All of them have 160 MB; one page, and what the garbage collector leaves for later, less than this. */
const mostGrowthMb = 110;

describe('fault 112: a redrive of 20,000 dead letters', () => {
  it('sends each of them once, in memory that does not grow with them', async () => {
    const id = await client.subscribe('http://127.0.0.1:9/');
    const ids = await dieInMasses(fixture, id, { count, bodyBytes });
    const memory = new MemoryWatch(control.pid);
    const counted = await client.redrive({ subscription_id: id, dry_run: true });
    expect(counted).toMatchObject({ state: 'done', matched: count });
    const { id: redriveId } = await client.redrive({ subscription_id: id, rate_per_s: 10_000 });
    await eventually(async () => (await client.readRedrive(redriveId)).state !== 'running', {
      timeoutMs: 100_000,
    });
    const grownMb = memory.end();
    expect(await client.readRedrive(redriveId)).toMatchObject({ state: 'done', matched: count, sent: count });
    const sent: (string | undefined)[] = [];
    await fixture.kafka.readEach(deliveryTopics.replay, (records) => {
      sent.push(...records.map(({ headers }) => headers[taskHeaders.webhookId]));
    });
    expect(sent).toEqual(ids);
    expect(grownMb).toBeLessThan(mostGrowthMb);
  }, 180_000);
});
