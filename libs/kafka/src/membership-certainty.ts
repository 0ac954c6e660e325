/**
 * Whether another member may have this one's partitions by now: when the group has not heard from it for a whole
 * session, because this process stood still or Kafka is away. Times are of the monotonic clock.
 */
export class MembershipCertainty {
  /** When the last heartbeat that was answered was sent: the coordinator has heard it later. */
  private heardAtMs = performance.now();
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly sessionTimeoutMs: number) {}

  get silentMs(): number {
    return performance.now() - this.heardAtMs;
  }

  heard(sentAtMs: number): void {
    this.heardAtMs = sentAtMs;
    this.settle();
  }

  /** Undefined while it is certain that its partitions are its own; else resolves when it is known. */
  uncertain(): Promise<void> | undefined {
    if (this.silentMs < this.sessionTimeoutMs) {
      return undefined;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** What is lost is known: those who wait see it by the signals of their partitions. */
  settle(): void {
    for (const resolve of this.waiting.splice(0)) {
      resolve();
    }
  }
}
