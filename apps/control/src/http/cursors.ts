import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Matches } from 'class-validator';
import { MayBeLeftOut } from './field-checks.js';

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
