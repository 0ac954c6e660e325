import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { takePorts, type Ports } from './ports.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'relay-ports-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function allOf({ proxied, ...ports }: Ports): number[] {
  return [
    ...Object.values(ports),
    ...proxied.flatMap(({ listenPort, advertisedPort }) => [listenPort, advertisedPort]),
  ];
}

describe('the ports of a stack', () => {
  it('are all different and outside what the kernel gives to outgoing connections', async () => {
    const ports = allOf(await takePorts(directory, 3));
    expect(new Set(ports).size).toBe(4 + 2 * 3);
    expect(ports.filter((port) => port < 15_000 || port > 31_999)).toEqual([]);
  });

  it('are the same at the next start', async () => {
    const before = await takePorts(directory, 1);
    expect(await takePorts(directory, 1)).toEqual(before);
  });

  it('are chosen anew where somebody else has taken one, and only there', async () => {
    const before = await takePorts(directory, 0);
    const other = createServer().listen(before.registry, '127.0.0.1');
    await once(other, 'listening');
    try {
      const after = await takePorts(directory, 0);
      expect(after.registry).not.toBe(before.registry);
      expect({ ...after, registry: before.registry }).toEqual(before);
    } finally {
      other.close();
    }
  });
});
