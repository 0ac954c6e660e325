/** An item that is held, for {@link WaitingRoom.release}. */
export interface Waiting<T> {
  readonly item: T;
  /** On the monotonic clock, so that a step of the wall clock moves nothing. */
  readonly releaseAtMs: number;
  /** What is released at the same moment comes out in the order it came in. */
  readonly arrival: number;
  /** Where it stands in the heap; -1 once it was released. */
  place: number;
}

/** setTimeout takes no more; nothing waits longer than the longest tier, 5 h. */
const maxTimerMs = 2_147_483_647;

/** A wall clock that is off by more than this was set; less is its rounding. */
const clockStepMs = 20;

/** Holds items until their time has come: a heap and one timer, however many wait. */
export class WaitingRoom<T> {
  /** From the monotonic to the wall clock: the same for all, so that what is due at one time is a tie. */
  private wallOffsetMs = Date.now() - performance.now();
  private readonly heap: Waiting<T>[] = [];
  private arrivals = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerAtMs = Infinity;

  constructor(private readonly release: (item: T) => void) {}

  get size(): number {
    return this.heap.length;
  }

  /** `untilMs` in milliseconds since 1970, as the clock goes now. */
  hold(item: T, untilMs: number): Waiting<T> {
    const offsetMs = Date.now() - performance.now();
    if (Math.abs(offsetMs - this.wallOffsetMs) > clockStepMs) {
      this.wallOffsetMs = offsetMs;
    }
    const waiting = {
      item,
      releaseAtMs: untilMs - this.wallOffsetMs,
      arrival: this.arrivals++,
      place: this.heap.length,
    };
    this.push(waiting);
    this.arm();
    return waiting;
  }

  /** Releases it before its time; false when it is not held any more. */
  releaseNow(waiting: Waiting<T>): boolean {
    if (waiting.place < 0) {
      return false;
    }
    this.remove(waiting);
    this.release(waiting.item);
    return true;
  }

  /** Hands out what `wanted` says, in no particular order, and holds it no longer. */
  take(wanted: (item: T) => boolean): T[] {
    const all = this.heap.splice(0);
    const taken: T[] = [];
    for (const waiting of all) {
      if (wanted(waiting.item)) {
        waiting.place = -1;
        taken.push(waiting.item);
      } else {
        this.push(waiting);
      }
    }
    if (this.heap.length === 0) {
      clearTimeout(this.timer);
      this.timerAtMs = Infinity;
    }
    return taken;
  }

  private arm(): void {
    const next = this.heap[0];
    if (next === undefined || next.releaseAtMs >= this.timerAtMs) {
      return;
    }
    clearTimeout(this.timer);
    this.timerAtMs = next.releaseAtMs;
    const waitMs = Math.min(Math.max(0, Math.ceil(next.releaseAtMs - performance.now())), maxTimerMs);
    this.timer = setTimeout(() => {
      this.timerAtMs = Infinity;
      this.releaseDue();
      this.arm();
    }, waitMs);
  }

  private releaseDue(): void {
    const nowMs = performance.now();
    for (let next = this.heap[0]; next !== undefined && next.releaseAtMs <= nowMs; next = this.heap[0]) {
      this.remove(next);
      this.release(next.item);
    }
  }

  private push(waiting: Waiting<T>): void {
    this.heap.push(waiting);
    this.rise(waiting, this.heap.length - 1);
  }

  private remove(waiting: Waiting<T>): void {
    const { place } = waiting;
    waiting.place = -1;
    const last = this.heap.pop();
    if (last !== undefined && last !== waiting) {
      this.rise(last, place);
      this.sink(last, last.place);
    }
  }

  private rise(waiting: Waiting<T>, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.heap[parent];
      if (above === undefined || !before(waiting, above)) {
        break;
      }
      this.put(above, index);
      index = parent;
    }
    this.put(waiting, index);
  }

  private sink(waiting: Waiting<T>, from: number): void {
    let index = from;
    for (;;) {
      const child = this.smallerChild(index);
      const below = this.heap[child];
      if (below === undefined || !before(below, waiting)) {
        break;
      }
      this.put(below, index);
      index = child;
    }
    this.put(waiting, index);
  }

  private put(waiting: Waiting<T>, index: number): void {
    this.heap[index] = waiting;
    waiting.place = index;
  }

  private smallerChild(index: number): number {
    const left = this.heap[2 * index + 1];
    const right = this.heap[2 * index + 2];
    const rightIsSmaller = left !== undefined && right !== undefined && before(right, left);
    return 2 * index + (rightIsSmaller ? 2 : 1);
  }
}

function before<T>(one: Waiting<T>, other: Waiting<T>): boolean {
  return (
    one.releaseAtMs < other.releaseAtMs ||
    (one.releaseAtMs === other.releaseAtMs && one.arrival < other.arrival)
  );
}
