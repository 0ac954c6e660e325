import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchJavaPrograms, findJava } from './java.js';

/** Holds the only programs there are. */
let directory: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relay-java-'));
  environment = { PATH: directory };
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function installProgram(name: string, script: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(directory, name), 0o755);
}

describe('what the embedded stack needs of the machine', () => {
  it('is named in one sentence, with the alternatives, when there is no Java', async () => {
    await expect(findJava(environment)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringMatching(
        /^Kafka .* need Java.*install Java 17.*KAFKA_BROKERS and SCHEMA_REGISTRY_URL/,
      ),
    });
  });

  it('includes a Java that is new enough', async () => {
    await installProgram('java', 'echo \'openjdk version "11.0.2" 2019-01-15\' >&2');
    await expect(findJava(environment)).rejects.toMatchObject({
      message: expect.stringContaining('Java 11 is too old'),
    });
    await installProgram('java', 'echo \'openjdk version "21.0.2" 2024-01-16\' >&2');
    expect(await findJava(environment)).toBe('java');
  });

  it('includes Maven only where the programs have not been fetched yet', async () => {
    await expect(
      fetchJavaPrograms(join(directory, 'cache'), () => undefined, environment),
    ).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('install Maven'),
    });
  });

  it('says why Maven failed, and leaves nothing half-finished', async () => {
    await installProgram('mvn', 'echo "[ERROR] Could not reach the repository"; exit 1');
    const cache = join(directory, 'cache');
    await expect(fetchJavaPrograms(cache, () => undefined, environment)).rejects.toMatchObject({
      message: expect.stringContaining('Could not reach the repository'),
    });
    expect(await readdir(cache)).toEqual([]);
  });
});
