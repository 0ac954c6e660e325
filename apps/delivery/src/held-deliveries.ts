import type { Delivery } from './delivery.js';
import { WaitingRoom, type Waiting } from './waiting-room.js';

/** Deliveries that come back for each one that an endpoint takes: it is found to be well faster and faster. */
const comeBackPerSuccess = 2;
/** Records that are looked at for a delivery that may go. */
const maxLooks = 10;

/**
 * What waits for its turn is held so long while its endpoint is well: those before it may come, or stand behind it. The
 * more are held, the sooner there is no room for those.
 */
const inTheWayMs = { few: 2_000, many: 250 };
/** Of the 500 that one partition may have in memory. */
const areMany = 480;

type OfRecord = Map<Delivery, Waiting<Delivery>>;

/**
 * Deliveries of retry topics until they are due. Those that were put off wait for their endpoint rather than for a
 * time, so they can be had earlier: one subscription's in the order in which they came.
 */
export class HeldDeliveries {
  private readonly room: WaitingRoom<Delivery>;
  /** By subscription and record: what was put off. */
  private readonly putOff = new Map<string, Map<string, OfRecord>>();

  constructor(release: (delivery: Delivery) => void) {
    this.room = new WaitingRoom((delivery) => {
      this.forget(delivery);
      release(delivery);
    });
  }

  get size(): number {
    return this.room.size;
  }

  /** How long one is held at most that others may stand behind. */
  get inTheWayMs(): number {
    return this.size < areMany ? inTheWayMs.few : inTheWayMs.many;
  }

  /** `untilMs` in milliseconds since 1970. */
  hold(delivery: Delivery, untilMs: number): void {
    const waiting = this.room.hold(delivery, untilMs);
    const { subscriptionId, record, deferred } = delivery.task;
    if (deferred) {
      const records = this.putOff.get(subscriptionId) ?? new Map<string, OfRecord>();
      const others = records.get(record) ?? new Map<Delivery, Waiting<Delivery>>();
      this.putOff.set(subscriptionId, records.set(record, others.set(delivery, waiting)));
    }
  }

  /** An endpoint has answered: the next change of that record comes back, and others while there is room for them. */
  comeBack(
    { subscriptionId, record }: { subscriptionId: string; record: string },
    mayGo: (delivery: Delivery) => boolean,
    hasRoom: () => boolean,
  ): void {
    if (hasRoom()) {
      this.releaseOf(subscriptionId, record, mayGo);
    }
    for (let count = 0; count < comeBackPerSuccess && hasRoom(); count++) {
      this.releaseNext(subscriptionId, mayGo);
    }
  }

  /** Releases the earliest change of that record, if it may go: those of one record go one by one. */
  private releaseOf(subscriptionId: string, record: string, mayGo: (delivery: Delivery) => boolean): boolean {
    const first = earliestOf(this.putOff.get(subscriptionId)?.get(record));
    if (first === undefined || !mayGo(first[0])) {
      return false;
    }
    const [delivery, waiting] = first;
    delivery.isEarly = true;
    this.room.releaseNow(waiting);
    return true;
  }

  /** Releases one delivery that the subscription has put off and that may go, of the record that has waited longest. */
  releaseNext(subscriptionId: string, mayGo: (delivery: Delivery) => boolean): void {
    const records = this.putOff.get(subscriptionId);
    let looked = 0;
    for (const [record, others] of records ?? []) {
      if (this.releaseOf(subscriptionId, record, mayGo) || ++looked === maxLooks) {
        return;
      }
      // Behind all others, so that each is looked at in turn.
      records?.delete(record);
      records?.set(record, others);
    }
  }

  /** Releases all that the subscription has put off and that is `wanted`, not to go but to make room. */
  release(subscriptionId: string, wanted: (delivery: Delivery) => boolean): void {
    const records = [...(this.putOff.get(subscriptionId)?.values() ?? [])];
    for (const [delivery, waiting] of records.flatMap((others) => [...others])) {
      if (wanted(delivery)) {
        this.room.releaseNow(waiting);
      }
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
    const { subscriptionId, record } = delivery.task;
    const records = this.putOff.get(subscriptionId);
    const others = records?.get(record);
    others?.delete(delivery);
    if (others?.size === 0) {
      records?.delete(record);
    }
    if (records?.size === 0) {
      this.putOff.delete(subscriptionId);
    }
  }
}

function earliestOf(others: OfRecord | undefined): [Delivery, Waiting<Delivery>] | undefined {
  let earliest: [Delivery, Waiting<Delivery>] | undefined;
  for (const each of others ?? []) {
    if (earliest === undefined || each[0].task.sequence < earliest[0].task.sequence) {
      earliest = each;
    }
  }
  return earliest;
}
