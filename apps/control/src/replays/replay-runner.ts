import type { Leadership } from '../persistence/leader-session.js';
import { replays, type ReplayRow } from '../persistence/rows.js';
import { Runner, type RunnerOptions } from '../runs/runner.js';
import { RunningRows } from '../runs/running-rows.js';
import { ReplayRun, type ReplayParts } from './replay-run.js';
import { replayChannel } from './replays.js';
import { locks } from '../persistence/locks.js';

const leadership: Leadership = {
  applicationName: 'odoo-relay-control-replays',
  lock: locks.replays,
  channel: replayChannel,
};

export type ReplayRunnerParts = Omit<ReplayParts, 'save'> &
  Pick<RunnerOptions<ReplayRow>, 'databaseUrl' | 'logger'>;

export function replayRunner(parts: ReplayRunnerParts): Runner<ReplayRow> {
  return new Runner({
    ...parts,
    kind: 'replay',
    leadership,
    rows: new RunningRows(parts.dataSource, replays),
    runOf: (row, save) => new ReplayRun(row, { ...parts, save }),
  });
}
