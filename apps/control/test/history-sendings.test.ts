import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliveryTopics, readTask, type AttemptRow, type DeliveryTask } from '#libs/delivery-task';
import { AttemptRows, KeptAttempts } from './attempt-rows.js';
import { Api, controlUnderTest, type Answer } from './control-under-test.js';
import { DeadLetters, ended, type Redrive } from './dead-letters.js';
import { OrderChanges } from './order-changes.js';

const control = controlUnderTest();
let api: Api;
let rows: AttemptRows;
let kept: KeptAttempts;
let letters: DeadLetters;
let written = 0;

beforeAll(async () => {
  const env = await control.environment();
  api = new Api(`http://127.0.0.1:${(await control.start(env)).port}`);
  rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  kept = await KeptAttempts.open(env['DATABASE_URL'] ?? '');
  letters = new DeadLetters(control.kafka, await control.kafka.publisher());
});

afterAll(async () => {
  await kept.close();
  await rows.kafka.close();
});

async function write(...given: readonly AttemptRow[]): Promise<void> {
  await rows.write(given);
  written += given.length;
  await kept.until(written);
}

const post = (path: string): Promise<Answer> => api.call('POST', path);

async function replayed(webhookId: unknown): Promise<DeliveryTask[]> {
  const records = await control.kafka.readToEnd(deliveryTopics.replay);
  return records.flatMap((record) => {
    const read = readTask(record);
    return read.kind === 'task' && read.task.webhookId === webhookId ? [read.task] : [];
  });
}

describe('a test event', () => {
  it.each([
    ['json', 'application/json', /"type":"relay\.test"/],
    ['json-before-after', 'application/json', /"before":/],
    ['cloudevents', 'application/cloudevents+json', /"type":"relay\.test"/],
    ['cloudevents-binary', 'application/json', /"/],
    ['xml', 'application/xml', /relay\.test/],
    ['form', 'application/x-www-form-urlencoded', /type=relay\.test/],
  ])('is sent in the format of the subscription (%s)', async (format, contentType, sentence) => {
    const { id } = await api.create({ format });
    const { status, body } = await post(`/v1/subscriptions/${id}/test`);
    expect([status, body['eventType'], body['contentType']]).toEqual([202, 'relay.test', contentType]);
    expect(body['body']).toMatch(sentence);
    const [task] = await replayed(body['webhookId']);
    expect(task?.body.toString()).toBe(body['body']);
    expect(task).toMatchObject({
      subscriptionId: id,
      eventType: 'relay.test',
      contentType,
      database: 'acme',
      changeId: body['changeId'],
      attempts: 0,
      // What fails of it counts for nothing.
      redrive: 'test',
      cloudEvent: format === 'cloudevents-binary',
      traceparent: null,
    });
    expect(task?.record).toMatch(/^relay\.test,\d+$/);
    expect((task?.expiresAtMs ?? 0) - Date.now()).toBeLessThanOrEqual(600_000);
  });

  it('has the columns of what is captured, in the shape that is asked for', async () => {
    const orders = await OrderChanges.open(control);
    await orders.publish(orders.confirmed(1));
    const fields = { eventTypes: ['sale.order.confirmed'], shape: { fields: ['state'] } };
    const { id } = await api.create(fields);
    const { body } = await post(`/v1/subscriptions/${id}/test`);
    const { data } = JSON.parse(String(body['body'])) as { data: Record<string, unknown> };
    expect(data).toEqual({ state: 'sale', order_line: [{ id: 1 }] });
  });

  it('is another one each time', async () => {
    const { id } = await api.create();
    const sent = [await post(`/v1/subscriptions/${id}/test`), await post(`/v1/subscriptions/${id}/test`)];
    expect(new Set(sent.map(({ body }) => body['webhookId'])).size).toBe(2);
  });

  it('is refused where nobody would get it', async () => {
    const { id } = await api.create();
    await post(`/v1/subscriptions/${id}/disable`);
    const off = await post(`/v1/subscriptions/${id}/test`);
    expect([off.status, off.body['code']]).toEqual([409, 'subscription_disabled']);
    expect(off.body['detail']).toMatch(/enable switches it on/);
    for (const unknown of ['sub_00000000000000000000000000', 'x']) {
      expect((await post(`/v1/subscriptions/${unknown}/test`)).status).toBe(404);
    }
  });
});

describe('resend', () => {
  it('sends a dead letter once more, and no other one', async () => {
    const { id } = await api.create();
    const [webhookId = '', another] = await letters.die(id, 2);
    await write(
      ...[webhookId, another ?? ''].map((webhook_id) =>
        rows.row({ subscription_id: id, webhook_id, outcome: 'dead', reason: 'attempts-exhausted' }),
      ),
    );
    const { status, body } = await post(`/v1/deliveries/${webhookId}/resend`);
    expect(status).toBe(201);
    const done = await ended(api, (body as Redrive).id);
    expect(done).toMatchObject({ state: 'done', matched: 1, sent: 1, skipped: {} });
    expect((await replayed(webhookId)).map(({ redrive }) => redrive)).toEqual([done.id]);
    expect(await replayed(another)).toEqual([]);
  });

  it('says why where its subscription gets nothing', async () => {
    const { id } = await api.create();
    const [webhookId = ''] = await letters.die(id, 1);
    await write(rows.row({ subscription_id: id, webhook_id: webhookId, outcome: 'dead' }));
    await post(`/v1/subscriptions/${id}/disable`);
    const { body } = await post(`/v1/deliveries/${webhookId}/resend`);
    const done = await ended(api, (body as Redrive).id);
    expect(done).toMatchObject({ sent: 0, skipped: { 'subscription-disabled': 1 } });
    expect(done.notes.join()).toMatch(/switch/);
  });

  it.each([
    [
      'delivered',
      /was delivered at .*POST \/v1\/subscriptions\/sub_.*\/replays with \{"from": \{"time": "20/,
    ],
    ['failed', /waits to be tried again by itself/],
    ['superseded', /newer change .*replays with/],
    ['dropped', /subscription is deleted/],
    ['someday', /of a later version/],
  ])('of one that is %s says what is possible instead', async (outcome, sentence) => {
    const webhookId = `msg_no_${outcome}`;
    await write(rows.row({ webhook_id: webhookId, outcome }));
    const { status, body } = await post(`/v1/deliveries/${webhookId}/resend`);
    expect([status, body['code']]).toEqual([409, 'delivery_not_dead']);
    expect(body['detail']).toMatch(sentence);
  });

  it('of one that nobody knows is answered 404', async () => {
    const { status, body } = await post('/v1/deliveries/msg_nobody/resend');
    expect([status, body['code']]).toEqual([404, 'delivery_not_found']);
  });
});

describe('an application', () => {
  it('sees, tests and resends what is its own; what is of another is not told from what is not there', async () => {
    const tenant = async (
      name: string,
    ): Promise<{ key: string; subscriptionId: string; webhookId: string }> => {
      const { body } = await api.call('POST', '/v1/applications', { body: { name } });
      const applicationId = String(body['id']);
      const path = `/v1/applications/${applicationId}/credentials`;
      const { body: credential } = await api.call('POST', path, { body: { kind: 'api-key' } });
      const { id } = await api.create({ applicationId });
      const [webhookId = ''] = await letters.die(id, 1);
      await write(rows.row({ subscription_id: id, webhook_id: webhookId, outcome: 'dead' }));
      return { key: String(credential['secret']), subscriptionId: id, webhookId };
    };
    const [mine, other] = [await tenant('Mine'), await tenant('Other')];
    const asMe = (method: string, path: string): Promise<Answer> =>
      api.call(method, path, { headers: { authorization: `Bearer ${mine.key}` } });
    const statusesOf = async (of: typeof mine): Promise<number[]> => {
      const answers = [
        await asMe('GET', `/v1/deliveries/${of.webhookId}`),
        await asMe('GET', `/v1/subscriptions/${of.subscriptionId}/statistics`),
        await asMe('POST', `/v1/subscriptions/${of.subscriptionId}/test`),
        await asMe('POST', `/v1/deliveries/${of.webhookId}/resend`),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await statusesOf(mine)).toEqual([200, 200, 202, 201]);
    expect(await statusesOf(other)).toEqual([404, 404, 404, 404]);
    for (const query of ['', `?subscriptionId=${mine.subscriptionId}`, '?outcome=dead', '?database=acme']) {
      const { body } = await asMe('GET', `/v1/attempts${query}`);
      expect((body['data'] as { webhookId: string }[]).map(({ webhookId }) => webhookId)).toEqual([
        mine.webhookId,
      ]);
    }
    for (const query of [`subscriptionId=${other.subscriptionId}`, `webhookId=${other.webhookId}`]) {
      expect((await asMe('GET', `/v1/attempts?${query}`)).body).toEqual({ data: [], nextCursor: null });
    }
  });
});
