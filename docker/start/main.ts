import { messageOf, RelayError } from '#libs/process';
import { AppEnded } from './app-process.js';
import { parseArguments, type StartOptions } from './arguments.js';
import { Ending } from './ending.js';
import { killEnvironment, stopEnvironment } from './environment.js';
import { run, type RunContext } from './run.js';

/** A terminal's Ctrl-C may come twice, from the terminal and from whoever started this. */
const sameSignalMs = 500;

const parsed = parseArguments(process.argv.slice(2), process.env);
switch (parsed.kind) {
  case 'help':
    process.stdout.write(parsed.text);
    break;
  case 'wrong':
    process.stderr.write(`${parsed.sentence}\n`);
    process.exitCode = 64;
    break;
  case 'run':
    process.exitCode = await start(parsed.options);
    process.exit();
}

async function start(options: StartOptions): Promise<number> {
  const ending = new Ending();
  const context: RunContext = {
    options,
    ending,
    started: {},
    screen: process.stdout,
    cleanUps: [],
    isUp: false,
  };
  handleSignals(context);
  const outcome = await run(context).catch((error: unknown) => {
    // An end that was asked for interrupts whatever is under way; that is no failure.
    if (ending.reason === undefined) {
      ending.fail(error);
    }
    return undefined;
  });
  const failure = ending.reason?.kind === 'failed' ? ending.reason.error : undefined;
  if (failure !== undefined) {
    process.stderr.write(`\n${describe(failure)}\n`);
  }
  const conclusion = failure === undefined ? outcome : undefined;
  write(conclusion?.report ?? []);
  await stopEverything(context);
  if (failure === undefined && context.isUp && context.options.forSeconds === undefined) {
    write(['Stopped. The next start goes on from here.']);
  }
  write(conclusion?.lastLine === undefined ? [] : [conclusion.lastLine]);
  return failure === undefined ? (conclusion?.exitCode ?? 0) : exitCodeOf(failure, context);
}

function write(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

async function stopEverything(context: RunContext): Promise<void> {
  if (context.started.stack !== undefined) {
    process.stdout.write('\nStopping: what is under way is finished first ...\n');
  }
  for (const cleanUp of context.cleanUps.reverse()) {
    await cleanUp().catch(() => undefined);
  }
  await stopEnvironment(context.started);
}

/** The first asks for an orderly end, the second ends everything at once. */
function handleSignals(context: RunContext): void {
  let firstAtMs: number | undefined;
  const onSignal = (): void => {
    if (firstAtMs === undefined) {
      firstAtMs = performance.now();
      context.ending.ask();
    } else if (performance.now() - firstAtMs > sameSignalMs) {
      void killEnvironment(context.started).finally(() => process.exit(130));
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
}

function describe(error: unknown): string {
  if (error instanceof AppEnded) {
    const [only, ...more] = error.details;
    return more.length === 0
      ? `${error.message}: ${only ?? ''}`
      : [`${error.message}:`, ...error.details].join('\n  ');
  }
  return error instanceof RelayError ? error.message : `Unexpected: ${messageOf(error)}`;
}

/** While starting, what the app or the server says; of something that ran already, 1. */
function exitCodeOf(error: unknown, context: RunContext): number {
  if (error instanceof AppEnded) {
    return context.isUp ? 1 : error.exitCode;
  }
  return error instanceof RelayError ? error.exitCode : 1;
}
