import type { Kafka } from '#libs/kafka';
import { delay } from '#libs/process';
import { checkLedger, type LedgerFacts, type LedgerResult } from './ledger.js';

export interface SettleOptions {
  kafka: Pick<Kafka, 'lag'>;
  facts: () => LedgerFacts;
  /** performance.now() of the last news from the pipeline. */
  lastNewsAtMonotonicMs: () => number;
  capMs: number;
  signal: AbortSignal;
}

export interface Settled {
  result: LedgerResult;
  /** What was still to come when the patience ended: empty when all is done. */
  unfinished: string[];
}

const groups = ['relay-router', 'relay-delivery'] as const;
const pollMs = 500;
/** Something that should not come at all (a duplicate, a stranger) gets this long to show itself. */
const quietMs = 1_500;

/** Waits until all that was committed is delivered or dead and nobody has anything left to read. */
export async function waitUntilSettled(options: SettleOptions): Promise<Settled> {
  const deadline = performance.now() + options.capMs;
  for (;;) {
    const result = checkLedger(options.facts());
    const unfinished = await whatIsUnfinished(options, result);
    const isLate = performance.now() > deadline || options.signal.aborted;
    if (isLate || unfinished.length === 0) {
      return { result, unfinished };
    }
    await delay(pollMs, options.signal);
  }
}

async function whatIsUnfinished(options: SettleOptions, result: LedgerResult): Promise<string[]> {
  const unfinished: string[] = [];
  if (result.lost > result.pending) {
    unfinished.push(`${result.lost - result.pending} committed changes are not in their topics`);
  }
  if (result.pending > 0) {
    unfinished.push(`${result.pending} of ${result.matched} deliveries are neither delivered nor dead`);
  }
  if (unfinished.length > 0) {
    return unfinished;
  }
  const lags = await lagsOf(options.kafka);
  for (const [group, lag] of Object.entries(lags)) {
    if (lag > 0n) {
      unfinished.push(`${group} has ${lag} records to read`);
    }
  }
  if (performance.now() - options.lastNewsAtMonotonicMs() < quietMs) {
    unfinished.push('there was news a moment ago');
  }
  return unfinished;
}

/** Records that each app has still to read. */
export async function lagsOf(kafka: Pick<Kafka, 'lag'>): Promise<Record<(typeof groups)[number], bigint>> {
  const [router, delivery] = await Promise.all(groups.map((group) => kafka.lag(group)));
  return { 'relay-router': router ?? 0n, 'relay-delivery': delivery ?? 0n };
}
