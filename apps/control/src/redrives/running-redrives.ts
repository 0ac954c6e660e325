import { RelayError } from '#libs/process';
import type { DataSource } from 'typeorm';
import { redrives, type RedriveRow } from '../persistence/rows.js';
import type { RedriveProgress } from './redrive-progress.js';

/** The redrives as whoever works on them sees them. Nothing is taken from one who is not the last to have begun. */
export class RunningRedrives {
  constructor(private readonly dataSource: DataSource) {}

  /** Ids of the oldest ones that are to be worked on. */
  async ids(kind: { dryRun: boolean }, limit: number): Promise<string[]> {
    const rows = await this.dataSource.getRepository(redrives).find({
      select: { id: true },
      where: { state: 'running', dryRun: kind.dryRun },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id }) => id);
  }

  /** From now on only this runner is heard; undefined when it is not running any more. */
  async begin(id: string, runner: string): Promise<RedriveRow | undefined> {
    const repository = this.dataSource.getRepository(redrives);
    const { affected } = await repository.update({ id, state: 'running' }, { runner });
    const row = affected === 1 ? await repository.findOneBy({ id, runner }) : null;
    return row ?? undefined;
  }

  /** Also of one that was stopped meanwhile: what was sent was sent. @throws RelayError FENCED */
  async save(id: string, runner: string, progress: RedriveProgress): Promise<void> {
    const { affected } = await this.dataSource.getRepository(redrives).update({ id, runner }, { progress });
    if (affected !== 1) {
      throw new RelayError('FENCED', `another instance of control goes on with redrive ${id}`);
    }
  }

  async end(id: string, runner: string, how: Pick<RedriveRow, 'state' | 'error'>): Promise<void> {
    await this.dataSource
      .getRepository(redrives)
      .update({ id, runner, state: 'running' }, { ...how, endedAt: new Date() });
  }
}
