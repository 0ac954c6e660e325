import { rejectedRecord } from '#libs/delivery-task';
import {
  isRecordTooLarge,
  type FollowedPage,
  type Kafka,
  type Offsets,
  type OutgoingRecord,
  type Publisher,
  type TopicFollower,
} from '#libs/kafka';
import { eventsTopicSpec } from '#libs/operational-events';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { LeaderSession, type Leadership } from '../persistence/leader-session.js';
import type { EventStore } from './event-store.js';
import { readEvent, type ReadEvent } from './read-event.js';
import { locks } from '../persistence/locks.js';

const pollWaitMs = 500;
const retryMs = 1_000;
const tidyIntervalMs = 3_600_000;
const leadership: Leadership = {
  applicationName: 'odoo-relay-control-events',
  lock: locks.eventReader,
  channel: 'relay_control_events',
};

export interface EventReaderOptions {
  databaseUrl: string;
  kafka: Pick<Kafka, 'follower'>;
  store: EventStore;
  /** For what cannot be read; closed at the stop. */
  publisher: Publisher;
  logger: Logger;
}

/**
 * Carries `relay.events` to Postgres, once each, as the history does with the attempts: one instance leads, the
 * positions move with the rows, and after any failure all is read anew.
 */
export class EventReader {
  private readonly stopping = new AbortController();
  private follower: TopicFollower | undefined;
  private positions: Offsets = new Map();
  private running: Promise<void> = Promise.resolve();
  private isInOutage = false;

  constructor(private readonly options: EventReaderOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes the page under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.follower?.close();
    await this.options.publisher.close();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.leadOrStandBy();
      } catch (error) {
        this.failed(error);
      }
      await delay(retryMs, this.stopping.signal);
    }
  }

  private async leadOrStandBy(): Promise<void> {
    const { databaseUrl, kafka } = this.options;
    const session = await LeaderSession.tryOpen(databaseUrl, leadership, () => undefined);
    if (session === undefined) {
      return;
    }
    try {
      this.follower = await kafka.follower(eventsTopicSpec.topic);
      await this.lead(session, this.follower);
    } finally {
      await this.follower?.close();
      this.follower = undefined;
      await session.close();
    }
  }

  private async lead(session: LeaderSession, follower: TopicFollower): Promise<void> {
    const { store, logger } = this.options;
    this.positions = await this.present(follower);
    follower.seek(this.positions);
    let tidiedAtMs = -Infinity;
    while (!this.stopping.signal.aborted) {
      await session.check();
      if (performance.now() - tidiedAtMs >= tidyIntervalMs) {
        await store.removeOld();
        tidiedAtMs = performance.now();
      }
      if (this.isInOutage) {
        this.isInOutage = false;
        logger.info('the events go on');
      }
      await this.take(await follower.next(pollWaitMs));
    }
  }

  /** Where to read on; where the topic does not have that any more, its start: what is known is not taken twice. */
  private async present(follower: TopicFollower): Promise<Offsets> {
    const starts = await follower.offsets('start');
    const ends = await follower.offsets('end');
    const saved = await this.options.store.positions(starts);
    const moved: Offsets = new Map();
    for (const [partition, next] of saved) {
      const start = starts.get(partition) ?? 0n;
      if (next < start || next > (ends.get(partition) ?? next)) {
        moved.set(partition, start);
      }
    }
    if (moved.size > 0) {
      this.options.logger.error(
        `events are gone from ${eventsTopicSpec.topic}: reading goes on at its start`,
      );
      await this.options.store.take([], saved, moved);
    }
    return new Map([...saved, ...moved]);
  }

  private async take({ records, next }: FollowedPage): Promise<void> {
    const moved = new Map(
      [...next].filter(([partition, offset]) => this.positions.get(partition) !== offset),
    );
    if (moved.size === 0) {
      return;
    }
    const events: ReadEvent[] = [];
    for (const record of records) {
      const read = readEvent(record);
      if (read.kind === 'event') {
        events.push(read.event);
      } else {
        this.options.logger.warn({ reason: read.reason }, `put aside a record of ${record.topic}`);
        await this.putAside(rejectedRecord('control', record, read.reason));
      }
    }
    await this.options.store.take(events, this.positions, moved);
    moved.forEach((offset, partition) => this.positions.set(partition, offset));
  }

  private async putAside(rejected: OutgoingRecord): Promise<void> {
    const { publisher } = this.options;
    await publisher.publish([rejected]).catch((error: unknown) => {
      if (!isRecordTooLarge(error)) {
        throw error;
      }
      // Its headers say where it stands.
      return publisher.publish([{ ...rejected, value: null }]);
    });
  }

  private failed(error: unknown): void {
    if (!this.stopping.signal.aborted && !this.isInOutage) {
      this.isInOutage = true;
      this.options.logger.warn(
        { error: messageOf(error) },
        'the events wait: nothing is lost, they are tried again every second',
      );
    }
  }
}
