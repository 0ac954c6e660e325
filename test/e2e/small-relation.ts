import type { Client } from 'pg';

/** A many2many of `sale.order`, declared and made as Odoo does it. */
const relation = `
  alter table ir_model_fields add column relation_table varchar, add column column1 varchar, add column column2 varchar;
  create table sale_order_tag_rel (
    order_id int not null references sale_order on delete cascade, tag_id int not null, primary key (order_id, tag_id));
  create index on sale_order_tag_rel (tag_id, order_id);
  insert into ir_model_fields (model, name, ttype, relation_table, column1, column2) values
    ('crm.tag', 'order_ids', 'many2many', 'sale_order_tag_rel', 'tag_id', 'order_id'),
    ('sale.order', 'tag_ids', 'many2many', 'sale_order_tag_rel', 'order_id', 'tag_id')`;

/** Gives a small Odoo a relation table, and orders 1 to `orders`. */
export async function addSmallRelation(client: Client, orders = 10): Promise<void> {
  await client.query(relation);
  await client.query(`insert into sale_order (id, name) select i, 'S' || i from generate_series(1, $1) i`, [
    orders,
  ]);
}
