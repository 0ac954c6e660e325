import type { DeliveryTask } from '#libs/delivery-task';

type Change = Pick<DeliveryTask, 'subscriptionId' | 'record' | 'sequence'>;

/** Of so many records the newest change is known; of the one that was not heard of for longest it is forgotten. */
const maxRecords = 100_000;

/**
 * By record of subscriptions with `ordering: latest`: the newest change that was sent or is being sent. What is
 * older must not follow it. Known in this process only, since its start.
 */
export class NewestChanges {
  private readonly newest = new Map<string, bigint>();

  constructor(private readonly limit = maxRecords) {}

  get size(): number {
    return this.newest.size;
  }

  /** A change of the record is about to be sent; false when a newer one was, or is under way. */
  claim({ subscriptionId, record, sequence }: Change): boolean {
    const key = `${subscriptionId} ${record}`;
    const known = this.newest.get(key);
    if (known !== undefined && known > sequence) {
      return false;
    }
    this.newest.delete(key);
    this.newest.set(key, sequence);
    if (this.newest.size > this.limit) {
      const [oldest = key] = this.newest.keys();
      this.newest.delete(oldest);
    }
    return true;
  }
}
