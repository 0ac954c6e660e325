import {
  changeId,
  loadedChangeId,
  type Change,
  type ChangeSource,
  type Operation,
  type Row,
} from '#libs/change';
import type { CapturedTable } from './captured-tables.js';
import type { LoadStep } from './load/load-state.js';
import { recordKey, wholeKey, type ChangedWhole, type NetChange, type Page } from './outbox-reader.js';
import { keyText, shownId } from './record-id.js';
import { splitRow } from './row-text.js';
import { changedColumns, isRefusal, RowTyper, type TypedRow } from './row-values.js';
import type { TableCatalog } from './table-catalog.js';

/** Of which database the changes are, and what all of them say of it. */
export interface Origin {
  /** The slug in the topic names. */
  database: string;
  /** The name of the Postgres database. */
  db: string;
  epoch: string;
}

export interface BuiltChange {
  kind: 'change';
  table: CapturedTable;
  recordId: bigint;
  change: Change;
  /** As they were captured. */
  rows: { before: string | null; after: string | null };
}

/** A change that its topic's types cannot hold. */
export interface RejectedChange {
  kind: 'rejected';
  table: string;
  recordId: string;
  changeId: string;
  reason: string;
  before: string | null;
  after: string | null;
}

export interface BuiltPage {
  /** In the order of the page. */
  changes: readonly (BuiltChange | RejectedChange)[];
  /** Whether rows are not as the catalog says: its tables may have changed since it was read. */
  isDoubtful: boolean;
  /** `table.column` of what rows have and no version of the table: left out. */
  unknownColumns: ReadonlySet<string>;
  /** Tables of changes that the catalog does not have, with their models. */
  unknownTables: ReadonlyMap<string, string>;
}

export const connectorVersion = '0.1.0';

/** Makes the typed changes of a page, each followed by those of the wholes it is a part of. */
export function buildPage(page: Page, catalog: TableCatalog, origin: Origin): BuiltPage {
  const builder = new PageBuilder(page, catalog, origin);
  for (const change of page.changes) {
    builder.add(change);
  }
  if (page.load !== undefined) {
    builder.addLoad(page.load);
  }
  const { changes, isDoubtful, unknownColumns, unknownTables } = builder;
  return { changes, isDoubtful, unknownColumns, unknownTables };
}

/** One change to be built: of a record by itself, or of a whole by its part (before and after are the same). */
interface Draft {
  table: CapturedTable;
  recordId: string;
  changeId: string;
  before: string | null;
  after: string | null;
  /** Relations whose parts changed. */
  fields: readonly string[];
  /** Read by a load, not from the outbox. */
  isLoaded?: boolean;
}

/** Where in its transaction a change stands. */
type Place = Pick<NetChange, 'sequence' | 'xact' | 'ordinal' | 'total'>;

class PageBuilder {
  readonly changes: (BuiltChange | RejectedChange)[] = [];
  isDoubtful = false;
  readonly unknownColumns = new Set<string>();
  readonly unknownTables = new Map<string, string>();
  private readonly typers = new Map<CapturedTable, RowTyper>();
  private readonly nowMs = BigInt(Date.now());

  constructor(
    private readonly page: Page,
    private readonly catalog: TableCatalog,
    private readonly origin: Origin,
  ) {}

  add(net: NetChange): void {
    const table = this.catalog.captured.get(net.table);
    if (table === undefined) {
      this.unknownTables.set(net.table, net.model);
    } else {
      const id = changeId(this.origin.epoch, net.sequence);
      const { recordId, before, after } = net;
      this.build(net, { table, recordId, changeId: id, before, after, fields: net.ownFields ?? [] });
    }
    for (const whole of net.wholes ?? []) {
      this.addWhole(net, whole);
    }
  }

  private addWhole(net: NetChange, whole: ChangedWhole): void {
    const table = this.catalog.captured.get(whole.table);
    const row = this.page.wholeRows.get(wholeKey(whole.table, whole.recordId, net.sequence)) ?? null;
    if (table === undefined || row === null) {
      return;
    }
    // A part that moved makes two changes with one sequence: that of the whole it left is told apart.
    const suffix = whole.isLeft ? `${whole.table}-left` : whole.table;
    const id = changeId(this.origin.epoch, net.sequence, suffix);
    const { recordId, fields } = whole;
    this.build(net, { table, recordId, changeId: id, before: row, after: row, fields });
  }

  /** Of records that only their topic has nothing is known but the id. */
  addLoad(load: LoadStep): void {
    const table = this.catalog.captured.get(load.table.table);
    if (table === undefined) {
      return;
    }
    // Before the load's own transaction there is none that its rows belong to: they are counted from its beginning.
    let ordinal = load.state.rowsDone - BigInt(load.rows.length);
    const add = (recordId: string, rows: Pick<Draft, 'before' | 'after'>): void => {
      const id = loadedChangeId(
        this.origin.epoch,
        load.requestId,
        table.table,
        shownId(table, recordId),
        rows.after === null,
      );
      const xact = `load${load.requestId}`;
      const place = { sequence: load.sequence.toString(), xact, ordinal: ordinal.toString(), total: '0' };
      this.build(place, { table, recordId, changeId: id, ...rows, fields: [], isLoaded: true });
    };
    for (const { recordId, row } of load.rows) {
      ordinal += 1n;
      add(recordId, { before: null, after: row });
    }
    for (const id of load.gone) {
      add(id.toString(), { before: keyText(table, id), after: null });
    }
  }

  /** With the columns that the table had when the rows were written, else with the latest as far as they go. */
  private build(net: Place, draft: Draft): void {
    let latest: BuiltChange | RejectedChange | undefined;
    for (const table of this.catalog.versionsOf(draft.table)) {
      const { built, fits } = this.attempt(net, { ...draft, table });
      if (fits) {
        this.changes.push(built);
        return;
      }
      latest ??= built;
    }
    this.isDoubtful = true;
    if (latest !== undefined) {
      this.changes.push(latest);
      this.noteUnknown(draft);
    }
  }

  private attempt(net: Place, draft: Draft): { built: BuiltChange | RejectedChange; fits: boolean } {
    try {
      const typer = this.typerOf(draft.table);
      const before = draft.before === null ? null : typer.earlier(draft.before);
      const after = draft.after === null ? null : typer.typed(draft.after, before);
      const fits = (before?.fits ?? true) && (after?.fits ?? true);
      return { built: this.complete(net, draft, before, after), fits };
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
      const { table, recordId, changeId: id, before, after } = draft;
      const where = { table: table.table, recordId: shownId(table, recordId), changeId: id };
      return { built: { kind: 'rejected', ...where, reason: error.message, before, after }, fits: false };
    }
  }

  private noteUnknown({ table, before, after }: Draft): void {
    for (const name of [before, after].flatMap((row) => (row === null ? [] : [...splitRow(row).keys()]))) {
      if (!table.columns.has(name)) {
        this.unknownColumns.add(`${table.table}.${name}`);
      }
    }
  }

  private typerOf(table: CapturedTable): RowTyper {
    let typer = this.typers.get(table);
    if (typer === undefined) {
      typer = new RowTyper(table.columns, this.catalog.language);
      this.typers.set(table, typer);
    }
    return typer;
  }

  private complete(net: Place, draft: Draft, before: TypedRow | null, after: TypedRow | null): BuiltChange {
    const op = operationOf(draft);
    const columns = before === null || after === null ? null : changedColumns(before, after);
    const key = recordKey(draft.table.table, draft.recordId);
    const change: Change = {
      before: before?.row ?? null,
      after: after?.row ?? null,
      op,
      source: this.sourceOf(net, draft, (after ?? before)?.row ?? {}),
      ts_ms: this.nowMs,
      included: after === null ? null : (this.page.included.get(key) ?? null),
      changed: columns === null ? null : [...columns, ...draft.fields],
    };
    const rows = { before: draft.before, after: draft.after };
    return { kind: 'change', table: draft.table, recordId: BigInt(draft.recordId), change, rows };
  }

  private sourceOf(net: Place, draft: Draft, row: Row): ChangeSource {
    const { database, db, epoch } = this.origin;
    return {
      version: connectorVersion,
      connector: 'odoo-relay',
      name: `odoo.${database}`,
      ts_ms: this.page.readAtMs,
      db,
      database,
      epoch,
      table: draft.table.table,
      model: draft.table.model,
      change_id: draft.changeId,
      sequence: BigInt(net.sequence),
      tx: { id: net.xact, ordinal: BigInt(net.ordinal), total: BigInt(net.total) },
      user_id: idOf(row, 'write_uid') ?? idOf(row, 'create_uid'),
      company_id: idOf(row, 'company_id'),
      snapshot: draft.isLoaded === true ? 'true' : null,
    };
  }
}

function operationOf({ before, after, isLoaded }: Draft): Operation {
  if (after === null) {
    return 'd';
  }
  return isLoaded === true ? 'r' : before === null ? 'c' : 'u';
}

function idOf(row: Row, column: string): number | null {
  const value = row[column];
  return typeof value === 'number' ? value : null;
}
