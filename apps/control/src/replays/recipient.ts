import type { DataSource } from 'typeorm';
import { Listener } from '#libs/event';
import { messageOf } from '#libs/process';
import { isActive, type Subscription } from '#libs/subscription';
import { presentStates } from '../feed/published-state.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';

export type Found = { kind: 'listener'; listener: Listener } | { kind: 'none'; why: string };

/** The subscription that a replay is for, as it is now: it may change while the replay goes on. */
export class Recipient {
  private known: { text: string; listener: Listener } | undefined;

  constructor(
    private readonly sources: { dataSource: DataSource; states: SubscriptionStates },
    private readonly id: string,
  ) {}

  async present(): Promise<Found> {
    const [present] = await presentStates(this.sources.dataSource, [this.id]);
    const subscription = present?.subscription;
    if (subscription === undefined) {
      return { kind: 'none', why: 'its subscription is deleted' };
    }
    if (!isActive(subscription, this.sources.states.get(this.id))) {
      const why = 'its subscription is switched off: switch it on and replay what was missed';
      return { kind: 'none', why };
    }
    return this.listenerOf(subscription);
  }

  /** One for as long as nothing changes: it keeps what it has found out about columns. */
  private listenerOf(subscription: Subscription): Found {
    const text = JSON.stringify(subscription, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    try {
      if (this.known?.text !== text) {
        this.known = { text, listener: new Listener(subscription) };
      }
      return { kind: 'listener', listener: this.known.listener };
    } catch (error) {
      return { kind: 'none', why: messageOf(error) };
    }
  }
}
