import { changeTopic, tableOf, writerColumns, type Column } from '#libs/change';
import type { SchemaRegistry } from '#libs/kafka';

export type Columns = ReadonlyMap<string, Column>;

/** So that a page of requests does not ask the registry again and again; a new column is known so late. */
const keptMs = 2_000;

/** The columns that changes of a model have, as the schema registry knows them. */
export class CapturedColumns {
  private readonly kept = new Map<string, { columns: Promise<Columns | undefined>; untilMs: number }>();

  constructor(private readonly registry: Pick<SchemaRegistry, 'versions'>) {}

  /** undefined where nothing was captured of it yet. @throws RelayError REGISTRY_UNAVAILABLE */
  of(database: string, model: string): Promise<Columns | undefined> {
    const place = `${database}/${model}`;
    const known = this.kept.get(place);
    if (known !== undefined && known.untilMs > performance.now()) {
      return known.columns;
    }
    const columns = this.ask(database, model);
    this.kept.set(place, { columns, untilMs: performance.now() + keptMs });
    columns.catch(() => this.kept.delete(place));
    return columns;
  }

  /** Of the last topic of the table, and its last version. */
  private async ask(database: string, model: string): Promise<Columns | undefined> {
    let latest: Columns | undefined;
    for (let generation = 1; ; generation++) {
      const topic = changeTopic(database, tableOf(model), generation);
      const schema = (await this.registry.versions(topic, 'value')).at(-1);
      if (schema === undefined) {
        return latest;
      }
      const written = writerColumns(schema);
      latest = written.kind === 'columns' ? written.columns : latest;
    }
  }
}
