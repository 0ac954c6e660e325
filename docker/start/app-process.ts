import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { delay, messageOf } from '#libs/process';
import { LogFile } from './log-file.js';

export type AppName = 'control' | 'ingest' | 'router' | 'delivery';

export interface AppSpec {
  name: AppName;
  /** The checkout. */
  directory: string;
  logDirectory: string;
  environment: Readonly<Record<string, string>>;
}

/** An app ended although nobody had asked it to. */
export class AppEnded extends Error {
  override readonly name = 'AppEnded';

  constructor(
    message: string,
    /** What the app said before it ended, or the last lines of its log. */
    readonly details: readonly string[],
    readonly exitCode: number,
  ) {
    super(message);
  }
}

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 28_000;
const pollMs = 50;
const fatalLevel = 60;
/**
 * MB for the young. What is read from Kafka lives for some milliseconds: with more room than Node gives a fifth of the
 * CPU time is saved. Delivery takes half: 1 % more CPU time and 50 MB less while a backlog drains.
 */
const semiSpaceMb: Partial<Record<AppName, number>> = { delivery: 8 };
const defaultSemiSpaceMb = 16;

function nodeArguments(name: AppName): string[] {
  return ['--enable-source-maps', `--max-semi-space-size=${semiSpaceMb[name] ?? defaultSemiSpaceMb}`];
}

/** One app as a process of its own, in a process group of its own: Ctrl-C is for the start program alone. */
export class AppProcess {
  /** Resolves when the process has ended, expectedly or not. */
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;
  private readonly log: LogFile;
  private stopping = false;
  private ending: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor(private readonly spec: AppSpec) {
    this.log = new LogFile(join(spec.logDirectory, `${spec.name}.log`));
    this.child = spawn(process.execPath, [...nodeArguments(spec.name), entryPoint(spec.name)], {
      cwd: spec.directory,
      env: { ...inherited(), ...spec.environment },
      detached: true,
      stdio: ['ignore', this.log.descriptor, this.log.descriptor],
    });
    this.exited = new Promise((resolve) => {
      this.child.once('error', () => {
        this.ending = { code: 1, signal: null };
        resolve();
      });
      this.child.once('exit', (code, signal) => {
        this.ending = { code, signal };
        resolve();
      });
    });
  }

  get name(): AppName {
    return this.spec.name;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The address it listens on, once it is ready. @throws AppEnded */
  async ready(signal: AbortSignal): Promise<string> {
    const deadline = performance.now() + readyTimeoutMs;
    let reason = 'it does not listen yet';
    while (performance.now() < deadline) {
      signal.throwIfAborted();
      this.throwIfEnded();
      const url = this.url();
      if (url !== undefined) {
        const answer = await readiness(url);
        if (answer === 'ready') {
          return url;
        }
        reason = answer;
      }
      await delay(pollMs, signal);
    }
    throw new AppEnded(
      `${this.name} was not ready within ${readyTimeoutMs / 1000} s: ${reason}`,
      this.lastLines(),
      1,
    );
  }

  /** Rejects when it ends before anybody asks it to. */
  async untilUnexpectedEnd(): Promise<never> {
    await this.exited;
    if (this.stopping) {
      return new Promise(() => undefined);
    }
    throw this.endedError();
  }

  /** SIGTERM, and SIGKILL to one that does not drain in time. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.signal('SIGTERM');
    const patience = new AbortController();
    await Promise.race([
      this.exited,
      delay(stopTimeoutMs, patience.signal).then(() => {
        this.signal('SIGKILL');
      }),
    ]);
    patience.abort();
    await this.exited;
  }

  kill(): void {
    this.stopping = true;
    this.signal('SIGKILL');
  }

  private signal(name: NodeJS.Signals): void {
    if (this.ending === undefined) {
      this.child.kill(name);
    }
  }

  private url(): string | undefined {
    const listening = this.log.entries().find(({ msg }) => msg === 'listening');
    return listening === undefined
      ? undefined
      : `http://${String(listening['host'])}:${String(listening['port'])}`;
  }

  private throwIfEnded(): void {
    if (this.ending !== undefined) {
      throw this.endedError();
    }
  }

  private endedError(): AppEnded {
    const { code, signal } = this.ending ?? { code: null, signal: null };
    const how = signal === null ? `with exit code ${code ?? 1}` : `by ${signal}`;
    const fatal = this.log.entries().findLast(({ level }) => Number(level) >= fatalLevel);
    const said = fatal === undefined ? this.lastLines() : [String(fatal['msg'])];
    return new AppEnded(`${this.name} ended ${how}`, said, code ?? 1);
  }

  private lastLines(): string[] {
    return [...this.log.lines().slice(-5), `(more in ${this.log.path})`];
  }
}

function entryPoint(name: AppName): string {
  return join('dist', 'apps', name, 'src', 'main.js');
}

/** What the apps need of this process' environment; their own settings come on top. */
function inherited(): Record<string, string> {
  const { PATH = '', HOME = '', LOG_LEVEL = 'info', NODE_OPTIONS = '', TZ = 'UTC' } = process.env;
  // Which receivers may be called, and how: to leave these out without a word would open what somebody closed.
  const { ALLOWED_PORTS = '', HTTPS_ONLY = '', OUTBOUND_PROXY = '' } = process.env;
  return { PATH, HOME, LOG_LEVEL, NODE_OPTIONS, TZ, ALLOWED_PORTS, HTTPS_ONLY, OUTBOUND_PROXY };
}

async function readiness(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    if (response.ok) {
      return 'ready';
    }
    const { reasons } = (await response.json()) as { reasons?: Record<string, string> };
    return Object.entries(reasons ?? {})
      .map(([name, reason]) => `${name}: ${reason}`)
      .join(', ');
  } catch (error) {
    return messageOf(error);
  }
}
