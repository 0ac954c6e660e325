import { readFile } from 'node:fs/promises';
import { Client } from 'pg';

/** In this order: the supporting tables point to contacts, and keys are checked once all rows are there. */
const scripts = [
  'stock-tables.sql',
  'trade-tables.sql',
  'supporting-tables.sql',
  'models.sql',
  'data.sql',
  'keys-and-indexes.sql',
];

/** `another`: an Odoo database that is not this sample, in which nothing may be made up. */
export type SampleInstallation = 'installed' | 'present' | 'another';

/** Makes an empty Postgres database a small Odoo database; one that has Odoo's tables is left as it is. */
export async function installSample(databaseUrl: string): Promise<SampleInstallation> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found = await installedBefore(client);
    if (found !== undefined) {
      return found;
    }
    // Odoo's datetimes are naive UTC; one transaction, so that no half of it ever stays.
    await client.query(`BEGIN; SET LOCAL TimeZone = 'UTC'; SET LOCAL search_path = public`);
    for (const script of scripts) {
      await client.query(await readFile(new URL(script, import.meta.url), 'utf8'));
    }
    await client.query('COMMIT');
    return 'installed';
  } finally {
    await client.end();
  }
}

async function installedBefore(client: Client): Promise<'present' | 'another' | undefined> {
  const { rows } = await client.query<{ odoo: boolean; parameters: boolean }>(
    `SELECT to_regclass('public.ir_model') IS NOT NULL AS odoo,
            to_regclass('public.ir_config_parameter') IS NOT NULL AS parameters`,
  );
  if (rows[0]?.odoo !== true) {
    return undefined;
  }
  const marks = rows[0].parameters
    ? await client.query(`SELECT 1 FROM ir_config_parameter WHERE key = 'odoo_relay.sample'`)
    : undefined;
  return marks?.rowCount === 1 ? 'present' : 'another';
}
