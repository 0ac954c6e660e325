import type ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

/** How long a fetch waits for records, and so how long a resumed partition may wait for its turn. */
export const fetchWaitMs = 200;
/** How long it waits, and for how long so, where a partition that is full will have room again soon. */
const hurriedFetchWaitMs = 5;
const hurryMs = 100;

interface TopicPartition {
  topic: string;
  partition: number;
}

/** When kafkajs fetches what: unhurried topics now and then, and all in short turns while a full partition drains. */
export class FetchPace {
  private hurriedUntilMs = 0;
  /** Partitions of unhurried topics that are not fetched until the interval is over. */
  private readonly resting: TopicPartition[] = [];

  /** `unhurried` are names as Kafka knows them. */
  constructor(
    private readonly unhurried: readonly string[],
    private readonly group: () => ConsumerGroup | undefined,
  ) {}

  hurry(): void {
    this.hurriedUntilMs = performance.now() + hurryMs;
    const group = this.group();
    if (group !== undefined) {
      group.maxWaitTime = hurriedFetchWaitMs;
    }
  }

  /** A fetch is over. */
  fetched(): void {
    const group = this.group();
    if (group !== undefined && performance.now() > this.hurriedUntilMs) {
      group.maxWaitTime = fetchWaitMs;
    }
  }

  /** Records of the partition were handed out. */
  handedOut(topic: string, partition: number): void {
    if (this.unhurried.includes(topic)) {
      this.group()?.pause([{ topic, partitions: [partition] }]);
      this.resting.push({ topic, partition });
    }
  }

  /** The interval is over. */
  wake(isFull: (topic: string, partition: number) => boolean): void {
    for (const { topic, partition } of this.resting.splice(0)) {
      if (!isFull(topic, partition)) {
        this.group()?.resume([{ topic, partitions: [partition] }]);
      }
    }
  }
}
