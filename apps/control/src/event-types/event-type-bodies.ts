import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import type { EventType } from '#libs/event';
import { Cursor, Page, PageQuery } from '../http/cursors.js';
import { all, MayBeLeftOut } from '../http/field-checks.js';

export const eventTypeNamePattern = /^[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60}){1,4}$/;

const maxDescriptionLength = 500;
const maxChanged = 50;
const operations = ['created', 'updated', 'deleted'] as const;
const letters = { created: 'c', updated: 'u', deleted: 'd' } as const;

const domainDocumentation = {
  type: 'array',
  items: {},
  example: [['state', '=', 'sale']],
} as const;

const Domain = (): PropertyDecorator =>
  all(
    IsArray({ message: 'must be an Odoo domain, a list such as [["state", "=", "sale"]]' }),
    MayBeLeftOut(),
  );

/** An event type as data: which changes of which model bear it. */
export class EventTypeBody {
  @ApiProperty({ type: String, example: 'sale.order' })
  @IsString({ message: 'must be the name of an Odoo model, e.g. "sale.order"' })
  model!: string;

  @ApiProperty({ type: String, maxLength: maxDescriptionLength })
  @IsString({ message: 'must be a text that says what has happened' })
  @MaxLength(maxDescriptionLength, {
    message: `must have at most ${String(maxDescriptionLength)} characters`,
  })
  description!: string;

  @ApiProperty({ enum: operations, isArray: true, example: ['updated'] })
  @all(
    IsArray({ message: 'must be a list of "created", "updated" and "deleted"' }),
    ArrayMinSize(1, { message: 'must name at least one of "created", "updated" and "deleted"' }),
    ArrayUnique({ message: 'must name each once' }),
    IsIn(operations, { each: true, message: 'must hold only "created", "updated" and "deleted"' }),
  )
  operations!: (typeof operations)[number][];

  @ApiPropertyOptional({ type: [String], description: 'at least one of these fields changed' })
  @all(
    IsArray({ message: 'must be a list of field names' }),
    ArrayMinSize(1, { message: 'must name at least one field, or be left out' }),
    ArrayMaxSize(maxChanged, { message: `must name at most ${String(maxChanged)} fields` }),
    Matches(/^[A-Za-z_][A-Za-z0-9_]*$/, { each: true, message: 'must hold names of fields' }),
    MayBeLeftOut(),
  )
  changedAny?: string[];

  @ApiPropertyOptional({
    ...domainDocumentation,
    description: 'an Odoo domain that the record fulfilled before',
  })
  @Domain()
  before?: unknown[];

  @ApiPropertyOptional({ ...domainDocumentation, description: 'an Odoo domain that the record fulfils now' })
  @Domain()
  after?: unknown[];
}

export function eventTypeOf(name: string, body: EventTypeBody): EventType {
  const { model, description, changedAny, before, after } = body;
  return {
    name,
    model,
    description,
    operations: body.operations.map((operation) => letters[operation]),
    ...(changedAny === undefined ? {} : { changedAny }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

export class EventTypeView {
  @ApiProperty({ type: String, example: 'sale.order.confirmed' })
  name!: string;

  @ApiProperty({ type: String, example: 'sale.order' })
  model!: string;

  @ApiProperty({ type: String })
  description!: string;

  @ApiProperty({ enum: operations, isArray: true })
  operations!: readonly string[];

  @ApiProperty({ type: [String], nullable: true, description: 'at least one of these fields changed' })
  changedAny!: readonly string[] | null;

  @ApiProperty({ ...domainDocumentation, nullable: true, description: 'an Odoo domain on the record before' })
  before!: unknown;

  @ApiProperty({ ...domainDocumentation, nullable: true, description: 'an Odoo domain on the record after' })
  after!: unknown;

  @ApiProperty({ type: Boolean, description: 'whether it belongs to this database alone' })
  own!: boolean;
}

export class EventTypePage extends Page {
  @ApiProperty({ type: [EventTypeView], description: 'by name' })
  data!: EventTypeView[];
}

export class ListEventTypesQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, description: 'with those that this database has of its own' })
  @IsString({ message: 'must be given once' })
  @MayBeLeftOut()
  database?: string;

  @Cursor(/^[\x21-\x7e]{1,200}$/)
  cursor?: string;
}

export function viewOf(type: EventType, own: boolean): EventTypeView {
  return {
    name: type.name,
    model: type.model,
    description: type.description,
    operations: operations.filter((operation) => type.operations.includes(letters[operation])),
    changedAny: type.changedAny ?? null,
    before: type.before ?? null,
    after: type.after ?? null,
    own,
  };
}
