import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, Matches } from 'class-validator';
import { Cursor, PageQuery } from '../http/cursors.js';
import { MayBeLeftOut } from '../http/field-checks.js';
import { TimeText } from '../http/time-field.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { outcomes } from './outcomes.js';
import { stepNames, type StepName } from './statistics.js';

export const webhookIdPattern = /^[\x21-\x7e]{1,200}$/;
/** `<milliseconds since 1970>-<partition>-<offset>` */
const placePattern = /^\d{1,15}-\d{1,6}-\d{1,18}$/;

export class ListAttemptsQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'only those of this subscription, be it deleted' })
  @Matches(subscriptionIdPattern, { message: 'must be the id of a subscription, sub_…' })
  @MayBeLeftOut()
  subscriptionId?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this Odoo database' })
  @IsString({ message: 'must be the slug of an Odoo database' })
  @MayBeLeftOut()
  database?: string;

  @ApiPropertyOptional({ type: String, example: 'sale.order,42', description: 'only those of this record' })
  @Matches(/^[A-Za-z0-9_.]{1,200},[\x21-\x7e]{1,200}$/, {
    message: 'must be a model and the id of a record, e.g. "sale.order,42"',
  })
  @MayBeLeftOut()
  record?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this delivery' })
  @Matches(webhookIdPattern, { message: 'must be the webhook-id of a delivery, e.g. "msg_…"' })
  @MayBeLeftOut()
  webhookId?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this change' })
  @Matches(/^[\x21-\x7e]{1,200}$/, { message: 'must be the id of a change' })
  @MayBeLeftOut()
  changeId?: string;

  @ApiPropertyOptional({ type: String, example: 'sale.order.confirmed' })
  @Matches(/^[\x21-\x7e]{1,200}$/, { message: 'must be the name of an event type: GET /v1/event-types' })
  @MayBeLeftOut()
  eventType?: string;

  @ApiPropertyOptional({
    type: String,
    pattern: `^(?:${outcomes.join('|')})(?:,(?:${outcomes.join('|')}))*$`,
    example: 'dead,expired',
    description: `only those with one of these outcomes, separated by commas: ${outcomes.join(', ')}`,
  })
  @IsIn(outcomes, { each: true, message: `must hold only "${outcomes.join('", "')}", separated by commas` })
  @ArrayMinSize(1, { message: 'must name an outcome: leave it out for all' })
  @ArrayMaxSize(outcomes.length, { message: 'must name each outcome once' })
  @IsArray({ message: 'must be outcomes separated by commas' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @MayBeLeftOut()
  outcome?: string[];

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only those at this time or later' })
  @TimeText()
  since?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only those before this time' })
  @TimeText()
  until?: string;

  @Cursor(placePattern)
  cursor?: string;
}

export class StatisticsQuery {
  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'a day before `until` by default' })
  @TimeText()
  since?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'now by default' })
  @TimeText()
  until?: string;

  @ApiProperty({ enum: stepNames, required: false, default: '1h' })
  @IsIn(stepNames, { message: `must be one of "${stepNames.join('", "')}"` })
  @MayBeLeftOut()
  step?: StepName;
}
