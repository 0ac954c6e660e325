import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsIn } from 'class-validator';
import { Cursor, PageQuery } from '../http/cursors.js';
import { MayBeLeftOut } from '../http/field-checks.js';
import { RunBody } from '../runs/run-bodies.js';

export const replayIdPattern = /^rpl_[0-9a-z]{26}$/;
export const replayIds = ['same', 'new'] as const;

export const fromDocumentation = {
  description:
    '`"current-state"`: each record as it is now; `{"time": …}`: what changed since; `{"changeId": …}`: what came ' +
    'after this change; `"missed"`: what changed while the subscription was switched off the last time',
  oneOf: [
    { type: 'string', enum: ['current-state', 'missed'] },
    {
      type: 'object',
      required: ['time'],
      properties: { time: { type: 'string', format: 'date-time', example: '2026-11-24T08:00:00Z' } },
    },
    { type: 'object', required: ['changeId'], properties: { changeId: { type: 'string' } } },
  ],
};

export class CreateReplayBody extends RunBody {
  @ApiProperty(fromDocumentation)
  @IsDefined({
    message: 'must say what is replayed: "current-state", "missed", {"time": …} or {"changeId": …}',
  })
  from!: unknown;

  @ApiPropertyOptional({
    enum: replayIds,
    default: 'same',
    description:
      'webhook ids: the same as those of the live deliveries, or new ones, for a receiver that drops what it has ' +
      'seen already',
  })
  @IsIn(replayIds, { message: 'must be "same" or "new"' })
  @MayBeLeftOut()
  ids?: (typeof replayIds)[number];
}

export class ListReplaysQuery extends PageQuery {
  @Cursor(replayIdPattern)
  cursor?: string;
}
