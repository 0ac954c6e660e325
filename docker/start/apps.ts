import { readFile } from 'node:fs/promises';
import { delay } from '#libs/process';
import { AppProcess, type AppName } from './app-process.js';
import type { StartOptions } from './arguments.js';
import type { Secrets } from './run-files.js';

export interface AppSurroundings {
  /** The checkout. */
  directory: string;
  logDirectory: string;
  brokers: readonly string[];
  schemaRegistryUrl: string;
  controlDatabaseUrl: string;
  odooDatabaseUrl: string;
  /** Slug in the topic names. */
  database: string;
  secrets: Secrets;
  options: StartOptions;
}

/** Ingest first, so that those behind it can finish what it has published. */
const stopOrder: readonly AppName[] = ['ingest', 'router', 'delivery', 'control'];
const leftoverPatienceMs = 10_000;

/** The four apps, each a process of its own. */
export class Apps {
  private readonly processes: readonly AppProcess[];

  constructor(surroundings: AppSurroundings) {
    const { directory, logDirectory } = surroundings;
    // The slowest to be ready first.
    this.processes = (['ingest', 'router', 'delivery', 'control'] as const).map(
      (name) =>
        new AppProcess({ name, directory, logDirectory, environment: environmentOf(name, surroundings) }),
    );
  }

  /** The address of one of them, once it is ready. @throws AppEnded */
  async readyOne(name: AppName, signal: AbortSignal): Promise<string> {
    const app = this.processes.find((candidate) => candidate.name === name);
    if (app === undefined) {
      throw new Error(`there is no app ${name}`);
    }
    return app.ready(signal);
  }

  /** Their addresses, once all are ready. @throws AppEnded for the first that is not */
  async ready(signal: AbortSignal, onReady: (name: AppName) => void): Promise<Record<AppName, string>> {
    const urls = await Promise.all(
      this.processes.map(async (app) => {
        const url = await app.ready(signal);
        onReady(app.name);
        return [app.name, url] as const;
      }),
    );
    return Object.fromEntries(urls) as Record<AppName, string>;
  }

  /** Rejects when one ends that nobody has asked to. */
  untilUnexpectedEnd(): Promise<never> {
    return Promise.race(this.processes.map((app) => app.untilUnexpectedEnd()));
  }

  pids(): Record<string, number> {
    return Object.fromEntries(this.processes.map((app) => [app.name, app.pid]));
  }

  async stop(): Promise<void> {
    for (const name of stopOrder) {
      await this.processes.find((app) => app.name === name)?.stop();
    }
  }

  kill(): void {
    for (const app of this.processes) {
      app.kill();
    }
  }
}

function environmentOf(name: AppName, surroundings: AppSurroundings): Record<string, string> {
  const { options, secrets } = surroundings;
  const common = {
    KAFKA_BROKERS: surroundings.brokers.join(','),
    SCHEMA_REGISTRY_URL: surroundings.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: options.topicPrefix,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
  };
  const allowedReceivers = [...options.allowedReceivers, ...(options.sample ? ['127.0.0.1'] : [])].join(',');
  switch (name) {
    case 'ingest':
      return {
        ...common,
        ODOO_DATABASE_URL: surroundings.odooDatabaseUrl,
        DATABASE_SLUG: surroundings.database,
        MODELS: options.models.join(','),
        LOAD_AT_INSTALL: String(options.load),
      };
    case 'router':
      return common;
    case 'delivery':
      return { ...common, SECRETS_KEY: secrets.secretsKey, ALLOWED_RECEIVERS: allowedReceivers };
    case 'control':
      return {
        ...common,
        HTTP_PORT: String(options.controlPort),
        DATABASE_URL: surroundings.controlDatabaseUrl,
        ADMIN_KEY: secrets.adminKey,
        SECRETS_KEY: secrets.secretsKey,
        DATABASES: surroundings.database,
        MODELS: options.models.join(','),
        ALLOWED_RECEIVERS: allowedReceivers,
      };
  }
}

/** Ends apps that a start program has left which was itself killed. */
export async function stopLeftoverApps(pids: Readonly<Record<string, number>>): Promise<void> {
  const left: number[] = [];
  for (const name of stopOrder) {
    const pid = pids[name];
    if (pid !== undefined && (await isApp(pid, name))) {
      process.kill(pid, 'SIGTERM');
      left.push(pid);
    }
  }
  const deadline = performance.now() + leftoverPatienceMs;
  while (left.some(isAlive) && performance.now() < deadline) {
    await delay(50);
  }
  for (const pid of left.filter(isAlive)) {
    process.kill(pid, 'SIGKILL');
  }
}

/** A pid may have passed to another program meanwhile. Without /proc nothing can be said, so nothing is ended. */
async function isApp(pid: number, name: AppName): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(`apps/${name}/src/main.js`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
