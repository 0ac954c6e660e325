import type { Client } from 'pg';
import { freeSlot, setSlot, type Slots } from './outbox-slots.js';

/** Why capture was off. */
export type GapReason = 'gap' | 'resumed';

/**
 * Lets the triggers write again. That all tables are to be loaded is noted first, so that it is not forgotten
 * whatever ends between the two.
 */
export async function switchCaptureOn(client: Client, outbox: Slots, reason: GapReason): Promise<void> {
  await client.query('update relay.installation set loads_due = coalesce(loads_due, $1)', [reason]);
  await setSlot(client, outbox.value, freeSlot(outbox) ?? 0);
}

const writersSql = `
  select array_agg(distinct virtualtransaction) as writers
  from pg_locks
  where database = (select oid from pg_database where datname = current_database())
    and relation in (select to_regclass(quote_ident(name))::oid from unnest($1::text[]) name)
    and granted and pid is distinct from pg_backend_pid()
    and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/**
 * Asks for the loads that are due since capture is on again: not before all have ended who were writing then.
 * What such a transaction wrote before is in no outbox, and a load that comes before its commit does not see it.
 */
export class DueLoads {
  /** Of those transactions the ones that are still open; undefined before they are known. */
  private writers: readonly string[] | undefined;

  /** To be called when capture is off: others will be writing when it is on again. */
  forget(): void {
    this.writers = undefined;
  }

  /** Gives the reason once the loads are requested. */
  async request(client: Client, tables: readonly string[]): Promise<string | undefined> {
    if (!(await areDue(client))) {
      this.forget();
      return undefined;
    }
    const open = await openWriters(client, tables);
    this.writers = this.writers?.filter((writer) => open.includes(writer)) ?? open;
    if (this.writers.length > 0) {
      return undefined;
    }
    this.forget();
    const { rows } = await client.query<{ reason: string }>(
      `with due as materialized (select loads_due from relay.installation where loads_due is not null for update),
            cleared as (update relay.installation set loads_due = null where exists (select from due))
       insert into relay.load_request (relation, reason)
       select relation, loads_due from due, unnest($1::text[]) relation
       returning reason`,
      [tables],
    );
    return rows[0]?.reason;
  }
}

async function areDue(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ due: boolean }>(
    'select loads_due is not null as due from relay.installation',
  );
  return rows[0]?.due === true;
}

async function openWriters(client: Client, tables: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ writers: string[] | null }>(writersSql, [tables]);
  return rows[0]?.writers ?? [];
}
