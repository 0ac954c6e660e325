import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Pinned: another version generates other requests. */
const version = '4.32.5';
const lowestPythonMinor = 11;
const pythons = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'];
const installTimeoutMs = 300_000;

interface Ended {
  exitCode: number;
  output: string;
}

/** The program, installed in a Python environment of its own where it is not yet; or why it cannot be. */
export async function installedSchemathesis(
  directory: string,
): Promise<{ kind: 'program'; path: string } | { kind: 'missing'; reason: string }> {
  const environment = join(directory, `schemathesis-${version}`);
  const path = join(environment, 'bin', 'schemathesis');
  if (existsSync(path)) {
    return { kind: 'program', path };
  }
  const python = await suitablePython();
  if (python === undefined) {
    return { kind: 'missing', reason: `there is no Python 3.${String(lowestPythonMinor)} or newer` };
  }
  await mkdir(directory, { recursive: true });
  const made = await run(python, ['-m', 'venv', environment]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`];
  const installed = made.exitCode === 0 ? await run(join(environment, 'bin', 'python'), pip) : made;
  if (installed.exitCode !== 0 || !existsSync(path)) {
    await rm(environment, { recursive: true, force: true });
    const last = installed.output.trim().split('\n').at(-1) ?? '';
    return { kind: 'missing', reason: `schemathesis ${version} cannot be installed from PyPI (${last})` };
  }
  return { kind: 'program', path };
}

async function suitablePython(): Promise<string | undefined> {
  for (const python of pythons) {
    const isNewEnough = `import sys, venv; sys.exit(sys.version_info < (3, ${String(lowestPythonMinor)}))`;
    if ((await run(python, ['-c', isNewEnough])).exitCode === 0) {
      return python;
    }
  }
  return undefined;
}

function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: installTimeoutMs });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      resolve({ exitCode: 127, output: error.message });
    });
    child.on('close', (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, output });
    });
  });
}
