import type { DataSource, EntitySchema, Repository } from 'typeorm';
import { RelayError } from '#libs/process';
import type { RunRow } from './run-row.js';

/** The runs of a kind as whoever works on them sees them. Nothing is taken from one who is not the last to have begun. */
export class RunningRows<Row extends RunRow> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly schema: EntitySchema<Row>,
  ) {}

  /** Ids of the oldest ones that are to be worked on. */
  async ids(kind: { dryRun: boolean }, limit: number): Promise<string[]> {
    const rows = await this.repository.find({
      select: { id: true },
      where: { state: 'running', dryRun: kind.dryRun },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => id);
  }

  /** From now on only this runner is heard; undefined when it is not running any more. */
  async begin(id: string, runner: string): Promise<Row | undefined> {
    const { affected } = await this.repository.update({ id, state: 'running' }, { runner });
    const row = affected === 1 ? await this.repository.findOneBy({ id, runner }) : null;
    return (row as Row | null) ?? undefined;
  }

  /** Also of one that was stopped meanwhile: what was sent was sent. @throws RelayError FENCED */
  async save(id: string, runner: string, progress: Row['progress']): Promise<void> {
    const { affected } = await this.repository.update({ id, runner }, { progress });
    if (affected !== 1) {
      throw new RelayError('FENCED', `another instance of control goes on with ${id}`);
    }
  }

  async end(id: string, runner: string, how: Pick<RunRow, 'state' | 'error'>): Promise<void> {
    await this.repository.update({ id, runner, state: 'running' }, { ...how, endedAt: new Date() });
  }

  /** What all kinds have in common is all that is asked for here. */
  private get repository(): Repository<RunRow> {
    return this.dataSource.getRepository<RunRow>(this.schema);
  }
}
