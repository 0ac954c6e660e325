import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { expectAllTold, NoticesToldTwice } from './notice-kills.js';

const stack = testStack();
let notices: NoticesToldTwice;

beforeAll(async () => {
  notices = await NoticesToldTwice.start(stack);
});
afterAll(() => notices.close());

it('control is killed with a notice in hand: it comes again with its id, with nothing more in it, and none is lost', async () => {
  // The third of the webhooks and the second of the mails arrive and are never answered.
  notices.receiver.answer(({ index }) => (index === 2 ? 'hang' : 200));
  notices.mails.answerAfter(() =>
    notices.mails.mails.length === 2 ? new Promise(() => undefined) : Promise.resolve(),
  );
  await notices.write(1);
  await eventually(() => notices.mails.mails.length === 1);
  await notices.write(4);
  await eventually(() => notices.mails.mails.length === 2 && notices.receiver.requests.length === 3);
  await notices.write(3);
  await notices.killAndRestart();
  await expectAllTold(notices, 1);
  expect(notices.webhooks()[3]).toEqual(notices.webhooks()[2]);
  expect(notices.sentMails()[2]).toEqual(notices.sentMails()[1]);
}, 120_000);
