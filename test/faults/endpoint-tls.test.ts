import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { certificate, testAuthority, type CertificateName } from '../harness/server-certificates.js';
import { answer, says, startRawEndpoint, type RawEndpoint } from '../harness/raw-endpoint.js';
import { TestSender } from '../harness/test-sender.js';

let test: TestSender;
let endpoint: RawEndpoint | undefined;

beforeEach(() => {
  test = new TestSender({
    certificateAuthorities: testAuthority,
    resolve: () => Promise.resolve(['127.0.0.1']),
  });
});
afterEach(async () => {
  await test.close();
  await endpoint?.close();
  endpoint = undefined;
});

async function secureEndpoint(name: CertificateName, options = {}): Promise<RawEndpoint> {
  endpoint = await startRawEndpoint({ ...certificate(name), ...options });
  endpoint.play(says(answer('200 OK', 'ok')));
  return endpoint;
}

describe('TLS', () => {
  it('is spoken with a receiver whose certificate is right, by name and by address', async () => {
    const { port, requests } = await secureEndpoint('good');
    for (const host of ['shop.example', '127.0.0.1']) {
      expect(await test.attempt(`https://${host}:${port}/`)).toMatchObject({ outcome: 'delivered' });
    }
    expect(requests).toHaveLength(2);
  });
});

describe('fault 67: a kept connection with TLS that is closed as we write', () => {
  it.each([
    ['ended', (socket: Socket) => socket.end()],
    ['cut', (socket: Socket) => socket.destroy()],
  ])('%s: the request is made once more at once', async (_, close) => {
    const secure = await secureEndpoint('good');
    const { port, requests } = secure;
    const url = `https://shop.example:${port}/`;
    await test.attempt(url);
    // undici gives a receiver one turn to close a connection before it uses it again.
    await new Promise((resolve) => setImmediate(resolve));
    secure.play((socket, request) => {
      if (request.turn > 0) close(socket);
      else socket.write(answer('200 OK', 'again'));
    });
    expect(await test.attempt(url)).toMatchObject({ outcome: 'delivered', response: 'again' });
    expect(requests.map(({ turn }) => turn)).toEqual([0, 1, 0]);
    // A fresh connection that is closed is a failure: nothing says that the next one would not be.
    secure.play(close);
    expect(await test.attempt(url)).toMatchObject({ outcome: 'failed' });
    expect(requests.length).toBe(4);
  });
});

describe('fault 66: TLS fails closed, and nothing is sent', () => {
  it.each([
    ['an expired certificate', 'expired', 'TLS: CERT_HAS_EXPIRED'],
    ['one that is not valid yet', 'not-yet-valid', 'TLS: CERT_NOT_YET_VALID'],
    ['one of another host', 'wrong-host', 'TLS: ERR_TLS_CERT_ALTNAME_INVALID'],
    ['one that its owner signed', 'self-signed', 'TLS: DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] satisfies [string, CertificateName, string][])('for %s', async (_, name, error) => {
    const { port, requests } = await secureEndpoint(name);
    const result = await test.attempt(`https://shop.example:${port}/`);
    expect(result).toMatchObject({ outcome: 'failed', status: null, error, response: null });
    expect(requests).toHaveLength(0);
  });

  it('for a good certificate of an authority that nobody trusts', async () => {
    const { port, requests } = await secureEndpoint('good');
    const usual = new TestSender({ resolve: () => Promise.resolve(['127.0.0.1']) });
    const result = await usual.attempt(`https://shop.example:${port}/`);
    expect(result).toMatchObject({ outcome: 'failed', error: expect.stringMatching(/^TLS: UNABLE_TO_/) });
    await usual.close();
    expect(requests).toHaveLength(0);
  });

  it('also with NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment', async () => {
    const { port, requests } = await secureEndpoint('self-signed');
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const result = await test.attempt(`https://shop.example:${port}/`);
      expect(result).toMatchObject({ outcome: 'failed', error: 'TLS: DEPTH_ZERO_SELF_SIGNED_CERT' });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
    expect(requests).toHaveLength(0);
  });

  it.each(['TLSv1', 'TLSv1.1'] as const)('for %s', async (version) => {
    const { port, requests } = await secureEndpoint('good', {
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const result = await test.attempt(`https://shop.example:${port}/`);
    expect(result).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^TLS: .*(VERSION|PROTOCOL)/),
    });
    expect(requests).toHaveLength(0);
  });
});

describe('fault 66: a handshake that does not come about', () => {
  const bareServer = async (greet: (socket: Socket) => void): Promise<string> => {
    endpoint = await startRawEndpoint();
    endpoint.greet(greet);
    return `https://shop.example:${endpoint.port}/`;
  };

  it.each([
    ['stalls', () => undefined],
    [
      'trickles',
      (socket: Socket) => {
        // The beginning of a record of 16 KB, and of it a byte at a time.
        socket.write(Buffer.from([22, 3, 3, 0x3f, 0xff]));
        const timer = setInterval(() => socket.write(Buffer.from([2])), 30);
        socket.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('and %s ends when the time is up', async (_, greet) => {
    const url = await bareServer(greet);
    expect(await test.attempt(url, 300)).toMatchObject({ outcome: 'timedOut', status: null });
  });

  it('is given up by the limit for connecting where that is shorter', async () => {
    const url = await bareServer(() => undefined);
    const hasty = new TestSender({ connectTimeoutMs: 300, resolve: () => Promise.resolve(['127.0.0.1']) });
    const result = await hasty.attempt(url, 30_000);
    expect(result).toMatchObject({ outcome: 'timedOut', error: 'no connection in time' });
    await hasty.close();
  });

  it.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is ended', (socket: Socket) => socket.end()],
    ['is answered in plain HTTP', (socket: Socket) => socket.end(answer('200 OK'))],
    ['is answered with an alert', (socket: Socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))],
  ])('and %s has failed', async (_, greet) => {
    const url = await bareServer(greet);
    expect(await test.attempt(url)).toMatchObject({ outcome: 'failed', status: null, response: null });
  });

  it('because nobody listens has failed', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await test.attempt(`https://shop.example:${port}/`)).toMatchObject({
      outcome: 'failed',
      error: 'connection refused',
    });
  });
});
