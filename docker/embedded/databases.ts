import pg from 'pg';
import { messageOf, RelayError } from '#libs/process';
import { withPostgres } from './probes.js';

const duplicateDatabase = '42P04';
const insufficientPrivilege = '42501';

/** Makes a database where there is none of that name, and gives its URL. */
export async function createDatabase(adminUrl: string, name: string): Promise<string> {
  await withPostgres(adminUrl, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount !== 0) return;
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`).catch((error: unknown) => {
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      if (code === duplicateDatabase) return;
      throw new RelayError(
        code === insufficientPrivilege ? 'NO_PERMISSION' : 'POSTGRES_UNAVAILABLE',
        `The database "${name}" could not be created: ${messageOf(error)}.`,
        { cause: error },
      );
    });
  });
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Ends whatever still uses it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withPostgres(adminUrl, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
  );
}
