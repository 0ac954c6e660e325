import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';
import { Databases } from './databases.js';
import { expectOrderAndStableIds, WholePipeline } from './whole-pipeline.js';

const stack = testStack();
let pipeline: WholePipeline;
let databases: Databases;
let backup = '';
const ids: Record<string, string> = {};

beforeAll(async () => {
  databases = await Databases.open(stack.databaseUrl);
  pipeline = await WholePipeline.open(stack, stack);
  await pipeline.startAll();
  for (const path of ['kept', 'changed', 'removed']) ids[path] = await pipeline.subscribe(path);
  pipeline.writer.start();
  await pipeline.untilMoreIsReceived('kept');
}, 300_000);

afterAll(async () => {
  await pipeline.close();
  await databases.close(backup);
});

async function subscriptionUrl(id = ''): Promise<unknown> {
  const { status, body } = await pipeline.call('GET', `/v1/subscriptions/${id}`);
  return status === 200 ? body['url'] : status;
}

it('a backup is taken, subscriptions come, change and go, and the database is lost and restored: deliveries go on all the time, as they were last', async () => {
  await pipeline.newest('control').stop();
  backup = await databases.backUp(pipeline.urls.control);
  await pipeline.start('control');
  ids['later'] = await pipeline.subscribe('later');
  await pipeline.call('PATCH', `/v1/subscriptions/${ids['changed'] ?? ''}`, {
    url: `${pipeline.receiver.url}new-address`,
  });
  await pipeline.call('DELETE', `/v1/subscriptions/${ids['removed'] ?? ''}`);
  for (const path of ['kept', 'later', 'new-address']) await pipeline.untilMoreIsReceived(path);
  await pipeline.newest('control').kill();
  await databases.restore(pipeline.urls.control, backup);
  await pipeline.start('control');
  expect(await subscriptionUrl(ids['later'])).toBe(404);
  for (const path of ['kept', 'later', 'new-address']) await pipeline.untilMoreIsReceived(path);
});

it('control republish has all that the backup knows delivered as it stands there, and what it does not know only where that is asked for', async () => {
  expect(await pipeline.controlCommand('republish')).toBe(0);
  for (const path of ['kept', 'changed', 'removed', 'later']) await pipeline.untilMoreIsReceived(path);
  expect(await subscriptionUrl(ids['changed'])).toBe(`${pipeline.receiver.url}changed`);
  expect(await pipeline.controlCommand('republish', '--remove-unknown')).toBe(0);
  await eventually(async () => (await pipeline.subscriptionsInTopic()) === 3);
  for (const path of ['kept', 'changed', 'removed']) await pipeline.untilMoreIsReceived(path);
});

it('a restored subscription can be changed and is followed', async () => {
  const { status } = await pipeline.call('PATCH', `/v1/subscriptions/${ids['removed'] ?? ''}`, {
    url: `${pipeline.receiver.url}again`,
  });
  expect(status).toBe(200);
  await pipeline.untilMoreIsReceived('again');
});

it('nothing that an untouched subscription was to get is missing, and the history is whole: it was read again from where the backup was', async () => {
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('kept');
  expect(expectOrderAndStableIds(pipeline.received('kept'))).toBe(0);
  await pipeline.untilHistoryIsWhole();
});

it('a backup is worth nothing without its SECRETS_KEY, and control says so instead of starting', async () => {
  await pipeline.newest('control').stop();
  const env = { SECRETS_KEY: randomBytes(32).toString('base64') };
  const app = await pipeline.start('control', { env, waitUntilReady: false });
  expect(await app.ended).toBe(78);
  expect(String(app.logLines().at(-1)?.['msg'])).toContain('SECRETS_KEY');
});
