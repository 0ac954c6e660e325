import type { Subscription, SubscriptionState } from '#libs/subscription';

type Found = SubscriptionState['state'];

/** How many subscriptions are in which state, kept up to date: with 100,000 of them nobody counts at each scrape. */
export class SubscriptionCensus {
  private readonly epochs = new Map<string, number>();
  private readonly states = new Map<string, SubscriptionState>();
  private readonly numbers = new Map<Found, number>([
    ['active', 0],
    ['failing', 0],
    ['disabled', 0],
  ]);

  get counts(): ReadonlyMap<Found, number> {
    return this.numbers;
  }

  /** undefined for one that was deleted. */
  subscription(id: string, subscription: Pick<Subscription, 'enabledEpoch'> | undefined): void {
    this.change(id, () => {
      if (subscription === undefined) {
        this.epochs.delete(id);
      } else {
        this.epochs.set(id, subscription.enabledEpoch);
      }
    });
  }

  state(state: SubscriptionState): void {
    this.change(state.subscriptionId, () => {
      this.states.set(state.subscriptionId, state);
    });
  }

  private change(id: string, apply: () => void): void {
    this.add(this.find(id), -1);
    apply();
    this.add(this.find(id), 1);
  }

  /** One that was enabled again begins anew. */
  private find(id: string): Found | undefined {
    const epoch = this.epochs.get(id);
    const state = this.states.get(id);
    if (epoch === undefined) {
      return undefined;
    }
    return state?.enabledEpoch === epoch ? state.state : 'active';
  }

  private add(found: Found | undefined, amount: number): void {
    if (found !== undefined) {
      this.numbers.set(found, (this.numbers.get(found) ?? 0) + amount);
    }
  }
}
