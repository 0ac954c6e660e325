import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutDirectory } from '#embedded';
import { connectJars, recipes } from './readers.js';

export interface ConnectWorker {
  /** The end of its log, to be shown where its work is missed. */
  log(): string;
  stop(): Promise<void>;
}

const living = new Set<{ kill(signal: NodeJS.Signals): boolean }>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** Starts a Connect worker with the sink as docs/warehouse has them; `env` fills in what they leave open. */
export async function startConnectWorker(env: Readonly<Record<string, string>>): Promise<ConnectWorker> {
  const jars = await connectJars();
  const folder = mkdtempSync(join(checkoutDirectory(), 'run', 'connect-'));
  const logFile = join(folder, 'worker.log');
  const log = openSync(logFile, 'a');
  const configuration = ['connect.properties', 'odoo-sink.properties'].map((file) => join(recipes, file));
  const main = 'org.apache.kafka.connect.cli.ConnectStandalone';
  const small = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const child = spawn('java', [...small, '-cp', join(jars, '*'), main, ...configuration], {
    env: { ...process.env, ...env, CONNECT_FOLDER: folder, CONNECT_PORT: '0' },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  living.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      living.delete(child);
      resolve();
    });
  });
  return {
    log: () => readFileSync(logFile, 'utf8').slice(-6000),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
