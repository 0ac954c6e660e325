import { createHash } from 'node:crypto';
import type { Publisher } from '#libs/kafka';
import { eventRecord } from '#libs/operational-events';
import { messageOf } from '#libs/process';
import type { Subscription } from '#libs/subscription';
import type { Logger } from '#libs/telemetry';

/** Beyond so many it is told again. */
const maxRemembered = 10_000;

/** Says of a subscription that it cannot be asked about changes: once for each reason, in the log and `relay.events`. */
export class NotApplicable {
  private readonly told = new Map<string, string>();

  constructor(
    private readonly publisher: Pick<Publisher, 'publish'>,
    private readonly logger: Logger,
  ) {}

  tell({ id, applicationId, database, enabledEpoch }: Subscription, reason: string): void {
    if (this.told.get(id) === reason) {
      return;
    }
    if (this.told.size >= maxRemembered) {
      this.told.clear();
    }
    this.told.set(id, reason);
    this.logger.error(
      { subscriptionId: id, database, reason },
      'a subscription cannot be asked about changes',
    );
    const event = {
      kind: 'subscription.not_applicable',
      subscription_id: id,
      application_id: applicationId,
      reason,
    } as const;
    const eventId = createHash('sha256')
      .update(`${id}:${enabledEpoch}:${reason}`)
      .digest('base64url')
      .slice(0, 27);
    this.publisher.publish([eventRecord(database, `evt_${eventId}`, event)]).catch((error: unknown) => {
      this.told.delete(id);
      this.logger.warn({ subscriptionId: id, error: messageOf(error) }, 'an event was not written');
    });
  }

  /** Subscriptions of which it was told. */
  get count(): number {
    return this.told.size;
  }

  /** Whatever changed about it: it is told of again. */
  forget(id: string): void {
    this.told.delete(id);
  }
}
