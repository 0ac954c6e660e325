import type Cluster from 'kafkajs/src/cluster/index.js';
import { delay, messageOf, RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { outOfRangeOf } from './offset-gap.js';
import type { KafkaMetrics } from './kafka-metrics.js';
import { LogReader } from './log-reader.js';
import { OutageLog } from './outage-log.js';
import type { IncomingRecord } from './record.js';

export interface TopicTableOptions<V> {
  topic: string;
  /** undefined when the record cannot be read; rejecting with REGISTRY_UNAVAILABLE makes it try again. */
  read(record: IncomingRecord): Promise<V | undefined> | V | undefined;
  /** Also called for what is read at the start. undefined: removed. */
  onChange?(key: string, value: V | undefined): void;
}

/** A compacted topic as a map, kept up to date. */
export interface TopicTable<V> {
  readonly size: number;
  get(key: string): V | undefined;
  values(): IterableIterator<V>;
  entries(): IterableIterator<[string, V]>;
  /** Resolves when the condition holds; it is asked now and after each change. */
  waitFor(holds: (table: TopicTable<V>) => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface TableContext {
  cluster: Cluster;
  /** The installation's, before the topic. */
  prefix: string;
  logger: Logger;
  metrics: KafkaMetrics | undefined;
}

const pollWaitMs = 500;
const retryMs = 500;

export class LiveTopicTable<V> implements TopicTable<V> {
  private readonly rows = new Map<string, V>();
  private readonly closing = new AbortController();
  private readonly outage: OutageLog;
  private readonly registryOutage: OutageLog;
  private readonly waiting = new Set<() => void>();
  private following: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: TopicTableOptions<V>,
    private readonly reader: LogReader,
    private readonly cluster: Cluster,
    private readonly context: Pick<TableContext, 'logger' | 'metrics'>,
  ) {
    const { logger, metrics } = context;
    const failures = metrics?.failuresOf('table');
    this.outage = new OutageLog(logger, `table ${options.topic} cannot reach Kafka`, failures);
    // The registry counts its own.
    this.registryOutage = new OutageLog(logger, `table ${options.topic} cannot look up a schema`);
  }

  /** `cluster` is for this table alone: its fetches wait for records and would hold up others. */
  static async open<V>(options: TopicTableOptions<V>, context: TableContext): Promise<LiveTopicTable<V>> {
    const { cluster, prefix } = context;
    await cluster.connect();
    const reader = new LogReader(cluster, prefix + options.topic, options.topic);
    const table = new LiveTopicTable(options, reader, cluster, context);
    await reader.readToEnd((records) => table.apply(records));
    table.following = table.follow();
    return table;
  }

  get size(): number {
    return this.rows.size;
  }

  get(key: string): V | undefined {
    return this.rows.get(key);
  }

  values(): IterableIterator<V> {
    return this.rows.values();
  }

  entries(): IterableIterator<[string, V]> {
    return this.rows.entries();
  }

  waitFor(holds: (table: TopicTable<V>) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (holds(this)) {
          this.waiting.delete(check);
          resolve();
        }
      };
      this.waiting.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.following;
    await this.cluster.disconnect();
  }

  private async follow(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        const { records } = await this.reader.poll(pollWaitMs);
        this.outage.recovered();
        await this.apply(records);
      } catch (error) {
        await this.recover(error);
      }
    }
  }

  private async recover(error: unknown): Promise<void> {
    this.outage.failed(error);
    await delay(retryMs, this.closing.signal);
    if (this.closing.signal.aborted) {
      return;
    }
    try {
      if (!this.cluster.isConnected()) {
        await this.cluster.connect();
      }
      await this.cluster.refreshMetadata();
      if (outOfRangeOf(error) !== undefined) {
        await this.reader.seekToStart();
      }
    } catch {
      // The next poll fails, too, and comes back here.
    }
  }

  private async apply(records: readonly IncomingRecord[]): Promise<void> {
    for (const record of records) {
      if (record.key === null) {
        this.context.logger.warn(
          { topic: record.topic, offset: String(record.offset) },
          'ignored a record without a key',
        );
        continue;
      }
      const key = record.key.toString();
      this.set(key, record.value === null ? undefined : await this.read(record));
    }
  }

  private set(key: string, value: V | undefined): void {
    if (value === undefined) {
      this.rows.delete(key);
    } else {
      this.rows.set(key, value);
    }
    this.options.onChange?.(key, value);
    for (const check of this.waiting) {
      check();
    }
  }

  private async read(record: IncomingRecord): Promise<V | undefined> {
    const { topic, offset } = record;
    for (;;) {
      try {
        const value = await this.options.read(record);
        this.registryOutage.recovered();
        if (value === undefined) {
          this.context.logger.error(
            { topic, offset: String(offset) },
            'ignored a record that cannot be read',
          );
        }
        return value;
      } catch (error) {
        if (!(error instanceof RelayError && error.code === 'REGISTRY_UNAVAILABLE')) {
          this.context.logger.error(
            { topic, offset: String(offset), err: error },
            `cannot read a record: ${messageOf(error)}`,
          );
          return undefined;
        }
        this.registryOutage.failed(error);
        await delay(retryMs, this.closing.signal);
        if (this.closing.signal.aborted) {
          return undefined;
        }
      }
    }
  }
}
