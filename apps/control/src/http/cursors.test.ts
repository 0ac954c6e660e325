import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Cursor, cursorOf } from './cursors.js';

class Query {
  @Cursor(/^sub_[0-9a-z]{26}$/)
  cursor?: string;
}

const id = 'sub_01jd3q6k2v0000000000000000';

describe('a cursor', () => {
  it('leads back to the last one of the page before, and shows nothing of it', () => {
    expect(cursorOf(id)).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(cursorOf(id)).not.toContain('sub_');
    expect(plainToInstance(Query, { cursor: cursorOf(id) }).cursor).toBe(id);
    expect(validateSync(plainToInstance(Query, {}))).toEqual([]);
  });

  it.each([id, '', '1', `${cursorOf(id)}=`, cursorOf('rdr_01jd3q6k2v0000000000000000'), null, [id]])(
    'is refused: %j',
    (cursor) => {
      expect(validateSync(plainToInstance(Query, { cursor }))).toMatchObject([{ property: 'cursor' }]);
    },
  );
});
