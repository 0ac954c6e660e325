import avsc, { type ForSchemaOptions, type Schema, type Type } from 'avsc';
import { RelayError } from '#libs/process';

/** 64-bit integers as bigint: beyond 2^53 a number would be another one. */
const bigintLong = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/**
 * The last value and what became of it: avsc converts a value of a union twice, once to find its branch, and a
 * record's row before a change has mostly the values of the row after.
 */
class LastValue<T> {
  private value: unknown = undefined;
  private converted: T | undefined = undefined;

  constructor(private readonly convert: (value: unknown) => T | undefined) {}

  of(value: unknown): T | undefined {
    if (value !== this.value) {
      this.converted = this.convert(value);
      this.value = value;
    }
    return this.converted;
  }
}

/** `bytes` or `fixed` with `logicalType: decimal` <-> plain text such as `-12.5`, exact. */
class DecimalType extends avsc.types.LogicalType {
  private readonly precision: number;
  private readonly scale: number;
  /** Of a `fixed`, in bytes. */
  private readonly size: number | undefined;
  private readonly last = new LastValue((value) => this.bytesOf(value));

  constructor(schema: Schema, options?: ForSchemaOptions) {
    super(schema, options);
    const { precision, scale = 0, size } = schema as { precision?: number; scale?: number; size?: number };
    if (precision === undefined) {
      throw new TypeError('a decimal has a precision');
    }
    this.precision = precision;
    this.scale = scale;
    this.size = size;
  }

  protected override _fromValue(bytes: Buffer): string {
    return decimalText(bytes, this.scale);
  }

  protected override _toValue(value: unknown): Buffer | undefined {
    return this.last.of(value);
  }

  private bytesOf(value: unknown): Buffer | undefined {
    if (typeof value !== 'string') {
      return undefined;
    }
    const bytes = decimalBytes(value, this.precision, this.scale);
    return this.size === undefined ? bytes : signExtended(bytes, this.size);
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}

/** No exponent, no zeros at the end of the fraction, no `-0`. */
function decimalText(bytes: Buffer, scale: number): string {
  const unscaled =
    bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : digits.slice(-scale).replace(/0+$/, '');
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const plainDecimal = /^([+-]?)(\d+)(?:\.(\d+))?$/;

function decimalBytes(text: string, precision: number, scale: number): Buffer {
  const [, sign = '', whole = '', fraction = ''] =
    plainDecimal.exec(text) ?? notRepresentable(text, precision, scale);
  const significant = fraction.replace(/0+$/, '');
  const digits = whole + significant.padEnd(scale, '0');
  if (significant.length > scale || digits.replace(/^0+/, '').length > precision) {
    notRepresentable(text, precision, scale);
  }
  return twosComplement(BigInt(`${sign === '-' ? '-' : ''}${digits}`));
}

function notRepresentable(text: string, precision: number, scale: number): never {
  throw new RelayError(
    'VALUE_NOT_REPRESENTABLE',
    `${text.slice(0, 80)} is no decimal(${precision},${scale})`,
  );
}

/** Big-endian, as few bytes as hold the number and its sign. */
function twosComplement(value: bigint): Buffer {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) {
    bytes++;
  }
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, '0'), 'hex');
}

function signExtended(bytes: Buffer, size: number): Buffer | undefined {
  if (bytes.length > size) {
    return undefined;
  }
  const filler = (bytes[0] ?? 0) >= 0x80 ? 0xff : 0;
  return Buffer.concat([Buffer.alloc(size - bytes.length, filler), bytes]);
}

const dayMs = 86_400_000;
const timestampText = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})$/;
const dateText = /^\d{4}-\d\d-\d\d$/;
const firstMs = Date.parse('0001-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59Z');

/** `long` with `logicalType: timestamp-micros` <-> 'YYYY-MM-DDTHH:MM:SS.ffffff', naive UTC, years 1 to 9999. */
class TimestampMicrosType extends avsc.types.LogicalType {
  private readonly last = new LastValue(microsOf);

  protected override _fromValue(micros: bigint): string {
    const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
    const ms = Number((micros - fraction) / 1000n);
    if (ms < firstMs || ms > lastMs) {
      throw new RangeError(`timestamp ${String(micros)} is not in the years 1 to 9999`);
    }
    return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.toString().padStart(6, '0')}`;
  }

  protected override _toValue(value: unknown): bigint | undefined {
    return this.last.of(value);
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}

/** `int` with `logicalType: date` <-> 'YYYY-MM-DD', years 1 to 9999. */
class DateType extends avsc.types.LogicalType {
  private readonly last = new LastValue(daysOf);

  protected override _fromValue(days: number): string {
    const ms = days * dayMs;
    if (ms < firstMs || ms > lastMs) {
      throw new RangeError(`date ${days} is not in the years 1 to 9999`);
    }
    return new Date(ms).toISOString().slice(0, 10);
  }

  protected override _toValue(value: unknown): number | undefined {
    return this.last.of(value);
  }

  protected override _resolve(): undefined {
    return undefined;
  }
}

function microsOf(value: unknown): bigint | undefined {
  const parts = typeof value === 'string' ? timestampText.exec(value) : null;
  const [, seconds = '', fraction = ''] = parts ?? [];
  const ms = exactDate(`${seconds}.000Z`);
  return ms === undefined ? undefined : BigInt(ms) * 1000n + BigInt(fraction);
}

function daysOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !dateText.test(value)) {
    return undefined;
  }
  const ms = exactDate(`${value}T00:00:00.000Z`);
  return ms === undefined ? undefined : ms / dayMs;
}

/** Refuses what JavaScript would carry over, such as 31 April, and the year 0. */
function exactDate(iso: string): number | undefined {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) || ms < firstMs || new Date(ms).toISOString() !== iso ? undefined : ms;
}

const logicalTypes = { decimal: DecimalType, 'timestamp-micros': TimestampMicrosType, date: DateType };

/** Options for avsc: how this system has Avro values in memory. */
export function avroOptions(): ForSchemaOptions {
  // avsc asks twice about a logical type: first as such, then for the long below it.
  const asked = new WeakSet();
  const typeHook = (schema: unknown): Type | undefined => {
    if (schema === 'long') {
      return bigintLong;
    }
    if (typeof schema !== 'object' || schema === null || (schema as { type?: unknown }).type !== 'long') {
      return undefined;
    }
    const { logicalType } = schema as { logicalType?: string };
    if (logicalType !== undefined && Object.hasOwn(logicalTypes, logicalType) && !asked.has(schema)) {
      asked.add(schema);
      return undefined;
    }
    asked.delete(schema);
    return bigintLong;
  };
  return { logicalTypes, typeHook } as unknown as ForSchemaOptions;
}
