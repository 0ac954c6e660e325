import { parseArgs } from 'node:util';
import type { Client } from 'pg';
import { loadConfig } from '#libs/config';
import { connectPostgres, isNoPermission } from '#libs/postgres';
import { messageOf, RelayError } from '#libs/process';
import { plainLogger } from '#libs/telemetry';
import { switchCaptureOn } from './capture-gap.js';
import { grantsFor, installPlan, uninstallCapture, uninstallPlan } from './capture-plan.js';
import { captureStatus, isInstalled } from './capture-status.js';
import { refuseBadColumnLists } from './column-types.js';
import { findTables, installCapture, noPermission, refuseIfNotOdoo } from './install-capture.js';
import { readSlots, setSlot, slotValue } from './outbox-slots.js';
import { captureOptions, ingestSettings } from './settings.js';

const usage = `relay capture install|status|pause|resume|uninstall [options]

  install     brings the capture into an Odoo database, or what is missing of it back
  status      shows what there is of it
  pause       lets the triggers write nothing, e.g. for an upgrade of Odoo
  resume      lets them write again; all captured tables are loaded then
  uninstall   takes all of it out

  --database <url or variable>   postgres://…, or the environment variable that holds it (ODOO_DATABASE_URL)
  --for-role <role>              install: grants this role what ingest needs to run as it
  --load                         install: requests a load of all tables
  --yes                          does not ask
MODELS, RELATION_TABLES, DENIED_COLUMNS, BINARY_COLUMNS, BINARY_MAX_BYTES and OUTBOX_MAX_BYTES are read from the
environment, as ingest does.`;

export interface Terminal {
  print(line: string): void;
  /** Undefined where nobody can be asked. */
  ask: ((question: string) => Promise<string>) | undefined;
}

interface Options {
  database: string;
  forRole: string | undefined;
  load: boolean;
  yes: boolean;
}

type Settings = ReturnType<typeof loadSettings>;

interface Run {
  client: Client;
  terminal: Terminal;
  options: Options;
  settings: Settings;
}

const verbs: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  install,
  status: async ({ client, terminal, settings }) => {
    for (const line of await captureStatus(client, settings.MODELS, captureOptions(settings))) {
      terminal.print(line);
    }
  },
  pause,
  resume,
  uninstall,
};

/** `relay …`. @throws RelayError with the exit code. */
export async function runRelayCommand(args: readonly string[], terminal: Terminal): Promise<void> {
  const { verb, options } = parse(args);
  if (verb === undefined) {
    terminal.print(usage);
    return;
  }
  const settings = loadSettings();
  const { DENIED_COLUMNS, BINARY_COLUMNS } = settings;
  refuseBadColumnLists({ DENIED_COLUMNS, BINARY_COLUMNS });
  const client = await connect(options.database);
  try {
    await verb({ client, terminal, options, settings });
  } catch (error) {
    throw isNoPermission(error) ? noPermission(error) : error;
  } finally {
    await client.end();
  }
}

function parse(args: readonly string[]): {
  verb: ((run: Run) => Promise<void>) | undefined;
  options: Options;
} {
  const { values, positionals } = parsed(args);
  const { database = 'ODOO_DATABASE_URL', 'for-role': forRole, load = false, yes = false } = values;
  const options = { database, forRole, load, yes };
  if (values.help === true || args.length === 0) {
    return { verb: undefined, options };
  }
  const [topic, name = '', ...more] = positionals;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (topic !== 'capture' || verb === undefined || more.length > 0) {
    throw wrong(`there is no command "${positionals.join(' ')}"`);
  }
  if (name !== 'install' && (forRole !== undefined || load)) {
    throw wrong('--for-role and --load go with install');
  }
  return { verb, options };
}

function parsed(args: readonly string[]): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(args);
  } catch (error) {
    throw wrong(messageOf(error).split('. ')[0] ?? '');
  }
}

function parseOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { database: text, 'for-role': text, load: flag, yes: flag, help: flag },
  });
}

function wrong(what: string): RelayError {
  return new RelayError('USAGE', `${what}: "relay --help" shows what there is`);
}

function loadSettings() {
  const { MODELS, RELATION_TABLES, DENIED_COLUMNS } = ingestSettings;
  const { BINARY_COLUMNS, BINARY_MAX_BYTES, OUTBOX_MAX_BYTES } = ingestSettings;
  const columns = { DENIED_COLUMNS, BINARY_COLUMNS, BINARY_MAX_BYTES };
  return loadConfig({ MODELS, RELATION_TABLES, ...columns, OUTBOX_MAX_BYTES });
}

function connect(database: string): Promise<Client> {
  const isUrl = /^postgres(ql)?:\/\//.test(database);
  if (!isUrl && !/^[A-Z][A-Z0-9_]*$/.test(database)) {
    throw wrong('--database takes postgres://… or the name of an environment variable');
  }
  const variable = { type: 'url', description: 'the Odoo database of --database' } as const;
  const url = isUrl ? database : (loadConfig({ [database]: variable })[database] ?? '');
  return connectPostgres({
    url,
    variable: isUrl ? '--database' : database,
    applicationName: 'odoo-relay command',
  });
}

async function install({ client, terminal, options, settings }: Run): Promise<void> {
  await refuseIfNotOdoo(client);
  const logger = plainLogger((line) => {
    terminal.print(line);
  });
  const tables = await findTables(client, settings.MODELS, logger, captureOptions(settings));
  const grants = options.forRole === undefined ? [] : grantsFor(client, options.forRole, tables);
  const plan = [...(await installPlan(client, tables)), ...grants];
  if (plan.length === 0 && !options.load) {
    terminal.print('The capture is installed and complete.');
    return;
  }
  await confirm(terminal, options, plan);
  await installCapture(client, settings.MODELS, logger, captureOptions(settings));
  for (const grant of grants) {
    await client.query(grant);
  }
  if (options.load) {
    await client.query(
      `insert into relay.load_request (relation, reason) select unnest($1::text[]), 'installed'`,
      [tables.map(({ table }) => table)],
    );
  }
  terminal.print(`The capture is installed: ${tables.length} tables.`);
}

async function pause({ client, terminal, options }: Run): Promise<void> {
  await refuseIfMissing(client);
  const { value, state } = await readSlots(client);
  if (state === 'paused') {
    terminal.print('The capture is paused already.');
    return;
  }
  await confirm(terminal, options, [
    `setval('relay.outbox_slot', ${slotValue.paused}): the triggers stay, and write nothing until "relay capture resume"`,
  ]);
  await setSlot(client, value, slotValue.paused);
  terminal.print('The capture is paused. What is written from now on is missing until it is resumed.');
}

async function resume({ client, terminal }: Run): Promise<void> {
  await refuseIfMissing(client);
  const outbox = await readSlots(client);
  switch (outbox.state) {
    case 'paused':
      await switchCaptureOn(client, outbox, 'resumed');
      terminal.print('The capture is on. Ingest loads all captured tables when open writers have ended.');
      break;
    case 'stopped':
      terminal.print(
        'The capture is stopped at OUTBOX_MAX_BYTES; ingest lets it go on when it has caught up.',
      );
      break;
    case 'on':
      terminal.print('The capture is on already.');
      break;
  }
}

async function uninstall({ client, terminal, options }: Run): Promise<void> {
  await refuseIfMissing(client);
  await confirm(terminal, options, await uninstallPlan(client));
  await uninstallCapture(
    client,
    plainLogger((line) => {
      terminal.print(line);
    }),
  );
  terminal.print('The capture is taken out. Its topics in Kafka are still there.');
}

async function refuseIfMissing(client: Client): Promise<void> {
  if (!(await isInstalled(client))) {
    throw new RelayError(
      'USAGE',
      'the capture is not installed in this database: "relay capture install" does it',
    );
  }
}

async function confirm(terminal: Terminal, options: Options, plan: readonly string[]): Promise<void> {
  terminal.print('This is to be done in the database:');
  for (const step of plan) {
    terminal.print(`  ${step}`);
  }
  if (options.yes) {
    return;
  }
  if (terminal.ask === undefined) {
    throw new RelayError('USAGE', 'there is no terminal to ask at: give --yes to do it');
  }
  if (!/^y(es)?$/i.test((await terminal.ask('Go on? [y/N] ')).trim())) {
    throw new RelayError('USAGE', 'nothing was done');
  }
}
