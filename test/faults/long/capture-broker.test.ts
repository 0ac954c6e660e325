import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import type { Stack } from '#embedded';
import { startPrivateStack } from '../../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../../harness/tcp-proxy.js';
import { PartnerLedger } from './partner-ledger.js';

/**
 * The embedded stack has one node, which is leader of every partition and controller, so a killed leader and a
 * killed controller are one case here: two more nodes would take two more JVMs and another way to start them.
 */
let stack: Stack;
let proxy: TcpProxy;
let ledger: PartnerLedger;

beforeAll(async () => {
  stack = await startPrivateStack({ proxiedListeners: 1 });
  const [listener] = stack.proxiedListeners;
  if (listener === undefined) throw new Error('the stack has no way in for a proxy');
  const { listenHost: host, listenPort, advertisedPort } = listener;
  proxy = await startTcpProxy({ target: { host, port: listenPort }, port: advertisedPort });
}, 120_000);

afterEach(async () => {
  await ledger.close();
});

afterAll(async () => {
  await proxy.close();
  await stack.stop();
});

/** Nobody had to start ingest again, either. */
async function expectExactlyOnce(): Promise<void> {
  const { committed, published } = await ledger.compare();
  expect(published).toEqual(committed);
  expect(ledger.apps).toHaveLength(1);
  expect(await ledger.apps[0]?.ended).toBe(0);
}

describe('capture', () => {
  it('fault 15: 100 lost acknowledgements lose and double nothing and keep the order', async () => {
    ledger = await PartnerLedger.open(stack, 'lost_acks');
    await ledger.startIngest([proxy.address], { MAX_CHANGES_PER_TRANSACTION: '50' });
    ledger.startWriting();
    for (let lost = 0; lost < 100; lost++) {
      // At a changing place in a transaction: some of its requests are answered and the next one is not.
      await proxy.requestBytesPassed(1 + ((lost * 137) % 3_000));
      const swallowed = proxy.answerSwallowed();
      proxy.swallowAnswers();
      await swallowed;
      proxy.restore();
      await ledger.untilMoreIsPublished(1);
    }
    await expectExactlyOnce();
  });

  it('faults 17 and 18: ten killed leaders, which are the controller too, lose and double nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_leaders');
    await ledger.startIngest(stack.brokers);
    ledger.startWriting();
    for (let kill = 0; kill < 10; kill++) {
      await ledger.untilMoreIsPublished(30);
      await stack.pieces.kafka?.kill();
      await stack.pieces.kafka?.start();
    }
    await ledger.untilMoreIsPublished(30);
    await expectExactlyOnce();
  });

  it('fault 19: a broker that stands still for 60 s delays changes and loses and doubles none', async () => {
    ledger = await PartnerLedger.open(stack, 'stopped_broker');
    await ledger.startIngest(stack.brokers);
    ledger.startWriting();
    await ledger.untilMoreIsPublished(30);
    const pid = (await stack.pieces.kafka?.pid()) ?? 0;
    process.kill(pid, 'SIGSTOP');
    await delay(60_000);
    process.kill(pid, 'SIGCONT');
    await ledger.untilMoreIsPublished(30);
    await expectExactlyOnce();
  });

  it('fault 20: a network of 100 ms and 3 Mbit/s delays changes and loses and doubles none', async () => {
    ledger = await PartnerLedger.open(stack, 'slow_network');
    await ledger.startIngest([proxy.address]);
    proxy.delay(100);
    proxy.limitBandwidth(3_000_000 / 8);
    ledger.startWriting();
    await ledger.untilMoreIsPublished(1_000);
    proxy.restore();
    await expectExactlyOnce();
  });
});
