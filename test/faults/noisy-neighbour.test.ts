import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
let fixture: DeliveryFixture;
let quietOnes: Receiver;
let noisyOne: Receiver;
const others = Array.from({ length: 9 }, (_, index) => `quiet-${index}`);
const perTurn = 9;
const turns = 16;
const turnMs = 300;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  quietOnes = await startReceiver();
  noisyOne = await startReceiver({ status: 200, delayMs: 1_000 });
  for (const id of others) await fixture.subscribe(fixture.subscription(id, `${quietOnes.url}${id}`));
  await fixture.subscribe(fixture.subscription('noisy', noisyOne.url));
  await fixture.startApp();
});
afterAll(async () => {
  await fixture.close();
  await Promise.all([quietOnes.close(), noisyOne.close()]);
});

/** Sends to the quiet ones turn by turn, and so many to the noisy one; gives how many of theirs came a second. */
async function throughput(noisyPerTurn: number): Promise<number> {
  quietOnes.forget();
  const startedAtMs = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    const noise = Array.from({ length: noisyPerTurn }, () => fixture.task('noisy'));
    await fixture.send([...noise, ...others.map((id) => fixture.task(id))]);
    await delay(Math.max(0, startedAtMs + (turn + 1) * turnMs - performance.now()));
  }
  await eventually(() => quietOnes.requests.length === turns * perTurn);
  return (turns * perTurn * 1_000) / (performance.now() - startedAtMs);
}

describe('fault 115: one subscription with 95 % of the traffic and a slow endpoint', () => {
  it('does not make the others wait for its endpoint', async () => {
    await throughput(0);
    const alone = await throughput(0);
    const together = await throughput(perTurn * 19);
    // The last ones of a short run may wait for the patience of a full lane in their partition, and the noise costs
    // time on a small machine. Who had to wait for the slow endpoint would wait for minutes: 16 at a time, 2,736 in all.
    expect(together / alone).toBeGreaterThan(0.4);
    // What it could not take is put off, and it still gets its own.
    expect(noisyOne.requests.length).toBeGreaterThan(0);
    expect(noisyOne.requests.length).toBeLessThan(turns * perTurn * 19);
    console.log(`throughput of the others: ${(together / alone).toFixed(3)} of what it is alone`);
  });
});
