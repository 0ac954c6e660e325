// Makes a checkout ready to run: Node checked, packages installed, sources built. Plain JavaScript, because it
// runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkoutDirectory = dirname(dirname(fileURLToPath(import.meta.url)));

const lowestNodeVersion = [20, 19];
const sourceFolders = ['apps', 'libs', 'docker', 'odoo', 'test', 'bench', 'scripts'];
const buildInputs = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];
const builtSuffixes = ['.js', '.js.map', '.d.ts', '.tsbuildinfo'];

/** Signals that come so shortly after each other are one wish to stop. */
const sameKeyPressMs = 300;

const inCheckout = (...parts) => join(checkoutDirectory, ...parts);
const say = (sentence) => process.stderr.write(`${sentence}\n`);

/** Does what is missing and nothing else: with everything in place it takes a few milliseconds. */
export async function setUp() {
  checkNode();
  await installWhenNeeded();
  if (needsBuild()) await build();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isTooOld =
    major < lowestNodeVersion[0] || (major === lowestNodeVersion[0] && minor < lowestNodeVersion[1]);
  if (isTooOld)
    fail(`Node ${process.versions.node} is too old: install Node ${lowestNodeVersion.join('.')} or newer.`);
}

async function installWhenNeeded() {
  if (isInstalled()) return;
  const why = existsSync(inCheckout('node_modules'))
    ? 'package-lock.json has changed'
    : 'at the first start only';
  say(`Installing npm packages, about 400 MB with a Postgres server among them (${why}) …`);
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  if ((await run('npm', ['ci', ...flags])) === 0) return;
  // It insists on optional packages for other machines too, which not every registry has; install does not.
  say('"npm ci" does not accept that; trying "npm install" with the same versions …');
  if ((await run('npm', ['install', '--no-save', ...flags])) === 0) return;
  fail('The npm packages could not be installed: see above; does npm reach its registry?');
}

/** npm notes in node_modules what it has installed; it has to be what package-lock.json asks for. */
function isInstalled() {
  const noteFile = inCheckout('node_modules', '.package-lock.json');
  if (!existsSync(noteFile)) return false;
  const installed = JSON.parse(readFileSync(noteFile, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(inCheckout('package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    // Optional ones are there where they fit the machine.
    if (path === '' || (optional === true && installed[path] === undefined)) return true;
    return installed[path]?.version === version;
  });
}

function needsBuild() {
  const built = readBuildMarker();
  return built === undefined || built !== fingerprint();
}

/** Compiles what has changed, copies what is not TypeScript, and removes what has lost its source. */
export async function build() {
  const before = fingerprint();
  const isFirst = readBuildMarker() === undefined;
  say(
    isFirst
      ? 'Building the sources (at the first start all of them, later only what changes) …'
      : 'Building what has changed …',
  );
  removeOrphans('');
  const tsc = inCheckout('node_modules', 'typescript', 'bin', 'tsc');
  // A missing output would not be noticed by an incremental build.
  if (isFirst) rmSync(inCheckout('dist', 'build.tsbuildinfo'), { force: true });
  const exitCode = await run(process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  copyAssets();
  if (exitCode !== 0) fail('The sources could not be built: see the errors above.');
  writeFileSync(buildMarker(), before);
}

const buildMarker = () => inCheckout('dist', '.built-fingerprint');

function readBuildMarker() {
  return existsSync(buildMarker()) ? readFileSync(buildMarker(), 'utf8') : undefined;
}

/** Changes when a source is added, removed or written; reading the sources themselves would take longer. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = [
    ...buildInputs,
    ...sourceFolders.flatMap((folder) => listFiles(folder)).filter(isBuildInput),
  ];
  for (const file of files) {
    const { mtimeMs, size } = statSync(inCheckout(file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function isBuildInput(file) {
  return !file.endsWith('.test.ts') && !file.endsWith('.md') && !file.endsWith('.mjs');
}

function isSource(file) {
  return file.endsWith('.ts') && !file.endsWith('.test.ts');
}

function isAsset(file) {
  return isBuildInput(file) && !file.endsWith('.ts');
}

function copyAssets() {
  for (const file of sourceFolders.flatMap((folder) => listFiles(folder)).filter(isAsset)) {
    mkdirSync(dirname(inCheckout('dist', file)), { recursive: true });
    copyFileSync(inCheckout(file), inCheckout('dist', file));
  }
}

/** So that nothing goes on working only because an old build of it is still there. */
function removeOrphans(folder) {
  const directory = inCheckout('dist', folder);
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeOrphans(path);
    else if (folder !== '' && !hasSource(path)) rmSync(inCheckout('dist', path));
  }
  if (folder !== '' && readdirSync(directory).length === 0) rmSync(directory, { recursive: true });
}

function hasSource(builtFile) {
  const suffix = builtSuffixes.find((candidate) => builtFile.endsWith(candidate));
  const source = suffix === undefined ? builtFile : `${builtFile.slice(0, -suffix.length)}.ts`;
  return (
    (isSource(source) && existsSync(inCheckout(source))) ||
    (isAsset(builtFile) && existsSync(inCheckout(builtFile)))
  );
}

function listFiles(folder) {
  const directory = inCheckout(folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

/** Runs a program with the terminal's input and output; what it prints goes to the error output. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: checkoutDirectory, stdio: ['ignore', 2, 2] });
    child.on('error', () => resolve(127));
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
}

function fail(sentence) {
  say(sentence);
  process.exit(69);
}

/**
 * Runs the program that a script is for, in a process group of its own. So a Ctrl-C, which the terminal sends to
 * every process in the foreground and npm sends once more, reaches it exactly once: through here.
 */
export function handOver(args, env = process.env) {
  const child = spawn(process.execPath, args, {
    cwd: checkoutDirectory,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
    detached: true,
  });
  let lastPassedOnMs = 0;
  const passOn = (signal) => {
    if (Date.now() - lastPassedOnMs < sameKeyPressMs) return;
    lastPassedOnMs = Date.now();
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, passOn);
  // The terminal tells only its foreground of a new size.
  process.on('SIGWINCH', () => child.kill('SIGWINCH'));
  return new Promise((resolve) => {
    child.on('close', (exitCode, signal) => {
      endGroup(child.pid);
      resolve(exitCode ?? 128 + constants.signals[signal]);
    });
  });
}

/** What a program has left in its own process group when it ended, such as the workers of a killed test run. */
function endGroup(groupId) {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
