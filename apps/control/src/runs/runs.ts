import type { DataSource, EntityManager, EntitySchema, FindOptionsWhere, Repository } from 'typeorm';
import { pageOf } from '../http/cursors.js';
import { LessThan } from 'typeorm';
import { delay } from '#libs/process';
import { recordChange } from '../audit/audit-trail.js';
import { keepAnswer } from '../idempotency/idempotency.interceptor.js';
import type { RunRow, RunState } from './run-row.js';

export interface RunsOfKind<Row extends RunRow, View> {
  schema: EntitySchema<Row>;
  /** The Postgres channel on which whoever works on them hears that one was begun or stopped. */
  channel: string;
  viewOf(row: Row): View;
}

export interface RunPage<View> {
  data: View[];
  nextCursor: string | null;
}

const pollMs = 25;

/** The runs of a kind as the API sees them. */
export class Runs<Row extends RunRow, View extends { id: string; state: RunState }> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly kind: RunsOfKind<Row, View>,
  ) {}

  async begin(row: Row): Promise<View> {
    const view = this.kind.viewOf(row);
    await this.dataSource.transaction(async (manager) => {
      await this.beginIn(manager, row);
      await keepAnswer(manager, () => view);
    });
    return view;
  }

  /** As part of a transaction of the caller. */
  async beginIn(manager: EntityManager, row: Row): Promise<void> {
    await this.repositoryOf(manager).insert(row);
    const asked = { ...row, progress: null };
    await recordChange(manager, { resource: this.resourceOf(row.id), after: asked });
    await this.notify(manager);
  }

  /** As it is when it has ended, or when the time is over. */
  async waitForEnd(view: View, timeoutMs: number): Promise<View> {
    const deadline = Date.now() + timeoutMs;
    let latest = view;
    while (latest.state === 'running' && Date.now() < deadline) {
      await delay(pollMs);
      latest = (await this.find(view.id)) ?? latest;
    }
    return latest;
  }

  /** The latest first. */
  async list(
    page: { cursor?: string | undefined; limit: number },
    where: FindOptionsWhere<Row> = {},
  ): Promise<RunPage<View>> {
    const { cursor, limit } = page;
    const before = cursor === undefined ? {} : { id: LessThan(cursor) };
    const rows = await this.repositoryOf(this.dataSource.manager).find({
      where: { ...(where as FindOptionsWhere<RunRow>), ...before },
      order: { id: 'DESC' },
      // One more than asked for tells whether there is a next page.
      take: limit + 1,
    });
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: shown.map((row) => this.kind.viewOf(row as Row)), nextCursor };
  }

  async find(id: string): Promise<View | undefined> {
    const row = await this.repositoryOf(this.dataSource.manager).findOneBy({ id });
    return row === null ? undefined : this.kind.viewOf(row as Row);
  }

  /** What has ended already stays as it is. */
  async stop(id: string): Promise<View | undefined> {
    await this.dataSource.transaction(async (manager) => {
      const stopped = { state: 'stopped', endedAt: new Date() } as const;
      const { affected } = await this.repositoryOf(manager).update({ id, state: 'running' }, stopped);
      if (affected === 1) {
        const states = { before: { state: 'running' }, after: { state: stopped.state } };
        await recordChange(manager, { resource: this.resourceOf(id), ...states });
      }
      await this.notify(manager);
    });
    return this.find(id);
  }

  private resourceOf(id: string): string {
    return `${String(this.kind.schema.options.tableName)}/${id}`;
  }

  private async notify(manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_notify($1, $2)', [this.kind.channel, '']);
  }

  /** What all kinds have in common is all that is asked for here. */
  private repositoryOf(manager: EntityManager): Repository<RunRow> {
    return manager.getRepository<RunRow>(this.kind.schema);
  }
}
