import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startReceiver, type Receiver } from './receiver.js';

let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  await receiver.close();
});

const post = (body: string, path = ''): Promise<Response> =>
  fetch(`${receiver.url}${path}`, { method: 'POST', body, headers: { 'x-test': 'yes' } });

describe('the receiver', () => {
  it('remembers method, path, headers and the very bytes of each request, in order', async () => {
    await post('{"n":1.10}', 'a?b=c');
    await post('zwei ü');
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(['{"n":1.10}', 'zwei ü']);
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', path: '/a?b=c', index: 0 });
    expect(receiver.requests[0]?.headers['x-test']).toBe('yes');
  });

  it('answers as told, by request', async () => {
    receiver.answer(({ index }) => (index === 0 ? 503 : { status: 202, headers: { 'retry-after': '7' } }));
    expect((await post('')).status).toBe(503);
    const second = await post('');
    expect([second.status, second.headers.get('retry-after')]).toEqual([202, '7']);
  });

  it('resets a connection when told to', async () => {
    receiver.answer('reset');
    await expect(post('')).rejects.toThrow('fetch failed');
    expect(receiver.requests).toHaveLength(1);
  });

  it('hangs when told to, before the answer or in its body, and closes nevertheless', async () => {
    receiver.answer('hang');
    const hanging = post('').catch(() => 'ended');
    await eventually(() => receiver.requests.length === 1);
    receiver.answer('hangInBody');
    const response = await post('');
    const body = response.text().catch(() => 'ended');
    await receiver.close();
    expect(await Promise.all([hanging, body])).toEqual(['ended', 'ended']);
    receiver = await startReceiver();
  });
});
