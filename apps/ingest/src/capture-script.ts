import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { partIndexSql } from './part-index-sql.js';

/** What is run in the database, and what tells it from that of another version. */
export function captureScript(): { script: string; version: string } {
  const script = `${captureSql()};\n${partIndexSql}`;
  return { script, version: createHash('sha256').update(script).digest('hex').slice(0, 12) };
}

/** Undefined before the first installation, and in one that was made before it had a version. */
export async function installedVersion(client: Client): Promise<string | undefined> {
  const { rows: columns } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('relay.installation') and attname = 'script_version'`,
  );
  if (columns.length === 0) {
    return undefined;
  }
  const { rows } = await client.query<{ version: string }>(
    'select script_version as version from relay.installation',
  );
  return rows[0]?.version;
}

/** The script stands in `odoo/capture` of the checkout or image, above this file wherever that was built to. */
function captureSql(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'odoo/capture/capture.sql')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return readFileSync(join(folder, 'odoo/capture/capture.sql'), 'utf8');
}
