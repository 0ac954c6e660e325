import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkoutDirectory } from '#embedded';

/** What docs/warehouse.md tells a reader of the topics to take. */
export const recipes = join(checkoutDirectory(), 'docs', 'warehouse');

const cacheDirectory = join(checkoutDirectory(), 'run', 'cache');

/** Which of these programs are missing here. */
export function missingPrograms(programs: readonly string[]): string[] {
  return programs.filter((program) => {
    const { error, status } = spawnSync(program, [program === 'java' ? '-version' : '--version']);
    return error !== undefined || status !== 0;
  });
}

/** The jars of a Connect worker with its sink, fetched by Maven at the first use. */
export function connectJars(): Promise<string> {
  return fetched('connect', join(recipes, 'pom.xml'), async (folder) => {
    const goal = 'dependency:copy-dependencies';
    const quiet = ['--batch-mode', '--no-transfer-progress', '--file', join(recipes, 'pom.xml')];
    await run('mvn', [...quiet, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime']);
  });
}

/** A Python with the packages of a file for pip, by default the recipe's, in an environment of its own. */
export async function pythonWithPackages(requirements = join(recipes, 'requirements.txt')): Promise<string> {
  const folder = await fetched('python', requirements, async (environment) => {
    await run('python3', ['-m', 'venv', environment]);
    const install = ['install', '--quiet', '--disable-pip-version-check', '--requirement'];
    await run(join(environment, 'bin', 'pip'), [...install, requirements]);
  });
  return join(folder, 'bin', 'python');
}

/** A folder named after what its content was fetched for; one without its last file was interrupted. */
async function fetched(
  name: string,
  recipe: string,
  fetch: (folder: string) => Promise<void>,
): Promise<string> {
  const content = readFileSync(recipe);
  const fingerprint = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const folder = join(cacheDirectory, `${name}-${fingerprint}`);
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    await rm(folder, { recursive: true, force: true });
    await fetch(folder);
    await writeFile(complete, '');
  }
  return folder;
}

/** Runs a program to its end. @throws Error with what it printed when it fails. */
export function run(program: string, args: readonly string[], env = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code ?? 'a signal'}: ${errors}${output.slice(-4000)}`));
    });
  });
}
