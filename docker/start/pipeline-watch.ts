import { ChangeReader, type Change } from '#libs/change';
import { deliveryTopics, taskHeaders, type AttemptRow } from '#libs/delivery-task';
import type { Consumer, IncomingRecord, Kafka, RecordBatch, SchemaRegistry } from '#libs/kafka';
import { delay } from '#libs/process';
import { recordKey } from './expected-changes.js';
import type { TopicChange } from './topic-check.js';

export interface PipelineEvents {
  /** A record of a topic of changes, in the order of its partition. */
  onChange(change: TopicChange): void;
  onAttempt(attempt: AttemptRow): void;
  /** A delivery became a dead letter. */
  onDead(webhookId: string): void;
  /** A record that cannot be read, and why. */
  onUnreadable(sentence: string): void;
}

export interface WatchOptions {
  kafka: Kafka;
  registry: SchemaRegistry;
  /** Slug in the topic names. */
  database: string;
  events: PipelineEvents;
  onCrash(error: Error): void;
}

const groupId = 'relay-start';
const registryRetryMs = 500;

/** Reads along what goes through the pipeline, read_committed, beginning where the last start ended. */
export class PipelineWatch {
  private readonly consumers: Consumer[] = [];
  private readonly reader: ChangeReader;
  private work: Promise<void> = Promise.resolve();
  private closed = false;

  private constructor(private readonly options: WatchOptions) {
    this.reader = new ChangeReader(options.registry);
  }

  static async start(options: WatchOptions): Promise<PipelineWatch> {
    const watch = new PipelineWatch(options);
    const { kafka, database } = options;
    watch.consumers.push(
      ...(await Promise.all([
        kafka.consumer(watch.consumer(`${groupId}-changes`, { prefix: `odoo.${database}.` })),
        kafka.consumer(watch.consumer(`${groupId}-outcomes`, [deliveryTopics.attempts, deliveryTopics.dead])),
      ])),
    );
    return watch;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.work;
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  private consumer(
    id: string,
    topics: readonly string[] | { prefix: string },
  ): Parameters<Kafka['consumer']>[0] {
    return {
      groupId: id,
      topics,
      onBatch: (batch) => {
        this.work = this.work.then(() => this.take(batch));
      },
      onCrash: (error) => {
        this.options.onCrash(error);
      },
    };
  }

  private async take(batch: RecordBatch): Promise<void> {
    for (const record of batch.records) {
      if (await this.takeRecord(record)) {
        batch.ack(record.offset);
      } else {
        batch.release(record.offset);
      }
    }
  }

  /** Waits while the registry does not answer; false when it is closed before the record could be read. */
  private async takeRecord(record: IncomingRecord): Promise<boolean> {
    while (!this.closed) {
      try {
        await this.read(record);
        return true;
      } catch {
        await delay(registryRetryMs);
      }
    }
    return false;
  }

  private async read(record: IncomingRecord): Promise<void> {
    const { events } = this.options;
    if (record.topic === deliveryTopics.dead) {
      events.onDead(record.headers[taskHeaders.webhookId] ?? '');
    } else if (record.topic === deliveryTopics.attempts) {
      await this.readAttempt(record);
    } else {
      await this.readChange(record);
    }
  }

  private async readAttempt(record: IncomingRecord): Promise<void> {
    const decoded = await this.options.registry.decode(record.value ?? Buffer.alloc(0));
    if (decoded.kind === 'unreadable') {
      this.unreadable(record, decoded.reason);
      return;
    }
    this.options.events.onAttempt(decoded.value as AttemptRow);
  }

  private async readChange(record: IncomingRecord): Promise<void> {
    const read = await this.reader.read(record);
    switch (read.kind) {
      case 'change':
        this.options.events.onChange(changeOf(read.change, read.recordId));
        return;
      case 'tombstone': {
        const table = record.topic.split('.').at(-1) ?? '';
        this.options.events.onChange({ kind: 'tombstone', record: recordKey(table, read.recordId) });
        return;
      }
      case 'unreadable':
        this.unreadable(record, read.reason);
        return;
    }
  }

  private unreadable(record: IncomingRecord, reason: string): void {
    this.options.events.onUnreadable(`${record.topic}/${record.partition}/${record.offset}: ${reason}`);
  }
}

function changeOf(change: Change, recordId: bigint): TopicChange {
  return { kind: 'change', record: recordKey(change.source.table, recordId), change };
}
