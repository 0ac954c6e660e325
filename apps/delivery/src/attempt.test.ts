import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AllowList, guardedDispatcher } from '#libs/outbound';
import type { Dispatcher } from 'undici';
import { Sender, type AttemptResult } from './attempt.js';

let dispatcher: Dispatcher;
let sender: Sender;

let server: Server;
let origin = '';
let requests: string[] = [];
let sockets: Socket[] = [];
/** Plays the receiver on the bare socket once a request has come completely. */
let answer: (socket: Socket, request: string) => void = () => undefined;

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.push(socket);
    let received = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.endsWith('the body')) {
        const request = received;
        received = '';
        requests.push(request);
        answer(socket, request);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  dispatcher = guardedDispatcher({
    allowList: AllowList.parse(['127.0.0.1']),
    connectTimeoutMs: 5_000,
    keepAliveMs: 5_000,
  });
  sender = new Sender(dispatcher);
});
afterEach(async () => {
  await dispatcher.destroy();
  for (const socket of sockets) socket.destroy();
  sockets = [];
  requests = [];
});
afterAll(() => {
  server.close();
});

const says =
  (...parts: string[]) =>
  (socket: Socket): void => {
    for (const part of parts) socket.write(part);
  };
/** For answers that end with the connection. */
const saysAndEnds =
  (text: string) =>
  (socket: Socket): void => {
    socket.end(text);
  };
const response = (status: string, body = '', headers = ''): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;

function attempt(timeoutMs = 10_000, headers: string[] = [], to = origin): Promise<AttemptResult> {
  return sender.send({ origin: to, path: '/hook', headers, body: Buffer.from('the body'), timeoutMs });
}

describe('the outcome of an attempt', () => {
  it.each([
    ['200 OK', 'delivered'],
    ['201 Created', 'delivered'],
    ['204 No Content', 'delivered'],
    ['299 Odd', 'delivered'],
    ['301 Moved', 'failed'],
    ['302 Found', 'failed'],
    ['304 Not Modified', 'failed'],
    ['307 Temporary', 'failed'],
    ['400 Bad', 'failed'],
    ['404 Not Found', 'failed'],
    ['410 Gone', 'gone'],
    ['429 Slow', 'failed'],
    ['500 Oh', 'failed'],
    ['503 No', 'failed'],
    ['999 Odd', 'failed'],
  ])('is by status: %s is %s', async (status, outcome) => {
    answer = says(
      `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\nlocation: ${origin}/x\r\n\r\n`,
    );
    expect(await attempt()).toMatchObject({ outcome, status: Number(status.slice(0, 3)), error: null });
    // No redirect was followed.
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['nothing that is HTTP', 'GARBAGE\r\n\r\n'],
    ['HTTP/0.9', 'hello'],
    ['a status that is none', 'HTTP/1.1 9 Odd\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['101', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['headers of 100 KB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`],
    ['10,000 headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
  ])('of an answer with %s is failed', async (_, text) => {
    answer = saysAndEnds(text);
    expect(await attempt()).toMatchObject({ outcome: 'failed', status: null });
  });

  it('is by the headers, also when the connection breaks in the body', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun', () => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    };
    expect(await attempt()).toMatchObject({ outcome: 'delivered', status: 200, error: null });
    answer = saysAndEnds('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\nno chunk\r\n');
    expect(await attempt()).toMatchObject({ outcome: 'delivered', status: 200 });
  });

  it('is failed when the connection breaks before any answer, and the request was sent once', async () => {
    answer = (socket) => socket.resetAndDestroy();
    expect(await attempt()).toMatchObject({ outcome: 'failed', error: expect.stringMatching(/^connection/) });
    answer = (socket) => socket.destroy();
    expect(await attempt()).toMatchObject({ outcome: 'failed', error: expect.stringMatching(/^connection/) });
    expect(requests).toHaveLength(2);
  });

  it('is failed where nobody listens or the name does not exist, in words without an address', async () => {
    const refused = await attempt(10_000, [], 'http://127.0.0.1:1');
    expect(refused).toMatchObject({ outcome: 'failed', error: 'connection refused' });
    const unknown = await attempt(10_000, [], 'http://nobody.invalid');
    expect(unknown).toMatchObject({ outcome: 'failed', error: 'the name cannot be resolved' });
  });

  it('is unsendable where the guard refuses the address', async () => {
    const result = await attempt(10_000, [], 'http://127.0.0.2:8080');
    expect(result).toMatchObject({ outcome: 'unsendable', error: 'the address is not allowed' });
  });

  it('is unsendable where a header cannot be sent', async () => {
    const result = await attempt(10_000, ['content-type', 'a\r\nb: c']);
    expect(result).toMatchObject({ outcome: 'unsendable', error: 'the request cannot be built' });
    expect(requests).toHaveLength(0);
  });
});

describe('an attempt ends when its time is up', () => {
  it.each([
    ['nothing comes', () => undefined],
    ['headers trickle', trickle('HTTP/1.1 200 OK\r\n', 'x: y\r\n')],
    ['one 1xx comes after the other', trickle('', 'HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('though %s', async (_, play) => {
    answer = play;
    const result = await attempt(200);
    expect(result).toMatchObject({ outcome: 'timedOut', status: null, error: 'no complete answer in time' });
  });

  it('though a body trickles: then the status counts', async () => {
    answer = trickle('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', 'x');
    expect(await attempt(200)).toMatchObject({ outcome: 'delivered', status: 200 });
    answer = trickle('HTTP/1.1 500 Oh\r\ncontent-length: 1000000\r\n\r\n', 'x');
    expect(await attempt(200)).toMatchObject({ outcome: 'failed', status: 500 });
  });

  it('and its connection is closed', async () => {
    answer = () => undefined;
    await attempt(100);
    await closed(sockets[0]);
  });

  it('or when all are ended, because the app stops', async () => {
    answer = () => {
      sender.abortAll();
    };
    expect(await attempt(60_000)).toMatchObject({ outcome: 'timedOut' });
  });
});

describe('an answer', () => {
  it('is kept as text, at most 20 KB of it', async () => {
    answer = says(response('500 Oh', 'größer'.normalize()));
    expect((await attempt()).response?.startsWith('grö')).toBe(true);
    answer = says(response('500 Oh', 'x'.repeat(50_000)));
    expect((await attempt()).response).toBe('x'.repeat(20_480));
    answer = says(response('200 OK'));
    expect((await attempt()).response).toBeNull();
  });

  it('without end is read up to 64 KB and then given up', async () => {
    let written = 0;
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(16_384))) written += 16_384;
      };
      socket.on('drain', pour);
      pour();
    };
    expect(await attempt()).toMatchObject({ outcome: 'delivered', response: 'x'.repeat(20_480) });
    await closed(sockets[0]);
    // What the kernel took on both sides comes on top of what was read.
    expect(written).toBeLessThan(20_000_000);
  });

  it('that is compressed is not unpacked and not kept', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000)).subarray(0, 5_000).toString('latin1');
    answer = (socket) => {
      socket.write(Buffer.from(response('200 OK', bomb, 'content-encoding: gzip\r\n'), 'latin1'));
    };
    expect(await attempt()).toMatchObject({ outcome: 'delivered', response: null });
  });

  it('may ask for time with 429 and 503', async () => {
    answer = says(response('503 No', '', 'retry-after: 7\r\n'));
    expect((await attempt()).retryAfterMs).toBe(7_000);
    answer = says(response('500 Oh', '', 'retry-after: 7\r\n'));
    expect((await attempt()).retryAfterMs).toBeUndefined();
  });
});

describe('connections', () => {
  it('are used again', async () => {
    answer = says(response('200 OK', 'ok'));
    await attempt();
    // undici gives a receiver one turn to close a connection before it uses it again.
    await new Promise((resolve) => setImmediate(resolve));
    await attempt();
    expect(sockets).toHaveLength(1);
  });

  it('with an answer too many are given up, and no later delivery gets that answer', async () => {
    answer = says(response('200 OK', 'first') + response('410 Gone', 'forged'));
    expect(await attempt()).toMatchObject({ outcome: 'delivered', response: 'first' });
    answer = says(response('500 Oh', 'second'));
    expect(await attempt()).toMatchObject({ outcome: 'failed', response: 'second' });
    expect(sockets).toHaveLength(2);
  });
});

/** Does not end as long as the connection is open. */
async function closed(socket: Socket | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (socket === undefined || socket.closed) resolve();
    else
      socket.once('close', () => {
        resolve();
      });
  });
}

/** Writes the beginning and then again and again a little. */
function trickle(beginning: string, drop: string) {
  return (socket: Socket): void => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(drop), 20);
    socket.on('close', () => {
      clearInterval(timer);
    });
  };
}
