import { changeTopic, envelopeSchema, keySchema, whyIncompatible } from '#libs/change';
import type { AvroCodec, Kafka, SchemaRegistry, TopicSpec } from '#libs/kafka';
import { RelayError } from '#libs/process';
import type { CapturedTable } from './captured-tables.js';

/** The topic that takes the changes of a table as its columns are now. */
export interface TableTopic {
  topic: string;
  /** 1, or more after changes that readers of the topic before could not follow. */
  generation: number;
  key: AvroCodec;
  value: AvroCodec;
}

/** A topic that cannot take the changes of its table any more. */
export interface Superseded {
  table: string;
  topic: string;
  /** The one that does. */
  by: string;
  reason: string;
}

export interface GenerationsParts {
  kafka: Pick<Kafka, 'topicsWithPrefix' | 'ensureTopics'>;
  registry: Pick<SchemaRegistry, 'register' | 'versions'>;
  database: string;
  spec(topic: string): TopicSpec;
}

/** Finds the topics of tables: the latest generation there is, or a new one when the columns demand it. */
export class TopicGenerations {
  /** Per table; read once, as only this process makes new ones. */
  private latest: Promise<Map<string, number>> | undefined;
  private readonly opened = new WeakMap<CapturedTable, TableTopic>();

  constructor(private readonly parts: GenerationsParts) {}

  /** `supersede` is called before a new topic is made, so that what has to follow is known after a crash, too. */
  async openAll(
    tables: readonly CapturedTable[],
    supersede: (superseded: Superseded) => Promise<void>,
  ): Promise<Map<CapturedTable, TableTopic>> {
    const fresh = tables.filter((table) => !this.opened.has(table));
    if (fresh.length > 0) {
      const generations = await this.generations();
      const topics = fresh.map((table) => this.name(table, generations.get(table.table) ?? 1));
      await this.parts.kafka.ensureTopics(topics.map((topic) => this.parts.spec(topic)));
    }
    const opened = tables.map(async (table) => [table, await this.open(table, supersede)] as const);
    return new Map(await Promise.all(opened));
  }

  private async open(
    table: CapturedTable,
    supersede: (superseded: Superseded) => Promise<void>,
  ): Promise<TableTopic> {
    const known = this.opened.get(table);
    if (known !== undefined) {
      return known;
    }
    const generations = await this.generations();
    let generation = generations.get(table.table) ?? 1;
    let result = await this.attempt(table, generation);
    if (typeof result === 'string') {
      const topic = this.name(table, generation);
      generation += 1;
      await supersede({ table: table.table, topic, by: this.name(table, generation), reason: result });
      result = await this.attempt(table, generation);
      if (typeof result === 'string') {
        throw new RelayError('SCHEMA_INCOMPATIBLE', `the new topic of ${table.table}: ${result}`);
      }
      await this.parts.kafka.ensureTopics([this.parts.spec(result.topic)]);
      generations.set(table.table, generation);
    }
    this.opened.set(table, result);
    return result;
  }

  /** The topic, or why it cannot take these columns. */
  private async attempt(table: CapturedTable, generation: number): Promise<TableTopic | string> {
    const { registry, database } = this.parts;
    const topic = this.name(table, generation);
    const shape = { database, table: table.table, columns: table.topicColumns, pair: table.pair };
    const schema = envelopeSchema(shape);
    const reason = whyIncompatible(await registry.versions(topic, 'value'), table.topicColumns);
    if (reason !== undefined) {
      return reason;
    }
    try {
      const [key, value] = await Promise.all([
        registry.register(topic, 'key', keySchema(shape)),
        registry.register(topic, 'value', schema),
      ]);
      return { topic, generation, key, value };
    } catch (error) {
      if (error instanceof RelayError && error.code === 'SCHEMA_INCOMPATIBLE') {
        return error.message;
      }
      throw error;
    }
  }

  private name({ table }: CapturedTable, generation: number): string {
    return changeTopic(this.parts.database, table, generation);
  }

  private generations(): Promise<Map<string, number>> {
    this.latest ??= this.readGenerations().catch((error: unknown) => {
      this.latest = undefined;
      throw error;
    });
    return this.latest;
  }

  private async readGenerations(): Promise<Map<string, number>> {
    const prefix = changeTopic(this.parts.database, '');
    const generations = new Map<string, number>();
    for (const topic of await this.parts.kafka.topicsWithPrefix(prefix)) {
      const [, table, number] = /^([^.-]+)-(\d+)$/.exec(topic.slice(prefix.length)) ?? [];
      if (table !== undefined) {
        generations.set(table, Math.max(generations.get(table) ?? 1, Number(number)));
      }
    }
    return generations;
  }
}
