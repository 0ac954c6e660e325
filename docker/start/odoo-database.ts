import { Client } from 'pg';
import { tableOf } from '#libs/change';
import { messageOf, RelayError } from '#libs/process';

const connectTimeoutMs = 5_000;

/**
 * What can be said of an Odoo database before anything is started. Whether it is Odoo's and whether triggers may
 * be created in it is for ingest to say.
 * @throws RelayError with one sentence
 */
export async function checkOdooDatabase(url: string, models: readonly string[]): Promise<void> {
  await withOdoo(url, async (client) => {
    const { rows } = await client.query<{ model: string; has_table: boolean; is_odoo: boolean }>(
      `SELECT model, to_regclass(quote_ident(relation)) IS NOT NULL AS has_table,
              to_regclass('ir_model') IS NOT NULL AS is_odoo
       FROM unnest($1::text[], $2::text[]) AS wanted (model, relation)`,
      [models, models.map(tableOf)],
    );
    const unknown = rows.filter((row) => row.is_odoo && !row.has_table).map(({ model }) => model);
    if (unknown.length > 0) {
      throw new RelayError(
        'USAGE',
        `The Odoo database has no table for ${unknown.join(', ')}: name models that are installed there, e.g. --models sale.order,res.partner.`,
      );
    }
  });
}

/** A transaction id that is higher than those of all transactions before and lower than those of all to come. */
export async function currentTransactionId(url: string): Promise<bigint> {
  return withOdoo(url, async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id');
    return BigInt(rows[0]?.id ?? '0');
  });
}

/** For people: without the password. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]+):[^@/]*@/, '$1:***@');
}

async function withOdoo<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new RelayError(
      'POSTGRES_UNAVAILABLE',
      `The Odoo database cannot be reached at ${withoutPassword(url)} (${messageOf(error)}): start it, or correct the address.`,
      { cause: error },
    );
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
