import type { OutgoingRecord, TopicSpec } from '#libs/kafka';

/** A table goes on in another topic. */
export interface TopicSuperseded {
  kind: 'topic.superseded';
  old_topic: string;
  new_topic: string;
  reason: string;
}

/** Half of the dead letters in a row that disable a subscription are reached. */
export interface SubscriptionFailing {
  kind: 'subscription.failing';
  subscription_id: string;
  application_id: string;
  consecutive_dead: number;
  disable_after: number;
}

/** Nothing is delivered to a subscription any more until somebody enables it again. */
export interface SubscriptionDisabled {
  kind: 'subscription.disabled';
  subscription_id: string;
  application_id: string;
  consecutive_dead: number;
  reason: string;
}

/** Changes that a subscription may have wanted were put aside, because what it asks for cannot be asked of them. */
export interface SubscriptionNotApplicable {
  kind: 'subscription.not_applicable';
  subscription_id: string;
  application_id: string;
  reason: string;
}

/** After dead letters in a row, or after it was enabled again, a delivery has arrived. */
export interface SubscriptionRecovered {
  kind: 'subscription.recovered';
  subscription_id: string;
  application_id: string;
}

/** The outbox has reached its size limit: what is changed from here on is in no topic until the tables are loaded. */
export interface CaptureStopped {
  kind: 'capture.stopped';
  outbox_bytes: number;
  outbox_max_bytes: number;
}

/** Capture was off and is on again: single steps between are missing, and the tables are loaded. */
export interface CaptureGap {
  kind: 'capture.gap';
  reason: string;
  tables: readonly string[];
}

/** Behind the address is not the database that is in the topics: ingest has ended. */
export interface CaptureEpochMismatch {
  kind: 'capture.epoch_mismatch';
  reason: string;
}

/** What whoever runs the system, or reads its topics, has to know of. */
export type OperationalEvent =
  | TopicSuperseded
  | SubscriptionFailing
  | SubscriptionDisabled
  | SubscriptionRecovered
  | SubscriptionNotApplicable
  | CaptureStopped
  | CaptureGap
  | CaptureEpochMismatch;

export const eventsTopicSpec: TopicSpec = {
  topic: 'relay.events',
  partitions: 1,
  config: { 'cleanup.policy': 'delete', 'retention.ms': String(30 * 86_400_000) },
};

/** Its record, a CloudEvent in binary mode. After a crash one may be told again, with the same `ce_id`. */
export function eventRecord(database: string, id: string, event: OperationalEvent): OutgoingRecord {
  return {
    topic: eventsTopicSpec.topic,
    key: database,
    value: JSON.stringify({ ...event, database, time: new Date().toISOString() }),
    headers: { ce_specversion: '1.0', ce_id: id, ce_source: `odoo.${database}`, ce_type: event.kind },
  };
}
