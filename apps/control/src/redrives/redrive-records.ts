import type { DataSource } from 'typeorm';
import { deliveryTopics, writeTask, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord, Kafka, OutgoingRecord } from '#libs/kafka';
import { isActive } from '#libs/subscription';
import { areErased } from '../erasures/erased-records.js';
import { presentStates } from '../feed/published-state.js';
import type { RedriveRow } from '../persistence/rows.js';
import { newWebhookId } from '../runs/new-webhook-id.js';
import type { SubscriptionStates } from '../subscriptions/subscriptions.js';
import { originalBody, readDeadLetter, type DeadLetter } from './dead-letter.js';
import type { SkipReason } from './redrive-progress.js';

/** What becomes of a dead letter. */
export type Decision = { kind: 'send'; record: OutgoingRecord } | { kind: 'skip'; why: SkipReason };

export interface LetterSources {
  kafka: Pick<Kafka, 'readRange' | 'recordAt'>;
  dataSource: DataSource;
  states: SubscriptionStates;
}

type Addressee = { kind: 'active'; expiresAfterMs: number } | { kind: 'skip'; why: SkipReason };

/** Makes of dead letters the records that have them sent once more. */
export class RedriveRecords {
  constructor(
    private readonly sources: LetterSources,
    private readonly redrive: Pick<RedriveRow, 'id' | 'newIds'>,
  ) {}

  /** In the order of the letters. The subscriptions are looked up each time: they may change meanwhile. */
  async of(letters: readonly IncomingRecord[]): Promise<Decision[]> {
    const read = letters.map((letter) => ({ letter: readDeadLetter(letter), partition: letter.partition }));
    const tasks = read.flatMap(({ letter }) => (letter.kind === 'unreadable' ? [] : letter.task));
    const addressees = await this.addressees([...new Set(tasks.map(({ subscriptionId }) => subscriptionId))]);
    const flags = await areErased(this.sources.dataSource, tasks);
    const erased = new Set(tasks.filter((_, index) => flags[index]));
    const decisions: Decision[] = [];
    for (const { letter, partition } of read) {
      const isErased = letter.kind !== 'unreadable' && erased.has(letter.task);
      decisions.push(
        isErased ? { kind: 'skip', why: 'erased' } : await this.decide(letter, partition, addressees),
      );
    }
    return decisions;
  }

  private async decide(
    letter: DeadLetter,
    partition: number,
    addressees: ReadonlyMap<string, Addressee>,
  ): Promise<Decision> {
    if (letter.kind === 'unreadable') {
      return { kind: 'skip', why: 'unreadable' };
    }
    const { task } = letter;
    const addressee = addressees.get(task.subscriptionId);
    if (addressee?.kind !== 'active') {
      return addressee ?? { kind: 'skip', why: 'subscription-deleted' };
    }
    const body = letter.kind === 'whole' ? task.body : await originalBody(this.sources.kafka, letter);
    if (body === undefined) {
      return { kind: 'skip', why: 'body-gone' };
    }
    const expiresAtMs = Date.now() + addressee.expiresAfterMs;
    return { kind: 'send', record: { ...this.redriven({ ...task, body, expiresAtMs }), partition } };
  }

  private redriven(task: DeliveryTask): OutgoingRecord {
    const { id, newIds } = this.redrive;
    const webhookId = newIds ? newWebhookId(task.webhookId, id) : task.webhookId;
    const fresh = { attempts: 0, dueAtMs: 0, lastOutcome: null } as const;
    return writeTask({ ...task, ...fresh, webhookId, deferred: false, redrive: id }, deliveryTopics.replay);
  }

  private async addressees(ids: readonly string[]): Promise<Map<string, Addressee>> {
    const { dataSource, states } = this.sources;
    const present = ids.length === 0 ? [] : await presentStates(dataSource, ids);
    return new Map(
      present.map(({ id, subscription }): [string, Addressee] => {
        if (subscription === undefined) {
          return [id, { kind: 'skip', why: 'subscription-deleted' }];
        }
        const { expiresAfterMs } = subscription.settings;
        return isActive(subscription, states.get(id))
          ? [id, { kind: 'active', expiresAfterMs }]
          : [id, { kind: 'skip', why: 'subscription-disabled' }];
      }),
    );
  }
}
