/**
 * What libs/kafka needs of kafkajs 2.2.4 and its types do not tell. Its last release is of February 2023, so
 * these insides are as fixed as its public face; `kafkajs-repairs.test.ts` fails when the version changes.
 */
declare module 'kafkajs/src/cluster/index.js' {
  import type { RetryOptions } from 'kafkajs';

  /** kafkajs' own view of a cluster: metadata, connections and requests. Each producer and consumer has one. */
  export default class Cluster {
    /** Read where a producer id is asked for, but never set. */
    retry: RetryOptions | undefined;
    targetTopics: Set<string>;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
    addMultipleTargetTopics(topics: string[]): Promise<void>;
    refreshMetadata(): Promise<void>;
    refreshMetadataIfNecessary(): Promise<void>;
    metadata(options: { topics: string[] }): Promise<{ topicMetadata: { topic: string }[] }>;
    findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
    findBroker(node: { nodeId: string }): Promise<Broker>;
    findGroupCoordinator(asked: { groupId: string; coordinatorType?: number }): Promise<Broker>;
    fetchTopicsOffset(
      topics: {
        topic: string;
        partitions: { partition: number }[];
        fromBeginning: boolean;
        /** Then the answer is -1 where no record is so young. */
        fromTimestamp?: number;
      }[],
    ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
  }

  export interface Broker {
    nodeId: string;
    offsetFetch(request: {
      groupId: string;
      topics: { topic: string; partitions: { partition: number }[] }[];
    }): Promise<{
      responses: {
        topic: string;
        partitions: { partition: number; offset: string; metadata: string | null }[];
      }[];
    }>;
    fetch(request: {
      maxWaitTime: number;
      minBytes: number;
      maxBytes: number;
      isolationLevel: number;
      topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
    }): Promise<{ responses: { topicName: string; partitions: FetchedPartition[] }[] }>;
  }

  export interface FetchedPartition {
    partition: number;
    highWatermark: string;
    lastStableOffset: string;
    messages: unknown[];
  }
}

declare module 'kafkajs/src/broker/index.js' {
  export default class Broker {
    offsetCommit(request: {
      topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
    }): Promise<unknown>;
  }
}

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  /** To one broker, with one socket after the other. */
  export default class Connection {
    socket: Socket | undefined;
    /** What has come of an answer that is not complete. */
    chunks: Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    isConnected(): boolean;
    connect(): Promise<boolean>;
    disconnect(): Promise<boolean>;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    constructor(options: {
      requestTimeout: number;
      clientId: string;
      broker: string;
      logger: { debug(message: string): void };
    });
    pending: unknown[];
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/consumer/consumerGroup.js' {
  import type Cluster from 'kafkajs/src/cluster/index.js';
  import type { Broker } from 'kafkajs/src/cluster/index.js';

  export default class ConsumerGroup {
    cluster: Cluster;
    groupId: string;
    memberId: string | null;
    generationId: number | null;
    /** When a heartbeat was last answered, on the wall clock. */
    lastRequest: number;
    topicsSubscribed: string[];
    topicConfigurations: Record<string, { fromBeginning: boolean }>;
    offsetManager: OffsetManager | null;
    /** How long a fetch waits for records, milliseconds; asked for at each fetch. */
    maxWaitTime: number;
    joinAndSync(): Promise<void>;
    heartbeat(options: { interval: number }): Promise<void>;
    recoverFromOffsetOutOfRange(error: Error): Promise<void>;
    assigned(): { topic: string; partitions: number[] }[];
    pause(topicPartitions: { topic: string; partitions: number[] }[]): void;
    resume(topicPartitions: { topic: string; partitions: number[] }[]): void;
  }

  /** Of one generation. */
  export interface OffsetManager {
    commitOffsets(offsets: {
      topics: { topic: string; partitions: { partition: number; offset: string; metadata: string }[] }[];
    }): Promise<void>;
    getCoordinator(): Promise<Broker>;
    committedOffsets(): Record<string, Record<number, string>>;
  }
}

declare module 'kafkajs/src/consumer/batch.js' {
  import type { KafkaMessage } from 'kafkajs';
  import type { FetchedPartition } from 'kafkajs/src/cluster/index.js';

  export default class Batch {
    constructor(topic: string, fetchedOffset: string, partition: FetchedPartition);
    messages: KafkaMessage[];
    rawMessages: unknown[];
    lastOffset(): string;
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    static nextPowerOfTwo(bytes: number): number;
    buf: Buffer;
    offset: number;
    readonly buffer: Buffer;
    ensureAvailable(bytes: number): void;
    writeBufferInternal(buffer: Buffer): void;
  }
}
