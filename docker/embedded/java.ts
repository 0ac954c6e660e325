import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RelayError } from '#libs/process';
import { checkoutDirectory } from './checkout.js';
import { lastLines, runCommand } from './command.js';

const lowestJavaVersion = 17;
const whereElse = 'set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to existing ones';

/** The `java` program of this environment's JAVA_HOME or PATH, checked to be new enough. */
export async function findJava(environment = process.env): Promise<string> {
  const home = environment['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const result = await runCommand(java, ['-version'], { env: environment });
  const install = `install Java ${lowestJavaVersion} or newer with Maven, or start Docker, or ${whereElse}`;
  if (result.kind === 'notFound') {
    throw new RelayError(
      'TOOL_MISSING',
      `Kafka and the schema registry need Java, which is not here: ${install}.`,
    );
  }
  const version = /version "(?:1\.)?(\d+)/.exec(result.output)?.[1];
  if (version === undefined || Number(version) < lowestJavaVersion) {
    throw new RelayError(
      'TOOL_MISSING',
      `Java ${version ?? 'of this machine'} is too old for Kafka: ${install}.`,
    );
  }
  return java;
}

export interface JavaPrograms {
  /** Kafka's jars. */
  readonly kafkaDirectory: string;
  readonly registryJar: string;
}

/**
 * The programs named in pom.xml, fetched by Maven at the first use. The folder's name is made of the pom's
 * content and appears only when complete, so neither an update nor an interrupted download leaves a mixture.
 */
export async function fetchJavaPrograms(
  cacheDirectory: string,
  progress: (sentence: string) => void,
  environment = process.env,
): Promise<JavaPrograms> {
  const pom = join(checkoutDirectory(), 'docker', 'embedded', 'pom.xml');
  const fingerprint = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const directory = join(cacheDirectory, `java-${fingerprint}`);
  if (!existsSync(directory)) {
    progress('Fetching Kafka and the schema registry from Maven: about 270 MB, at the first start only.');
    await download(pom, directory, environment);
    await removeOutdated(cacheDirectory, directory);
  }
  const registryDirectory = join(directory, 'registry');
  const runner = (await readdir(registryDirectory)).find((name) => name.endsWith('-runner.jar'));
  if (runner === undefined) {
    throw new RelayError('INTERNAL', `${registryDirectory} holds no registry: delete it to fetch it again.`);
  }
  return { kafkaDirectory: join(directory, 'kafka'), registryJar: join(registryDirectory, runner) };
}

async function download(pom: string, directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const unfinished = `${directory}.${process.pid}`;
  const kafkaDirectory = join(unfinished, 'kafka');
  const registryDirectory = join(unfinished, 'registry');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(registryDirectory, { recursive: true });
  try {
    await runMaven(pom, kafkaDirectory, environment);
    await unpackRegistry(kafkaDirectory, registryDirectory);
    await writeFile(join(unfinished, 'complete'), '');
    await rename(unfinished, directory).catch((error: unknown) => {
      // Another process of this checkout was faster: its copy is as good.
      if (!existsSync(join(directory, 'complete'))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runMaven(pom: string, outputDirectory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const result = await runCommand(
    'mvn',
    [
      '--batch-mode',
      '--no-transfer-progress',
      '--file',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${outputDirectory}`,
      '-DincludeScope=runtime',
    ],
    { env },
  );
  if (result.kind === 'notFound') {
    throw new RelayError(
      'TOOL_MISSING',
      `Kafka and the schema registry are fetched by Maven, which is not here: install Maven, or start Docker, or ${whereElse}.`,
    );
  }
  if (result.exitCode !== 0) {
    const errors = result.output.split('\n').filter((line) => line.includes('ERROR'));
    throw new RelayError(
      'TOOL_MISSING',
      `Maven could not fetch Kafka and the schema registry: ${lastLines(errors.slice(0, 2).join('\n') || result.output, 3)}`,
    );
  }
}

async function unpackRegistry(fromDirectory: string, toDirectory: string): Promise<void> {
  const archive = (await readdir(fromDirectory)).find((name) => name.endsWith('.tar.gz'));
  if (archive === undefined) throw new RelayError('INTERNAL', 'Maven fetched no archive of the registry.');
  const path = join(fromDirectory, archive);
  const result = await runCommand('tar', ['-xzf', path, '-C', toDirectory]);
  if (result.kind === 'notFound' || result.exitCode !== 0) {
    const why =
      result.kind === 'notFound' ? 'there is no tar program: install it' : lastLines(result.output, 2);
    throw new RelayError('TOOL_MISSING', `The registry could not be unpacked: ${why}.`);
  }
  await rm(path);
}

/** Folders of earlier versions, each some 270 MB; unfinished ones may still be at work elsewhere. */
async function removeOutdated(cacheDirectory: string, current: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    const path = join(cacheDirectory, name);
    if (/^java-[0-9a-f]{12}$/.test(name) && path !== current)
      await rm(path, { recursive: true, force: true });
  }
}
