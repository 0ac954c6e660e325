import type { Change } from '#libs/change';
import type { ExpectedChange } from './expected-changes.js';
import { rowDifferences } from './row-comparison.js';

/** What one record of a topic of changes said. */
export type TopicChange =
  | { kind: 'change'; record: string; change: Change }
  /** After a delete. */
  | { kind: 'tombstone'; record: string };

export interface TopicFindings {
  /** Committed changes that no topic holds. */
  lost: number;
  problems: string[];
  /** The id that a committed change of a row got, by {@link changeKey}. */
  changeIds: Map<string, string>;
}

/** One change of one record by one transaction. */
export function changeKey(record: string, transactionId: string): string {
  return `${record} of transaction ${transactionId}`;
}

/**
 * Compares what the topics hold (per record in offset order) with what was committed: each change exactly once,
 * in order, with the right rows; nothing else; one tombstone after each delete.
 */
export function checkTopics(
  expected: ReadonlyMap<string, readonly ExpectedChange[]>,
  found: readonly TopicChange[],
): TopicFindings {
  const findings: TopicFindings = { lost: 0, problems: [], changeIds: new Map() };
  const byRecord = grouped(found, ({ record }) => record);
  for (const record of new Set([...expected.keys(), ...byRecord.keys()])) {
    checkRecord(record, expected.get(record) ?? [], byRecord.get(record) ?? [], findings);
  }
  return findings;
}

function checkRecord(
  record: string,
  expected: readonly ExpectedChange[],
  found: readonly TopicChange[],
  findings: TopicFindings,
): void {
  const changes = found.flatMap((entry) => (entry.kind === 'change' ? [entry.change] : []));
  const byTransaction = grouped(changes, ({ source }) => source.tx.id);
  for (const one of expected) {
    const [change, ...more] = byTransaction.get(one.transactionId) ?? [];
    const name = changeKey(record, one.transactionId);
    if (change === undefined) {
      findings.lost++;
      findings.problems.push(`lost: ${name} is not in its topic`);
      continue;
    }
    if (more.length > 0) {
      findings.problems.push(`doubled: ${name} is ${more.length + 1} times in its topic`);
    }
    if (one.kind === 'row') {
      findings.changeIds.set(name, change.source.change_id);
    }
    findings.problems.push(...contentProblems(name, one, change));
  }
  findings.problems.push(
    ...unexpected(record, expected, changes),
    ...orderProblems(record, expected, changes),
  );
  findings.problems.push(...tombstoneProblems(record, expected, found));
}

function contentProblems(name: string, expected: ExpectedChange, change: Change): string[] {
  if (expected.kind === 'whole') {
    return change.op === 'u' ? [] : [`wrong: ${name} is ${change.op} instead of u`];
  }
  const { op, before, after, columnTypes } = expected.change;
  if (change.op !== op) {
    return [`wrong: ${name} is ${change.op} instead of ${op}`];
  }
  const differences = [
    ...rowDifferences(before, columnTypes, change.before).map((text) => `before: ${text}`),
    ...rowDifferences(after, columnTypes, change.after).map((text) => `after: ${text}`),
  ];
  return differences.length === 0 ? [] : [`wrong: ${name}: ${differences.join(', ')}`];
}

function unexpected(
  record: string,
  expected: readonly ExpectedChange[],
  changes: readonly Change[],
): string[] {
  const known = new Set(expected.map(({ transactionId }) => transactionId));
  const strangers = new Set(changes.map(({ source }) => source.tx.id).filter((id) => !known.has(id)));
  return [...strangers].map(
    (id) => `unexpected: ${changeKey(record, id)} was not committed by the sample's activity`,
  );
}

function orderProblems(
  record: string,
  expected: readonly ExpectedChange[],
  changes: readonly Change[],
): string[] {
  const positions = new Map(expected.map(({ transactionId }, index) => [transactionId, index]));
  const order = changes
    .map(({ source }) => positions.get(source.tx.id))
    .filter((index) => index !== undefined);
  const sequences = changes.map(({ source }) => source.sequence);
  const problems = isRising(order)
    ? []
    : [`reordered: the changes of ${record} are not in the order of their commits`];
  return isRising(sequences) ? problems : [...problems, `reordered: the sequence of ${record} does not rise`];
}

function isRising(values: readonly (number | bigint)[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
}

function tombstoneProblems(
  record: string,
  expected: readonly ExpectedChange[],
  found: readonly TopicChange[],
): string[] {
  const deletes = expected.filter((one) => one.kind === 'row' && one.change.op === 'd').length;
  const tombstones = found.filter(({ kind }) => kind === 'tombstone').length;
  if (deletes !== tombstones) {
    return [`wrong: ${record} has ${tombstones} tombstones after ${deletes} deletes`];
  }
  const last = found.at(-1);
  return deletes > 0 && last?.kind !== 'tombstone'
    ? [`reordered: the tombstone of ${record} is not its last record`]
    : [];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return groups;
}
