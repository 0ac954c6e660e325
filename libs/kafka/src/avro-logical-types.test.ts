import { describe, expect, it } from '@jest/globals';
import avsc, { type Schema, type Type } from 'avsc';
import fc from 'fast-check';
import { RelayError } from '#libs/process';
import { avroOptions } from './avro-logical-types.js';

const typeOf = (schema: unknown): Type => avsc.Type.forSchema(schema as Schema, avroOptions());
const roundTrip = (type: Type, value: unknown): unknown => type.fromBuffer(type.toBuffer(value)) as unknown;

const decimal = typeOf({ type: 'bytes', logicalType: 'decimal', precision: 20, scale: 4 });
const timestamp = typeOf({ type: 'long', logicalType: 'timestamp-micros' });
const date = typeOf({ type: 'int', logicalType: 'date' });

describe('a long', () => {
  it('is exact over all 64 bits, alone, in a union and in a record', () => {
    const record = typeOf({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'plain', type: 'long' },
        { name: 'named', type: { type: 'long' } },
        { name: 'nullable', type: ['null', 'long'], default: null },
      ],
    });
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const row = { plain: value, named: value, nullable: value };
        expect({ ...(roundTrip(record, row) as object) }).toEqual(row);
      }),
    );
  });

  it('refuses what has more than 64 bits and what is a number', () => {
    expect(typeOf('long').isValid(2n ** 63n)).toBe(false);
    expect(typeOf('long').isValid(5)).toBe(false);
  });
});

describe('a decimal', () => {
  it('is exact text: no exponent, no zeros at the end, no -0', () => {
    const texts = [
      ['12.50', '12.5'],
      ['-0.00', '0'],
      ['0', '0'],
      ['-0.0001', '-0.0001'],
      ['1000', '1000'],
      ['0010.1', '10.1'],
      ['-9999999999999999.9999', '-9999999999999999.9999'],
    ];
    for (const [written, read] of texts) {
      expect(roundTrip(decimal, written)).toBe(read);
    }
  });

  it('holds every number of its precision', () => {
    const most = 10n ** 20n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -most, max: most }), (unscaled) => {
        const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(5, '0');
        const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
        const read = roundTrip(decimal, text) as string;
        const [whole = '', fraction = ''] = read.replace('-', '').split('.');
        expect(BigInt(whole + fraction.padEnd(4, '0')) * (read.startsWith('-') ? -1n : 1n)).toBe(unscaled);
        expect(read).not.toMatch(/\.\d*0$|^-0$/);
      }),
    );
  });

  it('has the bytes that Java writes: big-endian, two’s complement, as few as possible', () => {
    const unscaled = typeOf({ type: 'bytes', logicalType: 'decimal', precision: 10, scale: 0 });
    const bytesOf = (text: string): string => unscaled.toBuffer(text).subarray(1).toString('hex');
    expect(['0', '127', '128', '-128', '-129', '-1'].map(bytesOf)).toEqual([
      '00',
      '7f',
      '0080',
      '80',
      'ff7f',
      'ff',
    ]);
  });

  it('refuses more digits than it has, and what is no number', () => {
    for (const text of ['0.00001', '10000000000000000.0', '1e3', '', 'NaN', '1.', '.5', '0x10']) {
      expect(() => decimal.toBuffer(text)).toThrow(RelayError);
    }
    expect(decimal.isValid(12.5)).toBe(false);
  });

  it('may be fixed', () => {
    const fixed = typeOf({
      type: 'fixed',
      name: 'F',
      size: 5,
      logicalType: 'decimal',
      precision: 9,
      scale: 2,
    });
    expect(fixed.toBuffer('-1')).toEqual(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x9c]));
    expect(roundTrip(fixed, '-1')).toBe('-1');
  });
});

describe('a timestamp', () => {
  it('keeps its microseconds from the year 1 to 9999', () => {
    for (const text of [
      '0001-01-01T00:00:00.000001',
      '1582-10-10T12:00:00.123456',
      '1969-12-31T23:59:59.999999',
      '1970-01-01T00:00:00.000000',
      '2024-02-29T12:34:56.000100',
      '9999-12-31T23:59:59.999999',
    ]) {
      expect(roundTrip(timestamp, text)).toBe(text);
    }
    expect(timestamp.fromBuffer(typeOf('long').toBuffer(-1n))).toBe('1969-12-31T23:59:59.999999');
  });

  it('refuses days that do not exist, other years and other forms', () => {
    for (const text of [
      '2023-02-29T00:00:00.000000',
      '0000-12-31T00:00:00.000000',
      '10000-01-01T00:00:00.000000',
      '2023-01-01T24:00:00.000000',
      '2023-01-01T00:00:00.000',
      '2023-01-01 00:00:00.000000',
    ]) {
      expect(timestamp.isValid(text)).toBe(false);
    }
  });

  it('that was written outside of these years cannot be read', () => {
    const bytes = typeOf('long').toBuffer(2n ** 62n);
    expect(() => timestamp.fromBuffer(bytes) as unknown).toThrow(RangeError);
  });
});

describe('a date', () => {
  it('is a day from the year 1 to 9999', () => {
    for (const text of ['0001-01-01', '1970-01-01', '2024-02-29', '9999-12-31']) {
      expect(roundTrip(date, text)).toBe(text);
    }
    for (const text of ['2023-02-29', '0000-01-01', '2023-1-1', '2023-01-01T00:00:00']) {
      expect(date.isValid(text)).toBe(false);
    }
  });
});

it('nullable columns are read and written without a wrapper', () => {
  const row = typeOf({
    type: 'record',
    name: 'Row',
    fields: [
      {
        name: 'amount',
        type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 }],
        default: null,
      },
      { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }], default: null },
      { name: 'on', type: ['null', { type: 'int', logicalType: 'date' }], default: null },
    ],
  });
  const value = { amount: '-1.5', at: '2024-01-01T00:00:00.000000', on: '2024-01-01' };
  expect({ ...(roundTrip(row, value) as object) }).toEqual(value);
  expect({ ...(roundTrip(row, { amount: null, at: null, on: null }) as object) }).toEqual({
    amount: null,
    at: null,
    on: null,
  });
});
