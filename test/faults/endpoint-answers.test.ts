import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  answer,
  closed,
  pours,
  says,
  saysAndEnds,
  startRawEndpoint,
  trickles,
  type Play,
  type RawEndpoint,
} from '../harness/raw-endpoint.js';
import { TestSender } from '../harness/test-sender.js';

/** Long enough for any answer that comes at once, short enough to wait for. */
const shortMs = 400;
let endpoint: RawEndpoint;
let test: TestSender;

beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.forget();
  test = new TestSender();
});
afterEach(() => test.close());

const attempt = (play: Play, timeoutMs?: number) => {
  endpoint.play(play);
  return test.attempt(`${endpoint.origin}/hook`, timeoutMs);
};

describe('fault 55: a 2xx whose body breaks is delivered by its headers', () => {
  it.each([
    [
      'a reset',
      (): Play => (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun', () => {
          setTimeout(() => socket.resetAndDestroy(), 20);
        });
      },
    ],
    ['an end', () => saysAndEnds('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun')],
    ['a chunk that is none', () => saysAndEnds('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZ\r\n')],
    [
      'a length that overflows',
      () => saysAndEnds('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n'),
    ],
    [
      'a last chunk that never comes',
      () => saysAndEnds('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'),
    ],
  ])('with %s', async (_, play) => {
    expect(await attempt(play())).toMatchObject({ outcome: 'delivered', status: 200, error: null });
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('fault 56: what never becomes an answer times out', () => {
  it.each([
    ['nothing comes', () => undefined],
    ['headers trickle', trickles('HTTP/1.1 200 OK\r\n', 'x: y\r\n')],
    ['one header trickles', trickles('HTTP/1.1 200 OK\r\nx: ', 'y')],
    ['the status line trickles', trickles('HTTP/1.1 200 ', 'O')],
    ['empty lines trickle', trickles('', '\r\n')],
    ['interim answers trickle', trickles('', 'HTTP/1.1 103 Early Hints\r\n\r\n')],
    ['a reason is poured without end', pours('HTTP/1.1 200 ', 'O')],
    ['empty lines are poured without end', pours('', '\r\n')],
  ] satisfies [string, Play][])('where %s, and its connection is closed', async (_, play) => {
    const result = await attempt(play, shortMs);
    expect(result).toMatchObject({ outcome: 'timedOut', status: null, response: null });
    expect(result.error).toBe('no complete answer in time');
    await closed(endpoint.sockets[0]);
  });
});

describe('fault 57: body trickle ends within the time limit, and the status counts', () => {
  it.each([
    ['with a length', 'content-length: 1000000\r\n\r\n', 'x'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['until the connection ends', '\r\n', 'x'],
    ['of chunk extensions only', 'transfer-encoding: chunked\r\n\r\n1;', 'x'],
    ['of trailers only', 'transfer-encoding: chunked\r\n\r\n0\r\nx: ', 'y'],
  ])('%s', async (_, headers, drop) => {
    const delivered = await attempt(trickles(`HTTP/1.1 200 OK\r\n${headers}`, drop), shortMs);
    expect(delivered).toMatchObject({ outcome: 'delivered', status: 200, error: null });
    const failed = await attempt(trickles(`HTTP/1.1 500 Oh\r\n${headers}`, drop), shortMs);
    expect(failed).toMatchObject({ outcome: 'failed', status: 500, error: null });
    await Promise.all(endpoint.requests.map(({ socket }) => closed(socket)));
  });
});

describe('fault 58: endless body is read up to 64 KB, then the connection is given up', () => {
  it.each([
    ['with a length', 'content-length: 1000000000000000\r\n\r\n', 'x'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n', '5\r\nxxxxx\r\n'],
    ['in chunks of a byte', 'transfer-encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['until the connection ends', '\r\n', 'x'],
  ])('%s', async (_, headers, drop) => {
    const result = await attempt(pours(`HTTP/1.1 200 OK\r\n${headers}`, drop));
    expect(result).toMatchObject({ outcome: 'delivered', status: 200, response: 'x'.repeat(20_480) });
    await closed(endpoint.sockets[0]);
    // What the kernel took on both sides comes on top of what was read.
    expect(endpoint.sockets[0]?.bytesWritten).toBeLessThan(20_000_000);
  });

  it('also where it is only chunk extensions or trailers: these end with the time', async () => {
    const extensions = pours('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', 'x');
    expect(await attempt(extensions, shortMs)).toMatchObject({ outcome: 'delivered', response: null });
    const trailers = pours('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n', 'a: b\r\n');
    expect(await attempt(trailers)).toMatchObject({ outcome: 'delivered', response: null });
    await Promise.all(endpoint.requests.map(({ socket }) => closed(socket)));
  });
});

describe('fault 59: a bomb is neither unpacked nor kept', () => {
  const zeros = Buffer.alloc(20_000_000);
  it.each([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(zeros)))],
    ['something', Buffer.from('unknown')],
  ])('of %s', async (coding, bomb) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bomb.length}\r\n\r\n`;
    expect(await attempt(says(head, bomb))).toMatchObject({ outcome: 'delivered', response: null });
    expect(endpoint.requests[0]?.text).not.toMatch(/accept-encoding/i);
  });

  it('as a transfer coding', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n';
    const bomb = gzipSync(zeros);
    const body = Buffer.concat([
      Buffer.from(`${bomb.length.toString(16)}\r\n`),
      bomb,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    expect(await attempt(says(head, body))).toMatchObject({ outcome: 'delivered', status: 200 });
  });
});

describe('fault 60: headers that are too long or too many', () => {
  it.each([
    ['100 KB in one', `x: ${'y'.repeat(100_000)}\r\n\r\n`],
    ['100 KB in a name', `${'y'.repeat(100_000)}: x\r\n\r\n`],
    ['10,000 of them', `${'a: b\r\n'.repeat(10_000)}\r\n`],
    ['100 KB of cookies', `${`set-cookie: a=${'b'.repeat(1_000)}\r\n`.repeat(100)}\r\n`],
  ])('fail at once: %s', async (_, headers) => {
    const result = await attempt(says(`HTTP/1.1 200 OK\r\n${headers}`));
    expect(result).toMatchObject({
      outcome: 'failed',
      status: null,
      error: 'the headers of the answer are too long',
      response: null,
    });
    await closed(endpoint.sockets[0]);
  });

  it.each([
    ['one', pours('HTTP/1.1 200 OK\r\nx: ', 'y')],
    ['many', pours('HTTP/1.1 200 OK\r\n', 'a: b\r\n')],
  ])('fail without being read to their end: %s', async (_, play) => {
    expect(await attempt(play)).toMatchObject({ outcome: 'failed', status: null });
    await closed(endpoint.sockets[0]);
    expect(endpoint.sockets[0]?.bytesWritten).toBeLessThan(20_000_000);
  });
});

describe('fault 62: answers that are odd or no HTTP have a defined outcome', () => {
  it.each([
    ['204 with a body', says('HTTP/1.1 204 No\r\ncontent-length: 4\r\n\r\nbody'), 'delivered', 204],
    [
      '204 in chunks',
      says('HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'),
      'delivered',
      204,
    ],
    ['205 with a body', says(answer('205 Reset', 'body')), 'delivered', 205],
    ['304', says('HTTP/1.1 304 Not Modified\r\n\r\n'), 'failed', 304],
    ['304 with a length', says('HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'), 'failed', 304],
    ['status 999', says(answer('999 Odd')), 'failed', 999],
    ['status 600', says(answer('600 Odd')), 'failed', 600],
    ['no reason', says('HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'), 'delivered', 200],
    ['HTTP/1.0', saysAndEnds('HTTP/1.0 200 OK\r\n\r\nold'), 'delivered', 200],
    [
      'interim answers first',
      says(`${'HTTP/1.1 103 Early\r\nlink: x\r\n\r\n'.repeat(3)}${answer('200 OK')}`),
      'delivered',
      200,
    ],
    ['processing first', says(`HTTP/1.1 102 Processing\r\n\r\n${answer('500 Oh')}`), 'failed', 500],
  ] satisfies [string, Play, string, number][])('%s', async (_, play, outcome, status) => {
    expect(await attempt(play)).toMatchObject({ outcome, status, error: null });
  });

  it.each([
    ['status 99', 'HTTP/1.1 99 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['status 000', 'HTTP/1.1 000 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['status 1000', 'HTTP/1.1 1000 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['status -1', 'HTTP/1.1 -1 Odd\r\n\r\n'],
    [
      '100, which nobody asked for',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
    ],
    ['101', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['101 without upgrade', 'HTTP/1.1 101 Switching\r\n\r\n'],
    ['200 with upgrade', 'HTTP/1.1 200 OK\r\nupgrade: x\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/0.9', 'hello'],
    ['HTTP/2', Buffer.from('00000c04000000000000030000006400040000ffff', 'hex')],
    ['HTTP/1.1 misspelt', 'HTTPS/1.1 200 OK\r\n\r\n'],
    ['HTTP/9.9', 'HTTP/9.9 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a request', 'POST / HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['TLS', Buffer.from([0x15, 3, 1, 0, 2, 2, 70])],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['a length of 10^30', `HTTP/1.1 200 OK\r\ncontent-length: 1${'0'.repeat(30)}\r\n\r\n`],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['NUL in a header', 'HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\n folded\r\n\r\n'],
    ['nothing but an end', ''],
    ['half a status line', 'HTTP/1.1 20'],
    ['half of its headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['an interim answer only', 'HTTP/1.1 103 Early\r\n\r\n'],
  ])('%s is failed or taken as it stands, at once and only once', async (_, text) => {
    const result = await attempt(saysAndEnds(text));
    expect(['failed', 'delivered', 'gone']).toContain(result.outcome);
    expect(result.outcome === 'delivered').toBe(result.status === 200);
    expect(endpoint.requests).toHaveLength(1);
  });

  it('a flood of interim answers ends before the time does', async () => {
    const flood = pours('', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
    expect(await attempt(flood)).toMatchObject({ outcome: 'failed', error: 'too many interim answers' });
    await closed(endpoint.sockets[0]);
  });
});

describe('fault 63: a redirect is a failure and is not followed', () => {
  it.each([300, 301, 302, 303, 305, 307, 308])('%d', async (status) => {
    let followed = 0;
    const elsewhere = createServer((socket) => {
      followed++;
      socket.end();
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const headers = `location: ${location}\r\nrefresh: 0;url=${location}\r\n`;
    const result = await attempt(says(answer(`${status} Moved`, location, headers)));
    expect(result).toMatchObject({ outcome: 'failed', status, error: null });
    elsewhere.close();
    expect([followed, endpoint.requests.length]).toEqual([0, 1]);
  });
});

describe('fault 65: Retry-After of 429 and 503 is a time within 24 hours', () => {
  const soonMs = 5_000;
  it.each([
    ['seconds', '7', 7_000, 7_000],
    ['a date', new Date(Date.now() + 3_600_000).toUTCString(), 3_000_000, 3_600_000],
    ['10^12 seconds', '1000000000000', 86_400_000, 86_400_000],
    ['a date in 9999', 'Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000, 86_400_000],
    ['a date that is past', 'Sun, 06 Nov 1994 08:49:37 GMT', 0, soonMs],
    ['0', '0', 0, soonMs],
  ])('%s', async (_, value, least, most) => {
    for (const status of ['429 Slow', '503 No']) {
      const result = await attempt(says(answer(status, '', `retry-after: ${value}\r\n`)));
      expect(result.outcome).toBe('failed');
      expect(result.retryAfterMs ?? 0).toBeGreaterThanOrEqual(least);
      expect(result.retryAfterMs ?? 0).toBeLessThanOrEqual(most);
    }
  });

  it.each(['-5', 'soon', '1e3', '', '0x10', 'NaN', '99999999999999999999999999 GMT'])(
    'where %j is none, the schedule holds',
    async (value) => {
      const result = await attempt(says(answer('503 No', '', `retry-after: ${value}\r\n`)));
      expect(result).toMatchObject({ outcome: 'failed', status: 503 });
      expect(result.retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000);
    },
  );
});
