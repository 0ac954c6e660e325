import { join } from 'node:path';
import type { Stack } from '#embedded';
import type { StackCoordinates } from './coordinates.js';

declare global {
  var relayTestStack: Stack | undefined;
}

/** Test files that want a proxy in front of Kafka at the same time. */
const proxiedListeners = 4;
const mostRunsAtOnce = 16;

/**
 * Starts the one stack that all test files of a run share. RELAY_STACK says of what kind: `containers`,
 * `embedded`, or `none` where no test needs one; by default containers where a Docker engine answers. Jest
 * loads this file outside its own module system, so `#embedded` is what the last build has made of it.
 */
export default async function globalSetup(): Promise<void> {
  const choice = process.env['RELAY_STACK'] ?? 'any';
  if (choice === 'none' || process.env['RELAY_TEST_STACK'] !== undefined) return;
  const { startContainerStack, startEmbeddedStack, dockerAnswers } = await import('#embedded');
  const useContainers = choice === 'containers' || (choice === 'any' && (await dockerAnswers()));
  const directory = await freeDirectory();
  const options = { directory, proxiedListeners, throwaway: true, progress };
  const stack = useContainers ? await startContainerStack(options) : await startEmbeddedStack(options);
  globalThis.relayTestStack = stack;
  const coordinates: StackCoordinates = {
    variant: stack.variant,
    brokers: stack.brokers,
    schemaRegistryUrl: stack.schemaRegistryUrl,
    databaseUrl: stack.databaseUrl,
    proxiedListeners: stack.proxiedListeners,
  };
  process.env['RELAY_TEST_STACK'] = JSON.stringify(coordinates);
}

/** Several runs of one checkout at the same time have a stack each. */
async function freeDirectory(): Promise<string> {
  const { checkoutDirectory, isClaimed } = await import('#embedded');
  const base = join(checkoutDirectory(), 'run', 'test');
  for (let run = 1; run <= mostRunsAtOnce; run++) {
    const directory = run === 1 ? base : `${base}-${run}`;
    if (!(await isClaimed(directory))) return directory;
  }
  throw new Error(`${mostRunsAtOnce} test runs are at work in this checkout already.`);
}

function progress(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}
