import { readdir, readFile } from 'node:fs/promises';
import { runCommand } from './command.js';

const pollMs = 50;

/**
 * The pids of processes whose command line holds this argument, exactly. Arguments that name a stack's own
 * directory are what makes a process verifiably ours: a pid alone may have been given to somebody else.
 */
export async function processesWithArgument(argument: string): Promise<number[]> {
  const pids: number[] = [];
  for (const [pid, args] of await commandLines()) if (args.includes(argument)) pids.push(pid);
  return pids;
}

/** Something that tells this process from a later one with the same pid; undefined when none runs. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) return undefined;
    // After the program's name, which may hold anything, in parentheses: field 3 is the state, field 22 the
    // start time in clock ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z';
    return isZombie ? undefined : fields[19];
  }
  const result = await runCommand('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return result.kind === 'ended' && result.exitCode === 0 ? result.output.trim() : undefined;
}

/** Asks processes to end, and ends them the hard way when they do not within their time. */
export async function endProcesses(
  pids: readonly number[],
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (const pid of pids) sendSignal(pid, signal);
  let left = await running(pids);
  while (left.length > 0) {
    if (Date.now() > deadline) for (const pid of left) sendSignal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    left = await running(left);
  }
}

async function running(pids: readonly number[]): Promise<number[]> {
  const starts = await Promise.all(pids.map((pid) => startTimeOf(pid)));
  return pids.filter((_, index) => starts[index] !== undefined);
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function commandLines(): Promise<Map<number, string[]>> {
  if (process.platform === 'linux') return commandLinesOfProc();
  const result = await runCommand('ps', ['-axww', '-o', 'pid=,args=']);
  const lines = result.kind === 'ended' ? result.output.trimEnd().split('\n') : [];
  return new Map(
    lines.map((line) => {
      const [pid, ...args] = line.trim().split(/\s+/);
      return [Number(pid), args];
    }),
  );
}

async function commandLinesOfProc(): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line !== '') found.set(Number(name), line.split('\0'));
  }
  return found;
}
