import type pg from 'pg';
import { idOfPair } from '#libs/change';
import { readTranslations, readTypedRows, type Translations, type TypedRow } from './typed-rows.js';

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
  private translations: Translations | undefined;

  constructor(
    private readonly client: pg.Client,
    private readonly tables: readonly string[],
    private readonly language: string,
    private readonly relations: readonly Relation[],
  ) {}

  async start(): Promise<void> {
    this.translations = await readTranslations(this.client, this.language);
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
      for (const row of await readTypedRows(this.client, table, this.translations)) {
        state.set(`${table}:${recordIdOfRow(row)}`, row);
      }
    }
    return state;
  }
}

/** Of a relation table that of its pair, in the order of the columns' names. */
function recordIdOfRow(row: TypedRow): string {
  if ('id' in row) return String(row['id']);
  const [first = '', second = ''] = Object.keys(row).sort();
  return idOfPair(BigInt(Number(row[first])), BigInt(Number(row[second]))).toString();
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
