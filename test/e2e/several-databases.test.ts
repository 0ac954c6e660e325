import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { dropDatabase } from '#embedded';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { connect, createSmallOdoo } from './small-odoo.js';
import { TopicReader } from './small-odoo-topics.js';

const stack = testStack();
const topics = new TopicReader(stack);
const slugs = ['paris', 'lyon'] as const;
type Slug = (typeof slugs)[number];

let admin: Client;
const urls = {} as Record<Slug, string>;
const ingests = {} as Record<Slug, StartedApp>;

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

function environment(slug: Slug, url = urls[slug]): Record<string, string> {
  return {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: url,
    DATABASE_SLUG: slug,
    MODELS: 'res.partner',
  };
}

beforeAll(async () => {
  admin = await connect(stack.databaseUrl);
  for (const slug of slugs) {
    urls[slug] = await stack.freshDatabase();
    await createSmallOdoo(urls[slug]);
    ingests[slug] = await startApp('ingest', environment(slug));
  }
});

afterAll(async () => {
  await Promise.all(Object.values(ingests).map((ingest) => ingest.stop()));
  await topics.kafka.close();
  await admin.end();
});

/** A partner of that name, written with a connection that does not stay. */
async function write(slug: Slug, name: string): Promise<void> {
  const client = await connect(urls[slug]);
  await client.query('insert into res_partner (name) values ($1)', [name]);
  await client.end();
}

async function namesIn(slug: Slug): Promise<unknown[]> {
  return (await topics.changes(`odoo.${slug}.res_partner`))
    .map(({ change }) => change.after?.['name'])
    .sort();
}

async function untilPublished(slug: Slug, name: string): Promise<void> {
  await eventually(async () => (await namesIn(slug)).includes(name));
}

async function epochOf(slug: Slug): Promise<string> {
  const changes = await topics.changes(`odoo.${slug}.res_partner`);
  const [epoch = '', ...others] = new Set(changes.map(({ change }) => change.source.epoch));
  expect(others).toEqual([]);
  return epoch;
}

async function isReady(slug: Slug): Promise<boolean> {
  return (await fetch(`${ingests[slug].url}/health/ready`)).ok;
}

async function endConnections(url: string): Promise<void> {
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
    nameOf(url),
  ]);
}

/** How an ingest ends that must not start. */
async function refusal(slug: Slug, url: string): Promise<{ code: unknown; sentence: string }> {
  const app = await startApp('ingest', environment(slug, url), { waitUntilReady: false });
  const code = await app.ended;
  return { code, sentence: String(app.logLines().at(-1)?.['msg']) };
}

describe('two databases', () => {
  it('have topics, an epoch and a position of their own', async () => {
    await write('paris', 'p1');
    await write('lyon', 'l1');
    await untilPublished('paris', 'p1');
    await untilPublished('lyon', 'l1');
    expect(await namesIn('paris')).toEqual(['p1']);
    expect(await namesIn('lyon')).toEqual(['l1']);
    expect(await epochOf('paris')).not.toBe(await epochOf('lyon'));
    const positions = await topics.kafka.readToEnd('relay.positions');
    expect(new Set(positions.map(({ key }) => key?.toString()))).toEqual(new Set(slugs));
  });

  it('do not notice when the other is down, and it goes on where it was', async () => {
    await admin.query(`alter database ${nameOf(urls.paris)} allow_connections false`);
    await endConnections(urls.paris);
    await eventually(async () => !(await isReady('paris')));
    await write('lyon', 'l2');
    await untilPublished('lyon', 'l2');
    expect(await isReady('lyon')).toBe(true);
    await admin.query(`alter database ${nameOf(urls.paris)} allow_connections true`);
    await write('paris', 'p2');
    await untilPublished('paris', 'p2');
    expect(await namesIn('paris')).toEqual(['p1', 'p2']);
  });
});

describe('a database that is not the one of its topics sends nothing, and the right one goes on', () => {
  it('a copy, under the name of its original or a new one', async () => {
    const copy = new URL(urls.paris);
    copy.pathname = `/copy_${nameOf(urls.paris)}`;
    await admin.query(`alter database ${nameOf(urls.paris)} allow_connections false`);
    await endConnections(urls.paris);
    await admin.query(`create database ${nameOf(copy.href)} template ${nameOf(urls.paris)}`);
    await admin.query(`alter database ${nameOf(urls.paris)} allow_connections true`);
    const { code, sentence } = await refusal('paris', copy.href);
    await dropDatabase(stack.databaseUrl, nameOf(copy.href));
    expect(code).toBe(78);
    expect(sentence).toMatch(/copy or a restored backup .*drop schema relay cascade.*DATABASE_SLUG/);
    await write('paris', 'p3');
    await untilPublished('paris', 'p3');
    expect(await namesIn('paris')).toEqual(['p1', 'p2', 'p3']);
  });

  it('another database under this name, which does not even end the instance that reads the right one', async () => {
    const { code, sentence } = await refusal('paris', urls.lyon);
    expect(code).toBe(78);
    expect(sentence).toMatch(/this database has epoch .*DATABASE_SLUG of its own/);
    await write('paris', 'p4');
    await untilPublished('paris', 'p4');
    expect(await namesIn('paris')).toEqual(['p1', 'p2', 'p3', 'p4']);
    expect(ingests.paris.output()).not.toContain('FENCED');
  });
});

describe('a database that is renamed', () => {
  it('is waited for, and goes on with its epoch once its new name is known', async () => {
    const epoch = await epochOf('lyon');
    const renamed = new URL(urls.lyon);
    renamed.pathname = `/${nameOf(urls.lyon)}_new`;
    await admin.query(`alter database ${nameOf(urls.lyon)} allow_connections false`);
    await endConnections(urls.lyon);
    await admin.query(`alter database ${nameOf(urls.lyon)} rename to ${nameOf(renamed.href)}`);
    await admin.query(`alter database ${nameOf(renamed.href)} allow_connections true`);
    await eventually(async () => !(await isReady('lyon')));
    await eventually(() => /does not exist.*ODOO_DATABASE_URL/.test(ingests.lyon.output()));
    await ingests.lyon.stop();
    urls.lyon = renamed.href;
    await write('lyon', 'l3');
    ingests.lyon = await startApp('ingest', environment('lyon'));
    await untilPublished('lyon', 'l3');
    expect(await epochOf('lyon')).toBe(epoch);
    expect(await namesIn('lyon')).toEqual(['l1', 'l2', 'l3']);
    await ingests.lyon.stop();
    await dropDatabase(stack.databaseUrl, nameOf(renamed.href));
  });
});
