import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** A process of its own, because signals and exit codes are what is promised. */
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'run-app-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

async function run(body: string, signals: NodeJS.Signals[] = []): Promise<{ code: number; output: string }> {
  const file = path.join(directory, 'app.mjs');
  const dist = path.resolve('dist/libs');
  writeFileSync(
    file,
    `import { runApp, RelayError } from '${dist}/process/src/index.js';
     import { createLogger } from '${dist}/telemetry/src/index.js';
     const logger = createLogger('sample', 'info');
     ${body}`,
  );
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('"msg":"up"')) {
      const next = signals.shift();
      if (next !== undefined) {
        child.kill(next);
      }
    }
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number];
  return { code, output };
}

describe('runApp', () => {
  it('drains on SIGTERM and exits with 0', async () => {
    const { code, output } = await run(
      `runApp({ name: 'sample', logger, start: async () => {
         const timer = setInterval(() => {}, 1000);
         setTimeout(() => logger.info('up'), 0);
         return { stop: async () => { clearInterval(timer); logger.info('drained'); } };
       } });`,
      ['SIGTERM'],
    );
    expect(output).toContain('"msg":"drained"');
    expect(code).toBe(0);
  });

  it('exits at once at the second signal', async () => {
    const { code } = await run(
      `runApp({ name: 'sample', logger, start: async () => {
         setInterval(() => logger.info('up'), 20);
         return { stop: () => new Promise(() => {}) };
       } });`,
      ['SIGTERM', 'SIGTERM'],
    );
    expect(code).toBe(130);
  });

  it('exits with 1 when stopping takes too long', async () => {
    const { code, output } = await run(
      `runApp({ name: 'sample', logger, stopTimeoutMs: 50, start: async () => {
         setInterval(() => {}, 1000);
         setTimeout(() => logger.info('up'), 0);
         return { stop: () => new Promise(() => {}) };
       } });`,
      ['SIGTERM'],
    );
    expect(output).toContain('did not stop in time');
    expect(code).toBe(1);
  });

  it('ends with one clear line and the exit code of a RelayError, without a stack trace', async () => {
    const { code, output } = await run(
      `runApp({ name: 'sample', logger, start: async () => {
         throw new RelayError('KAFKA_UNAVAILABLE', 'no broker answers at 127.0.0.1:1: start Kafka or set KAFKA_BROKERS');
       } });`,
    );
    expect(code).toBe(69);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).not.toContain('    at ');
  });

  it('ends with 70 when a promise that nobody waits for is rejected', async () => {
    const { code, output } = await run(
      `runApp({ name: 'sample', logger, start: async () => {
         setTimeout(() => { void Promise.reject(new Error('forgotten')); }, 10);
         setInterval(() => {}, 1000);
         return { stop: async () => {} };
       } });`,
    );
    expect(code).toBe(70);
    expect(output).toContain('forgotten');
  });
});
