import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDirectory } from '#embedded';
import { eventually } from './eventually.js';

export type AppName = 'ingest' | 'router' | 'delivery' | 'control';

export interface StartedApp {
  readonly name: AppName;
  readonly pid: number;
  readonly port: number;
  /** Of its HTTP side, without a slash at the end. */
  readonly url: string;
  /** SIGTERM; resolves with the exit code, or with the signal's name where a signal ended it. */
  stop(): Promise<number | string>;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
  /** Exit code or signal once it has ended, however that came. */
  readonly ended: Promise<number | string>;
  /** All it has printed so far. */
  output(): string;
  /** Its log lines so far. */
  logLines(): Record<string, unknown>[];
}

export interface StartAppOptions {
  /** False gives the app back as soon as it listens, or has ended (its port is 0 then). */
  readonly waitUntilReady?: boolean;
  readonly timeoutMs?: number;
  /** Of another release, built; by default this checkout. */
  readonly checkout?: string;
}

const living = new Set<{ kill(signal: NodeJS.Signals): boolean }>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts an app as `npm start` does: the built one, as a process of its own. */
export async function startApp(
  name: AppName,
  env: Readonly<Record<string, string>>,
  options: StartAppOptions = {},
): Promise<StartedApp> {
  const { waitUntilReady = true, timeoutMs = 30_000 } = options;
  const app = spawnApp(name, env, options.checkout ?? checkoutDirectory());
  const describe = (): string => `${name} to start; it has printed:\n${app.output()}`;
  let end: number | string | undefined;
  void app.ended.then((how) => (end = how));
  const failWhenEnded = (): void => {
    if (end !== undefined) throw new EndedError(`${name} ended (${end}) at its start:\n${app.output()}`);
  };
  try {
    const port = await waitFor(() => {
      if (end !== undefined && !waitUntilReady) return noPort;
      failWhenEnded();
      return listeningPort(app.logLines());
    });
    if (port === noPort) return { ...app, port: 0, url: '' };
    const url = `http://127.0.0.1:${port}`;
    if (waitUntilReady) {
      await waitFor(async () => {
        failWhenEnded();
        return (await fetch(`${url}/health/ready`)).ok;
      });
    }
    return { ...app, port, url };
  } catch (error) {
    await app.kill();
    throw error;
  }

  function waitFor<T>(ask: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> {
    return eventually(ask, { timeoutMs, describe, giveUpOn: (error) => error instanceof EndedError });
  }
}

const noPort = -1;

class EndedError extends Error {
  override readonly name = 'EndedError';
}

function spawnApp(
  name: AppName,
  env: Readonly<Record<string, string>>,
  checkout: string,
): Omit<StartedApp, 'port' | 'url'> {
  const main = join(checkout, 'dist', 'apps', name, 'src', 'main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run "npm run build" first.`);
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env: { PATH: process.env['PATH'], HTTP_PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started.`);
  living.add(child);
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | string>((resolve) => {
    // 'close' comes after the last of its output.
    child.once('close', (code, signal) => {
      living.delete(child);
      resolve(code ?? signal ?? 'unknown');
    });
  });
  return {
    name,
    pid,
    ended,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    output: () => output,
    logLines: () => output.split('\n').flatMap(parseLogLine),
  };
}

function listeningPort(lines: readonly Record<string, unknown>[]): number | undefined {
  const port = lines.find(({ msg }) => msg === 'listening')?.['port'];
  return typeof port === 'number' ? port : undefined;
}

function parseLogLine(line: string): Record<string, unknown>[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    // The last line may still be incomplete.
    return [];
  }
}
