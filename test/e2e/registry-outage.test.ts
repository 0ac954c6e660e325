import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { startApp, type AppName, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { startTcpProxy, type TcpProxy } from '../harness/tcp-proxy.js';
import { connect, createSmallOdoo } from './small-odoo.js';
import { TopicReader } from './small-odoo-topics.js';

const stack = testStack();
const topics = new TopicReader(stack);
const topic = 'odoo.outage.res_partner';

let registry: TcpProxy;
let environment: Record<string, string>;
let writer: Client;
let app: StartedApp | undefined;

beforeAll(async () => {
  const { hostname, port, pathname } = new URL(stack.schemaRegistryUrl);
  registry = await startTcpProxy({ target: { host: hostname, port: Number(port) } });
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  writer = await connect(databaseUrl);
  environment = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: `http://${registry.address}${pathname}`,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: databaseUrl,
    DATABASE_SLUG: 'outage',
    MODELS: 'res.partner',
    SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
  };
});

afterEach(async () => {
  registry.restore();
  await app?.stop();
});

afterAll(async () => {
  await writer.end();
  await topics.kafka.close();
  await registry.close();
});

async function readiness(url: string): Promise<{ ok: boolean; text: string }> {
  const response = await fetch(`${url}/health/ready`);
  return { ok: response.ok, text: await response.text() };
}

describe('a registry that is down', () => {
  it('fault 32: stalls nothing that is warm, not even when Postgres ends the connections', async () => {
    app = await startApp('ingest', environment);
    await writer.query(`insert into res_partner (id, name) values (1, 'before')`);
    await topics.changesUntil(topic, 1, 1);
    registry.block();
    const asked = registry.acceptedConnections();
    await writer.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'odoo-relay%'`);
    for (let n = 1; n <= 50; n += 1) {
      await writer.query('update res_partner set name = $1 where id = 1', [`n${n}`]);
    }
    const published = await topics.changesUntil(topic, 51, 1);
    expect(published.at(-1)?.change.after?.['name']).toBe('n50');
    expect(registry.acceptedConnections()).toBe(asked);
    expect((await readiness(app.url)).ok).toBe(true);
  });

  it('fault 32: lets a new column wait, which comes with all changes once the registry is back', async () => {
    app = await startApp('ingest', environment);
    registry.block();
    await writer.query(`alter table res_partner add column x_new int;
      insert into res_partner (id, x_new) values (2, 1); update res_partner set x_new = 2 where id = 2`);
    const { url } = app;
    await eventually(async () => (await readiness(url)).text.includes('SCHEMA_REGISTRY_URL'));
    expect(await topics.changes(topic, 2)).toEqual([]);
    registry.restore();
    const published = await topics.changesUntil(topic, 1, 2);
    expect(published.at(-1)?.change.after?.['x_new']).toBe(2);
    expect(app.logLines().filter(({ msg }) => msg === 'capturing')).toHaveLength(1);
  });

  it.each<AppName>(['ingest', 'delivery'])(
    'fault 32: keeps %s waiting at its start, not ready, and it neither ends nor needs a restart',
    async (name) => {
      registry.block();
      app = await startApp(name, environment, { waitUntilReady: false });
      const { url, ended } = app;
      const said = await eventually(async () => {
        const { ok, text } = await readiness(url);
        return !ok && text.includes('SCHEMA_REGISTRY_URL') && text;
      });
      expect(said).toContain('the schema registry does not answer');
      registry.restore();
      await eventually(async () => (await readiness(url)).ok);
      expect(await Promise.race([ended, Promise.resolve('it runs')])).toBe('it runs');
    },
  );
});
