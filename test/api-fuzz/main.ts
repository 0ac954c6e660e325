import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutDirectory, startEmbeddedStack } from '#embedded';
import { startApp } from '../harness/apps.js';
import { installedSchemathesis } from './schemathesis.js';

/**
 * Tries control's API on requests that schemathesis makes up from the OpenAPI document: valid ones, wrong ones, and
 * several that build on each other. None may be answered with a server error or with anything that the document does
 * not name. Arguments: `--examples <n>` (40) for each operation, `--seed <n>`.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];
const directory = join(checkoutDirectory(), 'run', 'api-fuzz');
const examples = argument('--examples', '40');
const firstSeed = argument('--seed', newSeed());
/** Some seeds end in errors of schemathesis' own, which say nothing of the API. */
const maxSeeds = 3;
const adminKey = randomBytes(16).toString('hex');

/** Made up, it would never be one there is, and what is behind it would stay untried. */
const configuration = '[parameters]\n"path.database" = "acme"\n';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const program = await installedSchemathesis(join(checkoutDirectory(), 'run'));
if (program.kind === 'missing') {
  say(`skipped: ${program.reason}`);
  say('0 passed, 0 failed');
} else {
  process.exitCode = await fuzz(program.path);
}

async function fuzz(schemathesis: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  const stack = await startEmbeddedStack({
    directory: join(directory, 'stack'),
    throwaway: true,
    progress: say,
  });
  try {
    const control = await startApp('control', {
      DATABASE_URL: await stack.createDatabase('control'),
      ADMIN_KEY: adminKey,
      SECRETS_KEY: randomBytes(32).toString('base64'),
      DATABASES: 'acme',
      API_REQUESTS_PER_MINUTE: '1000000',
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    });
    try {
      return await attack(schemathesis, control.url, firstSeed);
    } finally {
      const unexpected = control.logLines().filter(({ level }) => level === 'error' || level === 50);
      unexpected.slice(0, 20).forEach((line) => {
        say(JSON.stringify(line));
      });
      await control.stop();
    }
  } finally {
    await stack.stop();
  }
}

async function attack(schemathesis: string, url: string, seed: string, seeds = 1): Promise<number> {
  const report = join(directory, 'report.xml');
  await rm(report, { force: true });
  const config = join(directory, 'schemathesis.toml');
  await writeFile(config, configuration);
  say(`schemathesis with --seed ${seed}`);
  const args = [
    '--config-file',
    config,
    'run',
    `${url}/v1/openapi.json`,
    '--no-color',
    '--workers',
    '2',
    '--seed',
    seed,
  ];
  const exitCode = await run(schemathesis, [
    ...args,
    ...['--header', `Authorization: Bearer ${adminKey}`],
    ...['--checks', checks.join(',')],
    ...['--max-examples', examples, '--continue-on-failure', '--generation-database', 'none'],
    ...['--suppress-health-check', 'all', '--request-timeout', '40'],
    ...['--report', 'junit', '--report-junit-path', report],
  ]);
  const { tests, failed, errors } = counted(await readFile(report, 'utf8'));
  if (failed === 0 && exitCode !== 0 && seeds < maxSeeds) {
    say('an error of schemathesis, and no failure: once more with another seed');
    return attack(schemathesis, url, newSeed(), seeds + 1);
  }
  const failures = failed === 0 && exitCode !== 0 ? Math.max(1, errors) : failed + errors;
  say(`${String(Math.max(0, tests - failures))} passed, ${String(failures)} failed`);
  return failures === 0 ? 0 : 1;
}

function newSeed(): string {
  return String(randomBytes(4).readUInt32LE());
}

function counted(junit: string): { tests: number; failed: number; errors: number } {
  const number = (name: string): number =>
    Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(junit)?.[1]);
  return { tests: number('tests'), failed: number('failures'), errors: number('errors') };
}

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => {
      resolve(127);
    });
    child.on('close', (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
}

function argument(name: string, otherwise: string): string {
  const index = process.argv.indexOf(name);
  return index === -1 ? otherwise : (process.argv[index + 1] ?? otherwise);
}
