import { tableOf } from '#libs/change';
import type { Kafka } from '#libs/kafka';
import type { StartOptions } from './arguments.js';
import { ledgerLine, type LedgerFacts } from './ledger.js';
import type { SampleReceiver } from './receiver.js';
import type { SampleSubscription } from './sample-subscriptions.js';
import { waitUntilSettled } from './settle.js';
import type { Tally } from './tally.js';

/** How a run came out. */
export interface Conclusion {
  exitCode: number;
  /** For people, before everything is stopped. */
  report: readonly string[];
  /** For programs, the very last. */
  lastLine: string | undefined;
}

export interface SampleOutcome {
  tally: Tally;
  kafka: Kafka;
  receiver: SampleReceiver;
  subscriptions: readonly SampleSubscription[];
  options: StartOptions;
  signal: AbortSignal;
  say: (line: string) => void;
}

const capMs = 120_000;
const maxProblemsShown = 50;

/** Waits until all is delivered or dead, then checks the ledger. */
export async function concludeSample(outcome: SampleOutcome): Promise<Conclusion> {
  const { tally, receiver, options, say } = outcome;
  say('\nThe activity has stopped. Waiting until everything is delivered or dead ...');
  const watchedTables = new Set(options.models.map(tableOf));
  const facts = (): LedgerFacts => ({
    transactions: tally.transactions,
    watchedTables,
    topicChanges: tally.topicChanges,
    subscriptions: outcome.subscriptions,
    deliveries: receiver.deliveries,
    dead: tally.dead,
  });
  const { result, unfinished } = await waitUntilSettled({
    kafka: outcome.kafka,
    facts,
    lastNewsAtMonotonicMs: () => tally.lastNewsAtMonotonicMs,
    capMs,
    signal: outcome.signal,
  });
  const problems = [
    ...unfinished.map((sentence) => `still pending after ${capMs / 1000} s: ${sentence}`),
    ...result.problems,
    ...tally.unreadable.map((sentence) => `unreadable: ${sentence}`),
    ...receiver.rejections.map((sentence) => `refused by the receiver: ${sentence}`),
  ];
  const line = ledgerLine(result, receiver.figures, tally.clock.percentiles());
  return {
    exitCode: problems.length === 0 && result.lost === 0 ? 0 : 1,
    report: verdict(result, problems),
    lastLine: line,
  };
}

function verdict(result: { changes: number; matched: number }, problems: readonly string[]): string[] {
  if (problems.length === 0) {
    return [
      `Checked: each of ${result.changes} committed changes is in its topic exactly once and in order, and each of ` +
        `${result.matched} matching deliveries has arrived or is a dead letter.`,
    ];
  }
  const more = problems.length - maxProblemsShown;
  return [
    `Wrong (${problems.length}):`,
    ...problems.slice(0, maxProblemsShown).map((problem) => `  - ${problem}`),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
  ];
}

/** What can be counted without knowing what was committed and without a receiver: null for the rest. */
export function concludeWithoutSample(tally: Tally): Conclusion {
  const { changes, delivered, retries, dead } = tally.figures;
  const line = JSON.stringify({
    changes,
    matched: null,
    delivered,
    duplicates: null,
    retried: retries,
    dead,
    lost: null,
    commitToReceiptMs: { p50: null, p99: null },
  });
  return { exitCode: 0, report: [], lastLine: line };
}
