import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlCaller } from './control-caller.js';
import { apps, image, Installation } from './installation.js';
import { noFaults, SteadyFlow } from './steady-flow.js';

describe('an upgrade to another image, under a steady flow of changes', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.open();
  });

  afterAll(async () => {
    await installation.upgrade();
  });

  it('loses nothing and keeps the order, and no request to control fails; neither does the way back', async () => {
    const flow = await SteadyFlow.start(installation);
    const caller = await ControlCaller.start(installation);
    await installation.upgrade({ 'image.tag': image('next').tag });
    const images = await Promise.all(apps.map((app) => installation.cluster.readyPods(app)));
    expect(new Set(images.flat().map((pod) => pod.image.split(':')[1]))).toEqual(
      new Set([image('next').tag]),
    );
    await flow.untilMoreHasCome(100);
    await installation.upgrade();
    await flow.untilMoreHasCome(100);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    expect(caller.requests).toBeGreaterThan(200);
    expect(await flow.end()).toEqual(noFaults);
    tell('upgrade and rollback', flow, caller);
  });
});

/** What the closing lines of a run are about. */
function tell(what: string, { came, duplicates }: SteadyFlow, { requests }: ControlCaller): void {
  console.info(`${what}: ${came} changes came, ${duplicates} of them again; ${requests} requests to control`);
}
