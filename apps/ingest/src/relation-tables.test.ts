import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { connect, createSmallOdoo } from '../../../test/e2e/small-odoo.js';
import { addSmallRelation } from '../../../test/e2e/small-relation.js';
import { testStack } from '../../../test/harness/stack.js';
import { defaultCaptureOptions, findTables } from './install-capture.js';
import { findRelationTables, parseRelationTables } from './relation-tables.js';

const stack = testStack();
let client: Client;

const tagRelation = { table: 'sale_order_tag_rel', pair: ['order_id', 'tag_id'] };

beforeAll(async () => {
  const databaseUrl = await stack.freshDatabase();
  await createSmallOdoo(databaseUrl);
  client = await connect(databaseUrl);
  await addSmallRelation(client);
  // With an id; with pairs that may be there twice; of texts; a view; one that Odoo has not made; one of another model.
  await client.query(`
    create table member (id serial primary key, order_id int not null, partner_id int not null, unique (order_id, partner_id));
    create table twice_rel (a int not null, b int not null);
    create unique index on twice_rel (a, b) where a > 0;
    create table text_rel (a varchar not null, b int not null, primary key (a, b));
    create view view_rel as select order_id as a, tag_id as b from sale_order_tag_rel;
    create table crm_lead_tag_rel (lead_id smallint not null, tag_id int not null, unique (tag_id, lead_id));
    insert into ir_model_fields (model, name, ttype, relation_table, column1, column2)
    select model, relation, 'many2many', relation, one, two from (values
      ('sale.order', 'member', 'order_id', 'partner_id'), ('sale.order', 'twice_rel', 'a', 'b'),
      ('sale.order', 'text_rel', 'a', 'b'), ('sale.order', 'view_rel', 'a', 'b'), ('sale.order', 'none_rel', 'a', 'b'),
      ('sale.order', null, null, null), ('crm.lead', 'crm_lead_tag_rel', 'lead_id', 'tag_id')) v (model, relation, one, two)`);
});

afterAll(async () => {
  await client.end();
});

describe('relation tables', () => {
  it('are those of the captured models, each once, that have a unique pair and no id', async () => {
    expect(await findRelationTables(client, ['sale.order', 'res.partner'], 'all')).toEqual({
      tables: [tagRelation],
      withoutPair: ['text_rel', 'twice_rel'],
    });
  });

  it('are none, or those that are named, of whatever model', async () => {
    const none = { tables: [], withoutPair: [] };
    expect(await findRelationTables(client, ['sale.order'], [])).toEqual(none);
    expect(await findRelationTables(client, ['res.partner'], 'all')).toEqual(none);
    expect(await findRelationTables(client, ['sale.order'], ['crm_lead_tag_rel', 'no_such_rel'])).toEqual({
      tables: [{ table: 'crm_lead_tag_rel', pair: ['lead_id', 'tag_id'] }],
      withoutPair: [],
    });
  });

  it('are none in a database whose Odoo does not say', async () => {
    const old = await stack.freshDatabase();
    await createSmallOdoo(old);
    const other = await connect(old);
    expect((await findRelationTables(other, ['sale.order'], 'all')).tables).toEqual([]);
    await other.end();
  });

  it('never lose a column of their pair to DENIED_COLUMNS, other columns by their table', async () => {
    await client.query('alter table sale_order_tag_rel add column note text, add column other text');
    const options = {
      ...defaultCaptureOptions,
      deniedColumns: ['*.tag_id', 'sale_order_tag_rel.note', 'sale.order.name'],
    };
    const tables = await findTables(client, ['sale.order'], silentLogger, options);
    expect(tables.map(({ table, model, denied }) => [table, model, denied])).toEqual([
      ['sale_order', 'sale.order', ['name', 'access_token']],
      ['sale_order_tag_rel', '', ['note']],
    ]);
    expect([...(tables[1]?.columns.keys() ?? [])]).toEqual(['order_id', 'tag_id', 'other']);
    await client.query('alter table sale_order_tag_rel drop column note, drop column other');
  });

  it.each([
    [['true'], 'all'],
    [['false'], []],
    [
      ['a_rel', 'b_rel'],
      ['a_rel', 'b_rel'],
    ],
  ])('%j of RELATION_TABLES are %j', (given, parsed) => {
    expect(parseRelationTables(given)).toEqual(parsed);
  });

  it.each([[['true', 'a_rel']], [['A.rel']], [['a rel']]])('%j is refused', (given) => {
    expect(() => parseRelationTables(given)).toThrow(/RELATION_TABLES takes true, false or names of tables/);
  });
});
