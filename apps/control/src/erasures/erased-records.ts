import type { DataSource } from 'typeorm';
import { controlSchema } from '../persistence/rows.js';

interface OfRecord {
  database: string;
  record: string;
  committedAtMs: number;
}

/** Tells of each, in their order, whether its change is older than the erasure of its record. */
export async function areErased(dataSource: DataSource, given: readonly OfRecord[]): Promise<boolean[]> {
  if (given.length === 0) {
    return [];
  }
  const rows = await dataSource.query<{ database: string; record: string; until_ms: string }[]>(
    `SELECT erased.* FROM ${controlSchema}.erased_records erased
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS given (database, record)) given
       USING (database, record)`,
    [given.map(({ database }) => database), given.map(({ record }) => record)],
  );
  const untilMs = new Map(rows.map((row) => [keyOf(row), Number(row.until_ms)]));
  return given.map((one) => one.committedAtMs <= (untilMs.get(keyOf(one)) ?? -Infinity));
}

function keyOf({ database, record }: Pick<OfRecord, 'database' | 'record'>): string {
  return JSON.stringify([database, record]);
}
