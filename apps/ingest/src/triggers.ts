import type { Client } from 'pg';
import type { Logger } from '#libs/telemetry';
import { modelOrTable, type CapturedTable } from './captured-tables.js';
import { withLockRetries } from './lock-retries.js';

/** `outdated`: it is there and writes to the outbox, but not as it should. */
export type TriggerState = 'ok' | 'missing' | 'disabled' | 'outdated';

/** One of the two triggers of a captured table. */
export interface Trigger {
  table: CapturedTable;
  name: string;
  /** As in `pg_trigger.tgtype`. */
  type: number;
  events: string;
  call: { name: string; args: readonly string[] };
}

export interface FoundTrigger extends Trigger {
  state: TriggerState;
  /** From PostgreSQL 14 on; replacing one waits for writers only, dropping it for readers too. */
  isReplaceable: boolean;
}

/** The triggers that a table must have. */
export function triggersOf(table: CapturedTable): Trigger[] {
  return [
    {
      table,
      name: 'relay_capture',
      type: 29,
      events: 'after insert or update or delete',
      call: captureCall(table),
    },
    {
      table,
      name: 'relay_capture_truncate',
      type: 32,
      events: 'after truncate',
      call: { name: 'relay.capture_truncate', args: [] },
    },
  ];
}

function captureCall({ model, pair, binary, denied }: CapturedTable): Trigger['call'] {
  const deniedArgs = denied.length > 0 ? [textArray(denied)] : [];
  if (pair !== undefined) {
    return { name: 'relay.capture_relation', args: [...pair, ...deniedArgs] };
  }
  if (binary !== undefined) {
    const args = [model, textArray(denied), textArray(binary.wanted), String(binary.maxBytes)];
    return { name: 'relay.capture_binary', args };
  }
  return { name: 'relay.capture', args: [model, ...deniedArgs] };
}

const statesSql = `
  select case when found.oid is null then 'missing'
              when found.tgenabled not in ('O', 'A') then 'disabled'
              when found.tgtype <> wanted.type or encode(found.tgargs, 'hex') <> wanted.args
                or found.tgfoid is distinct from to_regprocedure(wanted.call)::oid then 'outdated'
              else 'ok' end as state,
         current_setting('server_version_num')::int >= 140000 as "isReplaceable"
  from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[]) with ordinality
         wanted (relation, name, type, call, args, position)
  left join pg_trigger found
    on found.tgrelid = to_regclass(quote_ident(wanted.relation)) and found.tgname = wanted.name
  order by wanted.position`;

/** What became of the triggers: a table that was made anew, as an upgrade may do it, has none. */
export async function readTriggers(
  client: Client,
  tables: readonly CapturedTable[],
): Promise<FoundTrigger[]> {
  const triggers = tables.flatMap(triggersOf);
  const { rows } = await client.query<Pick<FoundTrigger, 'state' | 'isReplaceable'>>(statesSql, [
    triggers.map(({ table }) => table.table),
    triggers.map(({ name }) => name),
    triggers.map(({ type }) => type),
    triggers.map(({ call }) => `${call.name}()`),
    triggers.map(({ call }) => Buffer.from(call.args.map((arg) => `${arg}\0`).join('')).toString('hex')),
  ]);
  return triggers.map((trigger, index) => ({
    ...trigger,
    ...(rows[index] ?? { state: 'missing', isReplaceable: false }),
  }));
}

/** The statements that make a trigger what it should be; none where it is. */
export function repairSql(client: Client, trigger: FoundTrigger): string[] {
  const { table, name, events, call, state, isReplaceable } = trigger;
  if (state === 'ok') {
    return [];
  }
  const on = client.escapeIdentifier(table.table);
  const level = events === 'after truncate' ? 'statement' : 'row';
  const args = call.args.map((arg) => client.escapeLiteral(arg)).join(', ');
  const definition = `trigger ${name} ${events} on ${on} for each ${level} execute function ${call.name}(${args})`;
  if (state === 'missing') {
    return [`create ${definition}`];
  }
  return isReplaceable
    ? [`create or replace ${definition}`]
    : [`drop trigger ${name} on ${on}`, `create ${definition}`];
}

/**
 * Puts the triggers of the tables in order. Where a table that was captured before had lost one, changes may be
 * missing, so the table is to be loaded: in the same transaction, as the lock of CREATE TRIGGER proves that
 * nobody is writing to it unseen.
 */
export async function ensureTriggers(
  client: Client,
  tables: readonly CapturedTable[],
  logger: Logger,
): Promise<void> {
  const found = await readTriggers(client, tables);
  for (const table of tables) {
    const wrong = found.filter((trigger) => trigger.table === table && trigger.state !== 'ok');
    const hasGap = wrong.some(({ state }) => state !== 'outdated');
    const isLoaded =
      wrong.length > 0 &&
      (await withLockRetries(client, logger, `the trigger on ${table.table}`, async () => {
        for (const statement of wrong.flatMap((trigger) => repairSql(client, trigger))) {
          await client.query(statement);
        }
        return hasGap && (await requestLoadIfKnown(client, table));
      }));
    if (isLoaded) {
      const lost = wrong.map(({ name, state }) => `${name} was ${state}`).join(', ');
      logger.warn(
        { model: modelOrTable(table) },
        `put back the capture: ${lost}; the table is to be loaded again`,
      );
    } else if (wrong.length > 0) {
      logger.info({ model: modelOrTable(table), denied: table.denied }, 'triggers installed');
    }
  }
  await remember(client, tables);
}

async function requestLoadIfKnown(client: Client, { table }: CapturedTable): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into relay.load_request (relation, reason)
     select relation, 'resumed' from relay.captured_table where relation = $1`,
    [table],
  );
  return rowCount === 1;
}

async function remember(client: Client, tables: readonly CapturedTable[]): Promise<void> {
  await client.query(
    `insert into relay.captured_table (relation, model)
     select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
    [tables.map(({ table }) => table), tables.map(({ model }) => model)],
  );
}

function textArray(names: readonly string[]): string {
  return `{${names.map(quotedElement).join(',')}}`;
}

/** An element of a text array: column names may hold anything. */
function quotedElement(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
