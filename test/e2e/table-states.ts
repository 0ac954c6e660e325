import type pg from 'pg';
import type { Value } from '#libs/change';

type TypedRow = Record<string, Value>;

export interface ExpectedChange {
  op: 'c' | 'u' | 'd';
  before: TypedRow | null;
  after: TypedRow | null;
}

/** By table and id, `sale_order:17`. */
type State = Map<string, TypedRow>;

interface Relation {
  part: string;
  link: string;
  whole: string;
}

/**
 * What changes a reader of the topics has to see, found without triggers: the tables are read as a whole after
 * each commit and compared with what they were.
 */
export class TableStates {
  /** In commit order, by record. */
  readonly expected = new Map<string, ExpectedChange[]>();
  private state: State = new Map();
  private translated: ReadonlySet<string> = new Set();

  constructor(
    private readonly client: pg.Client,
    private readonly tables: readonly string[],
    private readonly language: string,
    private readonly relations: readonly Relation[],
  ) {}

  async start(): Promise<void> {
    const { rows } = await this.client.query<{ column: string }>(
      `select replace(model, '.', '_') || '.' || name as column from ir_model_fields where translate is not null`,
    );
    this.translated = new Set(rows.map(({ column }) => column));
    this.state = await this.read();
  }

  async afterCommit(): Promise<void> {
    const next = await this.read();
    const changed = new Set<string>();
    for (const key of new Set([...this.state.keys(), ...next.keys()])) {
      const before = this.state.get(key) ?? null;
      const after = next.get(key) ?? null;
      if (JSON.stringify(before, bigintText) !== JSON.stringify(after, bigintText)) {
        this.expect(key, before, after);
        changed.add(key);
      }
    }
    this.expectWholes(changed, next);
    this.state = next;
  }

  row(key: string): TypedRow | undefined {
    return this.state.get(key);
  }

  rowsOf(table: string): TypedRow[] {
    return [...this.state].filter(([key]) => key.startsWith(`${table}:`)).map(([, row]) => row);
  }

  private expect(key: string, before: TypedRow | null, after: TypedRow | null): void {
    const changes = this.expected.get(key) ?? [];
    changes.push({ op: before === null ? 'c' : after === null ? 'd' : 'u', before, after });
    this.expected.set(key, changes);
  }

  /** A whole whose parts changed and that did not change itself is expected as it is. */
  private expectWholes(changed: ReadonlySet<string>, next: State): void {
    const wholes = this.relations.flatMap(({ part, link, whole }) =>
      [...changed]
        .filter((key) => key.startsWith(`${part}:`))
        .flatMap((key) => [this.state.get(key)?.[link], next.get(key)?.[link]])
        .map((id) => `${whole}:${String(id)}`),
    );
    for (const key of new Set(wholes)) {
      const row = next.get(key);
      if (row !== undefined && !changed.has(key)) this.expect(key, row, row);
    }
  }

  private async read(): Promise<State> {
    const state: State = new Map();
    for (const table of this.tables) {
      const result = await this.client.query<Record<string, string | null>>({
        text: `select * from ${table} order by id`,
        types: { getTypeParser: () => (text: string) => text },
      });
      for (const row of result.rows) {
        const typed: TypedRow = {};
        for (const { name, dataTypeID } of result.fields) {
          this.convert(typed, table, name, dataTypeID, row[name] ?? null);
        }
        state.set(`${table}:${row['id'] ?? ''}`, typed);
      }
    }
    return state;
  }

  private convert(row: TypedRow, table: string, name: string, type: number, text: string | null): void {
    if (type === oids.bytea || /token/.test(name)) return;
    if (this.translated.has(`${table}.${name}`) && type === oids.jsonb) {
      const texts = text === null ? null : (JSON.parse(text) as Record<string, string>);
      row[name] = texts?.[this.language] ?? texts?.['en_US'] ?? null;
      row[`${name}__translations`] = text;
      return;
    }
    row[name] = text === null ? null : typedValue(type, text);
  }
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

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
