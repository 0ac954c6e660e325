import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AllowList, guardedDispatcher } from '#libs/outbound';
import { Sender } from '../../apps/delivery/src/attempt.js';
import { eventually } from '../harness/eventually.js';
import {
  answer,
  closed,
  says,
  startRawEndpoint,
  type Play,
  type RawEndpoint,
} from '../harness/raw-endpoint.js';
import { TestSender } from '../harness/test-sender.js';

let endpoint: RawEndpoint;
let test: TestSender;

beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.close());
beforeEach(() => {
  endpoint.forget();
  endpoint.greet(() => undefined);
  test = new TestSender();
});
afterEach(async () => {
  await test.close();
  await Promise.all(endpoint.sockets.map(closed));
});

const attempt = (play: Play, timeoutMs?: number) => {
  endpoint.play(play);
  return test.attempt(`${endpoint.origin}/hook`, timeoutMs);
};
/** undici gives a receiver one turn to close a connection before it uses it again. */
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const reset = (socket: Socket): void => {
  socket.resetAndDestroy();
};
const end = (socket: Socket): void => {
  socket.end();
};

describe('fault 53: no connection', () => {
  it('because nobody listens', async () => {
    const gone = await startRawEndpoint();
    await gone.close();
    const result = await test.attempt(gone.origin);
    expect(result).toMatchObject({ outcome: 'failed', status: null, error: 'connection refused' });
  });

  it.each([
    ['reset', reset],
    ['ended', end],
  ])('because it is %s as soon as it is there', async (_, greet) => {
    endpoint.greet(greet);
    const result = await attempt(() => undefined);
    expect(result).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^connection (reset|closed)$/),
    });
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('because the name cannot be resolved (%s)', async (code) => {
    const resolve = () => Promise.reject(Object.assign(new Error(`getaddrinfo ${code} 10.0.0.53`), { code }));
    const unresolved = new TestSender({ resolve });
    const result = await unresolved.attempt('http://shop.example/');
    expect(result).toMatchObject({ outcome: 'failed', error: 'the name cannot be resolved' });
    await unresolved.close();
  });

  it('in time: while the name is looked up, and what comes too late is not sent', async () => {
    let answerNow: (addresses: string[]) => void = () => undefined;
    const slow = new TestSender({ resolve: () => new Promise((resolve) => (answerNow = resolve)) });
    const url = `http://shop.example:${endpoint.port}/`;
    expect(await slow.attempt(url, 200)).toMatchObject({ outcome: 'timedOut', status: null });
    answerNow(['127.0.0.1']);
    await eventually(() => endpoint.sockets.length > 0);
    await slow.close();
    await Promise.all(endpoint.sockets.map(closed));
    expect(endpoint.requests).toHaveLength(0);
  });

  it('in time: while the endpoint does not accept it', async () => {
    const hole = await blackHole();
    expect(await test.attempt(hole.url, 300)).toMatchObject({ outcome: 'timedOut', status: null });
    const hasty = new TestSender({ connectTimeoutMs: 300 });
    const result = await hasty.attempt(hole.url, 30_000);
    expect(result).toMatchObject({ outcome: 'timedOut', error: 'no connection in time' });
    await hasty.close();
    await hole.close();
  });

  it('in time: while all that went before are waiting', async () => {
    endpoint.play(() => undefined);
    const waiting = Array.from({ length: 100 }, () => test.attempt(`${endpoint.origin}/hook`, 300));
    const outcomes = (await Promise.all(waiting)).map((result) => result.outcome);
    expect(new Set(outcomes)).toEqual(new Set(['timedOut']));
    expect(await attempt(says(answer('200 OK')))).toMatchObject({ outcome: 'delivered' });
  });

  it('any more because the app stops', async () => {
    const waiting = test.attempt(`${endpoint.origin}/hook`, 60_000);
    endpoint.play(() => {
      test.sender.abortAll();
    });
    expect(await waiting).toMatchObject({ outcome: 'timedOut' });
  });
});

describe('fault 54: a connection that breaks when the request was sent has failed, and is not made again', () => {
  it.each([
    ['reset', reset],
    ['ended', end],
  ])('%s', async (_, play) => {
    const result = await attempt(play);
    expect(result).toMatchObject({
      outcome: 'failed',
      status: null,
      error: expect.stringMatching(/^connection/),
    });
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('fault 67: keep-alive socket closed by the peer as we write', () => {
  /** As it was when the request came on a connection that was used before. */
  const onUsed =
    (play: Play, otherwise: Play = says(answer('200 OK'))): Play =>
    (socket, request) => {
      (request.turn > 0 ? play : otherwise)(socket, request);
    };

  it.each([
    ['reset', reset],
    ['ended', end],
  ])('%s: the request is made once more at once, on a fresh connection, in one attempt', async (_, play) => {
    await attempt(says(answer('200 OK')));
    await aTurn();
    const result = await attempt(onUsed(play, says(answer('201 Created', 'again'))));
    expect(result).toMatchObject({ outcome: 'delivered', status: 201, response: 'again' });
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 1, 0]);
    const [, stale, again] = endpoint.requests;
    expect(again?.text.replace('close', 'keep-alive')).toBe(stale?.text);
  });

  it('is made once more and no oftener: then it has failed', async () => {
    await attempt(says(answer('200 OK')));
    await aTurn();
    expect(await attempt(reset)).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^connection/),
    });
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 1, 0]);
  });

  it('is made no oftener even where another kept connection is all there is for it', async () => {
    const dispatcher = guardedDispatcher({
      allowList: AllowList.parse(['127.0.0.1']),
      connectTimeoutMs: 5_000,
      keepAliveMs: 30_000,
    });
    const keeping = new Sender(dispatcher);
    const request = {
      origin: endpoint.origin,
      path: '/',
      headers: [],
      body: Buffer.from('x'),
      timeoutMs: 20_000,
    };
    const open: (() => void)[] = [];
    endpoint.play((socket) => {
      open.push(() => socket.write(answer('200 OK')));
      if (open.length === 3) for (const now of open) now();
    });
    await Promise.all([1, 2, 3].map(() => keeping.send(request)));
    await aTurn();
    endpoint.play(reset);
    expect(await keeping.send(request)).toMatchObject({ outcome: 'failed' });
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 0, 0, 1, 1]);
    await dispatcher.destroy();
  });

  it('ends within the time of the one attempt', async () => {
    await attempt(says(answer('200 OK')));
    await aTurn();
    expect(
      await attempt(
        onUsed(reset, () => undefined),
        300,
      ),
    ).toMatchObject({ outcome: 'timedOut' });
    expect(endpoint.requests).toHaveLength(3);
  });

  it.each([
    ['one byte', 'H'],
    ['half a status line', 'HTTP/1.1 20'],
    ['an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('is not made again when %s of an answer had come', async (_, begun) => {
    await attempt(says(answer('200 OK')));
    await aTurn();
    const result = await attempt((socket) => {
      socket.write(begun, () => setTimeout(end, 20, socket));
    });
    expect(result).toMatchObject({ outcome: 'failed', status: null });
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 1]);
  });

  it('does not count for any of many, though all kept connections are stale', async () => {
    const count = 10;
    const open: (() => void)[] = [];
    endpoint.play((socket) => {
      open.push(() => socket.write(answer('200 OK')));
      // All at the same time, so that each has a connection of its own.
      if (open.length === count)
        open.forEach((now) => {
          now();
        });
    });
    const many = () => Array.from({ length: count }, () => test.attempt(`${endpoint.origin}/hook`));
    await Promise.all(many());
    await aTurn();
    endpoint.play(onUsed(reset));
    const outcomes = (await Promise.all(many())).map((result) => result.outcome);
    expect(outcomes).toEqual(Array<string>(count).fill('delivered'));
    const stale = endpoint.requests.filter(({ turn }) => turn > 0);
    expect(stale).toHaveLength(count);
  });

  it('closed while nothing is under way is simply made anew', async () => {
    await attempt(says(answer('200 OK')));
    endpoint.sockets[0]?.end();
    await closed(endpoint.sockets[0]);
    expect(await attempt(says(answer('200 OK')))).toMatchObject({ outcome: 'delivered' });
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe('fault 68: an answer too many', () => {
  const forged = answer('410 Gone', 'forged');
  const withFirst = says(answer('200 OK', 'first') + forged);
  const later: Play = (socket) => {
    socket.write(answer('200 OK', 'first'), () => setTimeout(() => socket.write(forged), 20));
  };

  it.each([
    ['together with ours', withFirst],
    ['a little later', later],
    ['in part', says(`${answer('200 OK', 'first')}HTTP/1.1 4`)],
    ['as bytes behind the body', says(`${answer('200 OK', 'first')}more`)],
  ])('%s: the connection is dropped, and the next delivery has an answer of its own', async (_, play) => {
    expect(await attempt(play)).toMatchObject({ outcome: 'delivered', response: 'first' });
    await closed(endpoint.requests[0]?.socket);
    expect(await attempt(says(answer('500 Oh', 'second')))).toMatchObject({
      status: 500,
      response: 'second',
    });
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 0]);
  });

  it('is not taken by a delivery that goes out right behind', async () => {
    endpoint.play(withFirst);
    const first = test.attempt(`${endpoint.origin}/1`).then((result) => {
      endpoint.play(says(answer('500 Oh', 'second')));
      return test.attempt(`${endpoint.origin}/2`).then((second) => [result.response, second.response]);
    });
    expect(await first).toEqual(['first', 'second']);
  });

  it('of a length that is too short leaves nothing for the next', async () => {
    const play = says(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok${forged}`);
    expect(await attempt(play)).toMatchObject({ outcome: 'delivered', response: 'ok' });
    expect(await attempt(says(answer('200 OK', 'second')))).toMatchObject({ response: 'second' });
  });
});

/** A port whose queue of connections is full: whoever knocks hears nothing. */
async function blackHole(): Promise<{ url: string; close(): Promise<void> }> {
  const worker = new Worker(
    `const { createServer } = require('node:net');
     const { parentPort } = require('node:worker_threads');
     const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       // Accepts nothing any more.
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
     });`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/`;
  const filling = new TestSender();
  await Promise.all(Array.from({ length: 8 }, () => filling.attempt(url, 500)));
  return {
    url,
    close: async () => {
      await filling.close();
      await worker.terminate();
    },
  };
}
