import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, taskHeaders } from '#libs/delivery-task';
import { ControlClient, type RedriveAnswer } from '../e2e/control-client.js';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { dieInMasses, MemoryWatch, smallHeap } from './redrive-memory.js';

const stack = testStack();
let fixture: DeliveryFixture;
let control: StartedApp;
let client: ControlClient;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  const environment = await ControlClient.environment(stack, fixture.secretsKey);
  control = await startApp('control', { ...environment, ...smallHeap });
  client = new ControlClient(control.url);
});

afterAll(async () => {
  await control.stop();
  await fixture.close();
});

const count = 20_000;
const bodyBytes = 8_000;
/** All of them have 160 MB; the work on a page has less than this. */
const mostGrowthMb = 110;

/** A busy machine takes its time. */
function ended({ id }: RedriveAnswer): Promise<RedriveAnswer> {
  const ask = async (): Promise<RedriveAnswer | false> => {
    const answer = await client.readRedrive(id);
    return answer.state !== 'running' && answer;
  };
  return eventually(ask, { timeoutMs: 100_000, pollMs: 200 });
}

describe('fault 112: a redrive of 20,000 dead letters', () => {
  it('sends each of them once, in memory that does not grow with them', async () => {
    const id = await client.subscribe('http://127.0.0.1:9/');
    const ids = await dieInMasses(fixture, id, { count, bodyBytes });
    const memory = new MemoryWatch(control.pid);
    const counted = await ended(await client.redrive({ subscriptionId: id, dryRun: true }));
    expect(counted).toMatchObject({ state: 'done', matched: count, sent: 0 });
    const done = await ended(await client.redrive({ subscriptionId: id, ratePerS: 10_000 }));
    const grownMb = memory.end();
    expect(done).toMatchObject({ state: 'done', matched: count, sent: count });
    const sent: (string | undefined)[] = [];
    await fixture.kafka.readEach(deliveryTopics.replay, (records) => {
      sent.push(...records.map(({ headers }) => headers[taskHeaders.webhookId]));
    });
    expect(sent).toEqual(ids);
    expect(grownMb).toBeLessThan(mostGrowthMb);
  }, 240_000);
});
