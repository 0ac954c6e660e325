import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { DeadReason } from '#libs/delivery-task';
import { Page } from '../http/cursors.js';
import type { RedriveRow } from '../persistence/rows.js';
import { totalOf } from '../runs/run-row.js';
import { notesOn, RunView, runView } from '../runs/run-view.js';
import { unreadOf, type SkipReason } from './redrive-progress.js';
import { deadReasons, type Selection } from './selection.js';

const counts = { type: 'object', additionalProperties: { type: 'integer' } } as const;

class SelectionView {
  @ApiPropertyOptional({ type: String })
  subscriptionId?: string;

  @ApiPropertyOptional({ type: String })
  database?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  to?: string;

  @ApiPropertyOptional({ enum: deadReasons })
  reason?: DeadReason;

  @ApiPropertyOptional({ type: [String] })
  webhookIds?: readonly string[];
}

/** A redrive as the API shows it. */
export class RedriveView extends RunView {
  @ApiProperty({ type: String, example: 'rdr_01kasq3w7r0000000000000000' })
  id!: string;

  @ApiProperty({ type: SelectionView, description: 'as given' })
  selection!: SelectionView;

  @ApiProperty({ type: Boolean, description: 'they are sent under new webhook ids' })
  newIds!: boolean;

  @ApiProperty({ type: 'integer', description: 'dead letters of the selection so far: sent or skipped' })
  matched!: number;

  @ApiProperty({ ...counts, description: 'the same, by the reason of their death' })
  matchedByReason!: Partial<Record<DeadReason | 'unknown', number>>;

  @ApiProperty({
    ...counts,
    description:
      'by reason: subscription-disabled, subscription-deleted, body-gone, erased, unreadable, too-large; ' +
      'a dry run says what would be skipped now',
  })
  skipped!: Partial<Record<SkipReason, number>>;

  @ApiProperty({
    type: 'integer',
    description: 'dead letters still to be looked at, of the selection or not',
  })
  unread!: number;

  @ApiProperty({ type: [String], description: 'what to do about those that are skipped' })
  notes!: readonly string[];
}

export class RedrivePage extends Page {
  @ApiProperty({ type: [RedriveView], description: 'the latest first' })
  data!: RedriveView[];
}

export function viewOf(row: RedriveRow): RedriveView {
  const { progress } = row;
  return {
    ...runView(row),
    id: row.id,
    selection: selectionView(row.selection),
    newIds: row.newIds,
    matched: totalOf(progress.matched),
    matchedByReason: progress.matched,
    skipped: progress.skipped,
    unread: unreadOf(progress),
    notes: notesOn(progress.skipped, advice),
  };
}

function selectionView(selection: Selection): SelectionView {
  const { subscriptionId, database, fromMs, toMs, reason, webhookIds } = selection;
  return {
    ...(subscriptionId === undefined ? {} : { subscriptionId }),
    ...(database === undefined ? {} : { database }),
    ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
    ...(toMs === undefined ? {} : { to: new Date(toMs).toISOString() }),
    ...(reason === undefined ? {} : { reason }),
    ...(webhookIds === undefined ? {} : { webhookIds }),
  };
}

const advice: Readonly<Record<SkipReason, string>> = {
  'subscription-disabled':
    'their subscription is switched off: switch it on (POST /v1/subscriptions/{id}/enable) and redrive again',
  'subscription-deleted': 'their subscription is deleted: they have no address any more',
  'body-gone': 'they were too large for a dead letter, and the records with their bodies are no longer kept',
  erased: 'their records were erased on request (GET /v1/erasures): they are not sent again',
  unreadable: 'they cannot be read: look at them in relay.deliveries.dead',
  'too-large': 'Kafka does not take them: max.message.bytes of relay.deliveries.replay is too small for them',
};
