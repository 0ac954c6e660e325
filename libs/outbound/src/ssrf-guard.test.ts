import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request, type Dispatcher } from 'undici';
import { AllowList } from './allow-list.js';
import type { Resolve } from './resolver.js';
import { AddressRefused, guardedDispatcher } from './ssrf-guard.js';

let server: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  server = createServer((_, response) => response.end('reached'));
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What a request ends with, and whether the receiver saw a connection. */
async function dial(url: string, allowed: readonly string[], resolve?: Resolve): Promise<string> {
  const before = connections;
  const dispatcher: Dispatcher = guardedDispatcher({
    allowList: AllowList.parse(allowed),
    connectTimeoutMs: 2_000,
    keepAliveMs: 1_000,
    ...(resolve === undefined ? {} : { resolve }),
  });
  try {
    const { body } = await request(url, { dispatcher });
    return await body.text();
  } catch (error) {
    return `${error instanceof AddressRefused ? 'refused' : String(error)}, ${String(connections - before)} connections`;
  } finally {
    await dispatcher.destroy();
  }
}

const names =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses);

describe('the guard', () => {
  it('checks IP literals, which no resolver ever sees', async () => {
    expect(await dial(`http://127.0.0.1:${port}/`, [])).toBe('refused, 0 connections');
    expect(await dial(`http://[::ffff:127.0.0.1]:${port}/`, [])).toBe('refused, 0 connections');
    expect(await dial(`http://[::1]:${port}/`, [])).toBe('refused, 0 connections');
  });

  it('checks what a public name resolves to', async () => {
    expect(await dial(`http://a.example.com:${port}/`, [], names('127.0.0.1'))).toBe(
      'refused, 0 connections',
    );
  });

  it('refuses a name with one private address among public ones and falls back to none', async () => {
    for (const mixed of [
      ['93.184.216.34', '127.0.0.1'],
      ['127.0.0.1', '93.184.216.34'],
      ['fd00::1', '93.184.216.34'],
    ]) {
      expect(await dial(`http://a.example.com:${port}/`, [], names(...mixed))).toBe('refused, 0 connections');
    }
  });

  it('looks again at every dial, so a name that turns private later is refused then', async () => {
    let turn = 0;
    const turning: Resolve = () => Promise.resolve(turn++ === 0 ? ['127.0.0.1'] : ['10.0.0.1']);
    const dispatcher = guardedDispatcher({
      allowList: AllowList.parse(['127.0.0.1']),
      connectTimeoutMs: 2_000,
      keepAliveMs: 1_000,
      resolve: turning,
    });
    const url = `http://a.example.com:${port}/`;
    const first = await request(url, { dispatcher, headers: { connection: 'close' } });
    expect(await first.body.text()).toBe('reached');
    await expect(request(url, { dispatcher })).rejects.toBeInstanceOf(AddressRefused);
    await dispatcher.destroy();
  });

  it('lets allowed receivers through: by address, by network, by name', async () => {
    expect(await dial(`http://127.0.0.1:${port}/`, [`127.0.0.1:${port}`])).toBe('reached');
    expect(await dial(`http://a.example.com:${port}/`, ['127.0.0.0/8'], names('127.0.0.1'))).toBe('reached');
    expect(await dial(`http://receiver:${port}/`, [`receiver:${port}`], names('127.0.0.1'))).toBe('reached');
  });

  it('is not led around by a proxy in the environment', async () => {
    const proxy = `http://127.0.0.1:${port}`;
    Object.assign(env, { HTTP_PROXY: proxy, http_proxy: proxy, ALL_PROXY: proxy });
    try {
      expect(await dial(`http://127.0.0.1:${port}/`, [])).toBe('refused, 0 connections');
      expect(await dial(`http://a.example.com:${port}/`, [], names('10.0.0.1'))).toBe(
        'refused, 0 connections',
      );
    } finally {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) {
        Reflect.deleteProperty(env, name);
      }
    }
  });

  it('refuses a name that resolves to nothing or to no address', async () => {
    expect(await dial(`http://a.example.com:${port}/`, [], names())).toBe('refused, 0 connections');
    expect(await dial(`http://a.example.com:${port}/`, [], names('fe80::1%eth0'))).toBe(
      'refused, 0 connections',
    );
  });
});
