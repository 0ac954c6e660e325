import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { connectAgain, cutOff, type Cluster } from './cluster.js';
import { ControlCaller } from './control-caller.js';
import { apps, Installation } from './installation.js';
import { noFaults, SteadyFlow } from './steady-flow.js';

/** The one without the servers. */
const node = 'node2';

describe('a node that goes, under a steady flow of changes', () => {
  let installation: Installation;
  let cluster: Cluster;

  beforeAll(async () => {
    installation = await Installation.open();
    cluster = installation.cluster;
  });

  afterAll(async () => {
    await connectAgain(node);
    await cluster.uncordon(node);
  });

  async function podsThere(): Promise<string[]> {
    const pods = (await Promise.all(apps.map((app) => cluster.pods(app)))).flat();
    return pods.filter((pod) => pod.node === node).map(({ name }) => name);
  }

  it('because it is drained: nothing is lost, the order stays, and no request to control fails', async () => {
    const flow = await SteadyFlow.start(installation);
    const caller = await ControlCaller.start(installation);
    expect((await podsThere()).length).toBeGreaterThanOrEqual(apps.length);
    await cluster.drain(node);
    await installation.untilAllReady();
    expect(await podsThere()).toEqual([]);
    await flow.untilMoreHasCome(100);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    expect(await flow.end()).toEqual(noFaults);
    await cluster.uncordon(node);
    console.info(`drain: ${flow.came} changes came, ${flow.duplicates} of them again`);
  });

  it('because it is lost: the others go on while it is away, and at the end nothing is lost', async () => {
    await cluster.keepClusterServicesOff(node);
    await installation.spread();
    expect((await podsThere()).length).toBeGreaterThanOrEqual(apps.length);
    const flow = await SteadyFlow.start(installation);
    await cutOff(node);
    await eventually(async () => !(await cluster.nodeIsReady(node)), { timeoutMs: 120_000, pollMs: 1_000 });
    // All that is committed from now on has to come without it.
    await flow.untilAllOfNowHasCome();
    await connectAgain(node);
    await eventually(() => cluster.nodeIsReady(node), { timeoutMs: 120_000, pollMs: 1_000 });
    await flow.untilMoreHasCome(100);
    expect(await flow.end()).toEqual(noFaults);
    console.info(`lost node: ${flow.came} changes came, ${flow.duplicates} of them again`);
    await installation.untilAllReady();
  });
});
