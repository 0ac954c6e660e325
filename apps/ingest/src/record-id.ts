import { columnName, pairOfId, type Row } from '#libs/change';
import type { CapturedTable } from './captured-tables.js';
import { quoted } from './row-sql.js';

/** A record's id in a topic's key, in texts and in SQL: that of a relation table is its pair of ids. */

type Keyed = Pick<CapturedTable, 'pair'>;

/** Named as in the topic. */
export function keyOf({ pair }: Keyed, id: bigint): Record<string, bigint> {
  if (pair === undefined) {
    return { id };
  }
  const [first, second] = pairOfId(id);
  return { [columnName(pair[0])]: first, [columnName(pair[1])]: second };
}

/** What of a row tells its record. */
export function keyRow({ pair = ['id'] }: { pair?: readonly string[] | undefined }, row: Row): Row {
  return Object.fromEntries(pair.map(columnName).map((name) => [name, row[name] ?? null]));
}

/** As the row of which nothing else is known, in JSON. */
export function keyText({ pair }: Keyed, id: bigint): string {
  if (pair === undefined) {
    return `{"id": ${id.toString()}}`;
  }
  const [first, second] = pairOfId(id);
  return `{${JSON.stringify(pair[0])}: ${first.toString()}, ${JSON.stringify(pair[1])}: ${second.toString()}}`;
}

/** To be read by people: `17`, of a relation table `17-4`. */
export function shownId({ pair }: Keyed, id: bigint | string): string {
  return pair === undefined ? String(id) : pairOfId(BigInt(id)).join('-');
}

export function idSql(alias: string, { pair }: Keyed): string {
  return pair === undefined
    ? `${alias}.id`
    : `((${alias}.${quoted(pair[0])}::bigint << 32) | (${alias}.${quoted(pair[1])}::bigint & 4294967295))`;
}

/** Whether a row has an id that is an expression of type bigint; in a form that indexes serve. */
export function hasIdSql(alias: string, { pair }: Keyed, id: string): string {
  return pair === undefined
    ? `${alias}.id = ${id}`
    : `(${alias}.${quoted(pair[0])} = ${id} >> 32 and ${alias}.${quoted(pair[1])} = ${id} << 32 >> 32)`;
}

/** Whether a row comes after an id in the order of {@link idOrderSql}. */
export function afterIdSql(alias: string, table: Keyed, id: bigint): string {
  const after = table.pair === undefined ? id.toString() : `(${pairOfId(id).join(', ')})`;
  return `${idOrder(alias, table)} > ${after}`;
}

export function idOrderSql(
  alias: string,
  { pair = ['id'] }: { pair?: readonly string[] | undefined },
): string {
  return pair.map((column) => `${alias}.${quoted(column)}`).join(', ');
}

function idOrder(alias: string, table: Keyed): string {
  const columns = idOrderSql(alias, table);
  return table.pair === undefined ? columns : `(${columns})`;
}
