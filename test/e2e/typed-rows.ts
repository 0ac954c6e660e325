import type pg from 'pg';
import type { Value } from '#libs/change';

export type TypedRow = Record<string, Value>;
type RawRow = Record<string, string | null>;

/** Which columns hold the texts of all languages (`table.column`), and which of these is asked for. */
export interface Translations {
  columns: ReadonlySet<string>;
  language: string;
}

export async function readTranslations(client: pg.Client, language: string): Promise<Translations> {
  const { rows } = await client.query<{ column: string }>(
    `select replace(model, '.', '_') || '.' || name as column from ir_model_fields where translate is not null`,
  );
  return { columns: new Set(rows.map(({ column }) => column)), language };
}

/** The rows of a table, in the order of their ids, with their values as a reader of its topic has them, found without ingest's code. */
export async function readTypedRows(
  client: pg.Client,
  table: string,
  translations?: Translations,
): Promise<TypedRow[]> {
  const result = await client.query<RawRow>({
    text: `select * from ${table}`,
    types: { getTypeParser: () => (text: string) => text },
  });
  // A relation table has no id, but a pair of them.
  const keys = result.fields.some(({ name }) => name === 'id')
    ? ['id']
    : result.fields.map(({ name }) => name).sort();
  const inOrder = (a: RawRow, b: RawRow): number =>
    keys.map((key) => Number(a[key]) - Number(b[key])).find((difference) => difference !== 0) ?? 0;
  return result.rows.sort(inOrder).map((row) => {
    const typed: TypedRow = {};
    for (const { name, dataTypeID } of result.fields) {
      const text = row[name] ?? null;
      if (dataTypeID === oids.bytea || /token/.test(name)) continue;
      if (translations?.columns.has(`${table}.${name}`) === true && dataTypeID === oids.jsonb) {
        const texts = text === null ? null : (JSON.parse(text) as Record<string, string>);
        typed[name] = texts?.[translations.language] ?? texts?.['en_US'] ?? null;
        typed[`${name}__translations`] = text;
      } else {
        typed[name] = text === null ? null : typedValue(dataTypeID, text);
      }
    }
    return typed;
  });
}

/** Of Postgres's own types, in `pg_type`. */
const oids = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  numeric: 1700,
  jsonb: 3802,
};

function typedValue(type: number, text: string): Value {
  switch (type) {
    case oids.bool:
      return text === 't';
    case oids.int2:
    case oids.int4:
    case oids.float4:
    case oids.float8:
      return Number(text);
    case oids.int8:
      return BigInt(text);
    case oids.numeric:
      return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
    case oids.timestamp: {
      const [seconds = '', fraction = ''] = text.split('.');
      return `${seconds.replace(' ', 'T')}.${fraction.padEnd(6, '0')}`;
    }
    default:
      return text;
  }
}
