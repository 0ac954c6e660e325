import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tableOf } from '#libs/change';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';
import { connect, smallOdooModels } from './small-odoo.js';

const stack = testStack();
const smallOutbox = { OUTBOX_MAX_BYTES: '2000000', TRIGGER_CHECK_INTERVAL_MS: '200' };
let databases = 0;

let odoo: IngestFixture;
let ingest: StartedApp | undefined;

beforeEach(async () => {
  odoo = await ingestFixture(stack, `gaps${++databases}`);
});

afterEach(async () => {
  await ingest?.stop();
  ingest = undefined;
  await odoo.close();
});

function start(): Promise<StartedApp> {
  return startApp('ingest', odoo.environment(smallOutbox));
}

async function isCaptureOn(): Promise<boolean> {
  const { rows } = await odoo.writer.query<{ on: boolean }>(
    'select last_value >= 0 as on from relay.outbox_slot',
  );
  return rows[0]?.on === true;
}

async function outboxBytes(): Promise<number> {
  const { rows } = await odoo.writer.query<{ bytes: string }>('select relay.outbox_bytes() as bytes');
  return Number(rows[0]?.bytes);
}

function loaded(reason: string): string[] {
  return smallOdooModels.map((model) => `${tableOf(model)} ${reason}`).sort();
}

describe('an outbox that reaches its size limit while ingest is down', () => {
  beforeEach(async () => {
    await (await start()).stop();
    await odoo.writer.query(
      `insert into res_partner (id, name, comment) select i, 'n', repeat('x', 300) from generate_series(1, 12000) i`,
    );
  });

  it('stops the capture, never the business: what is written after it is not captured and takes no room', async () => {
    expect(await isCaptureOn()).toBe(false);
    const bytes = await outboxBytes();
    await odoo.writer.query(`update res_partner set comment = comment || 'y'`);
    expect(await outboxBytes()).toBe(bytes);
    const { rows } = await odoo.writer.query('select from res_partner');
    expect(rows).toHaveLength(12_000);
  });

  it('is published, emptied and captured to again by ingest, which then asks to load every table', async () => {
    ingest = await startApp('ingest', odoo.environment(smallOutbox), { waitUntilReady: false });
    await eventually(async () => (await odoo.loadRequests()).length > 0);
    expect(await odoo.loadRequests()).toEqual(loaded('gap'));
    expect(await isCaptureOn()).toBe(true);
    expect(await outboxBytes()).toBeLessThan(1_000_000);
    expect(await odoo.changesOf('res_partner', 1)).toHaveLength(1);
    expect(
      ingest
        .logLines()
        .filter(({ level }) => level === 50)
        .at(0)?.['msg'],
    ).toMatch(/OUTBOX_MAX_BYTES/);
    await odoo.writer.query(`update res_partner set name = 'after' where id = 1`);
    const changes = await odoo.changesUntil('res_partner', 1, 2);
    expect(changes.map(({ after }) => after?.['name'])).toEqual(['n', 'after']);
    const told = await eventually(async () => {
      const events = await odoo.kafka.readToEnd('relay.events');
      const own = events.filter(({ key }) => key?.toString() === `gaps${databases}`);
      return own.length >= 2 ? own : undefined;
    });
    expect(told.map(({ headers }) => headers['ce_type'])).toEqual(['capture.stopped', 'capture.gap']);
  });

  it('asks for the loads only when everybody has ended who wrote while it was stopped, and after a kill too', async () => {
    const late = await connect(odoo.databaseUrl);
    await late.query(`begin; update res_partner set name = 'late' where id = 2`);
    ingest = await startApp('ingest', odoo.environment(smallOutbox), { waitUntilReady: false });
    await eventually(isCaptureOn);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await odoo.loadRequests()).toEqual([]);
    await ingest.kill();
    await late.query('commit');
    await late.end();
    ingest = await start();
    await eventually(async () => (await odoo.loadRequests()).length > 0);
    expect(await odoo.loadRequests()).toEqual(loaded('gap'));
  });
});

describe('a table', () => {
  it('that is truncated is to be loaded again', async () => {
    ingest = await start();
    await odoo.writer.query(`begin; truncate res_partner; rollback`);
    await odoo.writer.query('truncate sale_order cascade');
    expect(await odoo.loadRequests()).toEqual(['sale_order truncated', 'sale_order_line truncated']);
  });

  it.each([
    ['has lost its trigger', 'drop trigger relay_capture on res_partner', 'relay_capture was missing'],
    [
      'has its triggers disabled',
      'alter table res_partner disable trigger all',
      'relay_capture was disabled',
    ],
    [
      'was made anew by an upgrade',
      'alter table res_partner rename to old; create table public.res_partner (like old including all); drop table old cascade',
      'relay_capture was missing',
    ],
  ])('that %s gets it back while ingest runs, says so, and is loaded again', async (_how, sql, said) => {
    ingest = await start();
    await odoo.writer.query(sql);
    await odoo.writer.query(`insert into res_partner (id, name) values (7, 'unseen')`);
    await eventually(async () => (await odoo.loadRequests()).includes('res_partner resumed'));
    await odoo.writer.query(`update res_partner set name = 'seen' where id = 7`);
    const [change] = await odoo.changesUntil('res_partner', 7, 1);
    expect(change?.after?.['name']).toBe('seen');
    expect(await odoo.loadRequests()).toEqual(['res_partner resumed']);
    expect(ingest.output()).toContain(said);
  });

  it('that has lost its trigger while ingest was down gets it back at its start, and is loaded again', async () => {
    await (await start()).stop();
    await odoo.writer.query('drop trigger relay_capture on sale_order');
    ingest = await start();
    expect(await odoo.loadRequests()).toEqual(['sale_order resumed']);
  });

  it('that gets a column of secrets while ingest runs has it out of the outbox soon, and no gap', async () => {
    ingest = await start();
    await odoo.writer.query('alter table res_partner add column api_key varchar');
    await eventually(() => ingest?.output().includes('["signup_token","image","api_key"]') === true);
    await odoo.writer.query(`insert into res_partner (id, api_key) values (1, 'hidden')`);
    const [change] = await odoo.changesUntil('res_partner', 1, 1);
    expect(Object.keys(change?.after ?? {})).not.toContain('api_key');
    const { rows } = await odoo.writer.query(`select from relay.outbox where after ? 'api_key'`);
    expect(rows).toHaveLength(0);
    expect(await odoo.loadRequests()).toEqual([]);
  });

  it('of a model that is installed while ingest runs is captured from then on', async () => {
    ingest = await startApp(
      'ingest',
      odoo.environment({ ...smallOutbox, MODELS: 'res.partner,stock.quant' }),
    );
    await odoo.writer.query('create table public.stock_quant (id serial primary key, quantity numeric)');
    await eventually(() => ingest?.output().includes('"model":"stock.quant","denied":[]') === true);
    await odoo.writer.query('insert into stock_quant (id, quantity) values (1, 2.5)');
    const [change] = await odoo.changesUntil('stock_quant', 1, 1);
    expect(change?.after?.['quantity']).toBe('2.5');
  });
});
