/** What a commit says of a partition. */
export interface Progress {
  /** Everything before this offset is finished. */
  position: bigint;
  /** Finished behind the position, in no order. */
  ahead: readonly bigint[];
  /** Records that are known to be finished once this is committed. */
  covered: number;
}

/** Finished records further ahead than this are left out of a commit, whose note has little room. */
export const maxAhead = 20_000n;

/**
 * What of one partition was handed out and what of it is finished. The position to commit is the end of the
 * contiguous finished prefix: a record is behind it only when all before it are, however they finish. Records
 * that are finished ahead of it are committed beside it, so that one slow record makes none be repeated.
 */
export class OffsetTracker {
  /** Handed out and not behind the prefix, in order; those before `head` are done with. */
  private order: bigint[] = [];
  private head = 0;
  private readonly ahead = new Set<bigint>();
  private handedOut = 0;
  private finished = 0;
  private next: bigint;
  private committed: Pick<Progress, 'position' | 'covered'> | undefined;

  /** `start` is the offset the partition is read from. */
  constructor(start: bigint) {
    this.next = start;
  }

  /** The offset to read from: behind everything handed out or skipped. */
  get nextOffset(): bigint {
    return this.next;
  }

  /** Records handed out and not finished. */
  get outstanding(): number {
    return this.handedOut - this.finished;
  }

  /** Records that would be handed out again if this process ended now. */
  get repeatable(): number {
    return this.handedOut - this.covered;
  }

  /** Finished records that no commit knows of. */
  get uncovered(): number {
    return this.finished - this.covered;
  }

  /** Everything before this offset is finished. */
  get position(): bigint {
    return this.order[this.head] ?? this.next;
  }

  /** What is to be committed, when it is more than what is. */
  get uncommitted(): Progress | undefined {
    const { position, committed } = this;
    if (committed !== undefined && position <= committed.position && this.uncovered === 0) {
      return undefined;
    }
    const ahead = [...this.ahead].filter((offset) => offset - position <= maxAhead);
    const covered = this.finished - this.ahead.size + ahead.length;
    const isNew = committed === undefined || position > committed.position || covered > committed.covered;
    return isNew ? { position, ahead, covered } : undefined;
  }

  markCommitted({ position, covered }: Progress): void {
    if (this.committed === undefined || covered >= this.committed.covered) {
      this.committed = { position, covered };
    }
  }

  handOut(offset: bigint): void {
    if (offset < this.next) {
      throw new RangeError(`offset ${String(offset)} was handed out already`);
    }
    this.order.push(offset);
    this.handedOut++;
    this.next = offset + 1n;
  }

  /** Moves past offsets that hold nothing to hand out, such as the marks that end transactions. */
  skipTo(next: bigint): void {
    if (next > this.next) {
      this.next = next;
    }
  }

  isOutstanding(offset: bigint): boolean {
    if (this.order[this.head] === offset) {
      return true;
    }
    let low = this.head;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.order[middle] ?? offset) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.order[low] === offset && !this.ahead.has(offset);
  }

  /** A second acknowledgement of a record, or one of a record that was not handed out, changes nothing. */
  finish(offset: bigint): void {
    if (!this.isOutstanding(offset)) {
      return;
    }
    this.finished++;
    if (this.order[this.head] !== offset) {
      this.ahead.add(offset);
      return;
    }
    this.head++;
    this.advance();
  }

  private get covered(): number {
    return this.committed?.covered ?? 0;
  }

  private advance(): void {
    for (let offset = this.order[this.head]; offset !== undefined; offset = this.order[this.head]) {
      if (!this.ahead.delete(offset)) {
        break;
      }
      this.head++;
    }
    if (this.head > 1024 && this.head * 2 > this.order.length) {
      this.order = this.order.slice(this.head);
      this.head = 0;
    }
  }
}
