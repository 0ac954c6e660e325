import type { DataSource } from 'typeorm';
import type { Kafka } from '#libs/kafka';
import type { Leadership } from '../persistence/leader-session.js';
import { redrives, type RedriveRow } from '../persistence/rows.js';
import { Runner, type RunnerOptions } from '../runs/runner.js';
import { RunningRows } from '../runs/running-rows.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import { RedriveRun } from './redrive-run.js';
import { redriveChannel } from './redrives.js';
import { locks } from '../persistence/locks.js';

const leadership: Leadership = {
  applicationName: 'odoo-relay-control-redrives',
  lock: locks.redrives,
  channel: redriveChannel,
};

export interface RedriveRunnerParts extends Pick<
  RunnerOptions<RedriveRow>,
  'databaseUrl' | 'publisher' | 'logger'
> {
  dataSource: DataSource;
  kafka: Pick<Kafka, 'readRange' | 'recordAt'>;
  states: SubscriptionStates;
}

export function redriveRunner(parts: RedriveRunnerParts): Runner<RedriveRow> {
  return new Runner({
    ...parts,
    kind: 'redrive',
    leadership,
    rows: new RunningRows(parts.dataSource, redrives),
    runOf: (row, save) => new RedriveRun(row, { ...parts, save }),
  });
}
