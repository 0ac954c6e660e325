import type { Column } from '#libs/change';
import { eventTypeOf, Listener, Subject } from '#libs/event';
import type { Subscription } from '#libs/subscription';
import { changeOf, columns } from './changes.js';
import { deliveriesEach } from './subscriptions.js';

const leastMs = 2_000;
const columnsByName: ReadonlyMap<string, Column> = new Map(columns.map((column) => [column.name, column]));

/** Changes a second where every subscription is asked about each, one after the other, and nothing is read or written. */
export function plainLoop(subscriptions: readonly Subscription[]): number {
  const listeners = subscriptions.map((subscription) => new Listener(subscription));
  let matches = 0;
  let changes = 0;
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < leastMs) {
    const subject = new Subject(changeOf(changes++));
    for (const listener of listeners) {
      const isWanted =
        eventTypeOf(listener, subject, columnsByName) !== undefined && listener.wants(subject, columnsByName);
      matches += isWanted ? 1 : 0;
    }
  }
  if (matches !== changes * deliveriesEach) {
    throw new Error(`${String(matches)} matches of ${String(changes)} changes: five each were meant`);
  }
  return (changes / (performance.now() - startedAtMs)) * 1000;
}
