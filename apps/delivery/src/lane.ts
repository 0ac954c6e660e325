import type { CatchUp } from './catch-up.js';
import { Queue } from './queue.js';
import { TokenBucket } from './token-bucket.js';

/** Its first attempt, one more (a retry, or what was put off), or a dead letter that is sent once more. */
export type Urgency = 'first' | 'again' | 'replay';

/** What a lane makes one after the other for the same record and otherwise side by side. */
export interface LaneJob {
  /** Jobs of one record never overlap and keep their order. */
  readonly record: string;
  readonly urgency: Urgency;
  /** It was put off before its first attempt: nothing speaks against its endpoint. */
  readonly isOnlyLate: boolean;
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
  /** A lane holds more than its size while all of it will have gone within this, as fast as its endpoint answers. */
  patienceMs: number;
}

/** What a subscription asks for; null where only the limits of all lanes hold. */
export interface LaneSettings {
  concurrency: number | null;
  rateLimitPerS: number | null;
}

/** How much the last of the times between two ends counts in their mean. */
const lastGapShare = 0.1;
/** So long an idle lane knows that its endpoint is slow. */
const slowMemoryMs = 30_000;
/** Of a lane's size, what may wait besides first attempts. */
const shares = { again: 0.5, replay: 0.25 };

interface Queued {
  job: LaneJob;
  state: 'waiting' | 'started' | 'putOff';
}

/** What all lanes share. */
export interface LaneSurroundings {
  limits: LaneLimits;
  catchUp: CatchUp;
}

/**
 * The deliveries of one subscription on their way to its endpoint. Ready jobs start in order as soon as there
 * is room, first attempts before all others; a job whose record is under way stands behind it, not in the way of
 * others. A lane that moves takes all first attempts it is given (reading from Kafka is bounded anyway, and putting
 * off would only change the order); one that stands still keeps its size and puts off the rest, so that others get
 * their share of what is read.
 * What is no first attempt has a part of the size; retries, replays and whatever has waited for an endpoint that was
 * down wait for their turn among all lanes (see {@link CatchUp}).
 */
export class Lane {
  private readonly ready: Readonly<Record<Urgency, Queue<Queued>>> = {
    first: new Queue(),
    again: new Queue(),
    replay: new Queue(),
  };
  /** By record that is ready or under way: the jobs behind it, if any. */
  private readonly busy = new Map<string, Queue<Queued> | undefined>();
  /** First attempts that wait, by age, and some that no longer do. */
  private readonly arrived = new Queue<Queued>();
  private readonly waiting: Record<Urgency, number> = { first: 0, again: 0, replay: 0 };
  /** Jobs under way. */
  private readonly started = new Set<LaneJob>();
  /** Jobs under way that the endpoint bears: shrinks when it does not answer in time. */
  private window: number;
  /** When a job ended last, or the first one came. */
  private progressAtMs = 0;
  /** Between the ends of two jobs while there was work; 0 at first. */
  private meanGapMs = 0;
  private concurrency: number;
  private bucket: TokenBucket | undefined;
  private settings: LaneSettings | undefined;
  private check: NodeJS.Timeout | undefined;
  private nextToken: NodeJS.Timeout | undefined;
  /** Before an idle lane is forgotten, and with it its rate limit and that its endpoint is slow. */
  private rest: NodeJS.Timeout | undefined;

  constructor(
    private readonly surroundings: LaneSurroundings,
    private readonly onIdle: () => void,
  ) {
    this.concurrency = surroundings.limits.concurrency;
    this.window = this.concurrency;
  }

  get size(): number {
    return this.waiting.first + this.caughtUp + this.started.size;
  }

  /** What waits and is no first attempt. */
  get caughtUp(): number {
    return this.waiting.again + this.waiting.replay;
  }

  get underWay(): number {
    return this.started.size;
  }

  /** Room for what was put off and may come back: as much as can be under way. */
  get hasRoomToCatchUp(): boolean {
    return this.caughtUp < Math.min(this.window, this.limits.size * shares.again);
  }

  /** What its subscription asks for now. */
  configure(settings: LaneSettings): void {
    if (settings === this.settings) {
      return;
    }
    this.settings = settings;
    const concurrency = settings.concurrency ?? this.limits.concurrency;
    this.window = this.window === this.concurrency ? concurrency : Math.min(this.window, concurrency);
    this.concurrency = concurrency;
    const { rateLimitPerS } = settings;
    this.bucket =
      rateLimitPerS === null ? undefined : new TokenBucket(() => rateLimitPerS, performance.now());
  }

  /** false when the lane is full. */
  offer(job: LaneJob): boolean {
    const nowMs = performance.now();
    if (!this.hasRoom(job.urgency, nowMs)) {
      return false;
    }
    if (this.size === 0) {
      this.progressAtMs = nowMs;
    }
    this.waiting[job.urgency]++;
    const queued: Queued = { job, state: 'waiting' };
    if (job.urgency === 'first') {
      this.arrived.push(queued);
    }
    if (this.busy.has(job.record)) {
      this.queueBehind(queued);
    } else {
      this.busy.set(job.record, undefined);
      this.ready[job.urgency].push(queued);
    }
    this.startReady();
    this.watchSize();
    return true;
  }

  /** Fewer requests at a time for an endpoint that was too slow. */
  slowDown(): void {
    this.window = Math.max(1, Math.floor(this.window / 2));
  }

  /** One at a time for an endpoint that has just come back. */
  slowStart(): void {
    this.window = 1;
  }

  /** And more again for one that answers. */
  speedUp(): void {
    if (this.window < this.concurrency) {
      this.window = Math.min(this.concurrency, this.window + 1 / this.window);
    }
  }

  private get limits(): LaneLimits {
    return this.surroundings.limits;
  }

  private hasRoom(urgency: Urgency, nowMs: number): boolean {
    const { size } = this.limits;
    if (urgency === 'first') {
      return this.waiting.first < size || this.moves(nowMs);
    }
    return this.caughtUp < size * shares[urgency];
  }

  /** What waits will have gone soon, by how fast jobs have ended lately, and they still do. */
  private moves(nowMs: number): boolean {
    const { patienceMs } = this.limits;
    return nowMs - this.progressAtMs < patienceMs && this.waiting.first * this.meanGapMs < patienceMs;
  }

  private queueBehind(queued: Queued): void {
    const { record } = queued.job;
    const behind = this.busy.get(record) ?? new Queue();
    behind.push(queued);
    this.busy.set(record, behind);
  }

  private startReady(): void {
    while (this.isFree() && this.startNext(this.ready.first)) {
      // Each one that starts may leave room for another.
    }
    while (this.isFree() && this.mayGoWithoutTurn() && this.startNext(this.ready.again)) {
      // Likewise.
    }
    if (this.isFree() && this.hasReadyToCatchUp()) {
      this.surroundings.catchUp.enqueue(this.turn);
    }
  }

  private isFree(): boolean {
    return this.started.size < Math.floor(this.window);
  }

  /** What waits for no endpoint that was down needs no turn among all lanes. */
  private mayGoWithoutTurn(): boolean {
    return this.ready.again.first()?.job.isOnlyLate === true;
  }

  private hasReadyToCatchUp(): boolean {
    return this.ready.again.first() !== undefined || this.ready.replay.first() !== undefined;
  }

  private readonly turn = (): boolean => {
    const startedOne =
      this.isFree() && (this.startNext(this.ready.again) || this.startNext(this.ready.replay));
    if (startedOne) {
      this.startReady();
    }
    return startedOne;
  };

  /** false when there is none, or the rate limit says later. */
  private startNext(queue: Queue<Queued>): boolean {
    for (let next = queue.first(); next !== undefined; next = queue.first()) {
      if (next.state === 'putOff') {
        queue.shift();
        this.makeWay(next.job.record);
        continue;
      }
      if (!this.mayStartNow()) {
        return false;
      }
      queue.shift();
      this.start(next);
      return true;
    }
    return false;
  }

  private mayStartNow(): boolean {
    const { bucket } = this;
    if (bucket === undefined || bucket.take(performance.now())) {
      return true;
    }
    this.nextToken ??= setTimeout(() => {
      this.nextToken = undefined;
      this.startReady();
    }, bucket.waitMs(performance.now()));
    return false;
  }

  private start(queued: Queued): void {
    const { job } = queued;
    queued.state = 'started';
    this.waiting[job.urgency]--;
    this.started.add(job);
    this.forgetOld();
    void job.run().then(() => {
      this.progress(performance.now());
      this.started.delete(job);
      this.makeWay(job.record);
      this.startReady();
      this.restIfIdle();
    });
  }

  private progress(nowMs: number): void {
    const gapMs = nowMs - this.progressAtMs;
    this.meanGapMs += (gapMs - this.meanGapMs) * (this.meanGapMs === 0 ? 1 : lastGapShare);
    this.progressAtMs = nowMs;
  }

  /** The next job of a record is ready. */
  private makeWay(record: string): void {
    const behind = this.busy.get(record)?.shift();
    if (behind === undefined) {
      this.busy.delete(record);
    } else {
      this.ready[behind.job.urgency].push(behind);
    }
  }

  private forgetOld(): void {
    for (let first = this.arrived.first(); first && first.state !== 'waiting'; first = this.arrived.first()) {
      this.arrived.shift();
    }
  }

  private watchSize(): void {
    if (this.waiting.first > this.limits.size && this.check === undefined) {
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
        this.waiting.first--;
        queued.job.putOff();
      }
    }
  }

  private restIfIdle(): void {
    if (this.size > 0 || this.rest !== undefined) {
      return;
    }
    const slowMs = this.window < this.concurrency ? slowMemoryMs : 0;
    const waitMs = Math.max(slowMs, this.bucket?.waitMs(performance.now()) ?? 0);
    if (waitMs > 0) {
      this.rest = setTimeout(() => {
        this.rest = undefined;
        this.window = this.concurrency;
        this.restIfIdle();
      }, waitMs);
      this.rest.unref();
      return;
    }
    clearTimeout(this.check);
    clearTimeout(this.nextToken);
    this.surroundings.catchUp.forget(this.turn);
    this.onIdle();
  }
}

/** Lanes by subscription; one without work is forgotten. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  constructor(
    private readonly surroundings: LaneSurroundings,
    private readonly settingsOf: (subscriptionId: string) => LaneSettings | undefined,
  ) {}

  of(subscriptionId: string): Lane {
    let lane = this.lanes.get(subscriptionId);
    if (lane === undefined) {
      lane = new Lane(this.surroundings, () => this.lanes.delete(subscriptionId));
      this.lanes.set(subscriptionId, lane);
    }
    const settings = this.settingsOf(subscriptionId);
    if (settings !== undefined) {
      lane.configure(settings);
    }
    return lane;
  }

  /** Whether what was put off may come back. */
  hasRoomToCatchUp(subscriptionId: string): boolean {
    return this.lanes.get(subscriptionId)?.hasRoomToCatchUp ?? true;
  }

  get count(): number {
    return this.lanes.size;
  }

  /** Of all lanes: what waits and what is under way. */
  totals(): { waiting: number; underWay: number } {
    let waiting = 0;
    let underWay = 0;
    for (const lane of this.lanes.values()) {
      underWay += lane.underWay;
      waiting += lane.size - lane.underWay;
    }
    return { waiting, underWay };
  }
}
