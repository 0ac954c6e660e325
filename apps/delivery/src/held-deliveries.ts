import type { Delivery } from './delivery.js';
import { WaitingRoom, type Waiting } from './waiting-room.js';

/** Deliveries that are looked at for one that may go. */
const maxLooks = 10;

/**
 * Deliveries of retry topics until they are due. Those that were put off wait for their endpoint rather than for a
 * time, so they can be had earlier: one subscription's in the order in which they came.
 */
export class HeldDeliveries {
  private readonly room: WaitingRoom<Delivery>;
  /** By subscription: what was put off. */
  private readonly putOff = new Map<string, Map<Delivery, Waiting<Delivery>>>();

  constructor(release: (delivery: Delivery) => void) {
    this.room = new WaitingRoom((delivery) => {
      this.forget(delivery);
      release(delivery);
    });
  }

  get size(): number {
    return this.room.size;
  }

  /** `untilMs` in milliseconds since 1970. */
  hold(delivery: Delivery, untilMs: number): void {
    const waiting = this.room.hold(delivery, untilMs);
    const { subscriptionId, deferred } = delivery.task;
    if (deferred) {
      const others = this.putOff.get(subscriptionId) ?? new Map<Delivery, Waiting<Delivery>>();
      this.putOff.set(subscriptionId, others.set(delivery, waiting));
    }
  }

  /** Releases what has waited longest of what the subscription has put off and may go. */
  releaseNext(subscriptionId: string, mayGo: (delivery: Delivery) => boolean): void {
    const others = this.putOff.get(subscriptionId);
    let looked = 0;
    for (const [delivery, waiting] of others ?? []) {
      if (mayGo(delivery)) {
        delivery.isEarly = true;
        this.room.releaseNow(waiting);
        return;
      }
      if (++looked === maxLooks) {
        return;
      }
      // Behind all others, so that each is looked at in turn.
      others?.delete(delivery);
      others?.set(delivery, waiting);
    }
  }

  /** Hands out what `wanted` says, in no particular order, and holds it no longer. */
  take(wanted: (delivery: Delivery) => boolean): Delivery[] {
    const taken = this.room.take(wanted);
    taken.forEach((delivery) => {
      this.forget(delivery);
    });
    return taken;
  }

  private forget(delivery: Delivery): void {
    const { subscriptionId } = delivery.task;
    const others = this.putOff.get(subscriptionId);
    others?.delete(delivery);
    if (others?.size === 0) {
      this.putOff.delete(subscriptionId);
    }
  }
}
