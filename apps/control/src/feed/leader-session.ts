import { Client } from 'pg';
import { delay } from '#libs/process';
import { outboxChannel } from './outbox.js';

/** Any number that is unlikely elsewhere: held by the one instance that publishes. */
const feedLock = 7_362_174_002;
const connectTimeoutMs = 3_000;
const answerTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;

/**
 * A connection of its own whose session holds the lock of the one instance that publishes: the lock ends with
 * the connection, whatever happens to this process.
 */
export class LeaderSession {
  private constructor(private readonly client: Client) {}

  /**
   * undefined while another instance holds the lock. `onEvent` is called when an entry was committed, and when
   * the connection, and with it the lock, is lost.
   */
  static async tryOpen(url: string, onEvent: () => void): Promise<LeaderSession | undefined> {
    const client = new Client({
      connectionString: url,
      application_name: 'odoo-relay-control-feed',
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: answerTimeoutMs,
      keepAlive: true,
    });
    client.on('error', onEvent).on('end', onEvent).on('notification', onEvent);
    const session = new LeaderSession(client);
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
        feedLock,
      ]);
      if (rows[0]?.taken === true) {
        await client.query(`LISTEN ${outboxChannel}`);
        return session;
      }
    } catch (error) {
      await session.close();
      throw error;
    }
    await session.close();
    return undefined;
  }

  /** @throws when the connection is lost. */
  async check(): Promise<void> {
    await this.client.query('SELECT 1');
  }

  async close(): Promise<void> {
    // A server that is gone does not say goodbye.
    const closed = new AbortController();
    const end = this.client.end().catch(() => undefined);
    await Promise.race([end, delay(closeTimeoutMs, closed.signal)]);
    closed.abort();
  }
}
