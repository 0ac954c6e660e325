import { LessThan, type DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '../access/principal.js';
import { recordChange } from '../audit/audit-trail.js';
import { pageOf } from '../http/cursors.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import { controlSchema, erasures, type ErasureRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { viewOf, type ErasurePage, type ErasureView } from './erasure-views.js';

const eraseAttempts = `
  UPDATE ${controlSchema}.attempts SET response = NULL, error = NULL, erased = true
  WHERE record = ANY($2::text[]) AND database = $1 AND NOT erased`;

const rememberRecords = `
  INSERT INTO ${controlSchema}.erased_records AS present (database, record, until_ms)
  SELECT $1::text, record, $3::bigint FROM unnest($2::text[]) AS given (record)
  ON CONFLICT (database, record) DO UPDATE SET until_ms = greatest(present.until_ms, excluded.until_ms)`;

/** What is removed on somebody's request, and who asked for it. */
export class Erasures {
  constructor(private readonly dataSource: DataSource) {}

  /** Whether anything of such a database can be here, be it no longer captured. */
  async hasDatabase(database: string): Promise<boolean> {
    const found = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM ${controlSchema}.attempt_kinds WHERE database = $1 LIMIT 1`,
      [database],
    );
    return found.length > 0;
  }

  /** At once: a record has few attempts. */
  erase(by: Principal, database: string, records: readonly string[]): Promise<ErasureView> {
    return this.dataSource.transaction(async (manager) => {
      // Else a batch of attempts that is under way would neither see this nor be seen by it.
      await manager.query(`LOCK TABLE ${controlSchema}.attempt_positions IN SHARE ROW EXCLUSIVE MODE`);
      const at = new Date();
      await manager.query(rememberRecords, [database, records, at.getTime()]);
      const attempts = await this.eraseIn(manager, database, records);
      const row: ErasureRow = {
        id: newSortableId('ers', at.getTime()),
        at,
        principalKind: by.kind,
        principalId: by.id,
        database,
        records: [...records],
        attempts,
      };
      await manager.insert(erasures, row);
      const view = viewOf(row);
      await recordChange(manager, { resource: `erasures/${row.id}`, after: view });
      await keepAnswer(manager, () => view);
      return view;
    });
  }

  /** The latest first. */
  async list(page: { cursor?: string | undefined; limit: number }): Promise<ErasurePage> {
    const { cursor, limit } = page;
    const rows = await this.dataSource.getRepository(erasures).find({
      where: cursor === undefined ? {} : { id: LessThan(cursor) },
      order: { id: 'DESC' },
      // One more than asked for tells whether there is a next page.
      take: limit + 1,
    });
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: shown.map(viewOf), nextCursor };
  }

  private async eraseIn(
    manager: EntityManager,
    database: string,
    records: readonly string[],
  ): Promise<number> {
    const [, count] = await manager.query<[unknown, number]>(eraseAttempts, [database, records]);
    return count;
  }
}
