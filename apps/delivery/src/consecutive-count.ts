import type { AttemptRow } from '#libs/delivery-task';
import type { BreakerState, Subscription, SubscriptionState } from '#libs/subscription';

/** A row of `relay.attempts` and where it stands. */
export interface CountedRow {
  row: Pick<AttemptRow, 'webhook_id' | 'outcome' | 'reason' | 'redrive' | 'at_ms'>;
  offset: bigint;
}

/** Redeliveries after a crash come soon after the first, so this many are remembered beyond the count itself. */
const rememberedIds = 50;

/**
 * The state of a subscription after one more row, or undefined where the row changes nothing. Rows are given
 * in the order of `relay.attempts`; one that the state has seen already changes nothing, so that reading a
 * stretch again after a crash comes to the same count.
 */
export function countRow(
  subscription: Pick<Subscription, 'id' | 'enabledEpoch' | 'settings'>,
  previous: SubscriptionState | undefined,
  { row, offset }: CountedRow,
): SubscriptionState | undefined {
  if (previous !== undefined && offset <= previous.attemptsOffset) {
    return undefined;
  }
  const state = stateOfEpoch(subscription, previous);
  switch (row.outcome) {
    case 'delivered':
      return state.consecutiveDead === 0 && !isOfEarlierEpoch(subscription, previous)
        ? undefined
        : reset(state, row, offset);
    case 'gone':
      return disabled(state, row, offset, 'gone');
    case 'expired':
      return row.redrive === null ? onceMoreDead(subscription, state, row, offset) : undefined;
    case 'dead':
      return row.redrive === null && (row.reason === 'attempts-exhausted' || row.reason === 'unsendable')
        ? onceMoreDead(subscription, state, row, offset)
        : undefined;
    case 'failed':
    case 'timedOut':
    case 'unsendable':
    case 'dropped':
    case 'superseded':
      return undefined;
  }
}

/** What is known still speaks of the time before it was enabled again, so that it may say that it is disabled. */
function isOfEarlierEpoch(
  { enabledEpoch }: Pick<Subscription, 'enabledEpoch'>,
  previous: SubscriptionState | undefined,
): boolean {
  return previous !== undefined && previous.enabledEpoch !== enabledEpoch;
}

/** Re-enabling begins a new count; ids stay known, because the same row may be read again. */
function stateOfEpoch(
  { id, enabledEpoch }: Pick<Subscription, 'id' | 'enabledEpoch'>,
  previous: SubscriptionState | undefined,
): SubscriptionState {
  if (previous?.enabledEpoch === enabledEpoch) {
    return previous;
  }
  return {
    subscriptionId: id,
    state: 'active',
    enabledEpoch,
    consecutiveDead: 0,
    countedWebhookIds: previous?.countedWebhookIds ?? [],
    attemptsOffset: previous?.attemptsOffset ?? -1n,
    sinceMs: 0n,
    reason: null,
    breaker: previous?.breaker ?? null,
  };
}

/** The state with the breaker of its endpoint as it is now; undefined where that is what it says already. */
export function withBreaker(
  subscription: Pick<Subscription, 'id' | 'enabledEpoch'>,
  previous: SubscriptionState | undefined,
  open: BreakerState | null,
  offset: bigint,
): SubscriptionState | undefined {
  const known = previous?.breaker ?? null;
  if (known?.sinceMs === open?.sinceMs && known?.reason === open?.reason) {
    return undefined;
  }
  return { ...stateOfEpoch(subscription, previous), breaker: open, attemptsOffset: offset };
}

type Row = CountedRow['row'];

function reset(state: SubscriptionState, row: Row, offset: bigint): SubscriptionState {
  const counted = { ...state, consecutiveDead: 0, attemptsOffset: offset };
  // What is disabled stays so until someone enables it again; a late success changes only the count.
  return state.state === 'disabled'
    ? counted
    : { ...counted, state: 'active', sinceMs: row.at_ms, reason: null };
}

function onceMoreDead(
  { settings }: Pick<Subscription, 'settings'>,
  state: SubscriptionState,
  row: Row,
  offset: bigint,
): SubscriptionState | undefined {
  if (state.countedWebhookIds.includes(row.webhook_id)) {
    return undefined;
  }
  const consecutiveDead = state.consecutiveDead + 1;
  const counted: SubscriptionState = {
    ...state,
    consecutiveDead,
    countedWebhookIds: [...state.countedWebhookIds, row.webhook_id].slice(
      -Math.max(rememberedIds, settings.disableAfter),
    ),
    attemptsOffset: offset,
  };
  if (consecutiveDead >= settings.disableAfter) {
    return disabled(counted, row, offset, `${String(consecutiveDead)} dead letters in a row`);
  }
  const failing = consecutiveDead * 2 >= settings.disableAfter;
  return failing && state.state === 'active'
    ? { ...counted, state: 'failing', sinceMs: row.at_ms, reason: 'half of the dead letters that disable it' }
    : counted;
}

function disabled(
  state: SubscriptionState,
  row: Row,
  offset: bigint,
  reason: string,
): SubscriptionState | undefined {
  const counted = { ...state, attemptsOffset: offset };
  return state.state === 'disabled' ? counted : { ...counted, state: 'disabled', sinceMs: row.at_ms, reason };
}
