import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Stack } from '#embedded';
import {
  authorizationOf,
  oauth1UnderTest,
  type OAuth1Instance,
} from '../../apps/control/test/oauth1-under-test.js';
import { eventually } from '../harness/eventually.js';
import { startPrivateStack } from '../harness/stack.js';

const kills = 10;
/** On a quiet machine it takes about one second. */
const resumeMs = 60_000;
const oauth1 = oauth1UnderTest();
let stack: Stack;
let instance: OAuth1Instance;

beforeAll(async () => {
  // With its data on disk, as a server that must not forget has it.
  stack = await startPrivateStack({ only: ['postgres'], throwaway: false });
  instance = await oauth1.start(await stack.createDatabase('nonces'));
}, 120_000);

afterAll(async () => {
  await instance.stop();
  await stack.stop();
});

const statusOf = async (authorization: string): Promise<number> =>
  (await fetch(`${instance.url}/oauth/1.0a/token`, { headers: { authorization } })).status;

it('R11: no request is accepted twice though Postgres is killed ten times, and each time it goes on by itself', async () => {
  const accepted: string[] = [];
  const others = new Set<number>();
  let isOver = false;
  const send = async (): Promise<void> => {
    while (!isOver) {
      const authorization = authorizationOf(`${instance.url}/oauth/1.0a/token`);
      const status = await statusOf(authorization);
      if (status === 200) accepted.push(authorization);
      else others.add(status);
    }
  };
  const senders = [send(), send(), send()];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const before = accepted.length;
      await eventually(() => accepted.length > before + 5);
      await stack.pieces.postgres?.kill();
      // What the killed one has forked may still be ending, and holds its memory.
      await eventually(() => stack.pieces.postgres?.start().then(() => true), { timeoutMs: resumeMs });
      const started = accepted.length;
      await eventually(() => accepted.length > started, { timeoutMs: resumeMs });
    }
  } finally {
    isOver = true;
    await Promise.all(senders);
  }
  const again = await Promise.all(accepted.map(statusOf));
  expect(again.filter((status) => status !== 401)).toEqual([]);
  expect([...others].filter((status) => status < 500)).toEqual([]);
  expect(again.length).toBeGreaterThan(kills * 5);
}, 240_000);
