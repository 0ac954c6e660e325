import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type AppName, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';
import { createSmallOdoo } from './small-odoo.js';
import { freePort } from '../harness/free-port.js';

const stack = testStack();
/** Through these the servers are met first; Kafka tells then where it is itself. */
let kafka: TcpProxy;
let postgres: TcpProxy;
let registry: TcpProxy;
let environment: Record<string, string>;
let app: StartedApp | undefined;

beforeAll(async () => {
  const odooUrl = await stack.freshDatabase();
  await createSmallOdoo(odooUrl);
  kafka = await proxyTo(`tcp://${stack.brokers[0] ?? ''}`);
  postgres = await proxyTo(odooUrl);
  registry = await proxyTo(stack.schemaRegistryUrl);
  environment = {
    KAFKA_BROKERS: kafka.address,
    SCHEMA_REGISTRY_URL: through(registry, stack.schemaRegistryUrl),
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: through(postgres, odooUrl),
    DATABASE_SLUG: 'patient',
    MODELS: 'res.partner',
    DATABASE_URL: through(postgres, await stack.freshDatabase()),
    DATABASES: 'patient',
    ADMIN_KEY: 'test-admin-key-0123456789',
    SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
    START_PATIENCE_MS: '120000',
    HTTP_PORT: String(await freePort()),
  };
});

afterEach(async () => {
  for (const proxy of [kafka, postgres, registry]) proxy.restore();
  await app?.kill();
});

afterAll(async () => {
  for (const proxy of [kafka, postgres, registry]) await proxy.close();
});

function proxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  return startTcpProxy({ target: { host: hostname, port: Number(port) } });
}

function through({ host, port }: TcpProxy, url: string): string {
  const changed = new URL(url);
  changed.hostname = host;
  changed.port = String(port);
  return changed.href;
}

async function probe(url: string, which: 'live' | 'ready'): Promise<{ ok: boolean; text: string }> {
  const response = await fetch(`${url}/health/${which}`);
  return { ok: response.ok, text: await response.text() };
}

describe('fault 122: with START_PATIENCE_MS, servers that are away at the start', () => {
  it.each<[AppName, Record<string, () => TcpProxy>]>([
    [
      'ingest',
      { SCHEMA_REGISTRY_URL: () => registry, KAFKA_BROKERS: () => kafka, ODOO_DATABASE_URL: () => postgres },
    ],
    ['router', { KAFKA_BROKERS: () => kafka }],
    ['delivery', { KAFKA_BROKERS: () => kafka, SCHEMA_REGISTRY_URL: () => registry }],
    [
      'control',
      { DATABASE_URL: () => postgres, KAFKA_BROKERS: () => kafka, SCHEMA_REGISTRY_URL: () => registry },
    ],
  ])('leave %s alive and not ready, saying which, until they are there', async (name, needed) => {
    for (const proxy of Object.values(needed)) proxy().block();
    app = await startApp(name, environment, { waitUntilReady: false });
    const { url, ended } = app;
    for (const [setting, proxy] of Object.entries(needed)) {
      await eventually(async () => {
        const { ok, text } = await probe(url, 'ready');
        return !ok && text.includes(setting);
      });
      expect((await probe(url, 'live')).ok).toBe(true);
      proxy().restore();
    }
    await eventually(async () => (await probe(url, 'ready')).ok, { timeoutMs: 60_000 });
    expect(await Promise.race([ended, Promise.resolve('it runs')])).toBe('it runs');
  });

  it('end it when the patience is at its end, with the same error as without', async () => {
    kafka.block();
    app = await startApp('router', { ...environment, START_PATIENCE_MS: '2500' }, { waitUntilReady: false });
    expect(await app.ended).toBe(69);
    expect(app.logLines().at(-1)).toMatchObject({ code: 'KAFKA_UNAVAILABLE' });
  });
});
