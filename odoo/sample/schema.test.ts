import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { defaultModels, tableOf } from '#libs/change';
import { loadConfig } from '#libs/config';
import { testStack } from '../../test/harness/stack.js';
import { installSample } from './install.js';

const { ODOO_FIXTURES } = loadConfig({
  ODOO_FIXTURES: {
    type: 'text',
    default: join('..', 'shared', 'fixtures', 'odoo19'),
    description: 'Folder of a recorded Odoo 19',
  },
});
const recorded = join(ODOO_FIXTURES, 'database.sql.gz');
const describeWithRecordedOdoo = existsSync(recorded) ? describe : describe.skip;
if (!existsSync(recorded)) {
  process.stderr.write(
    `SKIPPED: there is no recorded Odoo at ${recorded}; set ODOO_FIXTURES to its folder.\n`,
  );
}

const stack = testStack();

describe('the sample database', () => {
  let url: string;

  beforeAll(async () => {
    url = await stack.freshDatabase();
  });

  it('is installed once and then left as it is', async () => {
    expect(await installSample(url)).toBe('installed');
    await query(url, `UPDATE res_partner SET name = 'changed by hand' WHERE id = 5`);
    expect(await installSample(url)).toBe('present');
    expect(await query(url, 'SELECT name FROM res_partner WHERE id = 5')).toEqual([
      { name: 'changed by hand' },
    ]);
  });

  it('describes every column of the default models in ir_model_fields', async () => {
    const missing = await query(
      url,
      `SELECT c.table_name, c.column_name FROM information_schema.columns AS c
       LEFT JOIN ir_model_fields AS f ON replace(f.model, '.', '_') = c.table_name AND f.name = c.column_name
       WHERE c.table_name = ANY($1) AND c.table_schema = 'public' AND f.id IS NULL`,
      [defaultModels.map(tableOf)],
    );
    expect(missing).toEqual([]);
  });

  it('has an identity of its own', async () => {
    const rows = await query(url, `SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'`);
    expect(rows).toEqual([{ value: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  });
});

describeWithRecordedOdoo('the sample and the recorded Odoo 19', () => {
  let sample: string;
  let odoo: string;

  beforeAll(async () => {
    sample = await stack.freshDatabase();
    odoo = await stack.freshDatabase();
    await installSample(sample);
    const dump = gunzipSync(await readFile(recorded));
    const restored = spawnSync('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', odoo], { input: dump });
    if (restored.status !== 0) {
      throw new Error(`the recorded Odoo cannot be restored: ${restored.stderr.toString()}`);
    }
  });

  it.each(defaultModels)('have the same columns and types in %s', async (model) => {
    const columns = `SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;
    const ours = await query(sample, columns, [`public.${tableOf(model)}`]);
    expect(ours).toEqual(await query(odoo, columns, [`public.${tableOf(model)}`]));
    expect(ours.length).toBeGreaterThan(10);
  });

  it.each(defaultModels)('describe the fields of %s alike', async (model) => {
    const fields = `SELECT name, ttype, relation, relation_field, translate, company_dependent, store
      FROM ir_model_fields WHERE model = $1 AND name = ANY($2) ORDER BY name`;
    const names = await query(sample, 'SELECT name FROM ir_model_fields WHERE model = $1', [model]);
    const parameters = [model, names.map(({ name }) => name)];
    expect(await query(sample, fields, parameters)).toEqual(await query(odoo, fields, parameters));
  });
});

async function query(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
