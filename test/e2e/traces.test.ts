import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { startApp, type AppName, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Receiver } from '../harness/receiver.js';
import { testStack } from '../harness/stack.js';
import { DeliveryFixture } from './delivery-fixture.js';
import { connect, createSmallOdoo } from './small-odoo.js';

const stack = testStack();
const database = 'traced';

let fixture: DeliveryFixture;
let collector: Receiver;
let odoo: Client;
const apps: StartedApp[] = [];

beforeAll(async () => {
  collector = await startReceiver({ status: 200, body: '{}' });
  const odooUrl = await stack.freshDatabase();
  await createSmallOdoo(odooUrl);
  odoo = await connect(odooUrl);
  fixture = await DeliveryFixture.open(stack);
  const common = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  const environments: [AppName, Record<string, string>][] = [
    [
      'ingest',
      {
        ...common,
        ODOO_DATABASE_URL: odooUrl,
        DATABASE_SLUG: database,
        MODELS: 'res.partner',
        TRACE_ONE_IN: '1',
      },
    ],
    ['router', common],
    ['delivery', { ...common, SECRETS_KEY: fixture.secretsKey, ALLOWED_RECEIVERS: '127.0.0.1' }],
  ];
  for (const [name, env] of environments) {
    apps.push(await startApp(name, env));
  }
}, 120_000);

afterAll(async () => {
  await Promise.all(apps.map((app) => app.kill()));
  await odoo.end();
  await fixture.close();
  await collector.close();
});

interface Span {
  service: string;
  traceId: string;
  spanId: string;
  /** Of a first span it is left out. */
  parentSpanId?: string;
  name: string;
  attributes: Record<string, string>;
  status: { code?: number };
}

interface Otlp {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: { spans: (Omit<Span, 'attributes' | 'service'> & { attributes: OtlpAttribute[] })[] }[];
  }[];
}

interface OtlpAttribute {
  key: string;
  value: Record<string, string | number>;
}

function flat(attributes: readonly OtlpAttribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}

/** All that the collector was sent. */
function spans(): Span[] {
  return collector.requests.flatMap(({ body }) =>
    (JSON.parse(body.toString()) as Otlp).resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap((scope) =>
        scope.spans.map((span) => ({
          ...span,
          service: flat(resource.attributes)['service.name'] ?? '',
          attributes: flat(span.attributes),
        })),
      ),
    ),
  );
}

it('a transaction of Odoo is one trace up to the answer of its receiver, with each attempt', async () => {
  const endpoint = await startReceiver(({ index }) => (index === 0 ? 503 : 200));
  const settings = { retryDelaysMs: [200], timeoutMs: 2_000 };
  await fixture.subscribe({
    ...fixture.subscription('traced', endpoint.url, { settings }),
    database,
    eventTypes: ['res.partner.created'],
  });
  await odoo.query(
    `begin; insert into res_partner (name) values ('one'); insert into res_partner (name) values ('two'); commit`,
  );
  await eventually(() => spans().filter(({ name }) => name === 'attempt').length === 3);
  await eventually(() => spans().some(({ name }) => name === 'capture'));
  const all = spans();
  expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1);

  const capture = all.find(({ name }) => name === 'capture');
  expect(capture?.parentSpanId).toBeUndefined();
  expect(capture).toMatchObject({
    service: 'relay-ingest',
    attributes: { 'relay.database': database, 'relay.changes': '2' },
  });
  const routes = all.filter(({ name }) => name === 'route');
  expect(routes).toHaveLength(2);
  for (const { service, parentSpanId } of routes) {
    expect([service, parentSpanId]).toEqual(['relay-router', capture?.spanId]);
  }
  const attempts = all.filter(({ name }) => name === 'attempt');
  for (const { service, parentSpanId } of attempts) {
    expect(service).toBe('relay-delivery');
    expect(routes.map(({ spanId }) => spanId)).toContain(parentSpanId);
  }
  const outcomes = attempts.map(({ attributes }) =>
    ['http.response.status_code', 'relay.outcome', 'relay.attempt'].map((key) => attributes[key]).join(' '),
  );
  expect(outcomes.sort()).toEqual(['200 delivered 1', '200 delivered 2', '503 failed 1']);
  await endpoint.close();
}, 60_000);

it('what no collector takes is dropped, and nothing waits for it', async () => {
  collector.answer('hang');
  const endpoint = await startReceiver();
  await fixture.subscribe({
    ...fixture.subscription('untraced', endpoint.url),
    database,
    eventTypes: ['res.partner.updated'],
  });
  await odoo.query(`update res_partner set name = name || '!'`);
  await eventually(() => endpoint.requests.length === 2);
  await endpoint.close();
}, 60_000);
