import type { Client } from 'pg';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';

const retryMs = 500;
/** So that Postgres frees the lock of an instance whose machine is gone within 20 s, and not after two hours. */
const sessionSettings = `set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3;
  set tcp_user_timeout = 20000`;

export interface TurnOptions {
  /** Who has the same name wait for each other. */
  name: string;
  connect(): Promise<Client>;
  /** Another instance has its turn. */
  onWaiting(): void;
  logger: Logger;
}

/**
 * Of several instances that stand by for each other, the one that captures: it holds a lock in Odoo's database for
 * as long as it is connected. This only keeps them from taking over from each other without end; that no two write
 * is Kafka's doing, which fences the older one whatever became of the lock.
 */
export class Turn {
  private constructor(private readonly client: Client | undefined) {}

  /** Without standing by: at once, and whoever else captures ends. */
  static atOnce(): Turn {
    return new Turn(undefined);
  }

  /** Resolves when no other instance has the lock. @throws RelayError POSTGRES_UNAVAILABLE at the first try */
  static async await(options: TurnOptions): Promise<Turn> {
    let client = await options.connect();
    let waits = false;
    for (;;) {
      try {
        if (await takeLock(client, options.name)) {
          return new Turn(client);
        }
        if (!waits) {
          waits = true;
          options.logger.info({ name: options.name }, 'standing by: another instance captures this database');
          options.onWaiting();
        }
        await delay(retryMs);
      } catch (error) {
        options.logger.warn({ error: messageOf(error) }, 'standing by without Postgres');
        client = await connectAgain(options, client);
      }
    }
  }

  async end(): Promise<void> {
    await this.client?.end().catch(() => undefined);
  }
}

/** Session settings first: a lock whose owner is gone would be held for hours. */
async function takeLock(client: Client, name: string): Promise<boolean> {
  await client.query(sessionSettings);
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
    [name],
  );
  return rows[0]?.taken === true;
}

async function connectAgain(options: TurnOptions, lost: Client): Promise<Client> {
  await lost.end().catch(() => undefined);
  for (;;) {
    await delay(retryMs);
    const client = await options.connect().catch(() => undefined);
    if (client !== undefined) {
      return client;
    }
  }
}
