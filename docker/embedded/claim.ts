import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RelayError } from '#libs/process';
import { possiblePostgresDirectories } from './postgres-home.js';
import { endProcesses, processesWithArgument, startTimeOf } from './process-list.js';

interface Owner {
  readonly pid: number;
  readonly startTime: string;
}

const ownerFile = (directory: string): string => join(directory, 'owner.json');

/** Makes this process the only one that runs a stack in this directory. */
export async function claimDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const owner: Owner = { pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '' };
  for (;;) {
    try {
      await writeFile(ownerFile(directory), JSON.stringify(owner), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await readOwner(directory);
    if (other !== undefined && (await isAlive(other))) {
      throw new RelayError(
        'PORT_IN_USE',
        `Process ${other.pid} already runs a stack in ${directory}: stop it first, or use another directory.`,
      );
    }
    await rm(ownerFile(directory), { force: true });
  }
}

export async function releaseDirectory(directory: string): Promise<void> {
  await rm(ownerFile(directory), { force: true });
}

/** True while a living process runs a stack there. */
export async function isClaimed(directory: string): Promise<boolean> {
  const owner = await readOwner(directory);
  return owner !== undefined && (await isAlive(owner));
}

/** Stops what a stack has left in this directory whose own process was killed before it could stop it. */
export async function stopLeftovers(directory: string, progress: (sentence: string) => void): Promise<void> {
  const java = await findAll(
    [join(directory, 'kafka'), join(directory, 'registry')].map((d) => `-Drelay.stack=${d}`),
  );
  const postgres = await findAll(
    possiblePostgresDirectories(join(directory, 'postgres')).map((home) => join(home, 'data')),
  );
  if (java.length + postgres.length === 0) return;
  progress('Stopping what an earlier run, which was killed, has left running.');
  const timeoutMs = 20_000;
  await Promise.all([endProcesses(java, 'SIGTERM', timeoutMs), endProcesses(postgres, 'SIGINT', timeoutMs)]);
}

async function findAll(args: readonly string[]): Promise<number[]> {
  return (await Promise.all(args.map(processesWithArgument))).flat();
}

async function readOwner(directory: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(ownerFile(directory), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  return (await startTimeOf(owner.pid)) === owner.startTime;
}
