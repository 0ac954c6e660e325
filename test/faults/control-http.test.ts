import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka } from '#libs/kafka';
import { subscriptionTopics } from '#libs/subscription';
import { silentLogger } from '#libs/telemetry';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { rawRequest } from '../harness/raw-request.js';
import { testStack } from '../harness/stack.js';
import { startTcpProxy } from '../harness/tcp-proxy.js';

const stack = testStack();
const adminKey = randomBytes(16).toString('hex');
const started: StartedApp[] = [];
let control: StartedApp;

async function startControl(overrides: Record<string, string> = {}): Promise<StartedApp> {
  const app = await startApp('control', {
    DATABASE_URL: await stack.freshDatabase(),
    ADMIN_KEY: adminKey,
    SECRETS_KEY: randomBytes(32).toString('base64'),
    DATABASES: 'acme',
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ...overrides,
  });
  started.push(app);
  return app;
}

beforeAll(async () => {
  control = await startControl();
});
afterAll(async () => {
  await Promise.all(started.map((app) => app.stop()));
});

const aSubscription = JSON.stringify({
  database: 'acme',
  eventTypes: ['product.created'],
  url: 'https://shop.example/',
});

/** Head of a request, without the empty line at its end. */
function head(method: string, ...headers: string[]): string {
  const all = [`Host: x`, `Authorization: Bearer ${adminKey}`, 'Content-Type: application/json', ...headers];
  return `${method} /v1/subscriptions HTTP/1.1\r\n${all.join('\r\n')}`;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** One answer, with a problem document, and then the end of the connection. */
function expectRefused(answer: string, status: number): void {
  expect([statusOf(answer), answer.match(/HTTP\/1\.1 /g)]).toEqual([status, ['HTTP/1.1 ']]);
  expect(answer).toMatch(/content-type: application\/problem\+json/i);
  expect(answer).toMatch(/connection: close/i);
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as object;
  expect(body).toMatchObject({ status, detail: expect.stringMatching(/.{10}/) });
}

async function expectOthersUnaffected(): Promise<void> {
  const headers = { authorization: `Bearer ${adminKey}` };
  const answer = await fetch(`${control.url}/v1/subscriptions`, { headers });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

async function rowCount(url: string, table: string): Promise<number> {
  const postgres = new Client({ connectionString: url });
  await postgres.connect();
  const { rows } = await postgres
    .query<{ count: string }>(`SELECT count(*) FROM relay_control.${table}`)
    .finally(() => postgres.end());
  return Number(rows[0]?.count);
}

const tooLarge = 'x'.repeat(300 * 1024);
const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe('fault 7: a body that is too large or lies about its length', () => {
  it.each([
    ['it is too large', `${head('POST', `Content-Length: ${tooLarge.length}`)}\r\n\r\n${tooLarge}`],
    ['it says that it will be', `${head('POST', 'Content-Length: 10000000000')}\r\n\r\n{`],
    ['its chunks are too large', `${head('POST', 'Transfer-Encoding: chunked')}\r\n\r\n${chunkOf(tooLarge)}`],
    [
      'one chunk says that it will be',
      `${head('POST', 'Transfer-Encoding: chunked')}\r\n\r\nfffffff\r\n${tooLarge}`,
    ],
  ])('is answered with 413 and the end of the connection: %s', async (_, bytes) => {
    expectRefused(await rawRequest(control.port, bytes).closed, 413);
    await expectOthersUnaffected();
  });

  it('is answered with 413 while it goes on without an end', async () => {
    const request = rawRequest(control.port, `${head('POST', 'Transfer-Encoding: chunked')}\r\n\r\n`);
    const timer = setInterval(() => {
      request.send(chunkOf('x'.repeat(16 * 1024)));
    }, 1);
    expectRefused(
      await request.closed.finally(() => {
        clearInterval(timer);
      }),
      413,
    );
    await expectOthersUnaffected();
  });

  it('that is longer than it says is one request, and what follows is none', async () => {
    const bytes = `${head('POST', 'Content-Length: 2')}\r\n\r\n{}{"more": "than it said"}`;
    const answer = await rawRequest(control.port, bytes).closed;
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 422']);
  });

  it('that is shorter than it says, or whose last chunk never comes, is answered with 408', async () => {
    const requests = [
      `${head('POST', 'Content-Length: 1000')}\r\n\r\n${aSubscription}`,
      `${head('POST', 'Transfer-Encoding: chunked')}\r\n\r\n${chunkOf(aSubscription)}`,
    ].map((bytes) => rawRequest(control.port, bytes));
    await expectOthersUnaffected();
    for (const { closed } of requests) expectRefused(await closed, 408);
  });
});

describe('fault 8: 200 connections that send headers slowly', () => {
  it('are closed, and others are not affected', async () => {
    const lines = rawRequest(control.port, '');
    const slow = Array.from({ length: 199 }, () =>
      rawRequest(control.port, 'GET /v1/subscriptions HTTP/1.1\r\n'),
    );
    const timer = setInterval(() => {
      slow.forEach((request) => {
        request.send('X-A: b\r\n');
      });
    }, 500);
    let closed = 0;
    const all = [lines, ...slow].map((request) => request.closed.finally(() => (closed += 1)));
    try {
      for (let round = 0; round < 20; round++) await expectOthersUnaffected();
      expect(closed).toBe(0);
      await Promise.all(all);
    } finally {
      clearInterval(timer);
    }
    for (const request of slow) expectRefused(request.answer(), 408);
    await expectOthersUnaffected();
  });
});

describe('fault 9: requests that two readers could take for different ones', () => {
  const second = `GET /v1/subscriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminKey}\r\n\r\n`;
  it.each([
    ['CL and TE', ['Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['TE and CL', ['Transfer-Encoding: chunked', 'Content-Length: 3'], '0\r\n\r\n'],
    ['two CL, the same', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['two CL, others', ['Content-Length: 2', 'Content-Length: 0'], '{}'],
    ['CL as a list', ['Content-Length: 2, 2'], '{}'],
    ['CL with a sign', ['Content-Length: +2'], '{}'],
    ['CL in hex', ['Content-Length: 0x2'], '{}'],
    ['a folded header', ['X-A: b\r\n c'], ''],
    ['a folded TE', ['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'],
    ['a folded CL', ['Content-Length: 1\r\n 2'], '{}'],
    ['a bare LF between headers', ['X-A: b\nX-B: c'], ''],
    ['a bare CR in a header', ['X-A: b\rX-B: c'], ''],
    ['a NUL in a header', ['X-A: b\0'], ''],
    ['a space before the colon', ['Content-Length : 2'], '{}'],
    ['xchunked', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['chunked not last', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['another coding before chunked', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['two TE', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'],
    ['a chunk that ends in LF', ['Transfer-Encoding: chunked'], '2\n{}\r\n0\r\n\r\n'],
    ['a chunk size with a sign', ['Transfer-Encoding: chunked'], '+2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk that is longer than it says', ['Transfer-Encoding: chunked'], '1\r\n{}\r\n0\r\n\r\n'],
    ['two hosts', ['Host: y'], ''],
  ])('are answered with 400 and the end, and what follows is not seen: %s', async (_, headers, body) => {
    const request = rawRequest(control.port, `${head('POST', ...headers)}\r\n\r\n${body}${second}`);
    expectRefused(await request.closed, 400);
    await expectOthersUnaffected();
  });

  it.each([
    ['bare LF throughout', second.replaceAll('\r\n', '\n') + second],
    ['no HTTP', `hello\r\n\r\n${second}`],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${second}`],
  ])('are answered with 400 and the end, and what follows is not seen: %s', async (_, bytes) => {
    expectRefused(await rawRequest(control.port, bytes).closed, 400);
  });

  it('are answered with 431 where the headers are too large', async () => {
    const bytes = `${head('GET', `X-A: ${'b'.repeat(20_000)}`)}\r\n\r\n`;
    expectRefused(await rawRequest(control.port, bytes).closed, 431);
  });
});

describe('fault 10: Kafka or Postgres is down while something is saved', () => {
  const post = (app: StartedApp, path: string, body: string): Promise<Response> =>
    fetch(app.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body,
    });

  it('what is answered with success is in Postgres, and follows to Kafka after a kill and the outage', async () => {
    const proxy = await stack.kafkaProxy();
    const env = {
      DATABASE_URL: await stack.freshDatabase(),
      SECRETS_KEY: randomBytes(32).toString('base64'),
      KAFKA_TOPIC_PREFIX: `${stack.topicPrefix}outage-`,
    };
    const app = await startControl({ ...env, KAFKA_BROKERS: proxy.address });
    proxy.block();
    const answer = await post(app, '/v1/subscriptions', aSubscription);
    expect(answer.status).toBe(201);
    const { id, published } = (await answer.json()) as { id: string; published: boolean };
    expect(published).toBe(false);
    expect(await rowCount(env.DATABASE_URL, 'subscriptions')).toBe(1);
    expect(await rowCount(env.DATABASE_URL, 'topic_outbox')).toBe(1);
    // What cannot be done without Kafka is refused, and not half done.
    const redrive = await post(app, '/v1/redrives', JSON.stringify({ subscriptionId: id }));
    expect([redrive.status, await rowCount(env.DATABASE_URL, 'redrives')]).toEqual([503, 0]);
    await app.kill();
    proxy.restore();
    await startControl(env);
    const kafka = new Kafka({
      brokers: stack.brokers,
      clientId: 'test',
      topicPrefix: env.KAFKA_TOPIC_PREFIX,
      logger: silentLogger,
    });
    try {
      await eventually(async () => {
        const records = await kafka.readToEnd(subscriptionTopics.subscriptions);
        return records.some(({ key }) => String(key) === id);
      });
    } finally {
      await kafka.close();
    }
    expect(await rowCount(env.DATABASE_URL, 'topic_outbox')).toBe(0);
  });

  it('nothing is answered with success before it is committed', async () => {
    const url = new URL(await stack.freshDatabase());
    const proxy = await startTcpProxy({ target: { host: url.hostname, port: Number(url.port) } });
    const proxied = new URL(url);
    proxied.host = proxy.address;
    const app = await startControl({ DATABASE_URL: proxied.href });
    try {
      proxy.block();
      expect((await post(app, '/v1/subscriptions', aSubscription)).status).toBe(503);
      proxy.restore();
      proxy.swallowAnswers();
      expect((await post(app, '/v1/subscriptions', aSubscription)).status).toBe(503);
    } finally {
      proxy.restore();
      await app.stop();
      await proxy.close();
    }
  });
});
