import type { Client, QueryResult } from 'pg';
import type { CapturedTable } from './captured-tables.js';
import { unreadSql, type Unread } from './outbox-sql.js';
import type { LoadStep } from './load/load-state.js';
import { hasIncluded, includedSql, wholeRowSql, type KnownTables } from './part-sql.js';
import { parseSnapshot, type Snapshot } from './snapshot.js';

/** A whole whose parts changed in a transaction that did not change itself. */
export interface ChangedWhole {
  table: string;
  recordId: string;
  fields: readonly string[];
  /** The part left it for another whole, which has the same sequence. */
  isLeft: boolean;
}

/** The net change of one record in one transaction, rows as JSON text. */
export interface NetChange {
  sequence: string;
  xact: string;
  table: string;
  model: string;
  recordId: string;
  /** Of this change among the `total` ones of its transaction, from 1. */
  ordinal: string;
  total: string;
  before: string | null;
  after: string | null;
  /** Relations of this record whose parts changed in the same transaction. */
  ownFields: readonly string[] | null;
  wholes: readonly ChangedWhole[] | null;
}

export interface Page {
  changes: readonly NetChange[];
  /** What is being read up to; the same for all pages of a batch. */
  target: Snapshot;
  /** Whether nothing is left between the position and `target`. */
  isLast: boolean;
  /** The database's clock, milliseconds since 1970. */
  readAtMs: bigint;
  /** When its snapshot had been taken, by `performance.now()`. */
  begunAtMs: number;
  /** By table and record id. */
  included: ReadonlyMap<string, string>;
  /** Rows of changed wholes, by table, record id and sequence; null of one that is gone. */
  wholeRows: ReadonlyMap<string, string | null>;
  /** What a load publishes behind the changes, read in the same snapshot. */
  load?: LoadStep;
}

/** A load that goes behind the changes. */
export interface LoadBehind {
  /** To be told of each page's changes, before a step behind them. */
  see(changes: readonly NetChange[]): void;
  /** Called before a snapshot ends that all changes up to it have been read in. */
  step(snapshot: Snapshot): Promise<LoadStep | undefined>;
}

export interface PageLimits {
  maxChanges: number;
  maxBytes: number;
  /** How long a transaction that reads a backlog may keep its snapshot, which keeps Odoo's dead rows alive. */
  maxSnapshotMs: number;
}

/** Where what goes with the changes is read from. */
export interface PartContext {
  /** Tables of captured models by name. */
  captured: ReadonlyMap<string, CapturedTable>;
  /** Those and the tables of their parts. */
  known: KnownTables;
  language: string;
}

const rowsPerFetch = 250;
/** Where tables have binary columns that are captured: it is not known yet how large the rows are. */
const rowsAtFirst = 20;

/** For the statements on the outbox the planner's statistics are always stale: it must use the indexes. */
const sessionSql = `
  set enable_seqscan = off; set enable_mergejoin = off; set jit = off;
  set idle_in_transaction_session_timeout = 0; set statement_timeout = 0;`;

/** The first in the order of the index, not any: for that the planner would collect all rows of each slot. */
const pollStatement = {
  name: 'poll',
  text: `select pg_current_snapshot()::text as snapshot,
                (select xact from relay.outbox where xact >= $1::xid8 order by xact limit 1) is not null
                or (select xact from relay.outbox where xact = any ($2::xid8[]) order by xact limit 1)
                   is not null
                or (select sequence from relay.outbox where sequence > $3 order by sequence limit 1)
                   is not null as found`,
};
const highestSequence = 2n ** 63n - 1n;

/** Reads the outbox through one connection, which is its own. */
export class OutboxReader {
  private constructor(private readonly client: Client) {}

  static async over(client: Client): Promise<OutboxReader> {
    await client.query(sessionSql);
    return new OutboxReader(client);
  }

  /** A light look: what is visible now, and whether any of it is in the outbox and not seen by `from`. */
  async poll(from: Snapshot): Promise<{ snapshot: Snapshot; found: boolean }> {
    const { rows } = await this.client.query<{ snapshot: string; found: boolean }>({
      ...pollStatement,
      values: [from.xmax.toString(), from.running, (from.lastSequence ?? highestSequence).toString()],
    });
    const [row] = rows;
    if (row === undefined) {
      throw new TypeError('the poll of the outbox gave no row');
    }
    // Where nothing is new, the outbox holds nothing above what `from` saw.
    return { snapshot: parseSnapshot(row.snapshot, from.lastSequence), found: row.found };
  }

  /**
   * The pages of what is unread, all in one snapshot. Ends early, after a page that is not the last, when the
   * snapshot gets too old: what is left is read by the next call, from the position that the page led to.
   */
  async *pages(
    unread: Unread,
    limits: PageLimits,
    context: () => PartContext,
    loads?: LoadBehind,
  ): AsyncGenerator<Page, void, void> {
    const startedAtMs = performance.now();
    const hasBinary = [...context().captured.values()].some(({ binary }) => (binary?.wanted.length ?? 0) > 0);
    let asked = hasBinary ? rowsAtFirst : rowsPerFetch;
    const begun = await this.begin(unread, asked);
    const begunAtMs = performance.now();
    let isOpen = true;
    try {
      for (let chunk = begun.chunk; ; chunk = await this.fetch(asked)) {
        const { changes, isLast, nextRows } = await this.gather(chunk, asked, limits);
        asked = nextRows;
        loads?.see(changes);
        // A target that was set earlier is older than what this transaction sees.
        const isWhole = isLast && unread.to === null;
        const load = isWhole ? await loads?.step(begun.snapshot) : undefined;
        const parts = await this.readParts({ changes, load }, unread, context());
        if (isLast || performance.now() - startedAtMs > limits.maxSnapshotMs) {
          await this.client.query('commit');
          isOpen = false;
        }
        const { readAtMs } = begun;
        const target = unread.to ?? begun.snapshot;
        const loaded = load === undefined ? {} : { load };
        yield { changes, target, isLast, readAtMs, begunAtMs, ...parts, ...loaded };
        if (!isOpen) {
          return;
        }
      }
    } finally {
      if (isOpen) {
        // A connection that broke has nothing to end.
        await this.client.query('rollback').catch(() => undefined);
      }
    }
  }

  private async gather(
    first: readonly NetChange[],
    firstRows: number,
    limits: PageLimits,
  ): Promise<{ changes: NetChange[]; isLast: boolean; nextRows: number }> {
    const changes = [...first];
    let bytes = bytesOf(first);
    let isLast = first.length < firstRows;
    while (!isLast && changes.length < limits.maxChanges && bytes < limits.maxBytes) {
      const rows = rowsThatFit(changes.length, bytes, limits);
      const chunk = await this.fetch(rows);
      changes.push(...chunk);
      bytes += bytesOf(chunk);
      isLast = chunk.length < rows;
    }
    return { changes, isLast, nextRows: rowsThatFit(changes.length, bytes, limits) };
  }

  private async fetch(rows: number): Promise<NetChange[]> {
    return (await this.client.query<NetChange>(fetchSql(rows))).rows;
  }

  private async begin(
    unread: Unread,
    rows: number,
  ): Promise<{ snapshot: Snapshot; readAtMs: bigint; chunk: NetChange[] }> {
    const results = (await this.client.query(
      `begin isolation level repeatable read, read only;
       select pg_current_snapshot()::text as snapshot,
              (select sequence from relay.outbox order by sequence desc limit 1)::text as "lastSequence",
              trunc(extract(epoch from clock_timestamp()) * 1000)::bigint::text as "readAtMs";
       declare unread no scroll cursor for ${unreadSql(unread)};
       ${fetchSql(rows)}`,
    )) as unknown as [
      unknown,
      QueryResult<{ snapshot: string; lastSequence: string | null; readAtMs: string }>,
      unknown,
      QueryResult<NetChange>,
    ];
    const [now] = results[1].rows;
    if (now === undefined) {
      throw new TypeError('the database did not say what it sees');
    }
    return {
      snapshot: parseSnapshot(now.snapshot, later(BigInt(now.lastSequence ?? 0), unread.from.lastSequence)),
      readAtMs: BigInt(now.readAtMs),
      chunk: results[3].rows,
    };
  }

  private async readParts(
    { changes, load }: { changes: readonly NetChange[]; load: LoadStep | undefined },
    unread: Unread,
    context: PartContext,
  ): Promise<Pick<Page, 'included' | 'wholeRows'>> {
    const included = new Map<string, string>();
    const wholeRows = new Map<string, string | null>();
    for (const [table, wanted] of wantedWholes(changes, load, context)) {
      const ids = [...wanted.ids];
      const result = await this.client.query<{ recordId: string; included: string }>(
        includedSql(table, context.known, context.language),
        [ids],
      );
      for (const row of result.rows) {
        included.set(recordKey(table, row.recordId), row.included);
      }
      if (wanted.changed.length > 0) {
        const rows = await this.client.query<{ recordId: string; sequence: string; row: string | null }>(
          wholeRowSql(table, context.known, unread),
          [wanted.changed.map(({ recordId }) => recordId), wanted.changed.map(({ sequence }) => sequence)],
        );
        for (const { recordId, sequence, row } of rows.rows) {
          wholeRows.set(wholeKey(table, recordId, sequence), row);
        }
      }
    }
    return { included, wholeRows };
  }
}

function later(sequence: bigint, other: bigint | null): bigint {
  return other === null || sequence > other ? sequence : other;
}

export function recordKey(table: string, recordId: string): string {
  return `${table}:${recordId}`;
}

export function wholeKey(table: string, recordId: string, sequence: string): string {
  return `${table}:${recordId}:${sequence}`;
}

function fetchSql(rows: number): string {
  return `fetch forward ${rows} from unread`;
}

/** Rows with large values are fetched a few at a time. */
function rowsThatFit(count: number, bytes: number, { maxBytes }: PageLimits): number {
  return Math.max(1, Math.min(rowsPerFetch, Math.floor((maxBytes * count) / Math.max(1, bytes))));
}

function bytesOf(changes: readonly NetChange[]): number {
  return changes.reduce((sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0), 0);
}

interface WantedWholes {
  /** Of all records whose parts are to be included. */
  ids: Set<string>;
  changed: { recordId: string; sequence: string }[];
}

function wantedWholes(
  changes: readonly NetChange[],
  load: LoadStep | undefined,
  context: PartContext,
): Map<string, WantedWholes> {
  const wanted = new Map<string, WantedWholes>();
  const of = (table: string): WantedWholes => {
    const found = wanted.get(table) ?? { ids: new Set(), changed: [] };
    wanted.set(table, found);
    return found;
  };
  for (const { table, recordId, after, wholes, sequence } of changes) {
    if (after !== null && hasIncluded(table, context.known)) {
      of(table).ids.add(recordId);
    }
    for (const whole of wholes?.filter((one) => context.captured.has(one.table)) ?? []) {
      of(whole.table).ids.add(whole.recordId);
      of(whole.table).changed.push({ recordId: whole.recordId, sequence });
    }
  }
  if (load !== undefined && hasIncluded(load.table.table, context.known)) {
    for (const { recordId } of load.rows) {
      of(load.table.table).ids.add(recordId);
    }
  }
  return wanted;
}
