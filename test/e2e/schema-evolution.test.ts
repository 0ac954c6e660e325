import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import avsc, { type Schema } from 'avsc';
import type { Client } from 'pg';
import type { Value } from '#libs/change';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { testStack } from '../harness/stack.js';
import { connect, createSmallOdoo } from './small-odoo.js';
import { TopicReader, type Published } from './small-odoo-topics.js';

const stack = testStack();
const topics = new TopicReader(stack);
/** On each side of a change of the table, none of which is waited for. */
const flow = 30;

let databases = 0;
let slug: string;
let environment: Record<string, string>;
let writer: Client;
let ingest: StartedApp;

beforeEach(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  writer = await connect(databaseUrl);
  slug = `evolving${++databases}`;
  environment = {
    KAFKA_BROKERS: stack.brokers.join(','),
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ODOO_DATABASE_URL: databaseUrl,
    DATABASE_SLUG: slug,
    MODELS: 'res.partner',
  };
  await writer.query('alter table res_partner add column x_size int, add column x_code varchar(5)');
  ingest = await startApp('ingest', environment);
  await writer.query(`insert into res_partner (id, x_size, x_code) values (1, 0, 'c0')`);
});

afterEach(async () => {
  await ingest.stop();
  await writer.end();
});

afterAll(() => topics.kafka.close());

const topic = (generation = ''): string => `odoo.${slug}.res_partner${generation}`;

/** So many updates of the column, one transaction each; gives what was written. */
async function update(column: string, valueOf: (n: number) => string): Promise<string[]> {
  const written: string[] = [];
  for (let n = 1; n <= flow; n += 1) {
    written.push(valueOf(n));
    await writer.query(`update res_partner set ${column} = $1 where id = 1`, [valueOf(n)]);
  }
  return written;
}

const after = (published: readonly Published[], column: string): (Value | undefined)[] =>
  published.map(({ change }) => change.after?.[column]);

async function registryConfig(subject: string): Promise<unknown> {
  const name = encodeURIComponent(`${stack.topicPrefix}${subject}`);
  return (await fetch(`${stack.schemaRegistryUrl}/config/${name}`)).json();
}

/** Reads as a consumer does that knows only the topic's latest schema: each record is resolved to it. */
async function readWithLatest(published: readonly Published[]): Promise<Record<string, unknown>[]> {
  const typeOf = (schema: unknown): avsc.Type =>
    avsc.Type.forSchema(schema as Schema, { registry: {}, noAnonymousTypes: false });
  const latest = typeOf((await topics.registry.versions(topic(), 'value')).at(-1));
  return Promise.all(
    published.map(async ({ value }) => {
      const decoded = await topics.registry.decode(value);
      if (decoded.kind === 'unreadable') throw new Error(decoded.reason);
      const resolver = latest.createResolver(typeOf(decoded.schema));
      const envelope = latest.fromBuffer(value.subarray(5), resolver) as { after: Record<string, unknown> };
      return envelope.after;
    }),
  );
}

function expectOneRun(): void {
  expect(ingest.logLines().filter(({ msg }) => msg === 'capturing')).toHaveLength(1);
}

describe('a table that changes in the middle of a flow of changes', () => {
  it('gets a column: changes before are without it, those after have it, in a new version', async () => {
    const names = await update('name', (n) => `n${n}`);
    await writer.query('alter table res_partner add column x_studio_price numeric');
    const prices = await update('x_studio_price', (n) => `${n}.25`);
    const published = await topics.changesUntil(topic(), 1 + 2 * flow);
    expect(after(published, 'name')).toEqual([null, ...names, ...prices.map(() => `n${flow}`)]);
    expect(after(published.slice(1 + flow), 'x_studio_price')).toEqual(prices);
    expect(
      published.slice(0, 1 + flow).every(({ change }) => !('x_studio_price' in (change.after ?? {}))),
    ).toBe(true);
    expect(new Set(published.map(({ schemaId }) => schemaId)).size).toBe(2);
    expectOneRun();
  });

  it('gets and fills a column in one transaction with other writes, as an upgrade does', async () => {
    await writer.query(`begin; update res_partner set name = 'before';
      alter table res_partner add column x_new int; update res_partner set x_new = 7; commit`);
    const [, updated] = await topics.changesUntil(topic(), 2);
    expect(updated?.change).toMatchObject({ op: 'u', after: { name: 'before', x_new: 7 } });
    expect(updated?.change.changed?.slice().sort()).toEqual(['name', 'x_new']);
    expectOneRun();
  });

  it('fault 34: loses a column: changes before still have it, and a reader of the latest version reads all', async () => {
    const sizes = await update('x_size', String);
    await writer.query('alter table res_partner drop column x_size');
    const names = await update('name', (n) => `n${n}`);
    const published = await topics.changesUntil(topic(), 1 + 2 * flow);
    expect(after(published.slice(1, 1 + flow), 'x_size')).toEqual(sizes.map(Number));
    const later = published.slice(1 + flow);
    expect(after(later, 'name')).toEqual(names);
    expect(later.every(({ change }) => !('x_size' in (change.after ?? {})))).toBe(true);
    expect((await readWithLatest(published)).map(({ name }) => name)).toEqual(after(published, 'name'));
    expectOneRun();
  });

  it('fault 34: has a column renamed: each change has the value under the name of its time', async () => {
    const before = await update('x_code', (n) => `r${n}`);
    await writer.query('alter table res_partner rename column x_code to x_studio_paint');
    const renamed = await update('x_studio_paint', (n) => `b${n}`);
    const published = await topics.changesUntil(topic(), 1 + 2 * flow);
    expect(after(published.slice(1, 1 + flow), 'x_code')).toEqual(before);
    expect(after(published.slice(1 + flow), 'x_studio_paint')).toEqual(renamed);
    expect((await readWithLatest(published)).map((row) => row['x_studio_paint'])).toEqual([
      ...Array.from({ length: 1 + flow }, () => null),
      ...renamed,
    ]);
    expectOneRun();
  });

  it('has columns widened: large values come exactly, in the same topic', async () => {
    const small = await update('x_size', String);
    await writer.query(`alter table res_partner alter column x_size type bigint,
      alter column x_code type varchar(50)`);
    const large = await update('x_size', (n) => String(2n ** 53n + BigInt(2 * n + 1)));
    const codes = await update('x_code', (n) => `a code of more than five letters ${n}`);
    const published = await topics.changesUntil(topic(), 1 + 3 * flow);
    expect(
      after(published, 'x_size')
        .map(String)
        .slice(1, 1 + 2 * flow),
    ).toEqual([...small, ...large]);
    expect(after(published.slice(1 + 2 * flow), 'x_code')).toEqual(codes);
    // Also the ones that were written as int: int is read as long.
    expect(await readWithLatest(published.slice(0, 1 + flow))).toHaveLength(1 + flow);
    expectOneRun();
  });

  it('has a text translated and back: the text stays the text', async () => {
    const plain = await update('name', (n) => `plain ${n}`);
    await writer.query(`begin; insert into ir_model_fields (model, name, ttype, translate)
        values ('res.partner', 'name', 'char', 'standard');
      alter table res_partner alter column name type jsonb using jsonb_build_object('en_US', name); commit`);
    const translated = await update('name', (n) => `{"en_US": "word ${n}", "fr_FR": "mot ${n}"}`);
    await topics.changesUntil(topic(), 1 + 2 * flow);
    await writer.query(`begin; delete from ir_model_fields where model = 'res.partner';
      alter table res_partner alter column name type varchar using name ->> 'en_US'; commit`);
    const again = await update('name', (n) => `again ${n}`);
    const published = await topics.changesUntil(topic(), 1 + 3 * flow);
    expect(after(published, 'name')).toEqual([
      null,
      ...plain,
      ...translated.map((text) => (JSON.parse(text) as Record<string, string>)['en_US']),
      ...again,
    ]);
    expectOneRun();
  });

  it('has subjects whose compatibility is BACKWARD', async () => {
    await topics.changesUntil(topic(), 1);
    for (const part of ['key', 'value']) {
      expect(await registryConfig(`${topic()}-${part}`)).toEqual({ compatibilityLevel: 'BACKWARD' });
    }
  });
});

describe('a table that changes so that readers of its topic could not follow', () => {
  const toText = 'alter table res_partner alter column x_size type varchar using x_size::text';

  it('goes on in a new topic: each change once, with the type of its time', async () => {
    const numbers = await update('x_size', String);
    await writer.query(toText);
    const texts = await update('x_size', (n) => `${n} cm`);
    const [old, fresh] = [
      await topics.changesUntil(topic(), 1 + flow),
      await topics.changesUntil(topic('-2'), flow),
    ];
    expect(after(old, 'x_size')).toEqual([0, ...numbers.map(Number)]);
    expect(after(fresh, 'x_size')).toEqual(texts);
    expect(new Set(old.map(({ change }) => change.source.version))).toEqual(new Set(['0.1.0']));
    expect(new Set(fresh.map(({ change }) => change.source.version))).toEqual(new Set(['0.1.0+2']));
    const ids = [...old, ...fresh].map(({ change }) => change.source.change_id);
    expect(new Set(ids).size).toBe(1 + 2 * flow);
    expectOneRun();
  });

  it('has its new topic filled by a load, and told of in relay.events', async () => {
    await writer.query(toText);
    await update('x_size', (n) => `${n} cm`);
    await topics.changesUntil(topic('-2'), flow);
    const { rows } = await writer.query(
      'select relation, record_ids, reason from relay.load_request where reason = $1',
      ['schema'],
    );
    expect(rows).toEqual([{ relation: 'res_partner', record_ids: null, reason: 'schema' }]);
    const { rows: partners } = await writer.query<{ id: number }>('select id from res_partner order by id');
    const loaded = await eventually(async () => {
      const found = await topics.loaded(topic('-2'));
      return found.length >= partners.length ? found : false;
    });
    expect(loaded.map(({ change }) => Number(change.after?.['id'])).sort((a, b) => a - b)).toEqual(
      partners.map(({ id }) => id),
    );
    const events = (await topics.kafka.readToEnd('relay.events')).filter(
      ({ key }) => key?.toString() === slug,
    );
    expect(events).toHaveLength(1);
    expect(JSON.parse(events[0]?.value?.toString() ?? '')).toEqual({
      kind: 'topic.superseded',
      database: slug,
      old_topic: topic(),
      new_topic: topic('-2'),
      reason: 'column x_size was int and is text now',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(events[0]?.headers).toMatchObject({ ce_type: 'topic.superseded', ce_source: `odoo.${slug}` });
  });

  it('stays in its latest topic after a restart, and gets a third where it is needed', async () => {
    await writer.query(toText);
    const texts = await update('x_size', (n) => `${n} cm`);
    await topics.changesUntil(topic('-2'), flow);
    await ingest.kill();
    const meanwhile = await update('x_size', (n) => `${n} m`);
    ingest = await startApp('ingest', environment);
    const published = await topics.changesUntil(topic('-2'), 2 * flow);
    expect(after(published, 'x_size')).toEqual([...texts, ...meanwhile]);
    await writer.query(`alter table res_partner alter column x_size type date using '2026-11-25'::date`);
    // A date could be a text: that it is none any more, ingest sees when it looks at the columns.
    await eventually(async () => {
      await writer.query(`update res_partner set x_size = '2026-11-26'`);
      return (await topics.kafka.topicsWithPrefix(topic('-3'))).length === 1;
    });
    await writer.query(`update res_partner set x_size = '2026-11-27'`);
    await eventually(async () => after(await topics.changes(topic('-3')), 'x_size').at(-1) === '2026-11-27');
    expect((await topics.changes(topic())).length).toBe(1);
  });

  it('also when the column was dropped and came back as another type', async () => {
    await writer.query('alter table res_partner drop column x_size');
    const names = await update('name', (n) => `n${n}`);
    expect(after(await topics.changesUntil(topic(), 1 + flow), 'name')).toEqual([null, ...names]);
    await writer.query('alter table res_partner add column x_size varchar');
    const texts = await update('x_size', (n) => `${n} cm`);
    expect(after(await topics.changesUntil(topic('-2'), flow), 'x_size')).toEqual(texts);
  });
});
