import { createInterface } from 'node:readline/promises';
import { messageOf, RelayError } from '#libs/process';
import { runRelayCommand } from './capture-command.js';

/** The program `relay`: one clear sentence and an exit code where something is wrong. */
try {
  await runRelayCommand(process.argv.slice(2), {
    print: (line) => process.stdout.write(`${line}\n`),
    ask: process.stdin.isTTY ? ask : undefined,
  });
} catch (error) {
  process.stderr.write(`relay: ${messageOf(error)}\n`);
  process.exitCode = error instanceof RelayError ? error.exitCode : 70;
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
