import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsString, Matches, MaxLength, ValidateNested } from 'class-validator';
import type { Reason } from '#libs/event';
import { all, MayBeLeftOut, WholeNumber } from '../http/field-checks.js';
import { CreateSubscriptionBody, subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';

const maxChanges = 50;

/** A subscription there is, or one that there might be, and the changes to try it on. */
export class TrialBody {
  @ApiPropertyOptional({ type: String, example: 'sub_01jd3q6k2v0000000000000000' })
  @Matches(subscriptionIdPattern, { message: 'must be the id of a subscription, sub_…' })
  @MayBeLeftOut()
  subscriptionId?: string;

  @ApiPropertyOptional({ type: CreateSubscriptionBody, description: 'in place of subscriptionId' })
  @all(
    IsObject({ message: 'must be a subscription as POST /v1/subscriptions takes it' }),
    ValidateNested({ message: 'must be a subscription as POST /v1/subscriptions takes it' }),
    Type(() => CreateSubscriptionBody),
    MayBeLeftOut(),
  )
  subscription?: CreateSubscriptionBody;

  @ApiPropertyOptional({ type: String, example: 'sale.order', description: 'only changes of this model' })
  @IsString({ message: 'must be the name of an Odoo model' })
  @MayBeLeftOut()
  model?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, description: 'only changes of this record' })
  @WholeNumber({ min: 1, max: 2_147_483_647 })
  @MayBeLeftOut()
  recordId?: number;

  @ApiPropertyOptional({ type: String, description: 'only this change' })
  @IsString({ message: 'must be the id of a change' })
  @MaxLength(200, { message: 'must be the id of a change' })
  @MayBeLeftOut()
  changeId?: string;

  @ApiPropertyOptional({
    type: Object,
    description:
      'in place of the last changes: one that is made up, or a body of the format json-before-after as it was received',
    example: {
      model: 'sale.order',
      before: { state: 'draft' },
      after: { state: 'sale', amount_total: 1500.5 },
    },
  })
  @IsObject({
    message: 'must be an object such as {"before": {"state": "draft"}, "after": {"state": "sale"}}',
  })
  @MayBeLeftOut()
  change?: Record<string, unknown>;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: maxChanges, default: 10 })
  @WholeNumber({ min: 1, max: maxChanges })
  @MayBeLeftOut()
  limit?: number;
}

export class ReasonView {
  @ApiProperty({ enum: ['eventTypes', 'companyId', 'fieldChanges', 'filter'] })
  part!: Reason['part'];

  @ApiPropertyOptional({ type: String })
  message?: string;

  @ApiPropertyOptional({ type: String, example: '[2]', description: 'of the condition in the filter' })
  position?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'whether the condition holds' })
  holds?: boolean;

  @ApiPropertyOptional({ nullable: true, description: 'what the record has there', example: 'draft' })
  found?: unknown;
}

export class TrialRequestView {
  @ApiProperty({ type: String, example: 'POST' })
  method!: string;

  @ApiProperty({ type: String })
  url!: string;

  @ApiProperty({
    type: Object,
    description:
      'by name; credentials are not shown, and a subscription that is not created yet signs nothing',
    example: { 'content-type': 'application/json' },
  })
  headers!: Record<string, string>;

  @ApiProperty({ type: String })
  body!: string;
}

/** What became of one change. */
export class TrialView {
  @ApiProperty({ type: String })
  changeId!: string;

  @ApiProperty({ type: String, example: 'sale.order,17' })
  record!: string;

  @ApiProperty({ enum: ['c', 'u', 'd', 'r'] })
  op!: string;

  @ApiProperty({ type: [String], nullable: true })
  changed!: readonly string[] | null;

  @ApiProperty({ type: String, format: 'date-time' })
  readAt!: string;

  @ApiProperty({ type: Boolean })
  matches!: boolean;

  @ApiProperty({ type: String, nullable: true })
  eventType!: string | null;

  @ApiProperty({
    type: [ReasonView],
    description: 'what decided; empty where all changes of the type are wanted',
  })
  decidedBy!: readonly ReasonView[];

  @ApiProperty({ type: String, nullable: true, description: 'why it cannot be told, or no body be written' })
  problem!: string | null;

  @ApiProperty({ type: TrialRequestView, nullable: true })
  request!: TrialRequestView | null;
}

export class TrialList {
  @ApiProperty({ type: [TrialView], description: 'the newest first, at most `limit`' })
  data!: TrialView[];
}
