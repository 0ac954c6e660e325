import type { Client } from 'pg';
import { tableOf } from '#libs/change';
import { declaredParts } from './declared-parts.js';
import { readCapturedTable, readLanguage, type CapturedTable } from './captured-tables.js';

/** What ingest knows of the database's tables; read again when a row shows something else. */
export class TableCatalog {
  private constructor(
    /** Tables of captured models by name. */
    readonly captured: ReadonlyMap<string, CapturedTable>,
    /** Those, the tables of their declared parts and what these point to. */
    readonly known: ReadonlyMap<string, CapturedTable>,
    readonly language: string,
    private readonly ignoredColumns: Set<string>,
  ) {}

  static async read(
    client: Client,
    captured: readonly CapturedTable[],
    ignoredColumns: Set<string>,
    deniedColumns: readonly string[] = [],
  ): Promise<TableCatalog> {
    const byName = new Map(captured.map((table) => [table.table, table]));
    const known = new Map(byName);
    for (const model of partModels()) {
      const table = known.has(tableOf(model))
        ? undefined
        : await readCapturedTable(client, model, deniedColumns);
      if (table !== undefined) {
        known.set(table.table, table);
      }
    }
    return new TableCatalog(byName, known, await readLanguage(client), ignoredColumns);
  }

  /** Whether a column of a row is one whose type is known, or one of which is known that it has none. */
  isKnown(table: CapturedTable, column: string): boolean {
    return table.columns.has(column) || this.ignoredColumns.has(`${table.table}.${column}`);
  }
}

function partModels(): string[] {
  return declaredParts.flatMap(({ part, related }) => [
    part,
    ...related.flatMap(({ path }) => path.map(({ model }) => model)),
  ]);
}
