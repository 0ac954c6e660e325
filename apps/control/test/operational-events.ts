import { randomUUID } from 'node:crypto';
import type { Kafka, Publisher } from '#libs/kafka';
import { eventRecord, eventsTopicSpec, type OperationalEvent } from '#libs/operational-events';

/** Writes to `relay.events` as ingest, router and delivery do. */
export class EventWriter {
  private constructor(private readonly publisher: Publisher) {}

  static async open(kafka: Kafka): Promise<EventWriter> {
    await kafka.ensureTopics([eventsTopicSpec]);
    return new EventWriter(await kafka.publisher());
  }

  async write(
    event: OperationalEvent,
    {
      id = randomUUID(),
      database = 'acme',
      at = new Date(),
    }: { id?: string; database?: string; at?: Date } = {},
  ): Promise<string> {
    const record = eventRecord(database, id, event);
    const value = { ...(JSON.parse(String(record.value)) as object), time: at.toISOString() };
    await this.publisher.publish([{ ...record, value: JSON.stringify(value) }]);
    return id;
  }

  async writeText(value: string | null): Promise<void> {
    await this.publisher.publish([
      { topic: eventsTopicSpec.topic, key: 'acme', value, headers: { ce_id: 'odd' } },
    ]);
  }
}

export function disabled(subscriptionId: string, applicationId = 'default'): OperationalEvent {
  return {
    kind: 'subscription.disabled',
    subscription_id: subscriptionId,
    application_id: applicationId,
    consecutive_dead: 5,
    reason: '5 dead letters in a row',
  };
}

export const stopped: OperationalEvent = {
  kind: 'capture.stopped',
  outbox_bytes: 2_100_000,
  outbox_max_bytes: 2_000_000,
};
