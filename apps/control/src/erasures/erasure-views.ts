import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsString, Matches } from 'class-validator';
import { Cursor, Page, PageQuery } from '../http/cursors.js';
import type { ErasureRow } from '../persistence/rows.js';

export const erasureIdPattern = /^ers_[0-9a-z]{26}$/;
const erasureStates = ['running', 'done'] as const;
const maxRecords = 100;

export class CreateErasureBody {
  @ApiProperty({ type: String, example: 'acme', description: 'the Odoo database that the records are of' })
  @IsString({ message: 'must be the slug of an Odoo database' })
  database!: string;

  @ApiProperty({
    type: String,
    isArray: true,
    minItems: 1,
    maxItems: maxRecords,
    example: ['res.partner,42'],
    description: 'a person is often several: the partner, the lead, the orders',
  })
  @Matches(/^[A-Za-z0-9_.]{1,200},[\x21-\x7e]{1,200}$/, {
    each: true,
    message: 'must hold models with the id of a record, e.g. "res.partner,42"',
  })
  @ArrayUnique({ message: 'must name each record once' })
  @ArrayMaxSize(maxRecords, { message: `must name at most ${String(maxRecords)} records` })
  @ArrayMinSize(1, { message: 'must name at least one record' })
  @IsArray({ message: 'must be a list of records, e.g. ["res.partner,42"]' })
  records!: string[];
}

export class ListErasuresQuery extends PageQuery {
  @Cursor(erasureIdPattern)
  cursor?: string;
}

export class ErasureView {
  @ApiProperty({ type: String, example: 'ers_01kasq3w7r0000000000000000' })
  id!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'what was committed in Odoo up to this time is erased, also where it comes later',
  })
  at!: string;

  @ApiProperty({ type: String, example: 'administrator', description: 'who asked for it' })
  principalKind!: string;

  @ApiProperty({ type: String, example: 'admin-key' })
  principalId!: string;

  @ApiProperty({ type: String, example: 'acme' })
  database!: string;

  @ApiProperty({ type: [String], example: ['res.partner,42'] })
  records!: string[];

  @ApiProperty({
    enum: erasureStates,
    description: 'running: of some attempts the answers are still there; it goes on, through restarts',
  })
  state!: (typeof erasureStates)[number];

  @ApiProperty({
    type: 'integer',
    description: 'attempts of the history whose answers and errors are gone, so far',
  })
  attempts!: number;
}

export class ErasurePage extends Page {
  @ApiProperty({ type: [ErasureView], description: 'the latest first' })
  data!: ErasureView[];
}

export function viewOf(row: ErasureRow): ErasureView {
  return {
    id: row.id,
    at: row.at.toISOString(),
    principalKind: row.principalKind,
    principalId: row.principalId,
    database: row.database,
    records: row.records,
    state: row.state,
    attempts: row.attempts,
  };
}
