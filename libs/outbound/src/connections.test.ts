import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request, type Dispatcher } from 'undici';
import { AllowList } from './allow-list.js';
import { OpenConnections } from './connections.js';
import { guardedDispatcher } from './ssrf-guard.js';

const most = 5;
let server: Server;
let port = 0;
let made = 0;
/** Answers that a request to `/late` waits for. */
const late: ServerResponse[] = [];

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    if (url === '/late') late.push(response);
    else response.end('ok');
  });
  server.on('connection', () => (made += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function withLimit(
  use: (ask: (endpoint: number, path?: string) => Promise<string>, open: OpenConnections) => Promise<void>,
): Promise<void> {
  const open = new OpenConnections(most);
  const dispatcher: Dispatcher = guardedDispatcher({
    allowList: AllowList.parse(['127.0.0.1']),
    connectTimeoutMs: 2_000,
    keepAliveMs: 60_000,
    openConnections: open,
    resolve: () => Promise.resolve(['127.0.0.1']),
  });
  const ask = async (endpoint: number, path = '/'): Promise<string> => {
    const url = `http://endpoint-${endpoint}.example.com:${port}${path}`;
    const { body } = await request(url, { dispatcher });
    return body.text();
  };
  try {
    await use(ask, open);
  } finally {
    await dispatcher.destroy();
  }
}

describe('open connections', () => {
  it('are no more than the limit however many endpoints there are, and the one used longest ago goes first', async () => {
    await withLimit(async (ask, open) => {
      for (let endpoint = 0; endpoint < 40; endpoint++) {
        expect(await ask(endpoint)).toBe('ok');
        // It is used in between, and so is never the oldest.
        expect(await ask(0)).toBe('ok');
        expect(open.count).toBeLessThanOrEqual(most);
      }
      const before = made;
      await ask(39);
      await ask(0);
      expect(made).toBe(before);
      await ask(1);
      expect(made).toBe(before + 1);
    });
  });

  it('that carry a request are not closed', async () => {
    await withLimit(async (ask, open) => {
      const asked = Array.from({ length: 3 * most }, (_, endpoint) => ask(endpoint, '/late'));
      while (late.length < asked.length) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(open.count).toBe(3 * most);
      for (const response of late) response.end('late');
      expect(await Promise.all(asked)).toEqual(asked.map(() => 'late'));
      expect(await ask(100)).toBe('ok');
      expect(open.count).toBeLessThanOrEqual(most);
    });
  });
});
