import type { ChangeReader } from '#libs/change';
import { Listener } from '#libs/event';
import type { Kafka } from '#libs/kafka';
import type { Subscription } from '#libs/subscription';
import { topicsOfModel } from '../listening/topics-of-model.js';
import { searchChange } from './change-search.js';
import type { AskedFrom } from './replay-from.js';
import type { Period, ReplaySelection } from './replay-progress.js';
import { earliestMs } from './replay-window.js';

export interface SelectionSources {
  kafka: Pick<Kafka, 'topicsWithPrefix' | 'topicConfig' | 'offsets' | 'readRange'>;
  reader: Pick<ChangeReader, 'read'>;
}

/** What is replayed of the topics, or what is wrong with that and what can be had instead. */
export type Selected =
  { kind: 'selection'; selection: ReplaySelection } | { kind: 'refused'; code: string; message: string };

/** So much earlier begins what was missed: clocks differ, and a router may have been behind. */
const missedMarginMs = 60_000;

/** A replay of a subscription's changes as of now. */
export class SelectionOf {
  constructor(
    private readonly sources: SelectionSources,
    private readonly subscription: Subscription,
    /** When it was switched off the last time. */
    private readonly missedFromMs: number | null,
  ) {}

  /** @throws RelayError KAFKA_UNAVAILABLE, REGISTRY_UNAVAILABLE */
  async from(asked: AskedFrom): Promise<Selected> {
    if (asked.kind === 'current-state') {
      return { kind: 'selection', selection: { kind: 'current-state' } };
    }
    const topics = await this.topics();
    const earliest = await earliestMs(this.sources.kafka, topics);
    switch (asked.kind) {
      case 'time':
        return asked.timeMs < earliest
          ? beyondWindow('lies before all that is kept', earliest)
          : history({ fromMs: asked.timeMs });
      case 'missed':
        return this.missed(earliest);
      case 'change':
        return this.after(asked.changeId, topics, earliest);
    }
  }

  private async topics(): Promise<string[]> {
    const models = [...new Listener(this.subscription).byModel.keys()];
    const { database } = this.subscription;
    const topics = await Promise.all(
      models.map((model) => topicsOfModel(this.sources.kafka, database, model)),
    );
    return topics.flat();
  }

  private missed(earliest: number): Selected {
    const { missedFromMs, subscription } = this;
    if (missedFromMs === null) {
      const message = 'has nothing to take: the subscription was never switched off; {"time": …} sends again';
      return { kind: 'refused', code: 'nothing_missed', message };
    }
    if (missedFromMs < earliest) {
      const since = new Date(missedFromMs).toISOString();
      return beyondWindow(`is not all kept: the subscription was switched off at ${since}`, earliest);
    }
    const fromMs = Math.max(missedFromMs - missedMarginMs, earliest);
    return history({ fromMs, beforeMs: Number(subscription.sinceMs) });
  }

  private async after(changeId: string, topics: readonly string[], earliest: number): Promise<Selected> {
    const search = await searchChange(this.sources, changeId, { topics, sinceMs: earliest });
    switch (search.kind) {
      case 'found': {
        const { readAtMs, sequence } = search.change;
        return history({ fromMs: readAtMs, fromSequence: String(sequence), butChangeId: changeId });
      }
      case 'nowhere':
        return beyondWindow("names no change that is kept, of the subscription's models", earliest);
      case 'too-long':
        return {
          kind: 'refused',
          code: 'unknown_change',
          message: 'was not found in 20 s: give the timestamp of its body instead, as {"time": …}',
        };
    }
  }
}

function history(period: Period): Selected {
  return { kind: 'selection', selection: { kind: 'history', period } };
}

/** Rounded up, so that what is named is still possible a minute later. */
const minuteMs = 60_000;

function beyondWindow(what: string, earliest: number): Selected {
  const possible = Number.isFinite(earliest)
    ? `{"time": "${new Date(Math.ceil(earliest / minuteMs + 1) * minuteMs).toISOString()}"} or later, or `
    : '';
  return {
    kind: 'refused',
    code: 'beyond_window',
    message: `${what}. Possible instead: ${possible}"current-state", each record as it is now`,
  };
}
