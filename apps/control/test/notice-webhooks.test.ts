import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../../../test/harness/receiver.js';
import { refusalOf } from '../../../test/harness/signatures.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { disabled, EventWriter, stopped } from './operational-events.js';

const control = controlUnderTest();
const subscriptionId = 'sub_00000000000000000000000001';
let env: Record<string, string>;
let api: Api;
let events: EventWriter;
let receiver: Receiver;

beforeAll(async () => {
  env = await control.environment({ ALLOWED_RECEIVERS: '127.0.0.1' });
  const { port } = await control.start(env);
  api = new Api(`http://127.0.0.1:${String(port)}`);
  events = await EventWriter.open(control.kafka);
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

async function application(noticeUrl = receiver.url): Promise<{ id: string; secret: string }> {
  const { status, body } = await api.call('POST', '/v1/applications', { body: { name: 'Shop', noticeUrl } });
  expect(status).toBe(201);
  return { id: String(body['id']), secret: String(body['noticeSecret']) };
}

function isSignedWith(secret: string, request: ReceivedRequest): boolean {
  return refusalOf(request, secret) === undefined;
}

async function untilRequests(count: number, timeoutMs = 30_000): Promise<void> {
  await eventually(() => receiver.requests.length >= count, { timeoutMs });
}

function bodyOf(request: ReceivedRequest | undefined): Record<string, unknown> {
  return JSON.parse(request?.body.toString() ?? '{}') as Record<string, unknown>;
}

describe('notices to the noticeUrl of an application', () => {
  it('are signed, one for each event of its own subscriptions, and say what to do', async () => {
    const { id, secret } = await application();
    const at = new Date();
    const eventId = await events.write(disabled(subscriptionId, id), { at });
    await events.write(stopped);
    await events.write(disabled(subscriptionId));
    await events.write({
      kind: 'subscription.recovered',
      subscription_id: subscriptionId,
      application_id: id,
    });
    await untilRequests(2);
    const [first, second] = receiver.requests;
    expect(first && isSignedWith(secret, first)).toBe(true);
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': `evt_${eventId}`,
    });
    expect(bodyOf(first)).toEqual({
      type: 'subscription.disabled',
      timestamp: at.toISOString(),
      data: {
        subscriptionId,
        database: 'acme',
        state: 'disabled',
        reason: '5 dead letters in a row',
        what: expect.stringContaining('disabled'),
        whatToDo: expect.stringContaining(`${subscriptionId}/enable`),
      },
    });
    expect(bodyOf(second)['type']).toBe('subscription.recovered');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(receiver.requests).toHaveLength(2);
  });

  it('come again, in their order and with their ids, after the endpoint has failed and control has restarted', async () => {
    const { id } = await application();
    const own = await control.start(env);
    receiver.answer(500);
    const first = await events.write(disabled(subscriptionId, id));
    const second = await events.write(disabled(subscriptionId, id));
    await untilRequests(1);
    receiver.answer(200);
    await own.stop();
    const again = await control.start(env);
    await untilRequests(3, 60_000);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(
      [first, first, second].map((eventId) => `evt_${eventId}`),
    );
    await again.stop();
  }, 90_000);

  it('do not follow a redirect', async () => {
    const { id } = await application();
    const other = await startReceiver();
    receiver.answer({ status: 302, headers: { location: other.url } });
    await events.write(disabled(subscriptionId, id));
    await untilRequests(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(other.requests).toHaveLength(0);
    await other.close();
  });
});

describe('the secret of a noticeUrl', () => {
  it('is shown once, is another one with another URL, and goes with it', async () => {
    const { id, secret } = await application();
    expect(secret).toMatch(/^whsec_/);
    const path = `/v1/applications/${id}`;
    const read = await api.get(path);
    expect(read.body).toMatchObject({ noticeUrl: receiver.url });
    expect(read.text).not.toMatch(/secret/i);
    const same = await api.call('PATCH', path, { body: { name: 'Shop 2', noticeUrl: receiver.url } });
    expect(same.text).not.toMatch(/secret/i);
    const moved = await api.call('PATCH', path, { body: { noticeUrl: `${receiver.url}/2` } });
    const next = String(moved.body['noticeSecret']);
    expect(next).toMatch(/^whsec_/);
    expect(next).not.toBe(secret);
    await events.write(disabled(subscriptionId, id));
    await untilRequests(1);
    expect(receiver.requests[0] && isSignedWith(next, receiver.requests[0])).toBe(true);
    const none = await api.call('PATCH', path, { body: { noticeUrl: null } });
    expect(none.body).toMatchObject({ noticeUrl: null });
    const audit = await api.get(`/v1/audit-log?resource=applications/${id}`);
    expect(audit.text).toContain('noticeSecret');
    expect(audit.text).not.toMatch(/whsec_|v1\./);
    expect(audit.text).not.toContain(next);
  });

  it.each(['ftp://shop.example/', 'http://10.0.0.5/hook', 'no url', 'http://169.254.169.254/latest'])(
    'is not made for %s',
    async (noticeUrl) => {
      const { status, body } = await api.call('POST', '/v1/applications', {
        body: { name: 'Shop', noticeUrl },
      });
      expect(status).toBe(422);
      expect(body['errors']).toEqual([expect.objectContaining({ field: 'noticeUrl' })]);
    },
  );
});
