import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What other programs may know of the stack while it runs: run/stack.json. */
export interface StackFile {
  brokers: readonly string[];
  schemaRegistryUrl: string;
  controlUrl: string;
  adminKey: string;
  odooDatabaseUrl: string;
  /** Slug in the topic names. */
  database: string;
  pids: Readonly<Record<string, number>>;
}

/** Made once and kept, so that the next start can read what this one has encrypted: run/secrets.json. */
export interface Secrets {
  adminKey: string;
  /** 32 bytes in base64. */
  secretsKey: string;
}

/** Readable by its owner only, and complete or not there at all. */
export async function writePrivateJson(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, path);
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

export async function readOrMakeSecrets(path: string): Promise<Secrets> {
  const known = await readJson<Secrets>(path);
  if (known !== undefined) {
    await chmod(path, 0o600);
    return known;
  }
  const secrets = {
    adminKey: randomBytes(24).toString('base64url'),
    secretsKey: randomBytes(32).toString('base64'),
  };
  await writePrivateJson(path, secrets);
  return secrets;
}
