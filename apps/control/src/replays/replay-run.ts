import type { DataSource } from 'typeorm';
import type { ChangeReader } from '#libs/change';
import type { IncomingRecord, Kafka, OutgoingRecord, Publisher } from '#libs/kafka';
import type { Listener } from '#libs/event';
import { delay } from '#libs/process';
import type { Outbox } from '../feed/outbox.js';
import type { ReplayRow } from '../persistence/rows.js';
import { PacedSending } from '../runs/paced-sending.js';
import { addOne } from '../runs/run-row.js';
import type { RunEnd } from '../runs/runner.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import { lastRecords, type IsWanted } from './last-records.js';
import { Recipient } from './recipient.js';
import type { ReplayProgress, ReplayRange } from './replay-progress.js';
import { ReplayRecords, type Decision } from './replay-records.js';
import { rangesOf } from './replay-topics.js';

export interface ReplayParts {
  kafka: Pick<Kafka, 'readRange' | 'topicsWithPrefix' | 'offsets'>;
  reader: Pick<ChangeReader, 'read'>;
  dataSource: DataSource;
  outbox: Outbox;
  states: SubscriptionStates;
  publisher: Publisher;
  /** Resolves when it is kept for whoever goes on. */
  save(progress: ReplayProgress): Promise<void>;
}

/** So long after its publication every router knows a subscription: what is published from then on comes live. */
const settleMs = 2_000;
const publicationPollMs = 100;

/** What is sent next, all of it at once. */
interface Step {
  decisions: Decision[];
  records: OutgoingRecord[];
}

/**
 * One replay from where it stands to its end, partition by partition and slice by slice:
 *
 *   where the records are ─► page of records ─► those that are for the subscription ─► step: wait for its turn,
 *   publish, count, save ─► next
 *
 * The position is saved behind what is published, so a crash repeats at most one step, under the same ids.
 */
export class ReplayRun {
  private readonly progress: ReplayProgress;
  private readonly sending: PacedSending;
  private readonly records: ReplayRecords;
  private readonly recipient: Recipient;
  /** Why it cannot go on. */
  private failed: string | undefined;

  constructor(
    private readonly replay: ReplayRow,
    private readonly parts: ReplayParts,
  ) {
    this.progress = structuredClone(replay.progress);
    this.sending = new PacedSending(replay, parts.publisher);
    this.records = new ReplayRecords(parts.reader, replay);
    this.recipient = new Recipient(parts, replay.subscriptionId);
  }

  /** Resolves when all is sent, or after the step under way when the signal aborts. */
  async run(signal: AbortSignal): Promise<RunEnd> {
    for (const range of await this.ranges(signal)) {
      while (range.slice < range.slices && this.goesOn(signal)) {
        await this.readSlice(range, signal);
      }
    }
    if (this.failed !== undefined) {
      return { failed: this.failed };
    }
    return signal.aborted ? 'interrupted' : 'done';
  }

  /** Asked anew each time: the compiler would believe a look at the signal for ever. */
  private goesOn(signal: AbortSignal): boolean {
    return !signal.aborted && this.failed === undefined;
  }

  private async listener(): Promise<Listener | undefined> {
    const found = await this.recipient.present();
    if (found.kind === 'listener') {
      return found.listener;
    }
    this.failed = found.why;
    return undefined;
  }

  private async ranges(signal: AbortSignal): Promise<readonly ReplayRange[]> {
    if (this.progress.ranges !== null) {
      return this.progress.ranges;
    }
    const listener = (await this.isKnownToRouters(signal)) ? await this.listener() : undefined;
    if (listener === undefined) {
      return [];
    }
    const of = { database: listener.subscription.database, models: [...listener.byModel.keys()] };
    const ranges = await rangesOf(this.parts.kafka, of, this.replay.selection);
    this.progress.ranges = ranges;
    await this.parts.save(this.progress);
    return ranges;
  }

  /** So that nothing falls between what is replayed and what comes live. Nobody misses what is only counted. */
  private async isKnownToRouters(signal: AbortSignal): Promise<boolean> {
    if (this.replay.dryRun) {
      return true;
    }
    const { subscriptionId: id, database } = this.replay;
    while ((await this.parts.outbox.unpublished([{ id, database }])).has(id) && this.goesOn(signal)) {
      await delay(publicationPollMs, signal);
    }
    await delay(settleMs, signal);
    return this.goesOn(signal);
  }

  private async readSlice(range: ReplayRange, signal: AbortSignal): Promise<void> {
    const { topic, partition, next, end } = range;
    const isWanted = await this.wanted(range, signal);
    if (isWanted === undefined) {
      return;
    }
    const stretch = { partition, from: BigInt(next), to: BigInt(end) };
    for await (const page of this.parts.kafka.readRange(topic, stretch)) {
      if (!(await this.take(range, page.records.filter(isWanted), signal))) {
        return;
      }
      await this.moveTo(range, page.next);
    }
    range.slice++;
    range.next = range.start;
    await this.parts.save(this.progress);
  }

  private async wanted(range: ReplayRange, signal: AbortSignal): Promise<IsWanted | undefined> {
    const { selection } = this.replay;
    return selection.kind === 'history' ? () => true : lastRecords(this.parts.kafka, range, signal);
  }

  /** All of a page, step by step; false when it does not go on: then what is not saved has not happened. */
  private async take(
    range: ReplayRange,
    page: readonly IncomingRecord[],
    signal: AbortSignal,
  ): Promise<boolean> {
    let listener = await this.listener();
    let step: Step = { decisions: [], records: [] };
    for (const record of page) {
      if (listener === undefined || !this.goesOn(signal)) {
        return false;
      }
      const decision = await this.records.of(record, listener);
      step.decisions.push(decision);
      if (decision.kind === 'send' && step.records.push(decision.record) === this.sending.recordsPerStep) {
        if (!(await this.send(step, signal))) {
          return false;
        }
        await this.moveTo(range, record.offset + 1n);
        step = { decisions: [], records: [] };
        listener = await this.listener();
      }
    }
    return listener !== undefined && (await this.send(step, signal));
  }

  /** false when the signal came first: then nothing of the step has happened. */
  private async send({ decisions, records }: Step, signal: AbortSignal): Promise<boolean> {
    const refused = await this.sending.send(records, signal);
    if (refused === undefined) {
      return false;
    }
    decisions.forEach((decision) => {
      this.count(decision, refused);
    });
    return true;
  }

  private count(decision: Decision, refused: ReadonlySet<OutgoingRecord>): void {
    if (decision.kind === 'none') {
      return;
    }
    this.progress.matched++;
    if (decision.kind === 'skip') {
      addOne(this.progress.skipped, decision.why);
    } else if (refused.has(decision.record)) {
      addOne(this.progress.skipped, 'too-large');
    } else if (!this.replay.dryRun) {
      this.progress.sent++;
    }
  }

  private async moveTo(range: ReplayRange, next: bigint): Promise<void> {
    if (range.next !== String(next)) {
      range.next = String(next);
      await this.parts.save(this.progress);
    }
  }
}
