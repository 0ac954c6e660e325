import pg from 'pg';
import { messageOf, parseUrl, RelayError } from '#libs/process';
import { isConnectionLost } from './sql-state.js';

export interface PostgresAddress {
  url: string;
  /** The environment variable that holds the URL: error messages name it. */
  variable: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  connectTimeoutMs?: number;
}

const defaultConnectTimeoutMs = 5_000;

/**
 * One connection. It reports a loss to `onLost` once; an error of a statement only to who sent it.
 * @throws RelayError POSTGRES_UNAVAILABLE naming the variable and the address, never the password.
 */
export async function connectPostgres(
  address: PostgresAddress,
  onLost: (error: Error) => void = () => undefined,
): Promise<pg.Client> {
  const client = new pg.Client({
    ...clientConfig(address),
    keepAlive: true,
  });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', onLost);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unavailable(address, error);
  }
  return client;
}

/** A pool that has been seen to reach its database. */
export async function openPool(address: PostgresAddress, maxConnections = 10): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...clientConfig(address), max: maxConnections });
  pool.on('error', () => undefined);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw unavailable(address, error);
  }
  return pool;
}

function clientConfig(address: PostgresAddress): pg.ClientConfig {
  return {
    connectionString: address.url,
    application_name: address.applicationName,
    connectionTimeoutMillis: address.connectTimeoutMs ?? defaultConnectTimeoutMs,
  };
}

function unavailable(address: PostgresAddress, error: unknown): RelayError {
  const advice = isConnectionLost(error) ? 'is it running, and ' : '';
  return new RelayError(
    'POSTGRES_UNAVAILABLE',
    `cannot connect to Postgres at ${shownAddress(address.url)} (${messageOf(error)}): ${advice}is ${address.variable} right?`,
    { cause: error },
  );
}

/** Host, port and database of a connection URL. */
function shownAddress(url: string): string {
  const parsed = parseUrl(url);
  if (parsed === undefined) {
    return 'an address that is no URL';
  }
  const { hostname, port, pathname } = parsed;
  return `${hostname}:${port === '' ? '5432' : port}${decodeURIComponent(pathname)}`;
}
