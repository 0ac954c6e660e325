import type { Delivery } from './delivery.js';

/** First attempts of one record that were put off, the earliest first; their bodies are in Kafka. */
interface Line {
  /** Of their partition. */
  signal: AbortSignal;
  sequences: bigint[];
  /** Of each of them, milliseconds since 1970. */
  dueAtMs: number[];
  /** How long that was when they were put off: a clock that is set back makes it no longer. */
  waitMs: number[];
}

/** Of so many records the order is kept; what is put off beyond goes out as it comes back. */
const maxTracked = 50_000;
/** One that has not come back by then, although a tier may be long, never will. */
const overdueMs = 3_600_000;
/** What has to wait looks again after this for each that is before it, because they go one by one ... */
const againMs = 1000;
/** ... or after this: its turn does not wait for that time, but a turn may go by unseen. */
const maxAgainMs = 300_000;

/**
 * First attempts that were put off, by record, until it is their turn again: a later change of the record has
 * to wait behind them, or it would overtake. Replays have lines of their own. Times are milliseconds since 1970.
 */
export class DeferredRecords {
  private readonly lines = new Map<string, Line>();

  /** Records of which one was put off. */
  get size(): number {
    return this.lines.size;
  }

  /** A first attempt was put off until then. */
  add(delivery: Delivery, dueAtMs: number, nowMs: number): void {
    const line = this.lineOf(delivery) ?? this.newLine(delivery);
    if (line === undefined) {
      return;
    }
    const { sequence } = delivery.task;
    const place = placeOf(line, sequence);
    const isKnown = line.sequences[place] === sequence ? 1 : 0;
    line.sequences.splice(place, isKnown, sequence);
    line.dueAtMs.splice(place, isKnown, dueAtMs);
    line.waitMs.splice(place, isKnown, dueAtMs - nowMs);
  }

  /**
   * It is the turn of a first attempt: until when it has to wait for earlier changes of its record, or undefined
   * where none is put off. Then it is itself put off no longer.
   */
  turn(delivery: Delivery, nowMs: number): number | undefined {
    const line = this.lineOf(delivery);
    if (line === undefined) {
      return undefined;
    }
    const { sequence } = delivery.task;
    const own = placeOf(line, sequence);
    if (line.sequences[own] === sequence) {
      removeAt(line, own);
    }
    const earlier = this.earlier(delivery, line, nowMs);
    if (earlier === 0) {
      return undefined;
    }
    const dueAtMs = Math.min(line.dueAtMs[earlier - 1] ?? 0, nowMs + (line.waitMs[earlier - 1] ?? 0));
    return Math.max(nowMs + Math.min(earlier * againMs, maxAgainMs), dueAtMs);
  }

  /** An earlier change of its record is put off. */
  isBehind(delivery: Delivery, nowMs: number): boolean {
    const line = this.lineOf(delivery);
    return line !== undefined && this.earlier(delivery, line, nowMs) > 0;
  }

  /** undefined where nothing of its record is put off. */
  private lineOf(delivery: Delivery): Line | undefined {
    const key = keyOf(delivery);
    const line = this.lines.get(key);
    if (line?.signal.aborted === true) {
      this.lines.delete(key);
      return undefined;
    }
    return line;
  }

  private newLine(delivery: Delivery): Line | undefined {
    if (this.lines.size >= maxTracked) {
      return undefined;
    }
    const line: Line = { signal: delivery.batch.signal, sequences: [], dueAtMs: [], waitMs: [] };
    this.lines.set(keyOf(delivery), line);
    return line;
  }

  /** How many of the line are before it. */
  private earlier(delivery: Delivery, line: Line, nowMs: number): number {
    while ((line.dueAtMs[0] ?? Infinity) + overdueMs < nowMs) {
      removeAt(line, 0);
    }
    if (line.sequences.length === 0) {
      this.lines.delete(keyOf(delivery));
    }
    return placeOf(line, delivery.task.sequence);
  }
}

/** How many of the line are earlier. */
function placeOf({ sequences }: Line, sequence: bigint): number {
  let low = 0;
  let high = sequences.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sequences[middle] ?? sequence) < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function removeAt({ sequences, dueAtMs, waitMs }: Line, place: number): void {
  sequences.splice(place, 1);
  dueAtMs.splice(place, 1);
  waitMs.splice(place, 1);
}

function keyOf({ task }: Delivery): string {
  return `${task.subscriptionId} ${task.record} ${task.redrive ?? ''}`;
}
