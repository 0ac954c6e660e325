import type { Delivery } from './delivery.js';

/** No more of a delivery than that: its body is in Kafka. */
interface Pending {
  webhookId: string;
  sequence: bigint;
  /** Of its partition. */
  signal: AbortSignal;
  dueAtMs: number;
  /** How long that was when it was put off: a clock that is set back makes it no longer. */
  waitMs: number;
}

/** Of so many records the order is kept; what is put off beyond goes out as it comes back. */
const maxTracked = 50_000;
/** One that has not come back by then never will. */
const overdueMs = 60_000;
/** What has to wait looks again after this. */
const againMs = 200;

/**
 * First attempts that were put off, by record, until it is their turn again: a later change of the record has
 * to wait behind them, or it would overtake. Times are milliseconds since 1970.
 */
export class DeferredRecords {
  private readonly records = new Map<string, Pending[]>();

  get size(): number {
    return this.records.size;
  }

  /** A first attempt was put off until then. */
  add(delivery: Delivery, dueAtMs: number, nowMs: number): void {
    const key = keyOf(delivery);
    const { webhookId, sequence } = delivery.task;
    const others = this.records.get(key)?.filter((pending) => pending.webhookId !== webhookId);
    if (others !== undefined || this.records.size < maxTracked) {
      const { signal } = delivery.batch;
      this.records.set(key, [
        ...(others ?? []),
        { webhookId, sequence, signal, dueAtMs, waitMs: dueAtMs - nowMs },
      ]);
    }
  }

  /**
   * It is the turn of a first attempt: until when it has to wait for earlier changes of its record, or undefined
   * where none is put off. Then it is itself put off no longer.
   */
  turn(delivery: Delivery, nowMs: number): number | undefined {
    const key = keyOf(delivery);
    const others = this.others(delivery, nowMs);
    if (others === undefined) {
      return undefined;
    }
    if (others.length === 0) {
      this.records.delete(key);
    } else {
      this.records.set(key, others);
    }
    const earlier = others.filter((pending) => pending.sequence < delivery.task.sequence);
    return earlier.length === 0
      ? undefined
      : Math.max(nowMs + againMs, ...earlier.map(({ dueAtMs, waitMs }) => Math.min(dueAtMs, nowMs + waitMs)));
  }

  /** An earlier change of its record is put off. */
  isBehind(delivery: Delivery, nowMs: number): boolean {
    const others = this.others(delivery, nowMs) ?? [];
    return others.some((pending) => pending.sequence < delivery.task.sequence);
  }

  /** What else of its record is put off; undefined where nothing of the record is. */
  private others(delivery: Delivery, nowMs: number): Pending[] | undefined {
    return this.records
      .get(keyOf(delivery))
      ?.filter(
        (pending) =>
          pending.webhookId !== delivery.task.webhookId &&
          !pending.signal.aborted &&
          pending.dueAtMs + overdueMs > nowMs,
      );
  }
}

function keyOf({ task }: Delivery): string {
  return `${task.subscriptionId} ${task.record}`;
}
