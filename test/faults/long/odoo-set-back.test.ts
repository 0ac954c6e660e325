import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Stack } from '#embedded';
import { connect } from '../../e2e/small-odoo.js';
import { eventually } from '../../harness/eventually.js';
import { startPrivateStack, testStack } from '../../harness/stack.js';
import { partners, WholePipeline } from './whole-pipeline.js';

const stack = testStack();
let own: Stack;
let pipeline: WholePipeline;
let dataDirectory = '';

beforeAll(async () => {
  own = await startPrivateStack({ only: ['postgres'] });
  let databases = 0;
  const freshDatabase = (): Promise<string> => own.createDatabase(`set_back_${++databases}`);
  pipeline = await WholePipeline.open({ freshDatabase }, stack);
  await pipeline.odoo.query('delete from res_partner where id = $1', [partners + 1]);
  const { rows } = await pipeline.odoo.query<{ data_directory: string }>('show data_directory');
  dataDirectory = rows[0]?.data_directory ?? '';
  await pipeline.start('ingest');
}, 180_000);

afterAll(async () => {
  await pipeline.close();
  await own.stop();
  await rm(`${dataDirectory}.backup`, { recursive: true, force: true });
});

/** So many that the numbers which Postgres gives a sequence in advance are used up. */
async function write(turns: number): Promise<void> {
  pipeline.writer.start();
  await eventually(() => pipeline.writer.committed.length >= 2 * turns);
  await pipeline.writer.pause();
}

/** Who owns the files and may read them stays as it is. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}

/** The server is away meanwhile. */
async function whileAway(work: () => Promise<void>): Promise<void> {
  await pipeline.odoo.end();
  await own.pieces.postgres?.stop();
  await work();
  await own.pieces.postgres?.start();
  await pipeline.renewOdoo(await connect(pipeline.urls.odoo));
}

it('a server that is restarted, or moved with all its data, is the same to an ingest that runs', async () => {
  await write(60);
  await whileAway(() => copy(dataDirectory, `${dataDirectory}.backup`));
  await write(60);
  await pipeline.untilTopicIsTable();
});

it('a server that is set back on the spot ends an ingest that runs, before it gives an id twice', async () => {
  await whileAway(async () => {
    await rm(dataDirectory, { recursive: true });
    await rename(`${dataDirectory}.backup`, dataDirectory);
  });
  expect(await pipeline.newest('ingest').ended).toBe(78);
  const [told] = pipeline.newest('ingest').logLines().slice(-1);
  expect(String(told?.['msg'])).toMatch(/set back to an earlier state .*drop schema relay cascade/);
});

it('after the steps of the guide the topics are as the tables are', async () => {
  await pipeline.odoo.query('drop schema relay cascade');
  const refused = await pipeline.start('ingest', { waitUntilReady: false });
  expect(await refused.ended).toBe(78);
  const epoch = /ACCEPT_EPOCH=(\w+)/.exec(String(refused.logLines().at(-1)?.['msg']))?.[1] ?? '';
  await pipeline.start('ingest', { env: { ACCEPT_EPOCH: epoch } });
  await write(60);
  await pipeline.untilTopicIsTable();
});

it('all tables are loaded once more where the guide says how to ask for it', async () => {
  await pipeline.odoo.query(
    'insert into relay.load_request (relation) select relation from relay.captured_table',
  );
  await eventually(
    async () => {
      const { rows } = await pipeline.odoo.query<{ open: number }>(
        'select count(*)::int as open from relay.load_request where finished_at is null',
      );
      return rows[0]?.open === 0;
    },
    { timeoutMs: 60_000 },
  );
  await pipeline.untilTopicIsTable();
});
