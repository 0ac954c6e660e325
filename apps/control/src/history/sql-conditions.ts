/** Conditions that all have to hold, with their parameters. */
export class SqlConditions {
  readonly parameters: unknown[] = [];
  private readonly texts: string[] = [];

  /** `text` has its parameter as `?`. */
  add(text: string, parameter: unknown): this {
    const name = this.parameter(parameter);
    return this.addText(text.replace('?', () => name));
  }

  /** Its parameters are named in it already. */
  addText(text: string): this {
    this.texts.push(text);
    return this;
  }

  /** Left out where there is no value. */
  addIfGiven(text: string, parameter: unknown): this {
    return parameter === undefined ? this : this.add(text, parameter);
  }

  /** The name of one that stands elsewhere in the statement. */
  parameter(value: unknown): string {
    this.parameters.push(value);
    return `$${String(this.parameters.length)}`;
  }

  get sql(): string {
    return this.texts.length === 0 ? 'true' : this.texts.join(' AND ');
  }
}
