import type { CapturedTable } from './captured-tables.js';

/** A row as jsonb, without the columns that must not leave the database. */
export function rowOf(alias: string, table: CapturedTable | undefined): string {
  const denied = table?.denied ?? [];
  const row =
    table?.binary === undefined ? `to_jsonb(${alias})` : rowWithBinary(alias, table.table, table.binary);
  return denied.length === 0 ? row : `(${row} - ${textArray(denied)})`;
}

/** As the trigger has written it. */
function rowWithBinary(alias: string, table: string, binary: NonNullable<CapturedTable['binary']>): string {
  const { wanted, maxBytes } = binary;
  const relation = `${literal(quoted(table))}::regclass`;
  return `relay.row_with_binary(${alias}, ${relation}, ${textArray(wanted)}, ${maxBytes})`;
}

function textArray(texts: readonly string[]): string {
  return `array[${texts.map(literal).join(', ')}]::text[]`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
