import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, it } from '@jest/globals';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';
import { expectAllTold, NoticesToldTwice } from '../notice-kills.js';

const kills = 10;
const stack = testStack();
let notices: NoticesToldTwice;

beforeAll(async () => {
  notices = await NoticesToldTwice.start(stack);
}, 60_000);
afterAll(() => notices.close());

it('control is killed ten times while it tells of events: none is lost, and at most the one in hand comes twice', async () => {
  notices.receiver.answer(() => ({ status: 200, delayMs: 400 }));
  notices.mails.answerAfter(() => delay(600));
  for (let kill = 0; kill < kills; kill += 1) {
    const before = notices.receiver.requests.length;
    await notices.write(2);
    await eventually(() => notices.receiver.requests.length > before, { timeoutMs: 60_000 });
    await notices.write(2);
    await delay(Math.random() * 1_500);
    await notices.killAndRestart();
  }
  await expectAllTold(notices, kills);
});
