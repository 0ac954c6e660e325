import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SampleReceiver, type ReceivedDelivery } from './receiver.js';
import { checkSignature } from './signature.js';

const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;
const body = '{"change_id":"e1-7","data":{"name":"Säge"}}';

describe('the signature check', () => {
  // The example of the Standard Webhooks text.
  const example = {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: Buffer.from('{"test": 2432232314}'),
    nowMs: 1614265330_000,
  };

  it('accepts the example of the specification', () => {
    expect(checkSignature(example.secret, example.headers, example.body, example.nowMs)).toEqual({
      kind: 'genuine',
    });
  });

  it('accepts one right signature among several', () => {
    const signature = `v1,AAAA v2,xyz ${example.headers.signature}`;
    const check = checkSignature(
      example.secret,
      { ...example.headers, signature },
      example.body,
      example.nowMs,
    );
    expect(check.kind).toBe('genuine');
  });

  it.each([
    ['another body', { body: Buffer.from('{"test": 2432232315}') }],
    ['another id', { headers: { ...example.headers, id: 'msg_other' } }],
    ['another timestamp', { headers: { ...example.headers, timestamp: '1614265331' } }],
    ['another secret', { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx' }],
    ['no signature', { headers: { ...example.headers, signature: undefined } }],
    [
      'an unknown version only',
      { headers: { ...example.headers, signature: example.headers.signature.replace('v1', 'v9') } },
    ],
    ['a short signature', { headers: { ...example.headers, signature: 'v1,AAAA' } }],
    ['a timestamp six minutes ago', { nowMs: example.nowMs + 360_000 }],
    ['a timestamp six minutes ahead', { nowMs: example.nowMs - 360_000 }],
    ['a timestamp that is no number', { headers: { ...example.headers, timestamp: '1614265330.5' } }],
  ])('refuses %s', (_what, changed) => {
    const given = { ...example, ...changed };
    expect(checkSignature(given.secret, given.headers, given.body, given.nowMs).kind).toBe('refused');
  });
});

describe('the sample receiver', () => {
  let receiver: SampleReceiver;
  let delivered: ReceivedDelivery[];

  beforeEach(async () => {
    delivered = [];
    receiver = await SampleReceiver.start({ port: 0, onDelivered: (delivery) => delivered.push(delivery) });
    receiver.addEndpoint({ path: '/steady', secret });
    receiver.addEndpoint({ path: '/shaky', secret, failsEvery: 1 });
  });

  afterEach(() => receiver.close());

  it('counts a delivery once and every further acceptance as a duplicate', async () => {
    expect(await post('/steady', 'msg_1')).toBe(200);
    expect(await post('/steady', 'msg_1')).toBe(200);
    expect(receiver.figures).toEqual({ delivered: 1, duplicates: 1, retried: 0, rejected: 0 });
    expect(delivered.map(({ webhookId, changeId }) => [webhookId, changeId])).toEqual([['msg_1', 'e1-7']]);
  });

  it('reads the change id of an XML body', async () => {
    await post('/steady', 'msg_1', {
      body: '<?xml version="1.0"?><event><change_id>e1-9-sale_order</change_id></event>',
    });
    expect(delivered[0]?.changeId).toBe('e1-9-sale_order');
  });

  it('answers 401 to a wrong signature and to an old timestamp, and counts neither as delivered', async () => {
    expect(await post('/steady', 'msg_1', { signWith: 'whsec_AAAA' })).toBe(401);
    expect(await post('/steady', 'msg_1', { atMs: Date.now() - 3_600_000 })).toBe(401);
    expect(receiver.figures).toEqual({ delivered: 0, duplicates: 0, retried: 0, rejected: 2 });
    expect(receiver.rejections).toHaveLength(2);
  });

  it('fails now and then with 500 or 503 and takes the retry, which is no duplicate', async () => {
    expect(await post('/shaky', 'msg_1')).toBe(500);
    expect(await post('/shaky', 'msg_1')).toBe(200);
    expect(receiver.figures).toEqual({ delivered: 1, duplicates: 0, retried: 1, rejected: 0 });
    await post('/shaky', 'msg_2');
    await post('/shaky', 'msg_2');
    expect([
      await post('/shaky', 'msg_3'),
      await post('/shaky', 'msg_3'),
      await post('/shaky', 'msg_3'),
    ]).toEqual([503, 503, 200]);
  });

  it('knows its own endpoints only', async () => {
    expect(await post('/elsewhere', 'msg_1')).toBe(404);
  });

  async function post(
    path: string,
    id: string,
    { signWith = secret, atMs = Date.now(), body: text = body } = {},
  ): Promise<number> {
    const timestamp = String(Math.floor(atMs / 1000));
    const key = Buffer.from(signWith.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
    const response = await fetch(receiver.urlOf(path), {
      method: 'POST',
      headers: {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body: text,
    });
    await response.arrayBuffer();
    return response.status;
  }
});
