import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkoutDirectory } from '#embedded';

const run = promisify(execFile);

/**
 * An earlier state of main, from before notices, erasures, traces and metrics: ten of control's migrations behind
 * this one, and with rows of `relay.attempts` that lack the URL's hash.
 */
const commit = '9efdca89d7f7d070815b1062e394cb5ef71f35b1';

/** Whether this clone has that commit; a shallow one has not. */
export async function hasReleaseBefore(): Promise<boolean> {
  return run('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: checkoutDirectory() }).then(
    () => true,
    () => false,
  );
}

export interface Release {
  /** With its apps built. */
  readonly checkout: string;
  remove(): Promise<void>;
}

/** Takes that commit's files out of git and builds them with the packages of this checkout. */
export async function buildReleaseBefore(): Promise<Release> {
  const checkout = await mkdtemp(join(tmpdir(), 'relay-release-'));
  const archive = join(checkout, 'release.tar');
  await run('git', ['archive', '--output', archive, commit], { cwd: checkoutDirectory() });
  await run('tar', ['-x', '-f', archive, '-C', checkout]);
  await symlink(join(checkoutDirectory(), 'node_modules'), join(checkout, 'node_modules'));
  await run(process.execPath, ['scripts/build.mjs'], { cwd: checkout });
  return { checkout, remove: () => rm(checkout, { recursive: true, force: true }) };
}
