import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';
import { Cursor, Page, PageQuery } from '../http/cursors.js';
import { all, MayBeLeftOut } from '../http/field-checks.js';
import type { AuditRow } from '../persistence/rows.js';
import type { FieldChanged } from './changes.js';

const maxFilterLength = 300;

const Filter = (): PropertyDecorator =>
  all(
    IsString({ message: 'must be given once' }),
    // Postgres takes no U+0000.
    Matches(/^[\x20-\x7e]*$/, { message: 'must have printable characters of ASCII only' }),
    MaxLength(maxFilterLength, { message: `must have at most ${String(maxFilterLength)} characters` }),
    MayBeLeftOut(),
  );

export class AuditLogQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'only what this one has done, by its id' })
  @Filter()
  principal?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'subscriptions/sub_01jd3q6k2v0000000000000000',
    description: 'only what was done to this one',
  })
  @Filter()
  resource?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only what was done then or later' })
  @Filter()
  since?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'only what was done before' })
  @Filter()
  until?: string;

  @Cursor(/^aud_[0-9a-z]{26}$/)
  cursor?: string;
}

export class AuditEntryView {
  @ApiProperty({ type: String })
  id!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  at!: string;

  @ApiProperty({ type: String, example: 'administrator' })
  principalKind!: string;

  @ApiProperty({ type: String, example: 'admin-key' })
  principalId!: string;

  @ApiProperty({ type: String })
  clientAddress!: string;

  @ApiProperty({ type: String, description: 'X-Request-Id of the answer' })
  requestId!: string;

  @ApiProperty({ type: String, example: 'PATCH' })
  method!: string;

  @ApiProperty({ type: String, example: '/v1/subscriptions/:id' })
  route!: string;

  @ApiProperty({ type: 'integer', description: '403: it was refused' })
  status!: number;

  @ApiProperty({ type: String, nullable: true, description: 'what was changed, its path below /v1' })
  resource!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', properties: { before: {}, after: {} } },
    description: 'by field; of secrets only that they were changed',
  })
  changes!: Record<string, FieldChanged>;
}

export class AuditLogPage extends Page {
  @ApiProperty({ type: [AuditEntryView], description: 'the latest first' })
  data!: AuditEntryView[];
}

export function viewOf({ at, ...row }: AuditRow): AuditEntryView {
  return { ...row, at: at.toISOString(), changes: row.changes as Record<string, FieldChanged> };
}
