import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import type { Stack } from '#embedded';
import { eventually } from '../../harness/eventually.js';
import { startPrivateStack } from '../../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../../harness/tcp-proxy.js';
import { PartnerLedger } from './partner-ledger.js';

/**
 * The embedded stack has one node, which is leader of every partition and controller, so a killed leader and a
 * killed controller are one case here.
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

async function moreIsPublished(by: number): Promise<void> {
  const before = await ledger.publishedCount();
  await eventually(async () => (await ledger.publishedCount()) >= before + by, { timeoutMs: 120_000 });
}

async function expectExactlyOnce(): Promise<void> {
  await ledger.stop();
  const { committed, published } = await ledger.compare();
  expect(published).toEqual(committed);
  expect(ledger.apps.at(-1)?.logLines().at(-1)).not.toMatchObject({ level: 60 });
}

describe('capture', () => {
  it('fault 15: 100 lost acknowledgements lose and double nothing and keep the order', async () => {
    ledger = await PartnerLedger.open(stack, 'lost_acks');
    await ledger.startIngest([proxy.address], { MAX_CHANGES_PER_TRANSACTION: '50' });
    ledger.write();
    for (let lost = 0; lost < 100; lost++) {
      proxy.swallowAnswers();
      await proxy.requestBytesPassed(400 + (lost % 10) * 400);
      proxy.restore();
      if (lost % 10 === 9) await moreIsPublished(10);
    }
    await expectExactlyOnce();
  });

  it('faults 17 and 18: ten killed leaders, which are the controller too, lose and double nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_leaders');
    await ledger.startIngest(stack.brokers);
    ledger.write();
    for (let kill = 0; kill < 10; kill++) {
      await moreIsPublished(30);
      await stack.pieces.kafka?.kill();
      await stack.pieces.kafka?.start();
    }
    await moreIsPublished(30);
    await expectExactlyOnce();
  });

  it('fault 19: a broker that stands still for 60 s delays changes and loses and doubles none', async () => {
    ledger = await PartnerLedger.open(stack, 'stopped_broker');
    await ledger.startIngest(stack.brokers);
    ledger.write();
    await moreIsPublished(30);
    const pid = (await stack.pieces.kafka?.pid()) ?? 0;
    process.kill(pid, 'SIGSTOP');
    await delay(60_000);
    process.kill(pid, 'SIGCONT');
    await moreIsPublished(30);
    await expectExactlyOnce();
  });

  it('fault 20: a network of 100 ms delays changes and loses and doubles none', async () => {
    ledger = await PartnerLedger.open(stack, 'slow_network');
    await ledger.startIngest([proxy.address]);
    proxy.delay(100);
    ledger.write();
    await moreIsPublished(300);
    proxy.delay(0);
    await expectExactlyOnce();
  });

  it('fault 2: ten killed ingests lose and double nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_ingests');
    ledger.write();
    for (let kill = 0; kill < 10; kill++) {
      const app = await ledger.startIngest(stack.brokers, { MAX_CHANGES_PER_TRANSACTION: '50' });
      await moreIsPublished(30);
      await app.kill();
    }
    await ledger.startIngest(stack.brokers);
    await expectExactlyOnce();
  });

  it('a Postgres that is killed ten times loses and doubles nothing', async () => {
    ledger = await PartnerLedger.open(stack, 'killed_postgres');
    await ledger.startIngest(stack.brokers);
    ledger.write();
    for (let kill = 0; kill < 10; kill++) {
      await moreIsPublished(30);
      await stack.pieces.postgres?.kill();
      await stack.pieces.postgres?.start();
    }
    await moreIsPublished(30);
    await expectExactlyOnce();
  });

  it('two instances started by mistake: the younger goes on, the older ends, nothing is doubled', async () => {
    ledger = await PartnerLedger.open(stack, 'two_instances');
    ledger.write();
    for (let pair = 0; pair < 3; pair++) {
      const older = await ledger.startIngest(stack.brokers);
      await moreIsPublished(30);
      await ledger.startIngest(stack.brokers);
      expect(await older.ended).not.toBe(0);
      await moreIsPublished(30);
    }
    await expectExactlyOnce();
  });
});
