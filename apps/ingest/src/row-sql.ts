import type { CapturedTable } from './captured-tables.js';

/** A row as jsonb, without the columns that must not leave the database. */
export function rowOf(alias: string, table: CapturedTable | undefined): string {
  const denied = table?.denied ?? [];
  return denied.length === 0
    ? `to_jsonb(${alias})`
    : `(to_jsonb(${alias}) - array[${denied.map(literal).join(', ')}]::text[])`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
