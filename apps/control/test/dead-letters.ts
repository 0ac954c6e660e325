import { webhookId } from '#libs/change';
import {
  deliveryTopics,
  readTask,
  taskHeaders,
  writeTask,
  type DeadReason,
  type DeliveryTask,
} from '#libs/delivery-task';
import type { IncomingRecord, Kafka, OutgoingRecord, Publisher } from '#libs/kafka';
import { eventually } from '../../../test/harness/eventually.js';
import type { Answer, Api } from './control-under-test.js';

/** Writes dead letters as delivery does, and reads what a redrive makes of them. */
export class DeadLetters {
  private sequence = 0n;

  constructor(
    private readonly kafka: Kafka,
    private readonly publisher: Publisher,
  ) {}

  task(subscriptionId: string, fields: Partial<DeliveryTask> = {}): DeliveryTask {
    const sequence = ++this.sequence;
    const changeId = `e1-${sequence}`;
    return {
      webhookId: webhookId(changeId, subscriptionId),
      subscriptionId,
      changeId,
      sequence,
      eventType: 'product.created',
      contentType: 'application/json',
      database: 'acme',
      record: `product.product,${sequence}`,
      committedAtMs: Date.now() - 400_000,
      expiresAtMs: Date.now() - 300_000,
      attempts: 6,
      dueAtMs: Date.now() - 350_000,
      lastOutcome: 'failed',
      deferred: false,
      redrive: null,
      cloudEvent: false,
      traceparent: null,
      body: Buffer.from(JSON.stringify({ change_id: changeId, text: 'größer' })),
      ...fields,
    };
  }

  /** Gives their webhook ids. */
  async die(
    subscriptionId: string,
    count: number,
    { reason = 'attempts-exhausted', ...fields }: Partial<DeliveryTask> & { reason?: DeadReason } = {},
  ): Promise<string[]> {
    const tasks = Array.from({ length: count }, () => this.task(subscriptionId, fields));
    await this.write(
      tasks.map((task) => writeTask(task, deliveryTopics.dead, { [taskHeaders.reason]: reason })),
    );
    return tasks.map((task) => task.webhookId);
  }

  write(records: readonly OutgoingRecord[]): Promise<void> {
    return this.publisher.publish(records);
  }

  /** What stands in `relay.deliveries.replay`, of one redrive. */
  async replayed(redriveId: string): Promise<IncomingRecord[]> {
    const records = await this.kafka.readToEnd(deliveryTopics.replay);
    return records.filter(({ headers }) => headers[taskHeaders.redrive] === redriveId);
  }

  async replayedTasks(redriveId: string): Promise<DeliveryTask[]> {
    return (await this.replayed(redriveId)).flatMap((record) => {
      const read = readTask(record);
      return read.kind === 'task' ? [read.task] : [];
    });
  }

  async replayedIds(redriveId: string): Promise<string[]> {
    return (await this.replayedTasks(redriveId)).map((task) => task.webhookId).sort();
  }
}

/** A redrive as the API shows it. */
export type Redrive = Answer['body'] & {
  id: string;
  state: string;
  matched: number;
  matchedByReason: Record<string, number>;
  sent: number;
  skipped: Record<string, number>;
  unread: number;
  notes: string[];
};

/** @throws when it is refused. */
export async function redrive(api: Api, body: Record<string, unknown>): Promise<Redrive> {
  const answer = await api.call('POST', '/v1/redrives', { body });
  if (answer.status !== 201) {
    throw new Error(answer.text);
  }
  return answer.body as Redrive;
}

export async function readRedrive(api: Api, id: string): Promise<Redrive> {
  return (await api.get(`/v1/redrives/${id}`)).body as Redrive;
}

export function ended(api: Api, id: string, timeoutMs = 60_000): Promise<Redrive> {
  return eventually(
    async () => {
      const read = await readRedrive(api, id);
      return read.state !== 'running' && read;
    },
    { timeoutMs, describe: () => `redrive ${id} to end` },
  );
}
