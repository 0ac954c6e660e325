import { ApiProperty } from '@nestjs/swagger';
import { runStates, type RunRow, type RunState } from './run-row.js';

/** What the API shows of every run, whatever it sends. */
export class RunView {
  @ApiProperty({ enum: runStates, description: 'failed: nothing that passes by itself; `error` says what' })
  state!: RunState;

  @ApiProperty({ type: Boolean, description: 'it only counts' })
  dryRun!: boolean;

  @ApiProperty({ type: 'integer', description: 'at most so many are sent a second' })
  ratePerS!: number;

  @ApiProperty({ type: 'integer', description: 'handed over for delivery; 0 for a dry run' })
  sent!: number;

  @ApiProperty({ type: String, nullable: true, description: 'why it failed' })
  error!: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  startedAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endedAt!: string | null;
}

type ShownRun = { [Name in keyof RunView]: RunView[Name] };

export function runView({ progress, ...row }: RunRow & { progress: { sent: number } }): ShownRun {
  return {
    state: row.state,
    dryRun: row.dryRun,
    ratePerS: row.ratePerSecond,
    sent: progress.sent,
    error: row.error,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** What was skipped, as sentences. */
export function notesOn<Why extends string>(
  skipped: Readonly<Partial<Record<Why, number>>>,
  sentences: Readonly<Record<Why, string>>,
): string[] {
  return Object.entries(skipped).map(([why, count]) => `${String(count)} skipped: ${sentences[why as Why]}`);
}
