import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../http/cursors.js';
import type { StoredAttempt } from './attempt-search.js';
import { deliveryStates, isRequest, stateOf, type DeliveryState } from './outcomes.js';

export class RequestView {
  @ApiProperty({ type: String, example: 'POST' })
  method!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'the URL that was asked; null where it is not known any more',
  })
  url!: string | null;
}

export class ResponseView {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'HTTP status; null where there was no answer',
  })
  status!: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'the first 20 KB of the answer' })
  body!: string | null;

  @ApiProperty({ type: 'integer', description: 'from the request to the answer, or until it was given up' })
  durationMs!: number;
}

/** What is delivered, and to whom. */
class DeliveredView {
  @ApiProperty({ type: String })
  subscriptionId!: string;

  @ApiProperty({ type: String })
  database!: string;

  @ApiProperty({ type: String, example: 'sale.order,42' })
  record!: string;

  @ApiProperty({ type: String })
  changeId!: string;

  @ApiProperty({ type: String, example: 'sale.order.confirmed' })
  eventType!: string;
}

export class AttemptView extends DeliveredView {
  @ApiProperty({ type: String, format: 'date-time' })
  at!: string;

  @ApiProperty({
    type: String,
    example: 'delivered',
    description:
      'delivered, gone, failed, timedOut, unsendable: of a request; dead, expired: it became a dead letter; ' +
      'dropped: its subscription was deleted; superseded: a newer change of the record went out already',
  })
  outcome!: string;

  @ApiProperty({ type: String, description: 'GET /v1/deliveries/{webhookId} shows all of it' })
  webhookId!: string;

  @ApiProperty({ type: String, description: 'rises per record; a whole number as text' })
  sequence!: string;

  @ApiProperty({ type: String, format: 'date-time', description: 'when the change was read from Odoo' })
  committedAt!: string;

  @ApiProperty({ type: 'integer', description: '1 for the first request' })
  attempt!: number;

  @ApiProperty({ type: RequestView, nullable: true, description: 'null where none was made' })
  request!: RequestView | null;

  @ApiProperty({ type: ResponseView, nullable: true })
  response!: ResponseView | null;

  @ApiProperty({ type: String, nullable: true, description: 'what went wrong' })
  error!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'attempts-exhausted', description: 'why it is dead' })
  reason!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'id of the redrive or replay that sent it' })
  redrive!: string | null;

  @ApiProperty({
    type: Boolean,
    description: 'what was answered and the error were erased on request: POST /v1/erasures',
  })
  erased!: boolean;

  @ApiProperty({ type: String, example: '3/1042', description: 'partition and offset in relay.attempts' })
  position!: string;
}

export class AttemptPage extends Page {
  @ApiProperty({ type: [AttemptView], description: 'the latest first' })
  data!: AttemptView[];
}

export class DeliveryView extends DeliveredView {
  @ApiProperty({ type: String })
  webhookId!: string;

  @ApiProperty({
    enum: deliveryStates,
    description:
      'waiting: it is tried again; dead: POST /v1/deliveries/{webhookId}/resend sends it once more',
  })
  state!: DeliveryState;

  @ApiProperty({ type: String, format: 'date-time', description: 'since when' })
  stateSince!: string;

  @ApiProperty({
    type: [AttemptView],
    description: 'in the order in which they happened, at most the last 500',
  })
  attempts!: AttemptView[];
}

export function attemptView(row: StoredAttempt): AttemptView {
  const requested = isRequest(row);
  return {
    at: timeText(row.at_ms),
    outcome: row.outcome,
    webhookId: row.webhook_id,
    ...deliveredOf(row),
    sequence: row.sequence,
    committedAt: timeText(row.committed_at_ms),
    attempt: row.attempt,
    request: requested ? { method: 'POST', url: row.url } : null,
    response: requested ? { status: row.status, body: row.response, durationMs: row.duration_ms } : null,
    error: row.error,
    reason: row.reason,
    redrive: row.redrive,
    erased: row.erased,
    position: `${String(row.topic_partition)}/${row.topic_offset}`,
  };
}

/** Of all of a delivery's attempts, the latest first; undefined without any. */
export function deliveryView(rows: readonly StoredAttempt[]): DeliveryView | undefined {
  const [last] = rows;
  if (last === undefined) {
    return undefined;
  }
  return {
    webhookId: last.webhook_id,
    state: stateOf(last.outcome),
    stateSince: timeText(last.at_ms),
    ...deliveredOf(last),
    attempts: rows.map(attemptView).reverse(),
  };
}

function deliveredOf(row: StoredAttempt): Pick<DeliveredView, keyof DeliveredView> {
  const {
    subscription_id: subscriptionId,
    database,
    record,
    change_id: changeId,
    event_type: eventType,
  } = row;
  return { subscriptionId, database, record, changeId, eventType };
}

function timeText(timeMs: string): string {
  return new Date(Number(timeMs)).toISOString();
}
