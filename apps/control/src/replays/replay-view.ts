import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ReplayRow } from '../persistence/rows.js';
import { runStates, type RunState } from '../runs/run-row.js';
import { fromDocumentation, replayIds } from './replay-bodies.js';
import { unreadOf, type Period, type ReplayFrom, type SkipReason } from './replay-progress.js';

class PeriodView {
  @ApiProperty({ type: String, format: 'date-time', description: 'this moment included' })
  from!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'null: to the beginning of it',
  })
  before!: string | null;
}

/** A replay as the API shows it. */
export class ReplayView {
  @ApiProperty({ type: String, example: 'rpl_01kasq3w7r0000000000000000' })
  id!: string;

  @ApiProperty({ type: String, example: 'sub_01jd3q6k2v0000000000000000' })
  subscriptionId!: string;

  @ApiProperty({ enum: runStates, description: 'failed: nothing that passes by itself; `error` says what' })
  state!: RunState;

  @ApiProperty({ ...fromDocumentation, description: 'as given' })
  from!: ReplayFrom;

  @ApiProperty({
    type: PeriodView,
    nullable: true,
    description: 'when the changes were read from Odoo that it is about; null for the current state',
  })
  period!: PeriodView | null;

  @ApiProperty({ enum: replayIds, description: 'webhook ids' })
  ids!: 'same' | 'new';

  @ApiProperty({ type: Boolean, description: 'it only counts' })
  dryRun!: boolean;

  @ApiProperty({ type: 'integer', description: 'at most so many are sent a second' })
  ratePerS!: number;

  @ApiProperty({ type: 'integer', description: 'for the subscription so far: sent or skipped' })
  matched!: number;

  @ApiProperty({ type: 'integer', description: 'handed over for delivery; 0 for a dry run' })
  sent!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'by reason: unreadable, too-large',
  })
  skipped!: Partial<Record<SkipReason, number>>;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'records still to be looked at; null until it has begun',
  })
  unread!: number | null;

  @ApiProperty({ type: [String], description: 'on those that are skipped' })
  notes!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'why it failed' })
  error!: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  startedAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  endedAt!: string | null;
}

export class ReplayPage {
  @ApiProperty({ type: [ReplayView], description: 'the latest first' })
  data!: ReplayView[];

  @ApiPropertyOptional({ type: String, nullable: true, description: 'for the next page; null on the last' })
  nextCursor!: string | null;
}

export function viewOf(row: ReplayRow): ReplayView {
  const { progress, selection } = row;
  return {
    id: row.id,
    subscriptionId: row.subscriptionId,
    state: row.state,
    from: row.origin,
    period: selection.kind === 'history' ? periodView(selection.period) : null,
    ids: row.newIds ? 'new' : 'same',
    dryRun: row.dryRun,
    ratePerS: row.ratePerSecond,
    matched: progress.matched,
    sent: progress.sent,
    skipped: progress.skipped,
    unread: unreadOf(progress),
    notes: notesOn(progress.skipped),
    error: row.error,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

function periodView({ fromMs, beforeMs }: Period): PeriodView {
  return {
    from: new Date(fromMs).toISOString(),
    before: beforeMs === undefined ? null : new Date(beforeMs).toISOString(),
  };
}

const explanations: Readonly<Record<SkipReason, string>> = {
  unreadable:
    'they cannot be read, asked by the filter or written as a body: live they are in relay.rejected.router',
  'too-large': 'their bodies have more than 1,000,000 bytes: choose fewer fields',
};

function notesOn(skipped: ReplayRow['progress']['skipped']): string[] {
  return Object.entries(skipped).map(
    ([why, count]) => `${String(count)} skipped: ${explanations[why as SkipReason]}`,
  );
}
