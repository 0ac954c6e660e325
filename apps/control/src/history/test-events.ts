import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { deliveryTopics, writeTask } from '#libs/delivery-task';
import { deliveryOf, eventTypeNamed, exampleEvent, Listener, renderBody, type Event } from '#libs/event';
import type { Publisher } from '#libs/kafka';
import { RelayError } from '#libs/process';
import { isActive, type Subscription } from '#libs/subscription';
import { presentStates } from '../feed/published-state.js';
import { Problem } from '../http/problem.js';
import type { CapturedColumns, Columns } from '../listening/captured-columns.js';
import { inTime } from '../runs/in-time.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import type { SentTestView } from './test-event-view.js';

export const testEventType = 'relay.test';
/** In place of the id of a redrive: what fails counts for nothing. */
const testRun = 'test';
/** Whoever tests looks at it now. */
const maxWaitMs = 600_000;
/** A caller does not wait through an outage. */
const kafkaAnswerMs = 5_000;

export interface TestSources {
  dataSource: DataSource;
  states: SubscriptionStates;
  capturedColumns: CapturedColumns;
  publisher: Pick<Publisher, 'publish'>;
}

/** Events that did not happen, sent like those that did. */
export class TestEvents {
  constructor(private readonly sources: TestSources) {}

  /**
   * undefined where there is no such subscription.
   * @throws Problem where it is switched off
   * @throws RelayError KAFKA_UNAVAILABLE, REGISTRY_UNAVAILABLE
   */
  async send(id: string): Promise<SentTestView | undefined> {
    const [present] = await presentStates(this.sources.dataSource, [id]);
    const subscription = present?.subscription;
    if (subscription === undefined) {
      return undefined;
    }
    if (!isActive(subscription, this.sources.states.get(id))) {
      throw new Problem(
        'subscription_disabled',
        'nothing is sent to it: POST /v1/subscriptions/{id}/enable switches it on',
      );
    }
    const nowMs = Date.now();
    const event = await this.eventFor(subscription, nowMs);
    const body = bodyOf(event, subscription);
    const read = { kind: 'change', ...event } as const;
    const task = deliveryOf(read, subscription, { eventType: testEventType, body, nowMs });
    const expiresAtMs = Math.min(task.expiresAtMs, nowMs + maxWaitMs);
    // A record of its own: it waits for none that is real, and none waits for it.
    const record = `${testEventType},${String(nowMs)}`;
    const sent = { ...task, record, expiresAtMs, redrive: testRun };
    await inTime(kafkaAnswerMs, this.sources.publisher.publish([writeTask(sent, deliveryTopics.replay)]));
    const { webhookId, changeId, contentType } = task;
    return {
      webhookId,
      subscriptionId: id,
      changeId,
      eventType: testEventType,
      contentType,
      body: body.toString(),
    };
  }

  /** An invented one of the first of its event types for which one can be invented. */
  private async eventFor(subscription: Subscription, nowMs: number): Promise<Event> {
    const { database } = subscription;
    let example: Event | undefined;
    for (const [model, { types }] of listenerOf(subscription)?.byModel ?? []) {
      const columns = (await this.sources.capturedColumns.of(database, model)) ?? fewColumns;
      for (const { type } of types) {
        example ??= exampleEvent(type, database, columns);
      }
    }
    example ??= plainExample(database);
    const { change } = example;
    const source = {
      ...change.source,
      ts_ms: BigInt(nowMs),
      change_id: `test-${randomBytes(9).toString('hex')}`,
      sequence: BigInt(nowMs),
    };
    return { ...example, type: testEventType, change: { ...change, source, ts_ms: BigInt(nowMs) } };
  }
}

/** Of a model of which nothing was captured yet. */
const fewColumns: Columns = new Map([
  ['id', { name: 'id', kind: 'int' }],
  ['name', { name: 'name', kind: 'text' }],
]);

function plainExample(database: string): Event {
  const type = eventTypeNamed('res.partner.created');
  const event = type && exampleEvent(type, database, fewColumns);
  if (event === undefined) {
    throw new Error('an example of the plainest event cannot be invented');
  }
  return event;
}

/** undefined where it cannot be read: then it can be tested all the same. */
function listenerOf(subscription: Subscription): Listener | undefined {
  try {
    return new Listener(subscription);
  } catch (error) {
    if (error instanceof RelayError) {
      return undefined;
    }
    throw error;
  }
}

/** In its own shape, where the example has what that asks for. */
function bodyOf(event: Event, subscription: Subscription): Buffer {
  const shape = listenerOf(subscription)?.shape ?? null;
  try {
    return renderBody(event, subscription.format, shape);
  } catch (error) {
    if (shape !== null && error instanceof RelayError && error.code === 'SHAPE_NOT_APPLICABLE') {
      return renderBody(event, subscription.format);
    }
    throw error;
  }
}
