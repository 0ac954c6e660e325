// `npm test`: makes the checkout ready and runs the tests; arguments choose some, as in `npm test -- stack`.
// `npm run test:faults` (`--long`) runs those that take minutes each instead.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutDirectory, handOver, setUp } from './setup.mjs';

await setUp();
const jest = 'node_modules/jest/bin/jest.js';
// Behind the arguments: jest would take a pattern after them for one more reporter.
const reporters = ['--reporters=default', '--reporters=<rootDir>/test/harness/count-reporter.mjs'];
const isLong = process.argv[2] === '--long';
const chosen = isLong
  ? [...process.argv.slice(3), '--config=jest.long.config.js', '--runInBand']
  : process.argv.slice(2);
process.exitCode = await handOver(['--experimental-vm-modules', jest, ...chosen, ...reporters], {
  ...process.env,
  // Each worker would warn that native modules in `vm` are an experiment of Node's.
  NODE_NO_WARNINGS: '1',
});
await stopAbandonedStacks();

/** Of runs that were interrupted before they could stop their servers: this one, or one that was killed. */
async function stopAbandonedStacks() {
  const run = join(checkoutDirectory, 'run');
  if (!existsSync(run)) return;
  const { isClaimed, stopLeftovers } = await import('../dist/docker/embedded/index.js');
  for (const name of readdirSync(run).filter((entry) => /^test(-|$)/.test(entry))) {
    const directory = join(run, name);
    if (await isClaimed(directory)) continue;
    await stopLeftovers(directory, () => undefined);
    if (name.startsWith('test-private-')) rmSync(directory, { recursive: true, force: true });
  }
}
