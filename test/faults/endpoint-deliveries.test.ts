import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttemptRow, DeliveryTask } from '#libs/delivery-task';
import type { DeliverySettings } from '#libs/subscription';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import type { StartedApp } from '../harness/apps.js';
import { startConnectProxy } from '../harness/connect-proxy.js';
import { eventually } from '../harness/eventually.js';
import { answer, says, startRawEndpoint, type Play, type RawEndpoint } from '../harness/raw-endpoint.js';
import { testStack } from '../harness/stack.js';

const stack = testStack();
let fixture: DeliveryFixture;
let app: StartedApp;
let endpoint: RawEndpoint;
let subscriptions = 0;

beforeAll(async () => {
  fixture = await DeliveryFixture.open(stack);
  app = await fixture.startApp();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  endpoint = await startRawEndpoint();
});
afterEach(() => endpoint.close());

/** With one quick retry. */
async function subscribe(url: string, settings: Partial<DeliverySettings> = {}): Promise<string> {
  const id = `sub-${++subscriptions}`;
  await fixture.subscribe(fixture.subscription(id, url, { settings: { retryDelaysMs: [100], ...settings } }));
  return id;
}

/** Its rows, once it is delivered or dead. */
async function made(task: DeliveryTask): Promise<AttemptRow[]> {
  const rows = async () => (await fixture.rows()).filter((row) => row.webhook_id === task.webhookId);
  await eventually(async () => (await rows()).some(({ outcome }) => ['delivered', 'dead'].includes(outcome)));
  return rows();
}

async function deliver(url: string, settings: Partial<DeliverySettings> = {}): Promise<AttemptRow[]> {
  const task = fixture.task(await subscribe(url, settings));
  await fixture.send([task]);
  return made(task);
}

const outcomes = (rows: readonly AttemptRow[]): string[] => rows.map((row) => row.outcome);
const idsAtEndpoint = (): (string | undefined)[] =>
  endpoint.requests.map(({ text }) => /^webhook-id: *(\S+)/im.exec(text)?.[1]);
/** The first request so, all others so. */
const first =
  (play: Play, then: Play = says(answer('200 OK'))): Play =>
  (socket, request) => {
    (request.index === 0 ? play : then)(socket, request);
  };
const reset: Play = (socket) => socket.resetAndDestroy();

describe('fault 53: a connection that does not come about is tried again by the schedule', () => {
  it('where nobody listens, and where the name does not exist', async () => {
    await endpoint.close();
    const refused = await deliver(endpoint.origin);
    expect(outcomes(refused)).toEqual(['failed', 'failed', 'dead']);
    expect(refused[0]).toMatchObject({ error: 'connection refused', status: null });
    endpoint = await startRawEndpoint();
    const unknown = await deliver('http://nobody.invalid/');
    expect(outcomes(unknown)).toEqual(['failed', 'failed', 'dead']);
    expect(unknown[0]?.error).toBe('the name cannot be resolved');
  });
});

describe('fault 54: a reset after the request was sent', () => {
  it('leads to a retry with the same id', async () => {
    endpoint.play(first(reset));
    const rows = await deliver(endpoint.origin);
    expect(outcomes(rows)).toEqual(['failed', 'delivered']);
    expect(idsAtEndpoint()).toEqual([rows[0]?.webhook_id, rows[0]?.webhook_id]);
  });
});

describe('fault 55: 200 and then a reset in the body', () => {
  it('is delivered by its headers, and not tried again', async () => {
    endpoint.play((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun', () =>
        setTimeout(() => socket.resetAndDestroy(), 20),
      );
    });
    expect(outcomes(await deliver(endpoint.origin))).toEqual(['delivered']);
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('fault 63: a redirect', () => {
  it('is a failure that is tried again, and is not followed', async () => {
    const elsewhere = await startRawEndpoint();
    endpoint.play(says(answer('307 Moved', '', `location: ${elsewhere.origin}/\r\n`)));
    const rows = await deliver(endpoint.origin);
    expect(outcomes(rows)).toEqual(['failed', 'failed', 'dead']);
    expect(rows[0]).toMatchObject({ status: 307, error: null });
    expect([endpoint.requests.length, elsewhere.sockets.length]).toEqual([2, 0]);
    await elsewhere.close();
  });
});

describe('fault 64: 410', () => {
  it('disables the endpoint at once, and says so', async () => {
    endpoint.play(says(answer('410 Gone')));
    const id = await subscribe(endpoint.origin);
    const task = fixture.task(id);
    await fixture.send([task]);
    expect(outcomes(await made(task))).toEqual(['gone', 'dead']);
    const state = await eventually(() => fixture.state(id));
    expect(state).toMatchObject({ state: 'disabled', reason: 'gone' });
    const notice = app.logLines().filter((line) => line['subscriptionId'] === id);
    expect(notice.map((line) => line['msg'])).toContain('the subscription is disabled');
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe('fault 65: Retry-After', () => {
  it.each([
    ['10^12 seconds wait a day', '1000000000000', 86_400_000],
    ['a date in 9999 too', 'Fri, 31 Dec 9999 23:59:59 GMT', 86_400_000],
    ['an hour is an hour', '3600', 3_600_000],
  ])('%s', async (_, value, waitMs) => {
    endpoint.play(says(answer('503 No', '', `retry-after: ${value}\r\n`)));
    const task = fixture.task(await subscribe(endpoint.origin), {
      expiresAtMs: Date.now() + 10 * 86_400_000,
    });
    const beforeMs = Date.now();
    await fixture.send([task]);
    const dueAtMs = await eventually(() => dueAt(task));
    expect(dueAtMs).toBeGreaterThanOrEqual(beforeMs + waitMs);
    expect(dueAtMs).toBeLessThanOrEqual(Date.now() + waitMs);
    expect(endpoint.requests).toHaveLength(1);
  });

  it.each(['-5', 'Sun, 06 Nov 1994 08:49:37 GMT', '0', 'soon'])(
    '%j is soon or by the schedule',
    async (value) => {
      endpoint.play(first(says(answer('429 Slow', '', `retry-after: ${value}\r\n`))));
      expect(outcomes(await deliver(endpoint.origin))).toEqual(['failed', 'delivered']);
    },
  );
});

/** When its retry is due, in whichever tier it waits. */
async function dueAt(task: DeliveryTask): Promise<number | undefined> {
  for (const tier of ['2h', '5h', '30m']) {
    const waiting = await fixture.kafka.readToEnd(`relay.deliveries.retry.${tier}`);
    const found = waiting.find(({ headers }) => headers['webhook-id'] === task.webhookId);
    if (found !== undefined) return Number(found.headers['due-at']);
  }
  return undefined;
}

describe('fault 67: a kept connection that is closed as we write', () => {
  it('costs no attempt: the delivery is counted once', async () => {
    endpoint.play(says(answer('200 OK')));
    const id = await subscribe(endpoint.origin);
    const before = fixture.task(id);
    await fixture.send([before]);
    await made(before);
    endpoint.play((socket, request) => {
      (request.turn > 0 ? reset : says(answer('200 OK')))(socket, request);
    });
    const task = fixture.task(id);
    await fixture.send([task]);
    expect(await made(task)).toMatchObject([{ outcome: 'delivered', attempt: 1, status: 200 }]);
    expect(endpoint.requests.map(({ turn }) => turn)).toEqual([0, 1, 0]);
    expect(idsAtEndpoint()).toEqual([before.webhookId, task.webhookId, task.webhookId]);
  });
});

describe('fault 71: an endpoint that is one of our own ports', () => {
  it('gets a request and answers that it has no such thing: no loop comes of it', async () => {
    const own = await deliver(`${app.url}/health/live`);
    expect(outcomes(own)).toEqual(['failed', 'failed', 'dead']);
    expect(own[0]).toMatchObject({ status: 404 });
    expect(outcomes(await deliver(`${app.url}/`))).toEqual(['failed', 'failed', 'dead']);
  });
});

describe('fault 84: what is kept of an answer', () => {
  it('is one line of printable text, whatever it was', async () => {
    endpoint.play(says(answer('500 Oh', '\u001b[2Ja\nERROR forged\0\u202e<b>ok</b>')));
    const [row] = await deliver(endpoint.origin);
    expect(row?.response).toBe('\\u{1b}[2Ja\\nERROR forged\\u{0}\\u{202e}<b>ok</b>');
  });
});

describe('the settings of outgoing requests', () => {
  it('OUTBOUND_PROXY, HTTPS_ONLY and ALLOWED_PORTS hold for deliveries', async () => {
    expect(await app.stop()).toBe(0);
    const proxy = await startConnectProxy();
    app = await fixture.startApp({
      OUTBOUND_PROXY: `http://127.0.0.1:${proxy.port}`,
      ALLOWED_PORTS: '443, 8443',
    });
    endpoint.play(says(answer('200 OK')));
    expect(outcomes(await deliver(endpoint.origin))).toEqual(['delivered']);
    expect(proxy.asked.map(({ authority }) => authority)).toEqual([`127.0.0.1:${endpoint.port}`]);
    const [port] = await deliver('http://93.184.216.34:8080/');
    expect(port).toMatchObject({ outcome: 'unsendable', error: 'the address is not allowed' });
    expect(await app.stop()).toBe(0);
    app = await fixture.startApp({ HTTPS_ONLY: 'true' });
    const [plain] = await deliver(endpoint.origin);
    expect(plain).toMatchObject({
      outcome: 'unsendable',
      error: 'the URL must begin with https:// (HTTPS_ONLY is set)',
    });
    expect(endpoint.requests).toHaveLength(1);
    await proxy.close();
  });
});
