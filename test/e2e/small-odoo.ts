import pg from 'pg';

/** A few tables as Odoo makes them, small enough to be made for every test. */
const schema = `
  create table ir_model_fields (id serial primary key, model varchar, name varchar, ttype varchar, translate varchar);
  insert into ir_model_fields (model, name, ttype, translate) values
    ('product.template', 'name', 'char', 'standard'), ('product.template', 'standard_price', 'float', null);
  create table res_partner (
    id serial primary key, name varchar, comment text, company_id int, write_uid int, write_date timestamp,
    signup_token varchar, image bytea);
  create table product_template (
    id serial primary key, name jsonb, list_price numeric, weight numeric(10,2), volume float8, active boolean,
    standard_price jsonb, available_on date, big bigint, write_uid int, write_date timestamp);
  create table product_product (id serial primary key, product_tmpl_id int, default_code varchar);
  create table sale_order (
    id serial primary key, name varchar, state varchar, amount_total numeric, partner_id int, access_token varchar,
    company_id int, write_uid int);
  create table sale_order_line (
    id serial primary key, order_id int references sale_order on delete cascade, product_id int, sequence int,
    price_unit numeric, name text);
`;

export const smallOdooModels = ['res.partner', 'product.template', 'sale.order', 'sale.order.line'];

/** Fills an empty database. */
export async function createSmallOdoo(databaseUrl: string): Promise<void> {
  const client = await connect(databaseUrl);
  await client.query(schema);
  await client.end();
}

/** A connection that a test may lose: a database that is dropped at the end is no failure. */
export async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
