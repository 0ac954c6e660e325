import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { accountEntities } from './account-rows.js';
import { oauth1Entities } from './oauth1-rows.js';
import { controlSchema, entities } from './rows.js';
import { locks } from './locks.js';
import { migrations } from './migrations/index.js';

const connectTimeoutMs = 3_000;
const statementTimeoutMs = 3_000;
/** Less, so that who was held up by another is told from who asks for too much. */
const lockTimeoutMs = 2_000;
/** Longer than the statement's own limit: for a server that answers no more. */
const answerTimeoutMs = 4_000;
const maxConnections = 10;

/**
 * Connects and brings the tables up to date.
 * @throws RelayError POSTGRES_UNAVAILABLE, NO_PERMISSION
 */
export async function openDataSource(url: string, logger: Logger): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    applicationName: 'odoo-relay-control',
    schema: controlSchema,
    entities: [...entities, ...accountEntities, ...oauth1Entities],
    migrations,
    migrationsTableName: 'migrations',
    installExtensions: false,
    logging: false,
    poolSize: maxConnections,
    connectTimeoutMS: connectTimeoutMs,
    poolErrorHandler: (error: unknown) => {
      logger.warn({ error: messageOf(error) }, 'a connection to Postgres was lost');
    },
    extra: {
      query_timeout: answerTimeoutMs,
      statement_timeout: statementTimeoutMs,
      lock_timeout: lockTimeoutMs,
      keepAlive: true,
    },
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unavailable(url, error);
  }
  surviveLostConnections(dataSource);
  try {
    await migrate(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw migrationFailed(error);
  }
  return dataSource;
}

/**
 * The pool takes its listener away from a connection that it hands over, and typeorm adds its own a moment later:
 * one that is ended by the server in between would end the process. Whoever uses it next hears of it all the same.
 */
function surviveLostConnections(dataSource: DataSource): void {
  const { master: pool } = dataSource.driver as unknown as { master: Pool };
  const heard = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (!heard.has(client)) {
      heard.add(client);
      client.on('error', () => undefined);
    }
  });
}

/** Under a lock, so that of several instances that start together one does it and the others wait. */
async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [locks.migrations]);
    await runner.query(`CREATE SCHEMA IF NOT EXISTS ${controlSchema}`);
    await dataSource.runMigrations({ transaction: 'all' });
    await runner.query('SELECT pg_advisory_unlock($1)', [locks.migrations]);
  } finally {
    await runner.query(`SET statement_timeout = ${String(statementTimeoutMs)}`).catch(() => undefined);
    await runner.query(`SET lock_timeout = ${String(lockTimeoutMs)}`).catch(() => undefined);
    await runner.release();
  }
}

function unavailable(url: string, cause: unknown): RelayError {
  const { host, pathname } = new URL(url);
  return new RelayError(
    'POSTGRES_UNAVAILABLE',
    `cannot use Postgres at ${host}${pathname} (${messageOf(cause)}): start it or set DATABASE_URL to one that answers`,
    { cause },
  );
}

function migrationFailed(cause: unknown): RelayError {
  const denied = (cause as { code?: unknown } | null)?.code === '42501';
  return denied
    ? new RelayError(
        'NO_PERMISSION',
        `the role in DATABASE_URL may not create the schema ${controlSchema}: grant it CREATE on the database`,
        { cause },
      )
    : new RelayError(
        'POSTGRES_UNAVAILABLE',
        `cannot bring the tables of ${controlSchema} up to date (${messageOf(cause)}): check the database in DATABASE_URL`,
        { cause },
      );
}
