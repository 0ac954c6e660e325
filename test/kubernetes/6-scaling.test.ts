import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { Installation } from './installation.js';
import { SteadyFlow } from './steady-flow.js';

/** Slow enough that the subscription's lane cannot keep up with what comes. */
const answerAfterMs = 1_500;

describe('delivery, scaled by the lag of its group', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.open();
  });

  afterAll(async () => {
    await installation.upgrade();
  });

  async function replicas(): Promise<number> {
    return (await installation.cluster.pods('delivery')).filter(({ isLeaving }) => !isLeaving).length;
  }

  it('goes from 1 to 6 and back to 1, and loses nothing', async () => {
    await installation.upgrade({
      'delivery.autoscaling': { kind: 'keda', minReplicas: 1, maxReplicas: 6, lagThreshold: 50 },
      'keda.pollingInterval': 5,
      scalingBehavior: {
        scaleUp: {
          stabilizationWindowSeconds: 0,
          policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }],
        },
        scaleDown: {
          stabilizationWindowSeconds: 10,
          policies: [{ type: 'Pods', value: 5, periodSeconds: 15 }],
        },
      },
    });
    await until(1);
    const flow = await SteadyFlow.start(installation, { subscriptions: 12 });
    flow.answerAfter(answerAfterMs);
    await until(6);
    flow.answerAfter(0);
    const { lost, twoIds, forged } = await flow.end();
    // What waits for endpoints that do not keep up is put off, and comes after what is newer.
    expect({ lost, twoIds, forged }).toEqual({ lost: [], twoIds: [], forged: [] });
    await until(1);
    console.info(`1 -> 6 -> 1: ${flow.came} deliveries came, ${flow.duplicates} of them again`);
  });

  async function until(count: number): Promise<void> {
    let seen = 0;
    await eventually(async () => (seen = await replicas()) === count, {
      timeoutMs: 300_000,
      pollMs: 1_000,
      describe: () => `${count} pods of delivery, and not ${seen}`,
    });
  }
});
