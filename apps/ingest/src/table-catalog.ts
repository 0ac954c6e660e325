import type { Client } from 'pg';
import { tableOf, declaredParts, declaredTexts } from '#libs/change';
import { defaultColumnRules, type ColumnRules } from './column-types.js';
import { readCapturedTable, readLanguage, type CapturedTable } from './captured-tables.js';

/** Versions of a table that are kept for rows that were written before its columns changed. */
const maxVersions = 5;

export interface CatalogOptions {
  /** The tables were read after this, by `performance.now()`. */
  readAtMs: number;
  columnRules?: ColumnRules;
  /** What was known before, in this process. */
  previous?: TableCatalog | undefined;
}

/** What ingest knows of the database's tables; read again when a row shows something else. */
export class TableCatalog {
  private constructor(
    /** Tables of captured models by name. */
    readonly captured: ReadonlyMap<string, CapturedTable>,
    /** Those, the tables of their declared parts and what these point to. */
    readonly known: ReadonlyMap<string, CapturedTable>,
    readonly language: string,
    /** When it began to be read, by `performance.now()`. */
    readonly readAtMs: number,
    private readonly earlier: ReadonlyMap<string, readonly CapturedTable[]>,
  ) {}

  static async read(
    client: Client,
    captured: readonly CapturedTable[],
    { readAtMs, columnRules = defaultColumnRules, previous }: CatalogOptions,
  ): Promise<TableCatalog> {
    const versions = new Map(captured.map((table) => [table.table, versionsWith(table, previous)]));
    const byName = new Map([...versions].flatMap(([name, [newest]]) => (newest ? [[name, newest]] : [])));
    const known = new Map(byName);
    for (const model of partModels()) {
      const table = known.has(tableOf(model))
        ? undefined
        : await readCapturedTable(client, model, columnRules);
      if (table !== undefined) {
        known.set(table.table, table);
      }
    }
    const earlier = new Map([...versions].map(([name, all]) => [name, all.slice(1)]));
    return new TableCatalog(byName, known, await readLanguage(client), readAtMs, earlier);
  }

  /** What the table has been since ingest started, latest first. */
  versionsOf(table: CapturedTable): readonly CapturedTable[] {
    return [table, ...(this.earlier.get(table.table) ?? [])];
  }
}

/** The table that is known already where it is still the same, so that all that is known of it stays. */
function versionsWith(table: CapturedTable, previous: TableCatalog | undefined): CapturedTable[] {
  const known = previous?.captured.get(table.table);
  const versions = known === undefined ? [] : (previous?.versionsOf(known) ?? []);
  const isSame = known !== undefined && shapeOf(known) === shapeOf(table);
  return (isSame ? [...versions] : [table, ...versions]).slice(0, maxVersions);
}

function shapeOf({ columns, denied, pair }: CapturedTable): string {
  return JSON.stringify([...columns.values(), denied, pair]);
}

function partModels(): string[] {
  const related = [...declaredParts, ...declaredTexts].flatMap((declared) => declared.related);
  return [
    ...declaredParts.map(({ part }) => part),
    ...related.flatMap(({ path }) => path.map(({ model }) => model)),
  ];
}
