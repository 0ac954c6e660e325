import type { Client } from 'pg';
import { every, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import type { CaptureLook, IngestMetrics } from './ingest-metrics.js';
import type { OdooDatabase } from './odoo-database.js';
import { outboxTables, readSlots } from './outbox-slots.js';
import type { Position } from './position.js';
import { unseenBy } from './snapshot.js';

const lookIntervalMs = 2_000;

/** The outbox has no statistics that the planner could trust: it must use the indexes, as for the reader. */
const sessionSql = 'set enable_seqscan = off; set enable_mergejoin = off; set jit = off';

/** As the reader's poll looks for what is new. */
const oldestUnreadSql = `
  select extract(epoch from clock_timestamp() - least(
    (select recorded_at from relay.outbox where xact >= $1::xid8 order by xact limit 1),
    (select recorded_at from relay.outbox where xact = any ($2::xid8[]) order by xact limit 1),
    (select recorded_at from relay.outbox where sequence > $3 order by sequence limit 1)))::float8 * 1000 as "lagMs"`;

/** Everyone sees who holds locks; since when a transaction of another user is open, only some. */
const openTransactionsSql = `
  select locks.virtualtransaction as id,
         max(extract(epoch from clock_timestamp() - activity.xact_start))::float8 * 1000 as "ageMs"
  from pg_locks locks left join pg_stat_activity activity using (pid)
  where locks.database = (select oid from pg_database where datname = current_database())
    and locks.relation in (select to_regclass('relay.' || name)::oid from unnest($1::text[]) name)
    and locks.mode = 'RowExclusiveLock' and locks.granted
  group by 1`;

const highestSequence = 2n ** 63n - 1n;

/** Looks at the outbox beside the data path, for the metrics alone. What fails is tried again. */
export class CaptureMeter {
  private client: Client | undefined;
  /** By `performance.now()`, of transactions that are open: when they were seen first. */
  private seenSinceMs = new Map<string, number>();
  private isStopping = false;

  constructor(
    private readonly database: Pick<OdooDatabase, 'connect'>,
    private readonly position: () => Position,
    private readonly metrics: IngestMetrics,
    private readonly logger: Logger,
  ) {}

  start(): () => Promise<void> {
    const stop = every(lookIntervalMs, () => this.attempt());
    return async () => {
      this.isStopping = true;
      await this.close();
      await stop();
      await this.close();
    };
  }

  private async attempt(): Promise<void> {
    try {
      this.client ??= await this.connect();
      this.metrics.looked(await this.look(this.client));
    } catch (error) {
      await this.close();
      if (!this.isStopping) {
        this.logger.debug({ reason: messageOf(error) }, 'the outbox cannot be measured now');
      }
    }
  }

  private async connect(): Promise<Client> {
    const client = await this.database.connect('meter');
    await client.query(sessionSql);
    return client;
  }

  private async look(client: Client): Promise<CaptureLook> {
    const position = this.position();
    const { state, totalBytes } = await readSlots(client);
    const lagMs = await oldestUnreadMs(client, position);
    return {
      state,
      outboxBytes: totalBytes,
      lagMs,
      lagChanges: lagMs === undefined ? 0 : await changesSince(client, position),
      openTransactionMs: await this.oldestTransactionMs(client),
    };
  }

  private async oldestTransactionMs(client: Client): Promise<number | undefined> {
    const { rows } = await client.query<{ id: string; ageMs: number | null }>(openTransactionsSql, [
      outboxTables,
    ]);
    const nowMs = performance.now();
    const before = this.seenSinceMs;
    this.seenSinceMs = new Map(rows.map(({ id }) => [id, before.get(id) ?? nowMs]));
    const agesMs = rows.map(({ id, ageMs }) => ageMs ?? nowMs - (this.seenSinceMs.get(id) ?? nowMs));
    return agesMs.length === 0 ? undefined : Math.max(...agesMs);
  }

  private async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }
}

/** undefined where all that is committed is published. */
async function oldestUnreadMs(client: Client, { from, to, sequence }: Position): Promise<number | undefined> {
  const result =
    to === null
      ? await client.query<{ lagMs: number | null }>(oldestUnreadSql, [
          from.xmax.toString(),
          from.running,
          (from.lastSequence ?? highestSequence).toString(),
        ])
      : // A backlog is published in the order of the sequences.
        await client.query<{ lagMs: number | null }>(
          `select extract(epoch from clock_timestamp() - recorded_at)::float8 * 1000 as "lagMs"
           from relay.outbox where sequence > $1 and ${unseenBy(from)} order by sequence limit 1`,
          [sequence.toString()],
        );
  return result.rows[0]?.lagMs ?? undefined;
}

async function changesSince(client: Client, { from, to, sequence }: Position): Promise<number> {
  const seen = from.lastSequence ?? 0n;
  const published = to !== null || sequence > seen ? sequence : seen;
  const { rows } = await client.query<{ changes: number }>(
    'select (last_value - $1)::float8 as changes from relay.change_sequence',
    [published.toString()],
  );
  return Math.max(1, rows[0]?.changes ?? 0);
}
