import { expect, it } from '@jest/globals';
import { Client } from 'pg';
import { silentLogger } from '#libs/telemetry';
import { runMigrateCommand } from '../src/migrate-command.js';
import { controlUnderTest } from './control-under-test.js';

const control = controlUnderTest();

async function migrations(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM relay_control.migrations',
  );
  await client.end();
  return rows[0]?.n ?? 0;
}

it('control migrate makes the tables, needs nothing but the database, and changes nothing the second time', async () => {
  const DATABASE_URL = await control.stack.freshDatabase();
  expect(await runMigrateCommand(silentLogger, { DATABASE_URL, LOG_LEVEL: 'silent' })).toBe(0);
  const applied = await migrations(DATABASE_URL);
  expect(applied).toBeGreaterThan(10);
  expect(await runMigrateCommand(silentLogger, { DATABASE_URL, LOG_LEVEL: 'silent' })).toBe(0);
  expect(await migrations(DATABASE_URL)).toBe(applied);
});

it('control migrate ends with the exit code of what is wrong: no database given, none that answers', async () => {
  expect(await runMigrateCommand(silentLogger, {})).toBe(78);
  const DATABASE_URL = 'postgres://nobody:none@127.0.0.1:1/none';
  expect(await runMigrateCommand(silentLogger, { DATABASE_URL, LOG_LEVEL: 'silent' })).toBe(69);
});
