import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryFixture } from '../../e2e/delivery-fixture.js';
import { eventually } from '../../harness/eventually.js';
import { testStack } from '../../harness/stack.js';
import { MemoryWatch } from '../redrive-memory.js';

const stack = testStack();
const endpoints = 100_000;
/** The default. */
const maxConnections = 2_000;
const page = 5_000;
let fixture: DeliveryFixture;
let server: Server;
let received = 0;
const open = { now: 0, most: 0 };

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  server = createServer((request, response) => {
    request.resume().once('end', () => {
      received++;
      response.end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    open.most = Math.max(open.most, ++open.now);
    socket.once('close', () => open.now--);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', 4_096, resolve));
});

afterAll(async () => {
  await fixture.close();
  server.closeAllConnections();
  server.close();
});

/** An address of its own for each, as each must have connections of its own; all of them are this machine on Linux. */
function urlOf(index: number): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}:${port}/`;
}

async function inPages<T>(make: (index: number) => T, write: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let done = 0; done < endpoints; done += page) {
    await write(Array.from({ length: page }, (_, index) => make(done + index)));
  }
}

describe('100,000 endpoints', () => {
  it('get their deliveries over a bounded number of connections, from memory that does not grow', async () => {
    await inPages(
      (index) => fixture.subscription(`many-${index}`, urlOf(index)),
      (some) => fixture.subscribeAll(some),
    );
    const app = await fixture.startApp();
    const memory = new MemoryWatch(app.pid);
    const rssMb: number[] = [];
    const files: number[] = [];
    for (let round = 1; round <= 3; round++) {
      await inPages(
        (index) => fixture.task(`many-${index}`),
        (some) => fixture.send(some),
      );
      await eventually(() => received === round * endpoints, { timeoutMs: 240_000, pollMs: 50 });
      rssMb.push(memory.nowMb());
      files.push(readdirSync(`/proc/${app.pid}/fd`).length);
    }
    console.log(JSON.stringify({ rssMb, files, mostOpen: open.most }));
    // Those that carry a request are beyond it.
    expect(open.most).toBeLessThanOrEqual(maxConnections + 1_000);
    expect(Math.max(...files)).toBeLessThanOrEqual(maxConnections + 1_000);
    expect((rssMb[2] ?? 0) - (rssMb[0] ?? 0)).toBeLessThan(80);
    expect(Math.max(...rssMb)).toBeLessThan(800);
    expect(received).toBe(3 * endpoints);
  });
});
