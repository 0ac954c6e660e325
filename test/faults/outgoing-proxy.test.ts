import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AllowList, parseProxy, type GuardOptions } from '#libs/outbound';
import { certificate, testAuthority } from '../harness/server-certificates.js';
import { startConnectProxy, type ConnectProxy } from '../harness/connect-proxy.js';
import { answer, says, startRawEndpoint, type RawEndpoint } from '../harness/raw-endpoint.js';
import { TestSender } from '../harness/test-sender.js';

const names: Readonly<Record<string, readonly string[]>> = {
  'shop.example': ['2606:2800:220:1::1', '93.184.216.34'],
  'six.example': ['2606:2800:220:1::1'],
  'inside.example': ['10.0.0.5'],
  'both.example': ['93.184.216.34', '192.168.0.1'],
};
let proxy: ConnectProxy;
let senders: TestSender[] = [];
let endpoints: RawEndpoint[] = [];

beforeEach(async () => {
  proxy = await startConnectProxy();
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.close()));
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  await proxy.close();
  senders = [];
  endpoints = [];
});

function throughProxy(options: Partial<GuardOptions> = {}): TestSender {
  const sender = new TestSender({
    allowList: AllowList.parse([]),
    proxy: { host: proxy.host, port: proxy.port, authorization: undefined },
    resolve: (name) => Promise.resolve(names[name] ?? []),
    certificateAuthorities: testAuthority,
    ...options,
  });
  senders.push(sender);
  return sender;
}

async function receiver(tls?: Parameters<typeof startRawEndpoint>[0]): Promise<RawEndpoint> {
  const endpoint = await startRawEndpoint(tls);
  endpoint.play(says(answer('200 OK', 'reached')));
  endpoints.push(endpoint);
  return endpoint;
}

describe('a request through the proxy', () => {
  it('is made over a tunnel to the address that was checked here, with the name in its Host', async () => {
    const { port, requests } = await receiver();
    const sender = throughProxy();
    for (const path of ['/hook', '/again']) {
      const result = await sender.attempt(`http://shop.example:${port}${path}`);
      expect(result).toMatchObject({ outcome: 'delivered', response: 'reached' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(requests[0]?.text).toContain(`POST /hook HTTP/1.1\r\nhost: shop.example:${port}\r\n`);
    // IPv4 first; the second request was made over the same tunnel.
    expect(proxy.asked.map(({ authority }) => authority)).toEqual([`93.184.216.34:${port}`]);
  });

  it('may be to IPv6, and to an address without a name', async () => {
    const { port } = await receiver();
    const sender = throughProxy();
    await sender.attempt(`http://six.example:${port}/`);
    await sender.attempt(`http://93.184.216.34:${port}/`);
    await sender.attempt(`http://[2606:2800:220:1::1]:${port}/`);
    expect(proxy.asked.map(({ authority }) => authority)).toEqual([
      `[2606:2800:220:1::1]:${port}`,
      `93.184.216.34:${port}`,
      `[2606:2800:220:1::1]:${port}`,
    ]);
  });

  it('with https is encrypted from here to the receiver, whose certificate is checked', async () => {
    const good = await receiver(certificate('good'));
    const sender = throughProxy();
    const result = await sender.attempt(`https://shop.example:${good.port}/`);
    expect(result).toMatchObject({ outcome: 'delivered', response: 'reached' });
    const wrong = await receiver(certificate('wrong-host'));
    expect(await sender.attempt(`https://shop.example:${wrong.port}/`)).toMatchObject({
      outcome: 'failed',
      error: 'TLS: ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(wrong.requests).toHaveLength(0);
  });

  it('shows the proxy who asks, where it wants to know', async () => {
    const { port } = await receiver();
    const { authorization } = parseProxy('http://me:p%40ss@proxy:3128') ?? {};
    const sender = throughProxy({ proxy: { host: proxy.host, port: proxy.port, authorization } });
    await sender.attempt(`http://shop.example:${port}/`);
    const given = proxy.asked[0]?.headers['proxy-authorization'];
    expect(given).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });
});

describe('the proxy is not even asked', () => {
  it.each([
    'http://10.0.0.5/',
    'http://127.0.0.1:8080/',
    'https://[::1]/',
    'http://inside.example/',
    'https://both.example/',
    'http://unknown.example/',
    'http://localhost/',
    'http://8.8.8.8:22/',
  ])('for %s', async (url) => {
    const result = await throughProxy().attempt(url);
    expect(result).toMatchObject({ outcome: 'unsendable', error: 'the address is not allowed' });
    expect(proxy.connections()).toBe(0);
  });
});

describe('a proxy that does not connect makes an attempt fail', () => {
  it.each([
    ['refuses', 'HTTP/1.1 403 Forbidden\r\n\r\n<h1>10.0.0.1</h1>', 'the proxy does not connect (status 403)'],
    ['wants a login', 'HTTP/1.1 407 Login\r\n\r\n', 'the proxy does not connect (status 407)'],
    [
      'redirects',
      'HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\n\r\n',
      'the proxy does not connect (status 302)',
    ],
    ['cannot reach it', 'HTTP/1.1 502 Bad\r\n\r\n', 'the proxy does not connect (status 502)'],
    [
      'says too much',
      'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
      'the proxy does not connect (status 200)',
    ],
    ['does not speak HTTP', 'SSH-2.0-x\r\n', 'the proxy cannot be reached'],
    [
      'has long headers',
      `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(50_000)}\r\n\r\n`,
      'the proxy cannot be reached',
    ],
  ])('because it %s', async (_, text, error) => {
    proxy.answer((socket) => socket.end(text));
    const result = await throughProxy().attempt('http://shop.example/');
    expect(result).toMatchObject({ outcome: 'failed', status: null, error, response: null });
  });

  it('because it is not there or closes the connection', async () => {
    proxy.answer((socket) => socket.destroy());
    expect(await throughProxy().attempt('http://shop.example/')).toMatchObject({ outcome: 'failed' });
    const nowhere = throughProxy({ proxy: { host: '127.0.0.1', port: 1, authorization: undefined } });
    expect(await nowhere.attempt('http://shop.example/')).toMatchObject({
      outcome: 'failed',
      error: 'the proxy cannot be reached',
    });
  });

  it('because it hangs, which ends with the time of the attempt or the limit for connecting', async () => {
    proxy.answer(() => undefined);
    expect(await throughProxy().attempt('https://shop.example/', 300)).toMatchObject({ outcome: 'timedOut' });
    const hasty = throughProxy({ connectTimeoutMs: 300 });
    expect(await hasty.attempt('http://shop.example/')).toMatchObject({
      outcome: 'failed',
      error: 'no connection through the proxy in time',
    });
  });
});

describe('OUTBOUND_PROXY', () => {
  it.each([
    ['http://proxy:3128', { host: 'proxy', port: 3128, authorization: undefined }],
    ['http://proxy', { host: 'proxy', port: 80, authorization: undefined }],
    ['http://[fd00::1]:3128/', { host: 'fd00::1', port: 3128, authorization: undefined }],
    ['', undefined],
  ])('%j is understood', (text, proxyOf) => {
    expect(parseProxy(text)).toEqual(proxyOf);
  });

  it.each([
    'https://me:hidden@proxy:3128',
    'socks5://me:hidden@proxy:1080',
    'proxy:3128',
    'http://me:hidden@proxy:3128/path',
    'http://proxy:3128?hidden',
    'http://me:50%hidden@proxy:3128',
  ])('%j is refused without showing a password', (text) => {
    expect(() => parseProxy(text)).toThrow(/^OUTBOUND_PROXY must be http:\/\/host:port(?!.*hidden)/);
  });
});

describe('fault 83: HTTP_PROXY, NO_PROXY and their like in the environment', () => {
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  afterEach(() => {
    for (const name of [...variables, 'NO_PROXY', 'no_proxy', 'NODE_USE_ENV_PROXY']) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[name];
    }
  });

  it('lead nothing to their proxy and nothing past the guard', async () => {
    for (const name of variables) process.env[name] = `http://127.0.0.1:${proxy.port}`;
    process.env['NODE_USE_ENV_PROXY'] = '1';
    const { port, requests } = await receiver();
    const direct = throughProxy({ proxy: undefined });
    for (const url of ['http://inside.example/', 'https://both.example/', `http://127.0.0.1:${port}/`]) {
      expect(await direct.attempt(url)).toMatchObject({ outcome: 'unsendable' });
    }
    const allowed = throughProxy({ proxy: undefined, allowList: AllowList.parse(['127.0.0.1']) });
    expect(await allowed.attempt(`http://127.0.0.1:${port}/`)).toMatchObject({ outcome: 'delivered' });
    expect([proxy.connections(), requests.length]).toEqual([0, 1]);
  });

  it('lead nothing around OUTBOUND_PROXY', async () => {
    process.env['NO_PROXY'] = process.env['no_proxy'] = '*';
    const { port } = await receiver();
    expect(await throughProxy().attempt(`http://shop.example:${port}/`)).toMatchObject({
      outcome: 'delivered',
    });
    expect(proxy.asked).toHaveLength(1);
  });
});
