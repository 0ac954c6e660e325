import { Client } from 'pg';
import { delay } from '#libs/process';

const connectTimeoutMs = 3_000;
const answerTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;

/** What one instance at a time does. */
export interface Leadership {
  /** Of the connection, as Postgres shows it. */
  applicationName: string;
  /** Any number that is unlikely elsewhere. */
  lock: number;
  /** The Postgres channel on which the leader hears of new work once it is committed. */
  channel: string;
}

/**
 * A connection of its own whose session holds the lock of the one instance that leads: the lock ends with the
 * connection, whatever happens to this process.
 */
export class LeaderSession {
  private constructor(private readonly client: Client) {}

  /**
   * undefined while another instance holds the lock. `onEvent` is called when new work was committed, and when
   * the connection, and with it the lock, is lost.
   */
  static async tryOpen(
    url: string,
    leadership: Leadership,
    onEvent: () => void,
  ): Promise<LeaderSession | undefined> {
    const client = new Client({
      connectionString: url,
      application_name: leadership.applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: answerTimeoutMs,
      keepAlive: true,
    });
    client.on('error', onEvent).on('end', onEvent).on('notification', onEvent);
    const session = new LeaderSession(client);
    try {
      await client.connect();
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
        leadership.lock,
      ]);
      if (rows[0]?.taken === true) {
        await client.query(`LISTEN ${leadership.channel}`);
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

export interface LedWork {
  databaseUrl: string;
  leadership: Leadership;
  retryMs: number;
  stopping: AbortSignal;
  /** New work was committed, or the lock is lost. */
  onEvent?: () => void;
  /** Another instance leads. */
  standBy?: () => void;
  /** Until the stop, or until it throws: then all is opened anew. */
  lead(session: LeaderSession): Promise<void>;
  failed(error: unknown): void;
}

/** Leads whenever no other instance does, until it is stopped. */
export async function leadAgainAndAgain(work: LedWork): Promise<void> {
  const { databaseUrl, leadership, retryMs, stopping, onEvent = () => undefined } = work;
  while (!stopping.aborted) {
    try {
      const session = await LeaderSession.tryOpen(databaseUrl, leadership, onEvent);
      if (session === undefined) {
        work.standBy?.();
      } else {
        await work.lead(session).finally(() => session.close());
      }
    } catch (error) {
      work.failed(error);
    }
    await delay(retryMs, stopping);
  }
}
