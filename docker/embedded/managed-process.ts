import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { messageOf, RelayError, type RelayErrorCode } from '#libs/process';
import { lastLines } from './command.js';

const maxLogBytes = 16 * 1024 * 1024;
const pollMs = 50;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly logFile: string;
  /** Rejects until the process answers. */
  readonly probe: () => Promise<void>;
  readonly startTimeoutMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly errorCode: RelayErrorCode;
  /** Called when the process ends though nobody asked it to. */
  readonly onUnexpectedExit?: ((sentence: string) => void) | undefined;
}

/**
 * A server of the stack as a process of its own. It leads its own process group, so that Ctrl-C in the terminal
 * does not reach it before its clients have stopped.
 */
export class ManagedProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  /** From its first answer until somebody ends it. */
  private isUp = false;

  constructor(private readonly spec: ProcessSpec) {}

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  get stopSignal(): NodeJS.Signals {
    return this.spec.stopSignal;
  }

  async start(signal?: AbortSignal): Promise<void> {
    if (this.child !== undefined) return;
    const { spec } = this;
    const log = openSync(spec.logFile, isTooBig(spec.logFile) ? 'w' : 'a');
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: { ...inheritedEnvironment(), ...spec.env },
      detached: true,
      stdio: ['ignore', log, log],
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    closeSync(log);
    this.child = child;
    this.exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        const isUnexpected = this.isUp;
        this.child = undefined;
        this.isUp = false;
        resolve();
        if (isUnexpected) spec.onUnexpectedExit?.(`${spec.name} ended (${how}); see ${spec.logFile}`);
      };
      child.once('error', (error) => {
        ended(error.message);
      });
      child.once('exit', (code, signalName) => {
        ended(signalName ?? `exit code ${code ?? '?'}`);
      });
    });
    try {
      await this.waitUntilUp(signal);
      this.isUp = true;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Asks it to end in order, and ends it the hard way if it does not within its time. */
  async stop(): Promise<void> {
    await this.end(this.spec.stopSignal);
  }

  /** As a crash would end it: kill -9. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signalName: NodeJS.Signals): Promise<void> {
    this.isUp = false;
    const { child } = this;
    if (child === undefined) return;
    child.kill(signalName);
    const timer = setTimeout(() => child.kill('SIGKILL'), this.spec.stopTimeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  private async waitUntilUp(signal?: AbortSignal): Promise<void> {
    const { spec } = this;
    const deadline = Date.now() + spec.startTimeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      if (this.child === undefined) {
        throw new RelayError(
          spec.errorCode,
          `${spec.name} did not start: ${this.endOfLog()} (see ${spec.logFile})`,
        );
      }
      try {
        await spec.probe();
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          const seconds = Math.round(spec.startTimeoutMs / 1000);
          throw new RelayError(
            spec.errorCode,
            `${spec.name} does not answer after ${seconds} s: ${messageOf(error)} (see ${spec.logFile})`,
            { cause: error },
          );
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  private endOfLog(): string {
    try {
      return lastLines(readFileSync(this.spec.logFile, 'utf8'), 3);
    } catch {
      return 'it left no log';
    }
  }
}

/** Only what a server needs: settings of the apps, such as LOG_LEVEL or HTTP_PORT, mean something else to it. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'JAVA_HOME', 'JAVA_TOOL_OPTIONS', 'LD_LIBRARY_PATH', 'TMPDIR'];
  const entries = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function isTooBig(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes;
}
