import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { Cursor, Page, PageQuery } from '../http/cursors.js';
import { MayBeLeftOut } from '../http/field-checks.js';
import { TimeText } from '../http/time-field.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { adviceFor } from './advice.js';

export class ListEventsQuery extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    example: 'subscription.disabled',
    description: 'only those of this kind',
  })
  @Matches(/^[\x21-\x7e]{1,200}$/, { message: 'must be a kind of event, e.g. "subscription.disabled"' })
  @MayBeLeftOut()
  type?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this subscription, be it deleted' })
  @Matches(subscriptionIdPattern, { message: 'must be the id of a subscription, sub_…' })
  @MayBeLeftOut()
  subscriptionId?: string;

  @ApiPropertyOptional({ type: String, description: 'only those of this Odoo database' })
  @IsString({ message: 'must be the slug of an Odoo database' })
  @MayBeLeftOut()
  database?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only those at this time or later' })
  @TimeText()
  since?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only those before this time' })
  @TimeText()
  until?: string;

  @Cursor(/^\d{1,18}$/)
  cursor?: string;
}

export class EventView {
  @ApiProperty({ type: String, description: 'its ce_id in relay.events' })
  id!: string;

  @ApiProperty({ type: String, example: 'subscription.disabled' })
  type!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  at!: string;

  @ApiProperty({ type: String })
  database!: string;

  @ApiProperty({ type: String, nullable: true, description: 'null where it is of no subscription' })
  subscriptionId!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'what else relay.events says of it',
  })
  data!: Readonly<Record<string, unknown>>;

  @ApiProperty({ type: String, description: 'what has happened, for a person' })
  what!: string;

  @ApiProperty({ type: String, description: 'what to do about it' })
  whatToDo!: string;
}

export class EventPage extends Page {
  @ApiProperty({ type: [EventView], description: 'the latest first' })
  data!: EventView[];
}

/** As it is stored; bigints are texts. */
export interface StoredEvent {
  number: string;
  id: string;
  type: string;
  at: Date;
  database: string;
  application_id: string | null;
  subscription_id: string | null;
  data: Record<string, unknown>;
}

export function eventViewOf({ id, type, at, database, subscription_id, data }: StoredEvent): EventView {
  const about = { type, database, subscriptionId: subscription_id, data };
  return { id, at: at.toISOString(), ...about, ...adviceFor(about) };
}
