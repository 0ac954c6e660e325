import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsString,
  Matches,
} from 'class-validator';
import type { DeadReason } from '#libs/delivery-task';
import { Cursor, PageQuery } from '../http/cursors.js';
import { MayBeLeftOut } from '../http/field-checks.js';
import { TimeText } from '../http/time-field.js';
import { RunBody } from '../runs/run-bodies.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { deadReasons } from './selection.js';

export const redriveIdPattern = /^rdr_[0-9a-z]{26}$/;
const maxWebhookIds = 1_000;

export class CreateRedriveBody extends RunBody {
  @ApiPropertyOptional({
    type: String,
    description: 'the dead letters of this subscription; this or `database` has to be given, not both',
  })
  @Matches(subscriptionIdPattern, { message: 'must be the id of a subscription, sub_…' })
  @MayBeLeftOut()
  subscriptionId?: string;

  @ApiPropertyOptional({
    type: String,
    description: 'the dead letters of all subscriptions of this database',
  })
  @IsString({ message: 'must be the slug of an Odoo database' })
  @MayBeLeftOut()
  database?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    example: '2026-11-24T08:00:00Z',
    description: 'only what died at this time or later',
  })
  @TimeText()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only what died before this time' })
  @TimeText()
  to?: string;

  @ApiPropertyOptional({ enum: deadReasons, description: 'only what died of this' })
  @IsIn(deadReasons, { message: `must be one of "${deadReasons.join('", "')}"` })
  @MayBeLeftOut()
  reason?: DeadReason;

  @ApiPropertyOptional({
    type: String,
    isArray: true,
    minItems: 1,
    maxItems: maxWebhookIds,
    description: 'only the deliveries with these webhook ids',
  })
  @Matches(/^[\x20-\x7e]{1,200}$/, {
    each: true,
    message: 'must hold webhook ids, as texts of 1 to 200 printable characters',
  })
  @ArrayUnique({ message: 'must name each webhook id once' })
  @ArrayMaxSize(maxWebhookIds, { message: `must name at most ${String(maxWebhookIds)} webhook ids` })
  @ArrayMinSize(1, { message: 'must name at least one webhook id: leave it out for all' })
  @IsArray({ message: 'must be a list of webhook ids' })
  @MayBeLeftOut()
  webhookIds?: string[];

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description:
      'send them under new webhook ids, for a receiver that drops what it has seen already; ' +
      'by default they keep theirs',
  })
  @IsBoolean({ message: 'must be true or false' })
  @MayBeLeftOut()
  newIds?: boolean;
}

export class ListRedrivesQuery extends PageQuery {
  @Cursor(redriveIdPattern)
  cursor?: string;
}
