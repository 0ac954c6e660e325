import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkoutDirectory } from './checkout.js';
import { startEmbeddedStack } from './embedded-stack.js';
import { withPostgres } from './probes.js';
import { startTimeOf } from './process-list.js';
import type { Stack } from './stack.js';

let directory: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(checkoutDirectory(), 'run', 'test-private-'));
  // Started by root, Postgres runs as somebody else.
  await chmod(directory, 0o755);
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  // Whatever a test has left, the next start in its directory has to be able to clean up.
  const stack = await startEmbeddedStack({ directory, only: ['postgres'], throwaway: true });
  await stack.stop();
  await rm(directory, { recursive: true, force: true });
});

function startPostgres(): Promise<Stack> {
  return startEmbeddedStack({ directory, only: ['postgres'] });
}

/** Another process that runs a stack in the directory; gives the pid of its Postgres. */
async function startElsewhere(): Promise<{ owner: ChildProcess; postgresPid: number }> {
  const script = `
    import { startEmbeddedStack } from '#embedded';
    const stack = await startEmbeddedStack({ directory: ${JSON.stringify(directory)}, only: ['postgres'] });
    console.log((await stack.pids()).postgres);
    setInterval(() => undefined, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: checkoutDirectory(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(owner);
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, postgresPid: Number(line.toString()) };
}

describe('the embedded stack', () => {
  it('goes on with data and addresses where the last start has stopped', async () => {
    const first = await startPostgres();
    const url = await first.createDatabase('shop');
    await withPostgres(url, (client) => client.query('CREATE TABLE kept AS SELECT 1 AS n'));
    await first.stop();
    const second = await startPostgres();
    expect(await second.createDatabase('shop')).toBe(url);
    const { rowCount } = await withPostgres(url, (client) => client.query('SELECT n FROM kept'));
    expect(rowCount).toBe(1);
    await second.stop();
  });

  it('is refused where a living process runs one, which goes on undisturbed', async () => {
    const { owner, postgresPid } = await startElsewhere();
    await expect(startPostgres()).rejects.toMatchObject({
      message: expect.stringContaining(`Process ${owner.pid} already runs a stack`),
    });
    expect(await startTimeOf(postgresPid)).toBeDefined();
    const ended = once(owner, 'exit');
    owner.kill('SIGKILL');
    await ended;
  });

  it('stops what a killed process has left running before it starts', async () => {
    const { owner, postgresPid } = await startElsewhere();
    const ended = once(owner, 'exit');
    owner.kill('SIGKILL');
    await ended;
    expect(await startTimeOf(postgresPid)).toBeDefined();
    const told: string[] = [];
    const stack = await startEmbeddedStack({
      directory,
      only: ['postgres'],
      progress: (sentence) => told.push(sentence),
    });
    expect(await startTimeOf(postgresPid)).toBeUndefined();
    expect(told.join()).toContain('has left running');
    await stack.stop();
  });

  it('tells when a server ends by itself, and not when it was asked to', async () => {
    const told: string[] = [];
    const stack = await startEmbeddedStack({
      directory,
      only: ['postgres'],
      onUnexpectedExit: (sentence) => told.push(sentence),
    });
    await stack.pieces.postgres?.stop();
    await stack.pieces.postgres?.start();
    expect(told).toEqual([]);
    const { postgres } = await stack.pids();
    process.kill(postgres ?? 0, 'SIGINT');
    while ((await stack.pids())['postgres'] !== undefined)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toHaveLength(1);
    await stack.stop();
  });

  it('gives up starting when it is told to, and leaves nothing running', async () => {
    const stopping = new AbortController();
    const starting = startEmbeddedStack({ directory, only: ['postgres'], signal: stopping.signal });
    stopping.abort();
    await expect(starting).rejects.toThrow('aborted');
    const next = await startPostgres();
    await next.stop();
  });
});
