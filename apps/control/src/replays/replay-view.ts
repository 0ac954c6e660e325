import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../http/cursors.js';
import type { ReplayRow } from '../persistence/rows.js';
import { notesOn, RunView, runView } from '../runs/run-view.js';
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
export class ReplayView extends RunView {
  @ApiProperty({ type: String, example: 'rpl_01kasq3w7r0000000000000000' })
  id!: string;

  @ApiProperty({ type: String, example: 'sub_01jd3q6k2v0000000000000000' })
  subscriptionId!: string;

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

  @ApiProperty({ type: 'integer', description: 'for the subscription so far: sent or skipped' })
  matched!: number;

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
}

export class ReplayPage extends Page {
  @ApiProperty({ type: [ReplayView], description: 'the latest first' })
  data!: ReplayView[];
}

export function viewOf(row: ReplayRow): ReplayView {
  const { progress, selection } = row;
  return {
    ...runView(row),
    id: row.id,
    subscriptionId: row.subscriptionId,
    from: row.origin,
    period: selection.kind === 'history' ? periodView(selection.period) : null,
    ids: row.newIds ? 'new' : 'same',
    matched: progress.matched,
    skipped: progress.skipped,
    unread: unreadOf(progress),
    notes: notesOn(progress.skipped, explanations),
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
