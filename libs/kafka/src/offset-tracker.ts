/**
 * What of one partition was handed out and what of it is finished. The position to commit is the end of the
 * contiguous finished prefix: a record is behind it only when all before it are, however they finish.
 */
export class OffsetTracker {
  /** Handed out and not behind the prefix, in order; those before `head` are done with. */
  private order: bigint[] = [];
  private head = 0;
  private readonly finished = new Set<bigint>();
  private unfinished = 0;
  private next: bigint;
  private committed: bigint | undefined;

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
    return this.unfinished;
  }

  /** Everything before this offset is finished. */
  get position(): bigint {
    return this.order[this.head] ?? this.next;
  }

  /** The position, when it has moved since it was last committed. */
  get uncommitted(): bigint | undefined {
    const { position } = this;
    return this.committed !== undefined && position <= this.committed ? undefined : position;
  }

  markCommitted(offset: bigint): void {
    if (this.committed === undefined || offset > this.committed) {
      this.committed = offset;
    }
  }

  handOut(offset: bigint): void {
    if (offset < this.next) {
      throw new RangeError(`offset ${String(offset)} was handed out already`);
    }
    this.order.push(offset);
    this.unfinished++;
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
    return this.order[low] === offset && !this.finished.has(offset);
  }

  /** A second acknowledgement of a record, or one of a record that was not handed out, changes nothing. */
  finish(offset: bigint): void {
    if (!this.isOutstanding(offset)) {
      return;
    }
    this.unfinished--;
    if (this.order[this.head] !== offset) {
      this.finished.add(offset);
      return;
    }
    this.head++;
    this.advance();
  }

  private advance(): void {
    for (let offset = this.order[this.head]; offset !== undefined; offset = this.order[this.head]) {
      if (!this.finished.delete(offset)) {
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
