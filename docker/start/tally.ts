import type { AttemptRow } from '#libs/delivery-task';
import type { CommittedTransaction } from '#sample';
import { CommitClock } from './commit-clock.js';
import type { PipelineEvents } from './pipeline-watch.js';
import type { TopicChange } from './topic-check.js';

export interface TallyFigures {
  /** Changes read from the topics. */
  changes: number;
  delivered: number;
  /** Requests after the first one of their delivery. */
  retries: number;
  dead: number;
  /** Deliveries left out because a newer change of their record went out, where only the latest is wanted. */
  superseded: number;
}

const maxUnreadableKept = 20;

/** Everything this run has seen: what was committed, what the topics hold, what became of the deliveries. */
export class Tally implements PipelineEvents {
  readonly transactions: CommittedTransaction[] = [];
  readonly topicChanges: TopicChange[] = [];
  readonly dead = new Set<string>();
  readonly unreadable: string[] = [];
  readonly clock = new CommitClock();
  readonly figures: TallyFigures = { changes: 0, delivered: 0, retries: 0, dead: 0, superseded: 0 };
  /** performance.now() of the last news. */
  lastNewsAtMonotonicMs = performance.now();
  /** Records deleted in this run whose tombstone is still to come. */
  private readonly deleted = new Set<string>();

  /** Changes of transactions up to this one belong to earlier runs; all of them before it is known. */
  private baselineTransactionId: bigint | undefined;

  /** `keepAll`: every transaction and change for the ledger, otherwise only counts. */
  constructor(private readonly keepAll: boolean) {}

  /** What is committed from now on is of this run. */
  begin(currentTransactionId: bigint): void {
    this.baselineTransactionId = currentTransactionId;
  }

  committed(transaction: CommittedTransaction): void {
    this.clock.committed(transaction.id, transaction.committedAtMonotonicMs);
    if (this.keepAll) {
      this.transactions.push(transaction);
    }
  }

  onChange(entry: TopicChange): void {
    if (!this.isOfThisRun(entry)) {
      return;
    }
    this.lastNewsAtMonotonicMs = performance.now();
    if (entry.kind === 'change') {
      this.figures.changes++;
      this.clock.published(entry.change.source.change_id, entry.change.source.tx.id);
    }
    if (this.keepAll) {
      this.topicChanges.push(entry);
    }
  }

  onAttempt(attempt: AttemptRow): void {
    this.lastNewsAtMonotonicMs = performance.now();
    switch (attempt.outcome) {
      case 'delivered':
      case 'failed':
      case 'timedOut':
        this.figures.delivered += attempt.outcome === 'delivered' ? 1 : 0;
        this.figures.retries += attempt.attempt > 1 ? 1 : 0;
        return;
      case 'superseded':
        this.figures.superseded++;
        return;
      case 'gone':
      case 'unsendable':
      case 'dead':
      case 'expired':
      case 'dropped':
        return;
    }
  }

  onDead(webhookId: string): void {
    this.lastNewsAtMonotonicMs = performance.now();
    this.figures.dead++;
    if (this.keepAll) {
      this.dead.add(webhookId);
    }
  }

  onUnreadable(sentence: string): void {
    if (this.unreadable.length < maxUnreadableKept) {
      this.unreadable.push(sentence);
    }
  }

  /** Rows read by a snapshot are no changes. */
  private isOfThisRun(entry: TopicChange): boolean {
    if (entry.kind === 'tombstone') {
      return this.deleted.delete(entry.record);
    }
    const { op, source } = entry.change;
    const baseline = this.baselineTransactionId;
    const isOurs = op !== 'r' && baseline !== undefined && BigInt(source.tx.id) > baseline;
    if (isOurs && op === 'd') {
      this.deleted.add(entry.record);
    }
    return isOurs;
  }
}
