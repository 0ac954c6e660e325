import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  answer,
  says,
  startRawEndpoint,
  type Play,
  type RawEndpoint,
} from '../../../test/harness/raw-endpoint.js';
import { TestSender } from '../../../test/harness/test-sender.js';
import type { AttemptResult } from './attempt.js';

// What endpoints do to harm is in test/faults/endpoint-*.test.ts.

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

function attempt(play: Play, headers: string[] = []): Promise<AttemptResult> {
  endpoint.play(play);
  return test.attempt(`${endpoint.origin}/hook?a=b`, undefined, headers);
}

describe('a request', () => {
  it('has the given path, headers and body, and their length', async () => {
    await attempt(says(answer('200 OK')), ['content-type', 'text/plain', 'x-y', 'z']);
    const [head = '', body] = endpoint.requests[0]?.text.split('\r\n\r\n') ?? [];
    expect(head.split('\r\n')).toEqual([
      'POST /hook?a=b HTTP/1.1',
      `host: 127.0.0.1:${endpoint.port}`,
      'connection: keep-alive',
      'content-type: text/plain',
      'x-y: z',
      'content-length: 8',
    ]);
    expect(body).toBe('the body');
  });

  it.each([
    ['a value with a line break', ['content-type', 'a\r\nb: c']],
    ['a value with NUL', ['x', 'a\0']],
    ['a name with a space', ['a b', 'c']],
  ])('is not sent with %s', async (_, headers) => {
    const result = await attempt(says(answer('200 OK')), headers);
    expect(result).toMatchObject({ outcome: 'unsendable', error: 'the request cannot be built' });
    expect(endpoint.requests).toHaveLength(0);
  });

  it('is not sent where the guard refuses the address', async () => {
    const result = await test.attempt('http://10.0.0.1:8080/');
    expect(result).toMatchObject({
      outcome: 'unsendable',
      error: 'the address is not allowed',
      status: null,
    });
  });
});

describe('the outcome of an attempt', () => {
  it.each([
    ['200 OK', 'delivered'],
    ['201 Created', 'delivered'],
    ['204 No Content', 'delivered'],
    ['299 Odd', 'delivered'],
    ['301 Moved', 'failed'],
    ['304 Not Modified', 'failed'],
    ['400 Bad', 'failed'],
    ['404 Not Found', 'failed'],
    ['410 Gone', 'gone'],
    ['429 Slow', 'failed'],
    ['500 Oh', 'failed'],
    ['503 No', 'failed'],
    ['999 Odd', 'failed'],
  ])('is by status: %s is %s', async (status, outcome) => {
    const result = await attempt(says(answer(status)));
    expect(result).toMatchObject({ outcome, status: Number(status.slice(0, 3)), error: null });
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('is kept as it came, at most 20 KB of it, also when it comes in many pieces', async () => {
    expect((await attempt(says(answer('500 Oh', '{\n "größer": 1\n}')))).response).toBe('{\n "größer": 1\n}');
    expect((await attempt(says(answer('500 Oh', 'x'.repeat(50_000))))).response).toBe('x'.repeat(20_480));
    expect((await attempt(says(answer('200 OK')))).response).toBeNull();
    const letters = Array.from({ length: 30_000 }, (_, index) => String.fromCharCode(97 + (index % 26)));
    const chunks = letters.map((letter) => `1\r\n${letter}\r\n`).join('');
    const inChunks = says(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    expect((await attempt(inChunks)).response).toBe(letters.join('').slice(0, 20_480));
  });

  it('may ask for time with 429 and 503 only', async () => {
    const wait = 'retry-after: 7\r\n';
    expect((await attempt(says(answer('503 No', '', wait)))).retryAfterMs).toBe(7_000);
    expect((await attempt(says(answer('429 No', '', wait)))).retryAfterMs).toBe(7_000);
    expect((await attempt(says(answer('500 Oh', '', wait)))).retryAfterMs).toBeUndefined();
  });
});

describe('connections', () => {
  it('are used again', async () => {
    await attempt(says(answer('200 OK', 'ok')));
    // undici gives a receiver one turn to close a connection before it uses it again.
    await new Promise((resolve) => setImmediate(resolve));
    await attempt(says(answer('200 OK', 'ok')));
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 1]);
  });

  it('are not used again where the receiver says so', async () => {
    await attempt(says(answer('200 OK', 'ok', 'connection: close\r\n')));
    await attempt(says(answer('200 OK', 'ok')));
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 0]);
  });
});
