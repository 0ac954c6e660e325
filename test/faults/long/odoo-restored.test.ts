import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect } from '../../e2e/small-odoo.js';
import { testStack } from '../../harness/stack.js';
import type { StartedApp } from '../../harness/apps.js';
import { Databases } from './databases.js';
import { partners, WholePipeline } from './whole-pipeline.js';

const stack = testStack();
const deleted = partners + 1;
const added = partners + 2;
let pipeline: WholePipeline;
let databases: Databases;
let backup = '';
/** Sequences of what was received of a partner that is written to before and after. */
let highest = 0;

beforeAll(async () => {
  databases = await Databases.open(stack.databaseUrl);
  pipeline = await WholePipeline.open(stack, stack);
  for (const name of ['control', 'ingest', 'router', 'delivery'] as const) {
    await pipeline.start(name, { env: { LOAD_AT_INSTALL: 'true' } });
  }
  await pipeline.subscribe('all');
}, 300_000);

afterAll(async () => {
  await pipeline.close();
  await databases.close(backup);
});

/** Starts an ingest that is to end; gives its code and the last that it says. */
async function refusal(): Promise<{ code: number | string; sentence: string }> {
  const app: StartedApp = await pipeline.start('ingest', { waitUntilReady: false });
  return { code: await app.ended, sentence: String(app.logLines().at(-1)?.['msg']) };
}

async function reconnect(): Promise<void> {
  await pipeline.renewOdoo(await connect(pipeline.urls.odoo));
}

it('a backup is taken, changes go on, and it is restored: ingest sends nothing of it', async () => {
  pipeline.writer.start();
  await pipeline.untilMoreIsReceived('all');
  await pipeline.writer.pause();
  backup = await databases.backUp(pipeline.urls.odoo);
  await reconnect();
  pipeline.writer.start();
  await pipeline.odoo.query('delete from res_partner where id = $1', [deleted]);
  await pipeline.odoo.query(`insert into res_partner (id, comment) values ($1, 'new')`, [added]);
  await pipeline.untilMoreIsReceived('all');
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('all');
  await pipeline.untilTopicIsTable();
  highest = Math.max(...pipeline.received('all').map(({ sequence }) => sequence));

  await databases.restore(pipeline.urls.odoo, backup);
  expect(await pipeline.newest('ingest').ended).toBe(78);
  const { code, sentence } = await refusal();
  expect(code).toBe(78);
  expect(sentence).toMatch(/restored backup .*drop schema relay cascade/);
});

it('after the steps of the guide the topics are as the restored tables are, and changes go on with higher sequences', async () => {
  await reconnect();
  await pipeline.odoo.query('drop schema relay cascade');
  const { code, sentence } = await refusal();
  expect(code).toBe(78);
  const epoch = /ACCEPT_EPOCH=(\w+)/.exec(sentence)?.[1] ?? '';
  const before = pipeline.received('all').length;
  await pipeline.start('ingest', { env: { ACCEPT_EPOCH: epoch } });
  await pipeline.untilTopicIsTable();
  expect(await pipeline.partnersInTopic()).toHaveLength(partners + 1);
  pipeline.writer.start();
  await pipeline.untilMoreIsReceived('all');
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('all');
  const after = pipeline.received('all').slice(before);
  // Loaded rows are no events; a record that is gone with the restored state is.
  expect(after.filter(({ type }) => type === 'res.partner.deleted').map(({ recordId }) => recordId)).toEqual([
    added,
  ]);
  expect(after.filter(({ recordId }) => recordId === deleted)).toEqual([]);
  const changes = after.filter(({ type }) => type === 'res.partner.updated');
  expect(Math.min(...changes.map(({ sequence }) => sequence))).toBeGreaterThan(highest);
  expect(new Set(changes.map(({ changeId }) => changeId.split('-')[0]))).toEqual(new Set([epoch]));
});

it('with ACCEPT_EPOCH taken away again ingest goes on, and another restored backup would be refused', async () => {
  await pipeline.newest('ingest').stop();
  await pipeline.start('ingest');
  pipeline.writer.start();
  await pipeline.untilMoreIsReceived('all');
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('all');
  await pipeline.untilTopicIsTable();
});
