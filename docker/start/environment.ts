import { join } from 'node:path';
import { checkoutDirectory, isClaimed, type Stack } from '#embedded';
import { messageOf, RelayError } from '#libs/process';
import { installSample } from '#sample';
import { Apps, stopLeftoverApps } from './apps.js';
import { slugOf, type StartOptions } from './arguments.js';
import type { Ending } from './ending.js';
import { checkOdooDatabase } from './odoo-database.js';
import {
  readJson,
  readOrMakeSecrets,
  removeFile,
  writePrivateJson,
  type Secrets,
  type StackFile,
} from './run-files.js';
import { startStack } from './stack-start.js';

/** Where everything of a start lives: data, logs, secrets. */
export const runDirectory = join(checkoutDirectory(), 'run');
const stackFile = join(runDirectory, 'stack.json');
const logDirectory = join(runDirectory, 'logs');

/** What runs: servers and apps. */
export interface RunningEnvironment {
  stack: Stack;
  apps: Apps;
  secrets: Secrets;
  controlDatabaseUrl: string;
  odooDatabaseUrl: string;
  /** Slug in the topic names. */
  database: string;
  logDirectory: string;
}

/** What has been started so far, so that it can be ended however far the start got. */
export interface Started {
  stack?: Stack;
  apps?: Apps;
  /** Takes what the apps still send while they stop. */
  receiver?: { close(): Promise<void> };
}

/** Starts servers, databases and apps, which may not be ready yet; `started` says what has to be ended. */
export async function startEnvironment(
  options: StartOptions,
  started: Started,
  ending: Ending,
  say: (line: string) => void,
): Promise<RunningEnvironment> {
  if (!options.sample && options.odooDatabaseUrl !== undefined) {
    await ending.orEnd(checkOdooDatabase(options.odooDatabaseUrl, options.models));
  }
  const secrets = await readOrMakeSecrets(join(runDirectory, 'secrets.json'));
  say('Starting Kafka, the schema registry and Postgres ...');
  await endLeftovers();
  const stack = await startStack({
    directory: runDirectory,
    progress: say,
    existing: options.existing,
    signal: ending.signal,
    onUnexpectedExit: (sentence) => {
      ending.fail(new RelayError('INTERNAL', sentence));
    },
  });
  started.stack = stack;
  ending.signal.throwIfAborted();
  const [controlDatabaseUrl, odooDatabaseUrl] = await Promise.all([
    options.existing.databaseUrl ?? stack.createDatabase('relay_control'),
    prepareOdoo(options, stack, say),
  ]);
  const database = options.database ?? slugOf(odooDatabaseUrl);
  ending.signal.throwIfAborted();
  say('Starting the apps: ingest, router, delivery, control ...');
  const surroundings = {
    directory: checkoutDirectory(),
    logDirectory,
    brokers: stack.brokers,
    schemaRegistryUrl: stack.schemaRegistryUrl,
    controlDatabaseUrl,
    odooDatabaseUrl,
    database,
    secrets,
    options,
  };
  const apps = new Apps(surroundings);
  started.apps = apps;
  ending.watch(apps.untilUnexpectedEnd());
  return { stack, apps, secrets, controlDatabaseUrl, odooDatabaseUrl, database, logDirectory };
}

/** Apps of a start program that was killed, before the servers under them are stopped. */
async function endLeftovers(): Promise<void> {
  const earlier = await readJson<StackFile>(stackFile);
  if (earlier !== undefined && !(await isClaimed(runDirectory))) {
    await stopLeftoverApps(earlier.pids);
    await removeFile(stackFile);
  }
}

async function prepareOdoo(
  options: StartOptions,
  stack: Stack,
  say: (line: string) => void,
): Promise<string> {
  const url = options.odooDatabaseUrl ?? (await stack.createDatabase('odoo_sample'));
  if (options.sample) {
    await installSampleInto(url, options.models, say);
  }
  return url;
}

async function installSampleInto(
  url: string,
  models: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const installation = await installSample(url).catch((error: unknown) => {
    throw new RelayError(
      'POSTGRES_UNAVAILABLE',
      `The sample data cannot be installed: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  });
  switch (installation) {
    case 'installed':
      say('Sample Odoo database installed: products, stock, contacts of a small wholesaler.');
      break;
    case 'present':
      break;
    case 'another':
      throw new RelayError(
        'USAGE',
        'ODOO_DATABASE_URL names an Odoo database that is not the sample: add --no-sample, so that nothing is made up in it.',
      );
  }
  await checkOdooDatabase(url, models);
}

/** For other programs, once all is ready. */
export async function writeStackFile(environment: RunningEnvironment, controlUrl: string): Promise<void> {
  const { stack, apps, secrets, odooDatabaseUrl, database } = environment;
  const content: StackFile = {
    brokers: stack.brokers,
    schemaRegistryUrl: stack.schemaRegistryUrl,
    controlUrl,
    adminKey: secrets.adminKey,
    odooDatabaseUrl,
    database,
    pids: { start: process.pid, ...apps.pids(), ...(await stack.pids()) },
  };
  await writePrivateJson(stackFile, content);
}

/** Apps first, then what they need. */
export async function stopEnvironment(started: Started): Promise<void> {
  await started.apps?.stop();
  await started.receiver?.close();
  await started.stack?.stop();
  if (started.stack !== undefined) {
    await removeFile(stackFile);
  }
}

/** At once, without waiting for anything to drain. */
export async function killEnvironment(started: Started): Promise<void> {
  started.apps?.kill();
  await Promise.allSettled(Object.values(started.stack?.pieces ?? {}).map((piece) => piece.kill()));
}
