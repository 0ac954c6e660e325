import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Stack } from '#embedded';
import { eventually } from '../../harness/eventually.js';
import { startPrivateStack, testStack } from '../../harness/stack.js';
import { expectOrderAndStableIds, partners, WholePipeline } from './whole-pipeline.js';

const stack = testStack();
let lost: Stack;
let renewed: Stack | undefined;
let pipeline: WholePipeline;
let attemptsBefore = 0;

beforeAll(async () => {
  lost = await startPrivateStack({ only: ['kafka', 'registry'] });
  pipeline = await WholePipeline.open(stack, lost);
  await pipeline.startAll();
  await pipeline.subscribe('all');
}, 300_000);

afterAll(async () => {
  await pipeline.close();
  await lost.stop();
  await renewed?.stop();
});

async function isOutboxEmptied(): Promise<boolean> {
  const { rows } = await pipeline.odoo.query<{ emptied: boolean }>(
    'select outbox_emptied as emptied from relay.installation',
  );
  return rows[0]?.emptied === true;
}

it('what was committed before is in the topics alone, and they are lost while changes go on', async () => {
  pipeline.writer.start();
  await pipeline.odoo.query('delete from res_partner where id = $1', [partners + 1]);
  await eventually(isOutboxEmptied, { timeoutMs: 120_000 });
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('all');
  await eventually(async () => {
    attemptsBefore = await pipeline.attemptsInTopic();
    return (await pipeline.attemptsInHistory()) === attemptsBefore;
  });
  await pipeline.newest('control').stop();
  await Promise.all([lost.pieces.kafka?.kill(), lost.pieces.registry?.kill()]);
  pipeline.writer.start();
});

it('after the steps of the guide the topics hold the tables, what was committed meanwhile is delivered, and so is what comes', async () => {
  for (const app of pipeline.apps) await app.stop();
  renewed = await startPrivateStack({ only: ['kafka', 'registry'] });
  pipeline.useServers(renewed);
  // Control first, before anything is written: it has to see that the topics begin anew.
  await pipeline.start('control');
  expect(await pipeline.controlCommand('republish')).toBe(0);
  await eventually(async () => (await pipeline.subscriptionsInTopic()) === 1);
  for (const name of ['router', 'delivery', 'ingest'] as const) await pipeline.start(name);
  await pipeline.untilMoreIsReceived('all');
  await pipeline.writer.pause();
  await pipeline.untilAllIsReceived('all');
  await pipeline.untilTopicIsTable();
  expect(await pipeline.partnersInTopic()).toHaveLength(partners);
});

it('what was still in the outbox came once more with the same ids, and the history goes on behind what it had', async () => {
  const duplicates = expectOrderAndStableIds(pipeline.received('all'));
  expect(duplicates).toBeGreaterThan(0);
  await pipeline.untilHistoryIsWhole(attemptsBefore);
  const { rows } = await pipeline.odoo.query<{ reason: string }>(
    'select distinct reason from relay.load_request',
  );
  expect(rows).toEqual([{ reason: 'gap' }]);
});
