import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RelayError } from '#libs/process';
import { runCommand } from './command.js';

/** Where a Postgres server lives, and as whom it runs. */
export interface PostgresHome {
  /** The folder named `native` of the npm package, or a copy of it. */
  readonly binaries: string;
  readonly directory: string;
  /** Empty when the server runs as the user who starts it. */
  readonly owner: { readonly uid?: number; readonly gid?: number };
}

/**
 * Postgres refuses to run as root. Started by root it runs as a user without rights, and when that user cannot
 * reach the checkout (it may lie in root's home), program and data are kept in the folder for temporary files.
 */
export async function choosePostgresHome(
  binaries: string,
  directory: string,
  progress: (sentence: string) => void,
): Promise<PostgresHome> {
  if (process.getuid?.() !== 0) {
    await mkdir(directory, { recursive: true });
    return { binaries, directory, owner: {} };
  }
  const owner = (await ownerOfData(directory)) ?? (await findUnprivilegedUser());
  await mkdir(directory, { recursive: true });
  if ((await isReachable(dirname(directory), owner)) && (await isReachable(join(binaries, 'bin'), owner))) {
    await chown(directory, owner.uid, owner.gid);
    await chmod(directory, 0o700);
    return { binaries, directory, owner };
  }
  const fallback = fallbackDirectory(directory);
  progress(
    `Postgres does not run as root and its user cannot enter ${directory}: its data is kept in ${fallback}.`,
  );
  await mkdir(fallback, { recursive: true, mode: 0o755 });
  await chown(fallback, owner.uid, owner.gid);
  return { binaries: await copyBinaries(binaries), directory: fallback, owner };
}

/** Every place the data of a stack in `directory` can be, to find its server again or to delete it. */
export function possiblePostgresDirectories(directory: string): string[] {
  return [directory, fallbackDirectory(directory)];
}

function fallbackDirectory(directory: string): string {
  return join(tmpdir(), `odoo-relay-postgres-${shortHash(directory)}`);
}

async function copyBinaries(binaries: string): Promise<string> {
  const { mtimeMs } = await stat(join(binaries, 'bin', 'postgres'));
  const root = join(tmpdir(), `odoo-relay-postgres-program-${shortHash(`${binaries} ${mtimeMs}`)}`);
  // The name must stay `native`: links are given relative to the folder above.
  const copy = join(root, basename(binaries));
  if (existsSync(copy)) return copy;
  const unfinished = `${root}.${process.pid}`;
  await mkdir(unfinished, { recursive: true, mode: 0o755 });
  await cp(binaries, join(unfinished, basename(binaries)), { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, root).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  });
  return copy;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function findUnprivilegedUser(): Promise<User> {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([readId('-u', name), readId('-g', name)]);
    if (uid !== undefined && uid !== 0 && gid !== undefined) return { uid, gid };
  }
  throw new RelayError(
    'POSTGRES_UNAVAILABLE',
    'Postgres does not run as root and there is no user "postgres" or "nobody": start as another user, or set DATABASE_URL and ODOO_DATABASE_URL to an existing one.',
  );
}

/** Whoever has made the data directory goes on with it. */
async function ownerOfData(directory: string): Promise<User | undefined> {
  const data = await stat(join(directory, 'data')).catch(() => undefined);
  return data === undefined || data.uid === 0 ? undefined : { uid: data.uid, gid: data.gid };
}

async function readId(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const result = await runCommand('id', [flag, name]);
  return result.kind === 'ended' && result.exitCode === 0 ? Number(result.output.trim()) : undefined;
}

/** Whether every folder on the way may be entered. */
async function isReachable(path: string, user: User): Promise<boolean> {
  for (let directory = path; ; directory = dirname(directory)) {
    const { mode, uid, gid } = await stat(directory);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
