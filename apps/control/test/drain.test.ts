import { Agent, get, type IncomingMessage } from 'node:http';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { delay } from '#libs/process';
import { startApp } from '../../../test/harness/apps.js';
import { controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();
let env: Record<string, string>;

beforeAll(async () => {
  env = await control.environment();
});

function ask(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        resolve(response);
      });
    }).once('error', reject);
  });
}

describe('with DRAIN_MS, an app that is told to stop', () => {
  it('breaks off no request on a connection that is kept: an answer says that it is the last one', async () => {
    const app = await startApp('control', { ...env, DRAIN_MS: '1500' });
    const broken: unknown[] = [];
    let answers = 0;
    /** Whoever is told goes elsewhere, as a load balancer sees to it. */
    const callOn = async (): Promise<string> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        for (;;) {
          const { headers } = await ask(`${app.url}/health/live`, agent);
          answers++;
          if (headers.connection === 'close') return 'told';
          await delay(3);
        }
      } catch (error) {
        broken.push(error);
        return 'broken';
      } finally {
        agent.destroy();
      }
    };
    const callers = Array.from({ length: 8 }, callOn);
    await delay(500);
    const code = await app.stop();
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['told']));
    expect(broken).toEqual([]);
    expect(answers).toBeGreaterThan(20);
    expect(code).toBe(0);
  });
});
