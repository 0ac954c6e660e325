import type { Consumer as KafkajsConsumer, EachBatchPayload, Kafka as KafkajsClient } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import type ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import type { OffsetManager } from 'kafkajs/src/consumer/consumerGroup.js';
import { delay, every, type RelayError } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { Assignment } from './assignment.js';
import type { Consumer, ConsumerOptions } from './consumer.js';
import { endsIntervalMs, fetchedOf, lagByTopic, refreshEnds } from './consumer-lag.js';
import type { TopicLags } from './kafka-metrics.js';
import { isGroupChange } from './kafkajs-errors.js';
import { kafkajsRetry } from './kafkajs-retry.js';
import { observeGroup, type GroupObserver } from './kafkajs-repairs.js';
import { crashed, offsetGap, outOfRangeOf } from './offset-gap.js';
import type { OutageLog } from './outage-log.js';
import { FetchPace, fetchWaitMs } from './fetch-pace.js';
import { finishedAhead, finishedNote } from './finished-note.js';
import { MembershipCertainty } from './membership-certainty.js';
import type { Progress } from './offset-tracker.js';
import type { PartitionFeed } from './partition-feed.js';
import { stickyAssigner } from './sticky-assigner.js';
import { isList, wantedTopics } from './wanted-topics.js';

const heartbeatIntervalMs = 1_000;
const rebalanceTimeoutMs = 30_000;
const topicWatchIntervalMs = 2_000;
const staleFetchMs = 15_000;
const defaultSessionTimeoutMs = 10_000;
const defaultDrainTimeoutMs = 20_000;
const drainPollMs = 10;

export interface ConsumerContext {
  client: KafkajsClient;
  /** For questions outside of the group. */
  cluster: Cluster;
  prefix: string;
  logger: Logger;
  outage: OutageLog;
}

/** One generation of the group: what is committed in its name is refused when it is over. */
interface Membership {
  memberId: string | null;
  generationId: number | null;
  offsets: OffsetManager | null;
}

/**
 * One member of a consumer group.
 *
 * kafkajs fetches and speaks the group's protocol; what is handed out, finished and committed is kept by
 * {@link Assignment}. Everything handed out is "resolved" at once, so that kafkajs reads on, and the commits
 * follow the finished prefix. After a rebalance a partition that stays goes on where it was; of one that leaves
 * the batches' signal is aborted and acknowledgements that come later are dropped.
 */
export class GroupConsumer implements Consumer, GroupObserver {
  private readonly consumer: KafkajsConsumer;
  private readonly assignment: Assignment;
  private readonly outage: OutageLog;
  private readonly pace: FetchPace;
  private readonly stopTimers: (() => Promise<void>)[] = [];
  private group: ConsumerGroup | undefined;
  private membership: Membership | undefined;
  private memberCluster: Cluster | undefined;
  private topics: string[] = [];
  private rejoinRequested = false;
  private lastFetchMs = performance.now();
  private readonly certainty: MembershipCertainty;
  private failStart: ((error: Error) => void) | undefined;
  private committing: Promise<void> = Promise.resolve();
  private commitIsDue = false;
  private state: 'running' | 'draining' | 'stopped' | 'crashed' = 'running';
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly options: ConsumerOptions,
    private readonly context: ConsumerContext,
  ) {
    this.outage = context.outage;
    const unhurried = options.unhurried?.topics.map((topic) => context.prefix + topic) ?? [];
    this.certainty = new MembershipCertainty(this.sessionTimeoutMs);
    this.pace = new FetchPace(unhurried, () => this.group);
    this.assignment = new Assignment(options, context.prefix, {
      pause: (topic, partition) => this.group?.pause([{ topic, partitions: [partition] }]),
      resume: (topic, partition) => this.group?.resume([{ topic, partitions: [partition] }]),
      commitSoon: () => {
        this.commitSoon();
      },
      hurry: () => {
        this.pace.hurry();
      },
      uncertain: () => this.certainty.uncertain(),
    });
    this.consumer = context.client.consumer({
      groupId: context.prefix + options.groupId,
      partitionAssigners: [
        (config) => this.makeAssigner((config as unknown as { cluster: Cluster }).cluster),
      ],
      sessionTimeout: this.sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      maxBytesPerPartition: options.maxBytesPerPartition ?? 1_048_576,
      maxWaitTimeInMs: fetchWaitMs,
      metadataMaxAge: 30_000,
      allowAutoTopicCreation: false,
      retry: kafkajsRetry,
    });
  }

  private get sessionTimeoutMs(): number {
    return this.options.sessionTimeoutMs ?? defaultSessionTimeoutMs;
  }

  /** Resolves when it has joined the group. */
  async start(): Promise<void> {
    this.topics = await this.wantedTopics();
    this.listen();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: this.topics, fromBeginning: true });
    const joined = new Promise<void>((resolve, reject) => {
      this.consumer.on('consumer.group_join', () => {
        resolve();
      });
      this.failStart = reject;
    });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => {
        this.handle(payload);
        return Promise.resolve();
      },
    });
    await joined;
    this.failStart = undefined;
    const { assignment, context } = this;
    this.stopTimers.push(
      every(this.options.commitIntervalMs ?? 100, () => this.commit()),
      every(endsIntervalMs, () => refreshEnds(assignment.all(), context.cluster)),
    );
    if (this.options.unhurried !== undefined) {
      this.stopTimers.push(
        every(this.options.unhurried.intervalMs, () => {
          this.wakeResting();
          return Promise.resolve();
        }),
      );
    }
    if (!isList(this.options.topics)) {
      this.stopTimers.push(every(topicWatchIntervalMs, () => this.watchTopics()));
    }
  }

  ready(): string | undefined {
    const staleMs = performance.now() - this.lastFetchMs;
    const { silentMs } = this.certainty;
    if (this.state !== 'running') {
      return `the consumer is ${this.state}`;
    }
    if (this.membership === undefined) {
      return 'the consumer has not joined its group';
    }
    if (silentMs > this.sessionTimeoutMs) {
      return `no heartbeat for ${Math.round(silentMs)} ms`;
    }
    return staleMs > staleFetchMs ? `no fetch for ${Math.round(staleMs)} ms` : undefined;
  }

  lag(): TopicLags {
    return lagByTopic(this.assignment.all(), this.topics, this.context.prefix);
  }

  stop(): Promise<void> {
    this.stopped ??= this.drainAndLeave();
    return this.stopped;
  }

  async beforeJoin(group: ConsumerGroup): Promise<void> {
    group.topicsSubscribed = this.topics;
    group.topicConfigurations = Object.fromEntries(
      this.topics.map((topic) => [topic, { fromBeginning: true }]),
    );
    if (group === this.group) {
      await this.commit();
    }
  }

  async afterJoin(group: ConsumerGroup): Promise<void> {
    const { memberId, generationId } = group;
    const finished = await finishedAhead(group);
    const goesOn =
      group === this.group &&
      memberId === this.membership?.memberId &&
      generationId === (this.membership.generationId ?? 0) + 1;
    this.group = group;
    this.membership = { memberId, generationId, offsets: group.offsetManager };
    this.certainty.heard(performance.now());
    const lost = this.assignment.replace(group.assigned(), goesOn);
    this.assignment.skipFinished(finished);
    if (this.state !== 'running') {
      group.pause(group.assigned());
    }
    const { groupId } = this.options;
    this.context.logger.info({ groupId, generationId, lost: lost.length }, 'joined consumer group');
    if (lost.length > 0) {
      this.options.onLost?.(lost.map(({ topic, partition }) => ({ topic, partition })));
    }
  }

  heard(sentAtMs: number): void {
    this.outage.recovered();
    this.certainty.heard(sentAtMs);
  }

  takeRejoinRequest(): boolean {
    const requested = this.rejoinRequested;
    this.rejoinRequested = false;
    return requested;
  }

  private makeAssigner(cluster: Cluster): ReturnType<typeof stickyAssigner> {
    observeGroup(cluster, this);
    this.memberCluster = cluster;
    return stickyAssigner({
      coPartition: this.options.coPartition ?? false,
      partitionsOf: (topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
      current: () => ({
        generation: this.membership?.generationId ?? -1,
        partitions: this.group?.assigned() ?? [],
      }),
    });
  }

  private listen(): void {
    const { consumer } = this;
    consumer.on('consumer.fetch', () => {
      this.lastFetchMs = performance.now();
      this.pace.fetched();
    });
    // Fetches without a record (marks of transactions, aborted records) come only here.
    consumer.on('consumer.start_batch_process', ({ payload }) => {
      if (payload.batchSize === 0 && this.state === 'running') {
        this.assignment.handOut(fetchedOf({ ...payload, messages: [] }, payload.lastOffset));
      }
    });
    consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart) {
        void this.crash(payload.error);
      } else if (!isGroupChange(payload.error)) {
        this.outage.failed(payload.error);
      }
    });
  }

  private handle(payload: EachBatchPayload): void {
    if (this.state !== 'running') {
      return;
    }
    const { batch } = payload;
    try {
      const handled = this.assignment.handOut(fetchedOf(batch, batch.lastOffset()));
      if (handled !== undefined) {
        payload.resolveOffset(String(handled));
      }
      this.pace.handedOut(batch.topic, batch.partition);
    } catch (error) {
      void this.crash(error);
    }
  }

  private wakeResting(): void {
    if (this.state === 'running') {
      this.pace.wake((topic, partition) => this.assignment.find(topic, partition)?.paused === true);
    }
  }

  private commitSoon(): void {
    if (!this.commitIsDue) {
      this.commitIsDue = true;
      void this.commit();
    }
  }

  /** One commit at a time, of what has moved, in the name of the generation it was handed out in. */
  private commit(): Promise<void> {
    this.committing = this.committing.then(() => this.commitOnce());
    return this.committing;
  }

  private async commitOnce(): Promise<void> {
    this.commitIsDue = false;
    const moved: { feed: PartitionFeed; progress: Progress }[] = [];
    for (const feed of this.assignment.all()) {
      const progress = feed.tracker.uncommitted;
      if (progress !== undefined) {
        moved.push({ feed, progress });
      }
    }
    const manager = this.membership?.offsets;
    if (moved.length === 0 || manager === undefined || manager === null) {
      return;
    }
    try {
      await manager.commitOffsets({
        topics: moved.map(({ feed: { kafkaTopic, partition }, progress }) => ({
          topic: kafkaTopic,
          partitions: [{ partition, offset: String(progress.position), metadata: finishedNote(progress) }],
        })),
      });
      for (const { feed, progress } of moved) {
        this.assignment.committed(feed, progress);
      }
    } catch (error) {
      if (!isGroupChange(error)) {
        this.outage.failed(error);
      }
    }
  }

  private async drainAndLeave(): Promise<void> {
    if (this.state === 'crashed') {
      return;
    }
    this.state = 'draining';
    this.group?.pause(this.group.assigned());
    const deadlineMs = performance.now() + (this.options.drainTimeoutMs ?? defaultDrainTimeoutMs);
    const inTime = (): boolean => performance.now() < deadlineMs;
    while (this.assignment.awaited > 0 && inTime()) {
      await delay(drainPollMs);
    }
    await this.commit();
    while (this.assignment.hasUncommitted && inTime()) {
      await delay(drainPollMs);
      await this.commit();
    }
    this.state = 'stopped';
    await this.end();
  }

  private async end(): Promise<void> {
    this.assignment.replace([], false);
    this.certainty.settle();
    await Promise.all(this.stopTimers.splice(0).map((stop) => stop()));
    await this.consumer.disconnect().catch(() => undefined);
  }

  private async crash(cause: unknown): Promise<void> {
    if (this.state === 'crashed' || this.state === 'stopped') {
      return;
    }
    this.state = 'crashed';
    const error = await this.explain(cause).catch(() => crashed(this.options.groupId, cause));
    void this.end();
    if (this.failStart === undefined) {
      this.options.onCrash(error);
    } else {
      this.failStart(error);
    }
  }

  private async explain(cause: unknown): Promise<RelayError> {
    const gap = outOfRangeOf(cause);
    if (gap !== undefined) {
      const { topic, partition } = gap;
      const committed = this.membership?.offsets?.committedOffsets()[topic]?.[partition];
      const position =
        this.assignment.find(topic, partition)?.tracker.nextOffset ??
        (committed === undefined ? undefined : BigInt(committed));
      return offsetGap(this.context.cluster, gap, position, topic.slice(this.context.prefix.length));
    }
    return crashed(this.options.groupId, cause);
  }

  private wantedTopics(): Promise<string[]> {
    const { prefix, cluster } = this.context;
    return wantedTopics(cluster, prefix, this.options.topics);
  }

  /** Topics that appear are read from their start; kafkajs itself looks only once. */
  private async watchTopics(): Promise<void> {
    try {
      const topics = await this.wantedTopics();
      const added = topics.filter((topic) => !this.topics.includes(topic));
      const removed = this.topics.filter((topic) => !topics.includes(topic));
      if (added.length + removed.length > 0 && this.memberCluster !== undefined) {
        removed.forEach((topic) => this.memberCluster?.targetTopics.delete(topic));
        await this.memberCluster.addMultipleTargetTopics(added);
        this.topics = topics;
        this.rejoinRequested = true;
      }
    } catch (error) {
      this.context.logger.debug({ err: error }, 'cannot list topics');
    }
  }
}
