import { Queue } from './queue.js';

/** What a lane makes one after the other for the same record and otherwise side by side. */
export interface LaneJob {
  /** Jobs of one record never overlap and keep their order. */
  readonly record: string;
  /** Resolves when the next job of the record may start. Must not reject. */
  run(): Promise<void>;
  /** Instead of run: the lane has no room for it after all. */
  putOff(): void;
}

export interface LaneLimits {
  /** Jobs under way. */
  concurrency: number;
  /** Jobs that wait. */
  size: number;
  /** A lane holds more than its size while its oldest job has waited less than this, or longer where the endpoint is prompt. */
  patienceMs: number;
}

/** An endpoint that answers within this part of the patience is prompt ... */
const promptShare = 0.25;
/** ... and its jobs may wait so many times the patience. */
const promptPatience = 10;

interface Queued {
  job: LaneJob;
  sinceMs: number;
  state: 'waiting' | 'started' | 'putOff';
}

/**
 * The deliveries of one subscription on their way to its endpoint. Ready jobs start in order as soon as there
 * is room; a job whose record is under way stands behind it, not in the way of others. A lane that moves
 * takes all it is given (reading from Kafka is bounded anyway, and putting off would only change the order);
 * one that stands still keeps its size and puts off the rest, so that others get their share of what is read.
 */
export class Lane {
  private readonly ready = new Queue<Queued>();
  /** By record that is ready or under way: the jobs behind it, if any. */
  private readonly busy = new Map<string, Queue<Queued> | undefined>();
  /** All that wait, by age, and some that no longer do. */
  private readonly arrived = new Queue<Queued>();
  private waiting = 0;
  /** Jobs under way, since when, in the order in which they started. */
  private readonly started = new Map<LaneJob, number>();
  /** Jobs under way that the endpoint bears: shrinks when it does not answer in time. */
  private window: number;
  private check: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: LaneLimits,
    private readonly onIdle: () => void,
  ) {
    this.window = limits.concurrency;
  }

  get size(): number {
    return this.waiting + this.started.size;
  }

  /** false when the lane is full; `share` of its size is all that a job of less importance may find used. */
  offer(job: LaneJob, share = 1): boolean {
    const nowMs = performance.now();
    if (this.waiting >= this.limits.size * share && !this.moves(nowMs)) {
      return false;
    }
    this.waiting++;
    const queued: Queued = { job, sinceMs: nowMs, state: 'waiting' };
    this.arrived.push(queued);
    if (this.busy.has(job.record)) {
      this.queueBehind(queued);
    } else {
      this.busy.set(job.record, undefined);
      this.ready.push(queued);
    }
    this.startReady();
    this.watchSize();
    return true;
  }

  /** Fewer requests at a time for an endpoint that was too slow. */
  slowDown(): void {
    this.window = Math.max(1, Math.floor(this.window / 2));
  }

  /** And more again for one that answers. */
  speedUp(): void {
    if (this.window < this.limits.concurrency) {
      this.window = Math.min(this.limits.concurrency, this.window + 1 / this.window);
    }
  }

  private moves(nowMs: number): boolean {
    const { patienceMs } = this.limits;
    const oldest = this.arrived.first();
    const waitedMs = oldest === undefined ? 0 : nowMs - oldest.sinceMs;
    if (waitedMs < patienceMs || oldest === undefined) {
      return true;
    }
    // A burst for an endpoint that answers: to put off would cost it and us more than to wait.
    const [underWaySinceMs = nowMs] = this.started.values();
    return waitedMs < patienceMs * promptPatience && nowMs - underWaySinceMs < patienceMs * promptShare;
  }

  private queueBehind(queued: Queued): void {
    const { record } = queued.job;
    const behind = this.busy.get(record) ?? new Queue();
    behind.push(queued);
    this.busy.set(record, behind);
  }

  private startReady(): void {
    while (this.started.size < Math.floor(this.window)) {
      const next = this.ready.shift();
      if (next === undefined) {
        return;
      }
      if (next.state === 'putOff') {
        this.makeWay(next.job.record);
        continue;
      }
      next.state = 'started';
      this.waiting--;
      this.started.set(next.job, performance.now());
      this.forgetOld();
      void next.job.run().then(() => {
        this.started.delete(next.job);
        this.makeWay(next.job.record);
        this.startReady();
        this.restIfIdle();
      });
    }
  }

  /** The next job of a record is ready. */
  private makeWay(record: string): void {
    const behind = this.busy.get(record)?.shift();
    if (behind === undefined) {
      this.busy.delete(record);
    } else {
      this.ready.push(behind);
    }
  }

  private forgetOld(): void {
    for (let first = this.arrived.first(); first && first.state !== 'waiting'; first = this.arrived.first()) {
      this.arrived.shift();
    }
  }

  private watchSize(): void {
    if (this.waiting > this.limits.size && this.check === undefined) {
      this.check = setTimeout(() => {
        this.check = undefined;
        if (!this.moves(performance.now())) {
          this.putOffExcess();
        }
        this.watchSize();
      }, this.limits.patienceMs);
    }
  }

  /** From the youngest on, so that what stays comes first. */
  private putOffExcess(): void {
    let kept = 0;
    for (const queued of this.arrived.all()) {
      if (queued.state === 'waiting' && ++kept > this.limits.size) {
        queued.state = 'putOff';
        this.waiting--;
        queued.job.putOff();
      }
    }
  }

  private restIfIdle(): void {
    if (this.size === 0) {
      clearTimeout(this.check);
      this.onIdle();
    }
  }
}

/** Lanes by subscription; one without work is forgotten. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  constructor(private readonly limits: LaneLimits) {}

  of(subscriptionId: string): Lane {
    let lane = this.lanes.get(subscriptionId);
    if (lane === undefined) {
      lane = new Lane(this.limits, () => this.lanes.delete(subscriptionId));
      this.lanes.set(subscriptionId, lane);
    }
    return lane;
  }

  get count(): number {
    return this.lanes.size;
  }
}
