import type { DataSource } from 'typeorm';
import type { AvroCodec, OutgoingRecord, Transactor } from '#libs/kafka';
import { delay, messageOf } from '#libs/process';
import { subscriptionTopics, subscriptionToAvro } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';
import type { OutboxRow } from '../persistence/rows.js';
import { leadAgainAndAgain, type LeaderSession, type Leadership } from '../persistence/leader-session.js';
import { outboxChannel, type Outbox } from './outbox.js';
import { idsOfDatabase, presentStates } from './published-state.js';
import { locks } from '../persistence/locks.js';

/** So that a transaction's records, in general of a few KB, fit one batch. */
const pageSize = 50;
/** For the case that a notification is lost. */
const idlePollMs = 1_000;
const retryMs = 1_000;
const leadership: Leadership = {
  applicationName: 'odoo-relay-control-feed',
  lock: locks.feed,
  channel: outboxChannel,
};

export interface FeedOptions {
  databaseUrl: string;
  dataSource: DataSource;
  outbox: Outbox;
  codec: AvroCodec;
  /** To open one fences what an earlier leader may still have under way. */
  openTransactor: () => Promise<Transactor>;
  logger: Logger;
}

/**
 * Carries what the outbox names to `relay.subscriptions`. Of all instances one leads, by a lock of its session;
 * an earlier leader's last write cannot come late, because the next one's transactor fences it. An entry is
 * removed after its state is acknowledged: a crash in between publishes the state, as it is then, once more.
 *
 *   waiting for the lock ──taken──► leading: publish what is pending, wait for a notification, again
 *        ▲                              │
 *        └── 1 s ◄── any failure: transactor and session closed
 */
export class SubscriptionFeed {
  private readonly stopping = new AbortController();
  private wake = new AbortController();
  private transactor: Transactor | undefined;
  private running: Promise<void> = Promise.resolve();
  private reason: string | undefined = 'the feed of relay.subscriptions has not started';

  constructor(private readonly options: FeedOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes the transaction under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake.abort();
    // Through an outage of Kafka a write waits; a stop must not wait with it.
    await this.transactor?.close();
    await this.running;
  }

  notReady(): string | undefined {
    return this.reason;
  }

  private run(): Promise<void> {
    return leadAgainAndAgain({
      databaseUrl: this.options.databaseUrl,
      leadership,
      retryMs,
      stopping: this.stopping.signal,
      onEvent: () => {
        this.wake.abort();
      },
      standBy: () => {
        this.reason = undefined;
      },
      lead: (session) => this.leadWith(session),
      failed: (error) => {
        this.failed(error);
      },
    });
  }

  private async leadWith(session: LeaderSession): Promise<void> {
    try {
      this.transactor = await this.options.openTransactor();
      await this.lead(session, this.transactor);
    } finally {
      await this.transactor?.close();
      this.transactor = undefined;
    }
  }

  private async lead(session: LeaderSession, transactor: Transactor): Promise<void> {
    this.options.logger.info('leads the feed of relay.subscriptions');
    while (!this.stopping.signal.aborted) {
      // Renewed before the look: what is committed after it ends the wait below.
      this.wake = new AbortController();
      await session.check();
      const entries = await this.options.outbox.pending(pageSize);
      await this.publish(entries, transactor);
      this.reason = undefined;
      if (entries.length === 0) {
        await delay(idlePollMs, this.wake.signal);
      }
    }
  }

  private async publish(entries: readonly OutboxRow[], transactor: Transactor): Promise<void> {
    const ids = new Set(entries.flatMap(({ subscriptionId }) => subscriptionId ?? []));
    await this.publishStates([...ids], transactor);
    const databases = new Set(entries.flatMap(({ database }) => database ?? []));
    for (const database of databases) {
      await this.publishDatabase(database, transactor);
    }
    if (entries.length > 0) {
      await this.options.outbox.remove(entries);
    }
  }

  private async publishDatabase(database: string, transactor: Transactor): Promise<void> {
    let after = '';
    for (;;) {
      const ids = await idsOfDatabase(this.options.dataSource, database, { after, limit: pageSize });
      await this.publishStates(ids, transactor);
      const last = ids.at(-1);
      if (last === undefined || ids.length < pageSize) {
        return;
      }
      after = last;
    }
  }

  private async publishStates(ids: readonly string[], transactor: Transactor): Promise<void> {
    if (ids.length === 0) {
      return;
    }
    const startedMs = performance.now();
    const { codec, dataSource, logger } = this.options;
    const states = await presentStates(dataSource, ids);
    const records = states.map(({ id, subscription }): OutgoingRecord => {
      const value = subscription === undefined ? null : codec.encode(subscriptionToAvro(subscription));
      return { topic: subscriptionTopics.subscriptions, key: id, value };
    });
    await transactor.transact(records);
    const durationMs = Math.round(performance.now() - startedMs);
    logger.debug({ subscriptionIds: ids, durationMs }, 'subscriptions were published');
  }

  private failed(error: unknown): void {
    this.reason = `subscriptions are not published: ${messageOf(error)}`;
    this.options.logger.warn(
      { error: messageOf(error) },
      'the feed of relay.subscriptions tries again in 1 s',
    );
  }
}
