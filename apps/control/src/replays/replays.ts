import type { DataSource, EntityManager } from 'typeorm';
import { isActive } from '#libs/subscription';
import { presentStates } from '../feed/published-state.js';
import { Problem } from '../http/problem.js';
import { replays, subscriptions, type ReplayRow } from '../persistence/rows.js';
import { newSortableId } from '../persistence/sortable-id.js';
import { defaultRatePerSecond } from '../runs/run-bodies.js';
import { inTime } from '../runs/in-time.js';
import { newRun } from '../runs/run-row.js';
import { Runs } from '../runs/runs.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import { noProgress } from './replay-progress.js';
import type { AskedFrom } from './replay-from.js';
import { SelectionOf, type SelectionSources } from './replay-selection.js';
import { viewOf, type ReplayView } from './replay-view.js';

export const replayChannel = 'relay_control_replays';

/** A caller does not wait through an outage; to look for a change takes up to 20 s. */
const answerMs = 25_000;

export type NewReplay = Pick<ReplayRow, 'subscriptionId' | 'origin' | 'dryRun' | 'ratePerSecond' | 'newIds'>;

/** The replays as the API sees them. */
export class Replays {
  readonly runs: Runs<ReplayRow, ReplayView>;

  constructor(
    private readonly dataSource: DataSource,
    private readonly states: SubscriptionStates,
    private readonly sources: SelectionSources,
  ) {
    this.runs = new Runs(dataSource, { schema: replays, channel: replayChannel, viewOf });
  }

  /**
   * undefined where there is no such subscription.
   * @throws Problem that says what is possible instead
   * @throws RelayError KAFKA_UNAVAILABLE, REGISTRY_UNAVAILABLE
   */
  async begin(given: NewReplay, asked: AskedFrom): Promise<ReplayView | undefined> {
    const { subscriptionId: id } = given;
    const row = await this.dataSource.getRepository(subscriptions).findOneBy({ id });
    const [present] = await presentStates(this.dataSource, [id]);
    if (row === null || present?.subscription === undefined) {
      return undefined;
    }
    const { subscription } = present;
    if (!isActive(subscription, this.states.get(id))) {
      throw refused('disabled', 'needs the subscription: POST /v1/subscriptions/{id}/enable switches it on');
    }
    const missedFromMs = row.missedFromMs === null ? null : Number(row.missedFromMs);
    const selection = new SelectionOf(this.sources, subscription, missedFromMs);
    const selected = await inTime(answerMs, selection.from(asked));
    if (selected.kind === 'refused') {
      throw refused(selected.code, selected.message);
    }
    const { database } = subscription;
    return this.runs.begin({ ...newReplay(given), database, selection: selected.selection });
  }

  /** The first load of a subscription, in the transaction that makes it. Gives its id. */
  async beginFirstLoad(
    manager: EntityManager,
    { id: subscriptionId, database }: { id: string; database: string },
  ): Promise<string> {
    const given = { subscriptionId, dryRun: false, newIds: false, ratePerSecond: defaultRatePerSecond };
    const row: ReplayRow = {
      ...newReplay({ ...given, origin: 'current-state' }),
      database,
      selection: { kind: 'current-state' },
    };
    await this.runs.beginIn(manager, row);
    return row.id;
  }

  async hasSubscription(id: string): Promise<boolean> {
    return this.dataSource.getRepository(subscriptions).existsBy({ id });
  }
}

function newReplay(given: NewReplay): Omit<ReplayRow, 'database' | 'selection'> {
  const now = new Date();
  return { ...given, ...newRun(now), id: newSortableId('rpl', now.getTime()), progress: noProgress };
}

function refused(code: string, message: string): Problem {
  return Problem.ofFields([{ field: 'from', code, message }]);
}
