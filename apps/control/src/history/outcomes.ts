import type { Outcome } from '#libs/delivery-task';

/** Whether a request was made for it. */
const withRequest: Readonly<Record<Outcome, boolean>> = {
  delivered: true,
  gone: true,
  failed: true,
  timedOut: true,
  unsendable: false,
  dead: false,
  expired: false,
  dropped: false,
  superseded: false,
};
export const outcomes = Object.keys(withRequest) as Outcome[];
export const requestOutcomes = outcomes.filter((outcome) => withRequest[outcome]);

/** Also of a later version's outcome, which is not one of ours. */
export function isRequest({ outcome, status }: { outcome: string; status: number | null }): boolean {
  return status !== null || (withRequest as Readonly<Record<string, boolean>>)[outcome] === true;
}

export const deliveryStates = ['delivered', 'waiting', 'dead', 'dropped', 'superseded', 'unknown'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const stateAfter: Readonly<Record<Outcome, DeliveryState>> = {
  delivered: 'delivered',
  failed: 'waiting',
  timedOut: 'waiting',
  // Their dead letter follows at once.
  gone: 'dead',
  unsendable: 'dead',
  dead: 'dead',
  expired: 'dead',
  dropped: 'dropped',
  superseded: 'superseded',
};

/** How it is with a delivery of which this was the last outcome. */
export function stateOf(lastOutcome: string): DeliveryState {
  return (stateAfter as Readonly<Record<string, DeliveryState>>)[lastOutcome] ?? 'unknown';
}
