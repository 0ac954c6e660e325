import type { Principal } from '../access/principal.js';
import { Problem } from '../http/problem.js';
import type { RedriveView } from '../redrives/redrive-view.js';
import type { Redrives } from '../redrives/redrives.js';
import { defaultRatePerSecond } from '../runs/run-bodies.js';
import type { DeliveryView } from './attempt-view.js';
import type { History } from './history.js';
import type { DeliveryState } from './outcomes.js';

/** The letter has the time at which Kafka was given it, its row that at which it was made. */
const letterToleranceMs = 5_000;
const answerWaitMs = 2_000;

/** Sends single deliveries once more. */
export class Resend {
  constructor(
    private readonly history: History,
    private readonly redrives: Redrives,
  ) {}

  /**
   * A redrive of its dead letter; undefined where nothing is known of the delivery.
   * @throws Problem where there is no dead letter, with what is possible instead
   * @throws RelayError KAFKA_UNAVAILABLE
   */
  async send(by: Principal, webhookId: string): Promise<RedriveView | undefined> {
    const delivery = await this.history.delivery(by, webhookId);
    if (delivery === undefined) {
      return undefined;
    }
    if (delivery.state !== 'dead') {
      throw new Problem('delivery_not_dead', insteadOf(delivery.state, delivery));
    }
    const begun = await this.redrives.begin({
      selection: {
        subscriptionId: delivery.subscriptionId,
        webhookIds: [webhookId],
        fromMs: Date.parse(delivery.stateSince) - letterToleranceMs,
      },
      dryRun: false,
      ratePerSecond: defaultRatePerSecond,
      newIds: false,
    });
    return this.redrives.runs.waitForEnd(begun, answerWaitMs);
  }
}

function insteadOf(state: Exclude<DeliveryState, 'dead'>, delivery: DeliveryView): string {
  const { subscriptionId, stateSince, attempts } = delivery;
  const readAt = attempts[0]?.committedAt ?? stateSince;
  const replay =
    `POST /v1/subscriptions/${subscriptionId}/replays with {"from": {"time": "${readAt}"}} sends what has changed ` +
    'since then once more';
  switch (state) {
    case 'delivered':
      return `it was delivered at ${stateSince}, and its body is not kept: ${replay}`;
    case 'waiting':
      return 'it waits to be tried again by itself: GET /v1/deliveries/{webhookId} tells when it is delivered or dead';
    case 'dropped':
      return 'its subscription is deleted: nobody is there to get it';
    case 'superseded':
      return `a newer change of its record had gone out already, which is all that the subscription wants: ${replay}`;
    case 'unknown':
      return `its last outcome is one of a later version: upgrade control, or ${replay}`;
  }
}
