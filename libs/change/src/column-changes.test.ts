import { describe, expect, it } from '@jest/globals';
import type { Column } from './change.js';
import { whyIncompatible } from './column-changes.js';
import { envelopeSchema } from './envelope-schema.js';

const decimal = (precision: number, scale: number): Column => ({
  name: 'c',
  kind: 'decimal',
  precision,
  scale,
});
const plain = (kind: Exclude<Column['kind'], 'decimal'>): Column => ({ name: 'c', kind });
const written = (...columns: Column[]) => envelopeSchema({ database: 'd', table: 't', columns });

describe('a topic whose table changes', () => {
  it.each([
    ['gets another column', plain('int'), { name: 'd', kind: 'text' } as const],
    ['has a wider integer', plain('int'), plain('long')],
    ['has a float of an integer', plain('int'), plain('float')],
    ['has a longer decimal', decimal(10, 2), decimal(16, 2)],
    ['has a text of a json', plain('json'), plain('text')],
  ])('goes on when it %s', (_, before, after) => {
    expect(whyIncompatible([written(before)], [after])).toBeUndefined();
  });

  it.each([
    ['an integer became a text', plain('int'), plain('text')],
    ['a text became an integer', plain('text'), plain('int')],
    ['an integer got narrower', plain('long'), plain('int')],
    ['a long became a float, which would round it', plain('long'), plain('float')],
    ['a date became a timestamp', plain('date'), plain('timestamp')],
    ['a bigint became a timestamp, which Avro calls a long, too', plain('long'), plain('timestamp')],
    ['a decimal has another scale', decimal(16, 2), decimal(16, 4)],
  ])('cannot go on when %s', (_, before, after) => {
    expect(whyIncompatible([written(before)], [after])).toMatch(/^column c was .* now$/);
  });

  it('cannot go on when a column comes back as another type than it had before it was dropped', () => {
    const versions = [written(plain('int')), written({ name: 'd', kind: 'int' })];
    expect(whyIncompatible(versions, [plain('text')])).toBe('column c was int and is text now');
    expect(whyIncompatible(versions, [plain('int')])).toBeUndefined();
  });
});
