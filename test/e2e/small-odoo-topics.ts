import { ChangeReader, type Change } from '#libs/change';
import { Kafka, SchemaRegistry } from '#libs/kafka';
import { silentLogger } from '#libs/telemetry';
import { eventually } from '../harness/eventually.js';
import type { TestStack } from '../harness/stack.js';

/** A change as it lies in a topic. */
export interface Published {
  topic: string;
  schemaId: number;
  value: Buffer;
  change: Change;
}

/** What a test reads of the topics that ingest writes. */
export class TopicReader {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  private readonly reader: ChangeReader;

  constructor(stack: TestStack) {
    const connection = { topicPrefix: stack.topicPrefix, logger: silentLogger };
    this.kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', ...connection });
    this.registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, ...connection });
    this.reader = new ChangeReader(this.registry);
  }

  /** What was captured, without what a load has read. */
  async changes(topic: string, recordId?: number): Promise<Published[]> {
    return (await this.all(topic, recordId)).filter(({ change }) => change.op !== 'r');
  }

  /** The rows that loads have read. */
  async loaded(topic: string): Promise<Published[]> {
    return (await this.all(topic)).filter(({ change }) => change.op === 'r');
  }

  private async all(topic: string, recordId?: number): Promise<Published[]> {
    const published: Published[] = [];
    for (const { key, value, ...record } of await this.kafka.readToEnd(topic)) {
      const read = await this.reader.read({ ...record, key, value });
      if (read.kind === 'unreadable') throw new Error(read.reason);
      if (read.kind === 'change' && value !== null && BigInt(recordId ?? read.recordId) === read.recordId) {
        published.push({ topic, schemaId: value.readInt32BE(1), value, change: read.change });
      }
    }
    return published;
  }

  changesUntil(topic: string, count: number, recordId?: number): Promise<Published[]> {
    return eventually(async () => {
      const changes = await this.changes(topic, recordId);
      return changes.length >= count ? changes : false;
    });
  }
}
