import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { Matches } from 'class-validator';
import { MayBeLeftOut, WholeNumber } from './field-checks.js';

export const defaultPageSize = 50;
const pageSizes = { min: 1, max: 200 };

/** What every list is asked with, besides a cursor. */
export class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: pageSizes.min,
    maximum: pageSizes.max,
    default: defaultPageSize,
  })
  @WholeNumber(pageSizes)
  @Type(() => Number)
  @MayBeLeftOut()
  limit?: number;
}

/** What every list is answered with, besides its `data`. */
export class Page {
  @ApiProperty({ type: String, nullable: true, description: 'for the next page; null on the last' })
  nextCursor!: string | null;
}

/** Where the next page begins, for whoever asks for it: what is in it is nobody's business. */
export function cursorOf(lastId: string): string {
  return Buffer.from(lastId).toString('base64url');
}

/** `rows` are one more than asked for where there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  idOf: (last: Row) => string,
): { shown: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: rows.length > limit && last !== undefined ? cursorOf(idOf(last)) : null };
}

/** The field of a query that says where a page begins; as the id of the last one of the page before. */
export function Cursor(idPattern: RegExp): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description: 'nextCursor of the page before' }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? lastIdOf(value) : value)),
    Matches(idPattern, { message: 'must be the nextCursor of the page before' }),
    MayBeLeftOut(),
  );
}

/** Empty where it is none. */
function lastIdOf(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  return cursorOf(id) === cursor ? id : '';
}
