import { LessThan, type DataSource } from 'typeorm';
import type { Principal } from '../access/principal.js';
import { recordChange } from '../audit/audit-trail.js';
import { pageOf } from '../http/cursors.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import { controlSchema, erasures, type ErasureRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { eraseSlice, fromTheBeginning } from './erasure-slice.js';
import { viewOf, type ErasurePage, type ErasureView } from './erasure-views.js';

const rememberRecords = `
  INSERT INTO ${controlSchema}.erased_records AS present (database, record, until_ms)
  SELECT $1::text, record, $3::bigint FROM unnest($2::text[]) AS given (record)
  ON CONFLICT (database, record) DO UPDATE SET until_ms = greatest(present.until_ms, excluded.until_ms)`;

export interface ErasureLimits {
  /** So many attempts are looked at in one transaction: far fewer than there is time for. */
  sliceRows: number;
  /** Small ones have ended by then, so that their answer is the last word. */
  answerWaitMs: number;
}

const defaultLimits: ErasureLimits = { sliceRows: 2_000, answerWaitMs: 2_000 };

/** What is removed on somebody's request, and who asked for it. */
export class Erasures {
  constructor(
    private readonly dataSource: DataSource,
    private readonly limits = defaultLimits,
  ) {}

  /** Whether anything of such a database can be here, be it no longer captured. */
  async hasDatabase(database: string): Promise<boolean> {
    const found = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM ${controlSchema}.attempt_kinds WHERE database = $1 LIMIT 1`,
      [database],
    );
    return found.length > 0;
  }

  /** As far as it is when it has ended, or when the time is over: then it goes on in the background. */
  async erase(by: Principal, database: string, records: readonly string[]): Promise<ErasureView> {
    const begun = await this.begin(by, database, records);
    const untilMs = performance.now() + this.limits.answerWaitMs;
    // It has begun: whatever happens from here on, it will be done.
    await this.goOn(begun.id, () => performance.now() < untilMs).catch(() => undefined);
    return (await this.find(begun.id).catch(() => undefined)) ?? viewOf(begun);
  }

  /** Slice by slice, to its end or as long as `goesOn` says. Several who do it at once take turns. */
  async goOn(id: string, goesOn: () => boolean): Promise<void> {
    let isRunning = true;
    while (isRunning && goesOn()) {
      isRunning = await this.takeSlice(id);
    }
  }

  /** Those that are not finished, the first ones first. */
  async runningIds(): Promise<string[]> {
    const where = { state: 'running' } as const;
    const rows = await this.dataSource.getRepository(erasures).find({ where, order: { id: 'ASC' } });
    return rows.map(({ id }) => id);
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

  async find(id: string): Promise<ErasureView | undefined> {
    const row = await this.dataSource.getRepository(erasures).findOneBy({ id });
    return row === null ? undefined : viewOf(row);
  }

  /** From now on nothing comes to the history, or back from the dead letters, that it takes away. */
  private begin(by: Principal, database: string, records: readonly string[]): Promise<ErasureRow> {
    return this.dataSource.transaction(async (manager) => {
      // Else a batch of attempts that is under way would neither see this nor be seen by it.
      await manager.query(`LOCK TABLE ${controlSchema}.attempt_positions IN SHARE ROW EXCLUSIVE MODE`);
      const at = new Date();
      await manager.query(rememberRecords, [database, records, at.getTime()]);
      const row: ErasureRow = {
        id: newSortableId('ers', at.getTime()),
        at,
        principalKind: by.kind,
        principalId: by.id,
        database,
        records: [...records],
        attempts: 0,
        state: 'running',
        progress: fromTheBeginning,
      };
      await manager.insert(erasures, row);
      await recordChange(manager, { resource: `erasures/${row.id}`, after: { database, records } });
      await keepAnswer(manager, () => viewOf(row));
      return row;
    });
  }

  /** Whether there is one more. How far it is is kept with what is erased. */
  private async takeSlice(id: string): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const row = await manager.findOne(erasures, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (row?.state !== 'running') {
        return false;
      }
      const { progress, ...erased } = row;
      const slice = { ...erased, progress: progress ?? fromTheBeginning };
      const { attempts, next } = await eraseSlice(manager, slice, this.limits.sliceRows);
      await manager.update(erasures, id, {
        attempts: row.attempts + attempts,
        state: next === undefined ? 'done' : 'running',
        progress: next ?? null,
      });
      return next !== undefined;
    });
  }
}
