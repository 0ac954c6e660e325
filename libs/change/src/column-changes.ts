import type { AvroSchema } from '#libs/kafka';
import type { Column } from './change.js';
import { writerColumns } from './writer-columns.js';

/**
 * Why a topic whose records were written with `older` schemas cannot go on with these columns; undefined when it
 * can. Stricter than the registry, which compares with the latest version only and does not look at logical types:
 * a column that was dropped and comes back as another type, or a decimal with another scale, would be misread.
 */
export function whyIncompatible(
  older: readonly AvroSchema[],
  columns: readonly Column[],
): string | undefined {
  for (const schema of older) {
    const written = writerColumns(schema);
    for (const column of columns) {
      const before = written.kind === 'columns' ? written.columns.get(column.name) : undefined;
      if (before !== undefined && !canReadAs(before, column)) {
        return `column ${column.name} was ${shown(before)} and is ${shown(column)} now`;
      }
    }
  }
  return undefined;
}

function canReadAs(written: Column, now: Column): boolean {
  if (written.kind === 'decimal' && now.kind === 'decimal') {
    return written.scale === now.scale && written.precision <= now.precision;
  }
  if (written.kind === 'int') {
    return now.kind === 'int' || now.kind === 'long' || now.kind === 'float';
  }
  const texts = ['text', 'json'];
  return written.kind === now.kind || (texts.includes(written.kind) && texts.includes(now.kind));
}

function shown(column: Column): string {
  return column.kind === 'decimal' ? `decimal(${column.precision},${column.scale})` : column.kind;
}
