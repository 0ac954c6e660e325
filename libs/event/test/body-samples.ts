import fc from 'fast-check';
import type { Change, Column, Row, Value } from '#libs/change';
import type { BodyFormat } from '#libs/subscription';
import type { Event } from '../src/event.js';
import type { Shape } from '../src/shape.js';
import type { ReadData, ReadRecord } from './body-readers.js';
import { anyText, paired, source } from './event-samples.js';
import { xmlable } from './xml-reader.js';

/** Changes and shapes of every kind, each with what a receiver must read; made without the code under test. */

export interface BodySample {
  event: Event;
  shape: Shape | null;
  /** Of the row before as of that after. */
  fields: ReadData;
  relations: ReadData;
}

/** One or two columns, with their values and with the text that is expected of the first for a language and a company. */
interface SampleColumn {
  columns: readonly (readonly [Column, Value])[];
  text: (shape: Shape | null) => string | null;
}

const language = 'fr_FR';
const companyId = 2;

/** Plain notation with any number of digits. */
const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 999_999 }))
  .map(([whole, part]) => `${String(whole)}.${String(part).padStart(6, '0')}`);
const anyLong = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

/** Postgres has no halves of surrogate pairs in JSON. */
const jsonText = anyText.map(paired);

/** JSON text without white space, and the text that a reader has for it. */
const anyJson: fc.Arbitrary<{ json: string; text: string | null }> = fc.oneof(
  jsonText.map((text) => ({ json: JSON.stringify(text), text })),
  anyDecimal.map((json) => ({ json, text: json })),
  anyLong.map((number) => ({ json: String(number), text: String(number) })),
  fc.boolean().map((value) => ({ json: String(value), text: String(value) })),
  fc.constant({ json: 'null', text: null }),
  fc
    .array(anyDecimal, { maxLength: 3 })
    .map((numbers) => ({ json: `[${numbers.join(',')}]`, text: `[${numbers.join(',')}]` })),
);

/** Of a company a text would be JSON in XML and in forms. */
const anyNumber = anyDecimal.map((json) => ({ json, text: json }));

type Plain = Exclude<Column['kind'], 'decimal'>;

function plain<T extends Value>(
  kind: Plain,
  values: fc.Arbitrary<T>,
  textOf: (value: T) => string = String,
): (name: string) => fc.Arbitrary<SampleColumn> {
  return (name) =>
    fc.option(values, { nil: null }).map((value) => ({
      columns: [[{ name, kind }, value]],
      text: () => (value === null ? null : textOf(value)),
    }));
}

const makers: readonly ((name: string) => fc.Arbitrary<SampleColumn>)[] = [
  plain('int', fc.integer()),
  plain('long', anyLong),
  plain('float', fc.double(), (value) => String(Object.is(value, -0) ? 0 : value)),
  plain('boolean', fc.boolean()),
  plain('text', anyText),
  plain('date', fc.constantFrom('2026-02-28', '9999-12-31')),
  plain('timestamp', fc.constant('2025-11-23T12:13:20.123456'), (value) => `${value}Z`),
  plain(
    'binary',
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    (value) => value.toString('base64'),
  ),
  (name) =>
    fc.option(anyDecimal, { nil: null }).map((value) => ({
      columns: [[{ name, kind: 'decimal', precision: 38, scale: 6 }, value]],
      text: () => value,
    })),
  (name) =>
    fc.tuple(anyText, fc.option(jsonText)).map(([own, translated]) => ({
      columns: [
        [{ name, kind: 'text' }, own],
        [
          { name: `${name}__translations`, kind: 'json' },
          translated === null ? '{"en_US":"x"}' : `{"${language}":${JSON.stringify(translated)}}`,
        ],
      ],
      text: (shape) => (shape?.language === language && translated !== null ? translated : own),
    })),
  (name) =>
    fc.tuple(anyJson, anyNumber).map(([other, own]) => {
      const json = `{"1":${other.json},"${companyId}":${own.json}}`;
      return {
        columns: [[{ name, kind: 'json' }, json]],
        text: (shape) => (shape?.companyId === companyId ? own.text : json),
      };
    }),
];

/** Different ones also as XML has them. */
function anyNames(maxLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(anyText, { maxLength, selector: xmlable });
}

interface Line {
  shipper: number;
  values: readonly { json: string; text: string | null }[];
}

interface Ingredients {
  columns: readonly SampleColumn[];
  lineFields: readonly string[];
  lines: readonly Line[];
  hasIncluded: boolean;
  partner: string;
  wish: { shape: boolean; fields: boolean; included: boolean; lineFields: boolean; filter: boolean };
  local: { language: string | null; companyId: number | null };
  rename: string;
  change: Pick<Change, 'op' | 'changed'>;
  type: string;
}

/** Behind every other name, so that renamed fields stay different. */
const anySuffix = fc.constantFrom('', '_x', '.b', ' <y>', '[0]', '"');

const columnsOf = (names: readonly string[]): fc.Arbitrary<SampleColumn[]> =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .nat(makers.length - 1)
        .chain((index) => makers[index]?.(name) ?? fc.constant({ columns: [], text: () => null })),
    ),
  );

const anyIngredients: fc.Arbitrary<Ingredients> = fc
  .tuple(anyNames(6), anyNames(4))
  .chain(([names, lineFields]) =>
    fc.record({
      columns: columnsOf(names.map((name) => `c${name}`)),
      lineFields: fc.constant(lineFields.map((name) => `l${paired(name)}`)),
      lines: fc.array(
        fc.record({
          shipper: fc.nat(2),
          values: fc.array(anyJson, { minLength: lineFields.length, maxLength: lineFields.length }),
        }),
        { maxLength: 4 },
      ),
      hasIncluded: fc.boolean(),
      partner: jsonText,
      wish: fc.record({
        shape: fc.boolean(),
        fields: fc.boolean(),
        included: fc.boolean(),
        lineFields: fc.boolean(),
        filter: fc.boolean(),
      }),
      local: fc.record({
        language: fc.constantFrom(null, language),
        companyId: fc.constantFrom(null, companyId),
      }),
      rename: anySuffix,
      change: fc.oneof(
        fc.constantFrom({ op: 'c' as const, changed: null }, { op: 'd' as const, changed: null }),
        fc.array(anyText, { minLength: 1, maxLength: 3 }).map((changed) => ({ op: 'u' as const, changed })),
      ),
      type: anyText,
    }),
  );

export const anyBodySample: fc.Arbitrary<BodySample> = anyIngredients.map((given) => {
  const all = given.columns.flatMap(({ columns }) => columns);
  const row: Row = Object.fromEntries(all.map(([{ name }, value]) => [name, value]));
  const shape = given.wish.shape ? shapeOf(given) : null;
  const change: Change = {
    before: given.change.op === 'c' ? null : row,
    after: given.change.op === 'd' ? null : row,
    source,
    ts_ms: 0n,
    included: given.hasIncluded ? includedText(given) : null,
    ...given.change,
  };
  const columns = new Map(all.map(([column]) => [column.name, column]));
  return {
    event: { type: given.type, change, columns, recordId: 9_007_199_254_740_993n },
    shape,
    fields: fieldsOf(given, shape),
    relations: given.hasIncluded ? relationsOf(given, shape) : [],
  };
});

function shapeOf({ columns, lineFields, wish, local, rename }: Ingredients): Shape {
  const names = columns.flatMap((one) => one.columns.slice(0, 1).map(([{ name }]) => name)).reverse();
  return {
    ...local,
    fields: wish.fields ? names.map((field) => ({ field, as: field + rename })) : null,
    included: wish.included
      ? {
          partner_name: { as: 'customer', fields: null, filter: null },
          order_line: {
            as: `lines${rename}`,
            fields: wish.lineFields
              ? [{ field: 'gone', as: 'gone' }, ...lineFields.map((field) => ({ field, as: field + rename }))]
              : null,
            filter: wish.filter ? [['shipper', '=', 1]] : null,
          },
        }
      : null,
  };
}

function includedText({ lineFields, lines, partner }: Ingredients): string {
  const records = lines.map(({ shipper, values }) => {
    const members = values.map(({ json }, index) => `${JSON.stringify(lineFields[index])}:${json}`);
    return `{${[`"shipper":${shipper}`, ...members].join(',')}}`;
  });
  return `{"partner_name":${JSON.stringify(partner)},"order_line":[${records.join(',')}]}`;
}

function fieldsOf({ columns, rename }: Ingredients, shape: Shape | null): ReadData {
  return shape === null || shape.fields === null
    ? columns.flatMap(({ columns: [first, ...others], text }) => [
        [first?.[0].name ?? '', text(shape)] as const,
        ...others.map(([{ name }, value]) => [name, String(value)] as const),
      ])
    : columns
        .map(({ columns: [first], text }) => [(first?.[0].name ?? '') + rename, text(shape)] as const)
        .reverse();
}

function relationsOf(
  { lineFields, lines, partner, wish, rename }: Ingredients,
  shape: Shape | null,
): ReadData {
  if (shape === null || shape.included === null) {
    const records = lines.map(({ shipper, values }): ReadRecord => [
      ['shipper', String(shipper)],
      ...values.map(({ text }, index) => [lineFields[index] ?? '', text] as const),
    ]);
    return [
      ['partner_name', partner],
      ['order_line', records],
    ];
  }
  const kept = lines.filter(({ shipper }) => !wish.filter || shipper === 1);
  const records = kept.map(({ shipper, values }): ReadRecord => {
    const texts = values.map(({ text }, index) => [lineFields[index] ?? '', text] as const);
    return wish.lineFields
      ? [['gone', null], ...texts.map(([name, text]) => [name + rename, text] as const)]
      : [['shipper', String(shipper)], ...texts];
  });
  return [
    ['customer', partner],
    [`lines${rename}`, records],
  ];
}

/** What remains of it in a format: XML holds fewer characters, and forms no null and no empty lists. */
export function seenIn(format: BodyFormat, data: ReadData): ReadData {
  const textIn = format === 'xml' ? xmlable : paired;
  const seen = (text: string | null): string | null =>
    text === null ? (format === 'form' ? '' : null) : textIn(text);
  return data
    .filter(([, value]) => format !== 'form' || !Array.isArray(value) || value.length > 0)
    .map(([name, value]) => [
      textIn(name),
      typeof value === 'string' || value === null
        ? seen(value)
        : value.map((record) => record.map(([field, text]) => [textIn(field), seen(text)] as const)),
    ]);
}
