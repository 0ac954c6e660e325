import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkoutDirectory } from '#embedded';

export interface CommandResult {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs `relay …` as a shell does, with nobody at its terminal. */
export async function relayCommand(
  args: readonly string[],
  env: Record<string, string>,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [join(checkoutDirectory(), 'scripts/relay.mjs'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, errors };
}
