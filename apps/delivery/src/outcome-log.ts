import type { AttemptRow } from '#libs/delivery-task';
import type { Logger } from '#libs/telemetry';

/** A line for each row of `relay.attempts`: all that it says but the record's name and what the endpoint has answered. */
export function logOutcome(logger: Logger, row: AttemptRow): void {
  if (!logger.isLevelEnabled('debug')) {
    return;
  }
  const { database, outcome, attempt, status, error, reason, redrive } = row;
  logger.debug(
    {
      webhookId: row.webhook_id,
      subscriptionId: row.subscription_id,
      changeId: row.change_id,
      eventType: row.event_type,
      sequence: String(row.sequence),
      ...{ database, outcome, attempt, status },
      durationMs: row.duration_ms,
      sinceCommitMs: Number(row.at_ms - row.committed_at_ms),
      ...{ error, reason, redrive },
    },
    'an outcome',
  );
}
