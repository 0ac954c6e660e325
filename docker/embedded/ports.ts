import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ProxiedListener } from './kafka.js';

/**
 * Below the range the kernel hands out for outgoing connections (32768 on Linux): otherwise, while a broker is
 * down, somebody's outgoing connection could sit on its port, or a client could even connect to itself.
 */
const lowestPort = 15_000;
const highestPort = 31_999;

/** The ports of a stack. */
export interface Ports {
  readonly kafka: number;
  readonly controller: number;
  readonly registry: number;
  readonly postgres: number;
  readonly proxied: readonly ProxiedListener[];
}

/** Free ports, the same as at the last start where that is possible. */
export async function takePorts(
  directory: string,
  proxiedListeners: number,
  host = '127.0.0.1',
): Promise<Ports> {
  const slots = Array.from({ length: proxiedListeners }, (_, index) => index);
  const names = slots.flatMap((slot) => [`proxied${slot}`, `proxy${slot}`]);
  const file = join(directory, 'ports.json');
  const ports = await choosePorts<string>(file, ['kafka', 'controller', 'registry', 'postgres', ...names]);
  const port = (name: string): number => ports[name] ?? 0;
  return {
    kafka: port('kafka'),
    controller: port('controller'),
    registry: port('registry'),
    postgres: port('postgres'),
    proxied: slots.map((slot) => ({
      listenHost: host,
      listenPort: port(`proxied${slot}`),
      advertisedPort: port(`proxy${slot}`),
    })),
  };
}

/**
 * One port per name, remembered in `file`, so that addresses stay the same from start to start. A port that
 * somebody else has taken meanwhile is chosen anew.
 */
async function choosePorts<Name extends string>(
  file: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const remembered = await readRemembered(file);
  const chosen = new Map<Name, number>();
  const isUsable = async (port: number): Promise<boolean> =>
    ![...chosen.values()].includes(port) && (await isFree(port));
  for (const name of names) {
    const before = remembered[name];
    chosen.set(name, before !== undefined && (await isUsable(before)) ? before : await findPort(isUsable));
  }
  const ports = Object.fromEntries(chosen) as Record<Name, number>;
  await writeFile(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

async function findPort(isUsable: (port: number) => Promise<boolean>): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort + 1));
    if (await isUsable(port)) return port;
  }
}

async function readRemembered(file: string): Promise<Record<string, number | undefined>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
