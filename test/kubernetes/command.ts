import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const maxBuffer = 64 * 1024 * 1024;

export interface CommandOptions {
  /** Its standard input. */
  input?: string;
  timeoutMs?: number;
}

/** A program's standard output; an error tells what it said. */
export async function command(
  program: string,
  args: readonly string[],
  { input, timeoutMs = 300_000 }: CommandOptions = {},
): Promise<string> {
  const started = run(program, [...args], { maxBuffer, timeout: timeoutMs });
  // One that has ended reads no more; why it has ended is told below.
  started.child.stdin?.on('error', () => undefined);
  started.child.stdin?.end(input ?? '');
  try {
    return (await started).stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`${program} ${args.join(' ')} has failed: ${stderr}${stdout}`, { cause: error });
  }
}
