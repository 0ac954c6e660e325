import type { TextRow } from './recorded-change.js';
import type { RecordedTransaction } from './recorded-transaction.js';

/** `nothing`: there was no record to do it with, so the transaction is dropped. */
export type ActionResult = 'done' | 'nothing';

/** One business action, in one transaction. */
export type Action = (tx: RecordedTransaction) => Promise<ActionResult>;

export function pick<T>(choices: readonly T[]): T {
  const chosen = choices[Math.floor(Math.random() * choices.length)];
  if (chosen === undefined) {
    throw new Error('there is nothing to pick from');
  }
  return chosen;
}

/** A whole number from `min` to `max`. */
export function between(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

export function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

export function int(row: TextRow, column: string): number {
  return Number(row[column]);
}

/** The first row of a query that picks a record for this transaction alone. */
export async function choose(
  tx: RecordedTransaction,
  from: string,
  where = 'true',
): Promise<TextRow | undefined> {
  const rows = await tx.select(
    `SELECT * FROM ${from} WHERE id IN (SELECT id FROM ${from} WHERE ${where} ORDER BY random() LIMIT 3)
     LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return rows[0];
}
