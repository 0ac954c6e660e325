import { beforeAll, describe, expect, it } from '@jest/globals';
import { apps, Installation, release } from './installation.js';
import { noFaults, SteadyFlow } from './steady-flow.js';
import { command } from './command.js';

describe('the chart, installed from nothing', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.open();
  });

  it('brings up all apps under the restricted Pod Security Standard, and none of them had to start twice', async () => {
    for (const component of apps) {
      const pods = await installation.cluster.pods(component);
      expect(pods.length).toBeGreaterThanOrEqual(2);
      expect(pods.filter(({ restarts }) => restarts > 0)).toEqual([]);
    }
  });

  it('is found ready by helm test', async () => {
    const said = await command('helm', ['test', release, '--namespace', installation.cluster.namespace]);
    expect(said).toContain('Succeeded');
  });

  it('carries each change of Odoo to a subscriber, in order and signed', async () => {
    const flow = await SteadyFlow.start(installation);
    await flow.untilMoreHasCome(300);
    expect(await flow.end()).toEqual(noFaults);
    expect(flow.duplicates).toBe(0);
  });
});
