/** Columns that have an index, the one that in general leaves the fewest rows first. */
const indexed = [
  'webhook_id',
  'record',
  'change_id',
  'subscription_id',
  'application_id',
  'event_type',
  'database',
] as const;

export type IndexedColumn = (typeof indexed)[number];

/**
 * Conditions on attempts that all have to hold, with their parameters. Which index is used is decided here, by what is
 * asked for: the planner takes columns for independent, and reads all that was delivered to find the few of a rare
 * event type that were not.
 */
export class SqlConditions {
  readonly parameters: unknown[] = [];
  private readonly equal = new Map<IndexedColumn, string>();
  private readonly texts: string[] = [];

  /** Left out where there is no value. */
  addEqual(column: IndexedColumn, value: string | undefined): this {
    if (value !== undefined) {
      const name = this.parameter(value);
      // Two on one column may differ: both have to hold.
      if (this.equal.has(column)) {
        this.texts.push(`${column} = ${name}`);
      }
      this.equal.set(column, name);
    }
    return this;
  }

  /** `text` has its parameter as `?`. Left out where there is no value. */
  add(text: string, parameter: unknown): this {
    if (parameter !== undefined) {
      const name = this.parameter(parameter);
      this.texts.push(text.replace('?', () => name));
    }
    return this;
  }

  /** Its parameters are named in it already. */
  addText(text: string): this {
    this.texts.push(text);
    return this;
  }

  /** The name of one that stands elsewhere in the statement. */
  parameter(value: unknown): string {
    this.parameters.push(value);
    return `$${String(this.parameters.length)}`;
  }

  /** The column whose index is used. */
  get by(): IndexedColumn | undefined {
    return indexed.find((column) => this.equal.has(column));
  }

  get sql(): string {
    const { by } = this;
    const equal = [...this.equal].map(([column, name]) =>
      // An expression has no index.
      column === by ? `${column} = ${name}` : `${column} || '' = ${name}`,
    );
    return [...equal, ...this.texts].join(' AND ') || 'true';
  }
}
