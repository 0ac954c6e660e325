import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { tableOf } from '#libs/change';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { ingestFixture, type IngestFixture } from './ingest-fixture.js';
import { relayCommand, type CommandResult } from './relay-command.js';
import { connect, smallOdooModels } from './small-odoo.js';

const stack = testStack();
let databases = 0;

let odoo: IngestFixture;
let ingest: StartedApp | undefined;

beforeEach(async () => {
  odoo = await ingestFixture(stack, `command${++databases}`);
});

afterEach(async () => {
  await ingest?.stop();
  ingest = undefined;
  await odoo.close();
});

function capture(verb: string, ...options: string[]): Promise<CommandResult> {
  return relayCommand(['capture', verb, ...options], odoo.environment());
}

/** All that a schema dump would show: objects, columns, functions, triggers, constraints, rights. */
async function catalog(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    select 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') as line from pg_namespace
    union all select format('%s %s %s', relkind, oid::regclass, relacl) from pg_class where relnamespace <> 'pg_toast'::regnamespace
    union all select format('%s.%s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull)
      from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select format('trigger %s %s', tgrelid::regclass, tgname) from pg_trigger where not tgisinternal
    union all select format('constraint %s %s', conrelid::regclass, conname) from pg_constraint
    union all select format('function %s %s', oid::regprocedure, proacl) from pg_proc
    union all select format('type %s', oid::regtype) from pg_type where typnamespace <> 'pg_toast'::regnamespace
    order by 1`);
  return rows.map(({ line }) => line);
}

describe('relay capture', () => {
  it('install shows what it will do and does it only when told to', async () => {
    const asked = await capture('install');
    expect(asked.code).toBe(64);
    expect(asked.errors).toBe('relay: there is no terminal to ask at: give --yes to do it\n');
    expect(asked.output).toMatch(/create trigger relay_capture after insert .* on "res_partner"/);
    expect((await capture('status')).output).toBe('The capture is not installed in this database.\n');
    expect(await capture('install', '--yes', '--load')).toMatchObject({ code: 0, errors: '' });
    expect((await capture('status')).output).toMatch(/capture is on; .*\n\s+outbox: 0 rows/);
    expect(await odoo.loadRequests()).toEqual(
      smallOdooModels.map((model) => `${tableOf(model)} installed`).sort(),
    );
    const again = await capture('install');
    expect(again).toMatchObject({ code: 0, output: 'The capture is installed and complete.\n' });
  });

  it('uninstall removes everything without a trace', async () => {
    const before = await catalog(odoo.writer);
    await capture('install', '--yes');
    await odoo.writer.query(`insert into res_partner (name) values ('a')`);
    await odoo.writer.query('alter table res_partner rename to res_partner_renamed');
    await odoo.writer.query('alter table res_partner_renamed rename to res_partner');
    expect(await catalog(odoo.writer)).not.toEqual(before);
    expect(await capture('uninstall', '--yes')).toMatchObject({ code: 0, errors: '' });
    expect(await catalog(odoo.writer)).toEqual(before);
    expect((await capture('uninstall', '--yes')).code).toBe(64);
  });

  it('uninstall refuses while ingest would put everything back', async () => {
    ingest = await startApp('ingest', odoo.environment());
    const { code, errors } = await capture('uninstall', '--yes');
    expect(code).toBe(75);
    expect(errors).toMatch(/^relay: ingest is connected .*: stop it, then uninstall\n$/);
  });

  it("uninstall never drops a table of Odoo's that a user called relay has made in its schema", async () => {
    await capture('install', '--yes');
    await odoo.writer.query('create table relay.res_country (id serial primary key)');
    const { code, errors } = await capture('uninstall', '--yes');
    expect(code).toBe(75);
    expect(errors).toMatch(/^relay: the schema relay holds what is not the capture's \(res_country\)/);
    expect((await capture('status')).output).toMatch(/res_partner: ok/);
  });

  it('status shows triggers, slots, limits, and who holds them', async () => {
    await capture('install', '--yes');
    await odoo.writer.query(
      `alter table res_partner disable trigger relay_capture; drop trigger relay_capture on sale_order`,
    );
    const holder = await connect(odoo.databaseUrl);
    await holder.query(`begin; insert into sale_order_line (name) values ('open')`);
    const { code, output } = await capture('status');
    await holder.end();
    expect(code).toBe(0);
    expect(output).toMatch(/^installed 20.* epoch \w{8}$/m);
    expect(output).toMatch(/^capture is on; the outbox has \d+ of 4294967296 bytes$/m);
    expect(output).toMatch(/^ {2}outbox_0: 0 rows, \d+ bytes, written to$/m);
    expect(output).toMatch(/oldest open transaction that holds slots: pid \d+ .*: outbox_0$/m);
    expect(output).toMatch(/^ {2}res_partner: relay_capture disabled, relay_capture_truncate ok; never/m);
    expect(output).toMatch(/^ {2}sale_order: relay_capture missing/m);
    expect(output).toMatch(/^ {2}product_template: ok$/m);
  });

  it('pause leaves an upgrade alone, whatever it does with triggers, until resume asks to load all tables', async () => {
    ingest = await startApp('ingest', odoo.environment({ TRIGGER_CHECK_INTERVAL_MS: '200' }));
    await odoo.writer.query(`insert into res_partner (id, name) values (1, 'before')`);
    await odoo.changesUntil('res_partner', 1, 1);
    expect((await capture('pause', '--yes')).code).toBe(0);
    await odoo.writer.query(`update res_partner set name = 'unseen' where id = 1`);
    await eventually(() => ingest?.output().includes('capture is paused') === true);
    const { output } = await capture('status');
    expect(output).toMatch(/capture is paused/);
    const upgrade = await connect(odoo.databaseUrl);
    await upgrade.query(`begin; update res_partner set comment = 'of the upgrade' where id = 1`);
    expect((await capture('resume')).code).toBe(0);
    await odoo.writer.query(`insert into res_partner (id, name) values (2, 'after')`);
    expect(await odoo.changesUntil('res_partner', 2, 1)).toHaveLength(1);
    expect(await odoo.loadRequests()).toEqual([]);
    await upgrade.query('commit');
    await upgrade.end();
    await eventually(async () => (await odoo.loadRequests()).length > 0);
    expect(await odoo.loadRequests()).toEqual(
      smallOdooModels.map((model) => `${tableOf(model)} resumed`).sort(),
    );
    expect(await odoo.changesOf('res_partner', 1)).toHaveLength(1);
  });

  it.each([
    [['capture', 'instal'], 64, /^relay: there is no command "capture instal": "relay --help" shows/],
    [['capture', 'status', '--force'], 64, /^relay: Unknown option '--force': "relay --help"/],
    [['capture', 'status', '--database', 'no url'], 64, /^relay: --database takes postgres:\/\/…/],
    [['capture', 'status', '--database', 'NOT_SET'], 78, /^relay: configuration: NOT_SET is not set/],
    [['capture', 'status', '--database', 'postgres://u:hidden@127.0.0.1:1/x'], 69, /127\.0\.0\.1:1\/x/],
    [['capture', 'pause', '--yes'], 64, /^relay: the capture is not installed in this database/],
    [['capture', 'status', '--load'], 64, /^relay: --for-role and --load go with install/],
  ])('%j ends with one clear sentence', async (args, code, sentence) => {
    const result = await relayCommand(args, odoo.environment());
    expect(result.code).toBe(code);
    expect(result.errors).toMatch(sentence);
    expect(result.errors.split('\n')).toHaveLength(2);
    expect(result.errors).not.toContain('hidden');
  });
});

describe('a copy of a captured database', () => {
  it('that was neutralized captures nothing, holds no change of the original, and is refused by ingest', async () => {
    await capture('install', '--yes');
    await odoo.writer.query(`insert into res_partner (id, name) values (1, 'of the original')`);
    await odoo.writer.query(readFileSync('odoo/capture/neutralize.sql', 'utf8'));
    await odoo.writer.query(
      `update res_partner set name = 'of the copy' where id = 1; truncate sale_order cascade`,
    );
    const { rows } = await odoo.writer.query('select from relay.outbox');
    expect(rows).toHaveLength(0);
    expect(await odoo.loadRequests()).toEqual([]);
    const app = await startApp('ingest', odoo.environment(), { waitUntilReady: false });
    expect(await app.ended).toBe(78);
    expect(String(app.logLines().at(-1)?.['msg'])).toMatch(/copy or a restored backup/);
    const { rows: after } = await odoo.writer.query(`select from pg_trigger where tgname like 'relay%'`);
    expect(after).toHaveLength(0);
  });

  it('that never had a capture is left alone by neutralizing', async () => {
    const before = await catalog(odoo.writer);
    await odoo.writer.query(readFileSync('odoo/capture/neutralize.sql', 'utf8'));
    expect(await catalog(odoo.writer)).toEqual(before);
  });
});

describe('the rights that ingest needs', () => {
  const role = `r${stack.topicPrefix.replace('-', '')}`;
  let admin: Client;

  beforeAll(async () => {
    admin = await connect(stack.databaseUrl);
    await admin.query(`create role ${role} login password 'x'`);
  });

  afterAll(async () => {
    await admin.query(`drop role ${role}`);
    await admin.end();
  });

  afterEach(async () => {
    await ingest?.stop();
    ingest = undefined;
    await odoo.writer.query(`drop owned by ${role} cascade`);
  });

  function asRole(more: Record<string, string> = {}): Record<string, string> {
    const url = new URL(odoo.databaseUrl);
    url.username = role;
    url.password = 'x';
    return odoo.environment({ ODOO_DATABASE_URL: url.href, ...more });
  }

  it('are CREATE on the database, SELECT and TRIGGER on the tables', async () => {
    const { rows } = await odoo.writer.query<{ name: string }>('select current_database() as name');
    await odoo.writer.query(
      `grant create on database ${rows[0]?.name ?? ''} to ${role}; grant select, trigger on all tables in schema public to ${role}`,
    );
    ingest = await startApp('ingest', asRole());
    await odoo.writer.query(`insert into res_partner (id, name) values (1, 'a')`);
    expect(await odoo.changesUntil('res_partner', 1, 1)).toHaveLength(1);
  });

  it('are less when an administrator has installed the capture for its role', async () => {
    await odoo.writer.query(`grant select on all tables in schema public to ${role}`);
    expect((await capture('install', '--yes', '--for-role', role)).code).toBe(0);
    await odoo.writer.query(`alter table res_partner disable trigger relay_capture`);
    ingest = await startApp(
      'ingest',
      asRole({ OUTBOX_MAX_BYTES: '1000000', TRIGGER_CHECK_INTERVAL_MS: '200' }),
    );
    await odoo.writer.query(
      `insert into res_partner (id, name) select i, 'a' from generate_series(1, 4000) i`,
    );
    expect(await odoo.changesUntil('res_partner', 1, 1)).toHaveLength(1);
    expect(await odoo.loadRequests()).toContain('res_partner resumed');
    await eventually(async () => {
      const { rows } = await odoo.writer.query<{ bytes: string }>('select relay.outbox_bytes() as bytes');
      return Number(rows[0]?.bytes) < 500_000;
    });
  });

  it('without them are refused with 77 and the advice what to grant', async () => {
    const { code, errors } = await relayCommand(['capture', 'install', '--yes'], asRole());
    expect(code).toBe(77);
    expect(errors).toMatch(
      /^relay: the user .* may not install the capture .*grant it CREATE on the database/,
    );
  });
});
