import { webhookId } from '#libs/change';
import type { CommittedTransaction } from '#sample';
import { expectedChanges, matches, recordKey } from './expected-changes.js';
import type { ReceivedDelivery, ReceiverFigures } from './receiver.js';
import { changeKey, checkTopics, type TopicChange } from './topic-check.js';

export interface LedgerSubscription {
  id: string;
  eventType: string;
}

/** All that is known when the activity has stopped. */
export interface LedgerFacts {
  transactions: readonly CommittedTransaction[];
  watchedTables: ReadonlySet<string>;
  /** Everything in the topics since the activity began, per record in offset order. */
  topicChanges: readonly TopicChange[];
  subscriptions: readonly LedgerSubscription[];
  deliveries: ReadonlyMap<string, ReceivedDelivery>;
  /** Webhook ids of dead letters. */
  dead: ReadonlySet<string>;
}

export interface LedgerResult {
  /** Committed changes of watched models. */
  changes: number;
  /** Pairs of a change and a subscription that it is for. */
  matched: number;
  delivered: number;
  dead: number;
  /** Changes that no topic holds and deliveries that are neither delivered nor dead. */
  lost: number;
  /** Of matched, those neither delivered nor dead. */
  pending: number;
  problems: string[];
}

/** Compares what was committed with what the topics hold and what became of every delivery. */
export function checkLedger(facts: LedgerFacts): LedgerResult {
  const expected = expectedChanges(facts.transactions, facts.watchedTables);
  const topics = checkTopics(expected, facts.topicChanges);
  const calledFor = deliveriesCalledFor(facts, topics.changeIds);
  const problems = [...topics.problems];
  let delivered = 0;
  let dead = 0;
  for (const [id, name] of calledFor) {
    const isDelivered = (facts.deliveries.get(id)?.accepted ?? 0) > 0;
    delivered += isDelivered ? 1 : 0;
    dead += !isDelivered && facts.dead.has(id) ? 1 : 0;
    if (!isDelivered && !facts.dead.has(id)) {
      problems.push(`lost: ${name} is neither delivered nor dead`);
    }
  }
  problems.push(...uncalledFor(facts, calledFor));
  const pending = calledFor.size - delivered - dead;
  return {
    changes: rowChanges(facts).length,
    matched: calledFor.size,
    delivered,
    dead,
    lost: topics.lost + pending,
    pending,
    problems,
  };
}

/** Webhook ids with a name for people. */
function deliveriesCalledFor(
  facts: LedgerFacts,
  changeIds: ReadonlyMap<string, string>,
): Map<string, string> {
  const calledFor = new Map<string, string>();
  for (const { transactionId, change } of rowChanges(facts)) {
    const key = changeKey(recordKey(change.table, change.id), transactionId);
    for (const { id, eventType } of facts.subscriptions.filter((one) => matches(one.eventType, change))) {
      // A change that no topic holds has no id: its delivery is missed under a name that nothing bears.
      const delivery = webhookId(changeIds.get(key) ?? key, id);
      calledFor.set(delivery, `${eventType} for ${key} (${delivery})`);
    }
  }
  return calledFor;
}

function rowChanges(
  facts: LedgerFacts,
): { transactionId: string; change: CommittedTransaction['changes'][number] }[] {
  return facts.transactions.flatMap(({ id, changes }) =>
    changes
      .filter(({ table }) => facts.watchedTables.has(table))
      .map((change) => ({ transactionId: id, change })),
  );
}

/** Deliveries of changes of this run that no subscription asked for; those of earlier runs are left alone. */
function uncalledFor(facts: LedgerFacts, calledFor: ReadonlyMap<string, string>): string[] {
  const ofThisRun = new Set(
    facts.topicChanges.flatMap((entry) => (entry.kind === 'change' ? [entry.change.source.change_id] : [])),
  );
  return [...facts.deliveries.values()]
    .filter(({ webhookId: id, changeId }) => ofThisRun.has(changeId) && !calledFor.has(id))
    .map(({ webhookId: id, changeId, path }) => `uncalled for: ${path} got ${id} for change ${changeId}`);
}

/** The last line of `npm start -- --for`. */
export function ledgerLine(
  result: Pick<LedgerResult, 'changes' | 'matched' | 'delivered' | 'dead' | 'lost'>,
  receiver: Pick<ReceiverFigures, 'duplicates' | 'retried'>,
  commitToReceiptMs: { p50: number | null; p99: number | null },
): string {
  const { changes, matched, delivered, dead, lost } = result;
  const { duplicates, retried } = receiver;
  return JSON.stringify({ changes, matched, delivered, duplicates, retried, dead, lost, commitToReceiptMs });
}
