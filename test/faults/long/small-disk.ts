import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const namespaces = ['--user', '--mount'];

/** Why a small disk cannot be made on this machine; undefined where it can. */
export function whyNoSmallDisk(): string | undefined {
  const mount = ['unshare', ...namespaces, '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt'];
  for (const command of [mount, ['nsenter', '--version'], ['java', '-version']]) {
    const [program = '', ...args] = command;
    const { status } = spawnSync(program, args, { stdio: 'ignore' });
    if (status !== 0) return `"${command.join(' ')}" does not work here`;
  }
  return undefined;
}

/**
 * A disk in memory that only processes see which are started on it: it is mounted in a namespace of its own, for
 * which nobody has to be root. Java programs get there by a `java` that enters the namespace first.
 */
export class SmallDisk {
  private constructor(
    private readonly keeper: ChildProcess,
    /** With `bin/java`. */
    readonly javaHome: string,
    private readonly mountedAt: string,
  ) {}

  /** Mounted when the first Java program starts, as who uses the folder may delete it before that. */
  static async open(directory: string, mountedAt: string, megabytes: number): Promise<SmallDisk> {
    // Ends with this process, which holds its input open.
    const keeper = spawn('unshare', [...namespaces, '--map-root-user', 'sh', '-c', 'echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(keeper.stdout, 'data');
    const javaHome = join(directory, 'java-on-small-disk');
    await mkdir(join(javaHome, 'bin'), { recursive: true });
    const enter = ['nsenter', ...entering(keeper)].join(' ');
    await writeFile(
      join(javaHome, 'bin', 'java'),
      `#!/bin/sh
exec ${enter} sh -c '
mkdir -p "${mountedAt}"
grep -q " ${mountedAt} tmpfs " /proc/self/mounts || mount -t tmpfs -o size=${megabytes}m none "${mountedAt}"
exec java "$@"' sh "$@"
`,
    );
    await chmod(join(javaHome, 'bin', 'java'), 0o755);
    return new SmallDisk(keeper, javaHome, mountedAt);
  }

  /** To the last byte. */
  async fill(): Promise<void> {
    const ballast = `head -c 1G /dev/zero > "${this.ballast}" || true`;
    await run('nsenter', [...entering(this.keeper), 'sh', '-c', ballast]);
  }

  async free(): Promise<void> {
    await run('nsenter', [...entering(this.keeper), 'rm', this.ballast]);
  }

  /** When nothing runs on it any more. */
  async close(): Promise<void> {
    const ended = once(this.keeper, 'exit');
    this.keeper.stdin?.end();
    await ended;
    await rm(this.javaHome, { recursive: true, force: true });
  }

  private get ballast(): string {
    return join(this.mountedAt, 'ballast');
  }
}

function entering({ pid }: ChildProcess): string[] {
  return [`--target=${pid ?? 0}`, ...namespaces, '--preserve-credentials'];
}
