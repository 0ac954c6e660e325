import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkoutDirectory } from '#embedded';
import { envelopeSchema, keySchema } from '#libs/change';
import { source } from '../../../libs/event/test/event-samples.js';
import { adminKey, Api, controlUnderTest } from './control-under-test.js';
import type { AttemptRow } from '#libs/delivery-task';
import { eventually } from '../../../test/harness/eventually.js';
import { AttemptRows } from './attempt-rows.js';
import { DeadLetters } from './dead-letters.js';
import { disabled, EventWriter } from './operational-events.js';

interface Example {
  name: string;
  request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
  response: { status: number; headers: Record<string, string>; body?: unknown };
}

const directory = join(checkoutDirectory(), 'docs', 'contracts', 'api');
/** In the order of their names: one story, on an empty database. */
const files = readdirSync(directory)
  .filter((file) => file.endsWith('.json'))
  .sort();

const control = controlUnderTest();
let url: string;
let databaseUrl: string;
/** What differs from run to run, as it stands in the examples and as it is now. */
const seen = new Map<string, string>();

beforeAll(async () => {
  const env = await control.environment({
    DATABASES: 'acme',
    MODELS: 'product.template,sale.order,stock.quant',
    ALLOWED_RECEIVERS: '',
    SELF_REGISTRATION: 'true',
    PUBLIC_URL: 'https://relay.example.com',
  });
  databaseUrl = env['DATABASE_URL'] ?? '';
  url = `http://127.0.0.1:${(await control.start(env)).port}`;
});

/** What happens elsewhere before an example. */
const before: Readonly<Record<string, () => Promise<void>>> = {
  '25-try-subscription.json': writeChange,
  '41-list-attempts.json': writeAttempts,
  '46-list-events.json': writeEvent,
  '37-list-consents.json': writeConsent,
  '22-put-event-type.json': async () => {
    const columns = [
      { name: 'state', kind: 'text' },
      { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
    ] as const;
    const schema = envelopeSchema({ database: 'acme', table: 'sale_order', columns });
    await control.registry.register('odoo.acme.sale_order', 'value', schema);
  },
  '14-count-dead-letters.json': async () => {
    const letters = new DeadLetters(control.kafka, await control.kafka.publisher());
    const id = withIdsOfNow('sub_01kasq3w7r4k9b1zc6f8gj2ys5');
    await letters.die(id, 2);
    await letters.die(id, 1, { reason: 'expired' });
  },
};

/** One change, which the last example is tried on. */
async function writeChange(): Promise<void> {
  const columns = [
    { name: 'state', kind: 'text' },
    { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  ] as const;
  const shape = { database: 'acme', table: 'sale_order', columns };
  const topic = 'odoo.acme.sale_order';
  await control.kafka.ensureTopics([{ topic, partitions: 6, config: {} }]);
  const key = await control.registry.register(topic, 'key', keySchema(shape));
  const value = await control.registry.register(topic, 'value', envelopeSchema(shape));
  const row = { state: 'sale', amount_total: '112.7' };
  const change = {
    before: { ...row, state: 'draft' },
    after: row,
    op: 'u',
    source,
    ts_ms: 0n,
    included: null,
  };
  const publisher = await control.kafka.publisher();
  await publisher.publish([
    { topic, key: key.encode({ id: 17n }), value: value.encode({ ...change, changed: ['state'] }) },
  ]);
  await publisher.close();
}

/** A delivery that has failed and is dead, and its letter. */
async function writeAttempts(): Promise<void> {
  const id = withIdsOfNow('sub_01kasq3w7r4k9b1zc6f8gj2ys5');
  const webhookId = 'msg_h0zLr1xw9TbBo2kVQD2M8sYpE4c';
  const ofDelivery = { changeId: 'k3v9x2qa7mzd-1042', record: 'sale.order,42', sequence: 1042n };
  const letters = new DeadLetters(control.kafka, await control.kafka.publisher());
  await letters.die(id, 1, { webhookId, ...ofDelivery });
  const rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  const row = rows.row({
    subscription_id: id,
    webhook_id: webhookId,
    change_id: ofDelivery.changeId,
    record: ofDelivery.record,
    sequence: ofDelivery.sequence,
    event_type: 'sale.order.confirmed',
    attempt: 6,
  });
  const failed = {
    outcome: 'failed',
    status: 503,
    error: 'status 503',
    response: 'try later',
    duration_ms: 41,
  };
  const dead = {
    outcome: 'dead',
    status: null,
    response: null,
    reason: 'attempts-exhausted',
    duration_ms: 0,
  };
  await rows.write([failed, dead].map((fields) => ({ ...row, ...fields }) as AttemptRow));
  await rows.kafka.close();
  const api = new Api(url);
  await eventually(async () => {
    const { body } = await api.get(`/v1/deliveries/${webhookId}`);
    return (body['attempts'] as unknown[] | undefined)?.length === 2;
  });
}

async function writeEvent(): Promise<void> {
  const id = withIdsOfNow('sub_01kasq3w7r4k9b1zc6f8gj2ys5');
  const events = await EventWriter.open(control.kafka);
  await events.write(disabled(id), { id: `${id}-0-disabled-41` });
  const api = new Api(url);
  await eventually(async () => {
    const { body } = await api.get(`/v1/events?subscriptionId=${id}`);
    return (body['data'] as unknown[]).length === 1;
  });
}

/** As the page of consent leaves it behind. */
async function writeConsent(): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  await database.query(
    `INSERT INTO relay_control.oauth2_items
       (kind, id_hash, payload, grant_id, credential_id, account_id, scopes, ends_at, last_used_at)
     VALUES ('Grant', '-', '-', 'gnt_01kasq3w7r4k9b1zc6f8gj2ys6', $1, 'usr_01kasq3w7r4k9b1zc6f8gj2ys7',
       '{openid,subscriptions:read}', now() + interval '90 days', now())`,
    [withIdsOfNow('cli_01kasq3w7r4k9b1zc6f8gj2ys6')],
  );
  await database.end();
}

const differing = [
  /^(?:sub|rdr|rpl|app|cli|usr|aud|req|ers)_[0-9a-z]{26}$/,
  /^c3ViX[A-Za-z0-9_-]{35}$/,
  /^msg_[A-Za-z0-9_-]{27}$/,
  /^test-[0-9a-f]{18}$/,
  /^\d+\/\d+$/,
  // The body of a test event.
  /^<.*relay\.test.*>\s*$|^\{.*relay\.test.*\}$/s,
  /^whsec_[A-Za-z0-9+/]{43}=$/,
  /^(?:relay_key_[0-9a-z]{26}_)?[A-Za-z0-9_-]{43}$/,
  /^https:\/\/relay\.example\.com\/invitation\/[\w-]{43}$/,
];
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The example as it must look now: what differs from run to run is taken over where it has the same form. */
function asNow(expected: unknown, actual: unknown): unknown {
  if (typeof expected === 'string' && typeof actual === 'string') {
    return textAsNow(expected, actual);
  }
  if (Array.isArray(expected)) {
    return expected.map((entry, index) => asNow(entry, Array.isArray(actual) ? actual[index] : undefined));
  }
  if (typeof expected === 'object' && expected !== null) {
    const other = (actual ?? {}) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(expected).map(([name, value]) => [name, asNow(value, other[name])]),
    );
  }
  return expected;
}

function textAsNow(expected: string, actual: string): string {
  if (timestamp.test(expected) && timestamp.test(actual)) {
    return actual;
  }
  const pattern = differing.find((form) => form.test(expected));
  if (pattern === undefined) {
    return withIdsOfNow(expected);
  }
  if (!seen.has(expected) && pattern.test(actual)) {
    seen.set(expected, actual);
  }
  return seen.get(expected) ?? expected;
}

function withIdsOfNow(text: string): string {
  return [...seen].reduce((result, [example, now]) => result.replaceAll(example, now), text);
}

describe('the examples of docs/contracts/api', () => {
  it('show every route of the API', async () => {
    const { body } = await new Api(url).get('/v1/openapi.json');
    const routes = Object.entries(body['paths'] as Record<string, Record<string, unknown>>)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    const shown = new Set(
      files.map((file) => {
        const { method, path } = readExample(file).request;
        const pattern = path
          .replace(/\?.*/, '')
          .replace(/(?:sub|rdr|rpl|app|usr|ers|gnt)_[0-9a-z]{26}/, '{id}')
          .replace(/cli_[0-9a-z]{26}/, '{credentialId}')
          .replace('/databases/acme', '/databases/{database}')
          .replace(/msg_[A-Za-z0-9_-]{27}/, '{webhookId}')
          .replace(/\/event-types\/.+/, '/event-types/{name}');
        return `${method} ${pattern}`;
      }),
    );
    expect(routes.filter((route) => !shown.has(route))).toEqual([]);
    expect(shown.size).toBe(routes.length);
  });

  it.each(files)('are what the API answers: %s', async (file) => {
    await before[file]?.();
    const { request, response } = readExample(file);
    // A secret that was brought along must come back as it is.
    for (const [secret] of JSON.stringify(request.body ?? null).matchAll(/whsec_[^"]+/g)) {
      seen.set(secret, secret);
    }
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      value.replace('<ADMIN_KEY>', adminKey),
    ]);
    const answer = await fetch(url + withIdsOfNow(request.path), {
      method: request.method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(request.body === undefined ? {} : { body: withIdsOfNow(JSON.stringify(request.body)) }),
    });
    const text = await answer.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    expect(body).toEqual(asNow(response.body, body));
    expect(answer.status).toBe(response.status);
    for (const [name, value] of Object.entries(response.headers)) {
      expect([name, answer.headers.get(name)]).toEqual([name, value]);
    }
  });
});

function readExample(file: string): Example {
  return JSON.parse(readFileSync(join(directory, file), 'utf8')) as Example;
}
