import { retryTiers, type AttemptRow, type DeliveryTask } from '#libs/delivery-task';
import type { IncomingRecord } from '#libs/kafka';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';

/** After one of these nothing more happens to a delivery, unless it is sent once more. */
const lastOutcomes = ['delivered', 'dead', 'expired', 'dropped', 'superseded'];

/** Nothing waits any more, anywhere. */
export function quiet(fixture: DeliveryFixture, timeoutMs = 60_000): Promise<boolean> {
  return eventually(() => fixture.isQuiet(), { timeoutMs, pollMs: 100 });
}

<<<<<<< HEAD
/** How many of the deliveries ended how, by the last of their rows; `pending` is what has none. */
export function endsOf(
  rows: readonly AttemptRow[],
  tasks: readonly Pick<DeliveryTask, 'webhookId'>[],
): Record<string, number> {
  const ends = new Map<string, string>();
  for (const { webhook_id, outcome } of rows) {
    if (lastOutcomes.includes(outcome)) ends.set(webhook_id, outcome);
  }
  const counts: Record<string, number> = {};
  for (const { webhookId } of tasks) {
    const end = ends.get(webhookId) ?? 'pending';
    counts[end] = (counts[end] ?? 0) + 1;
=======
const page = 5_000;
/** A busy machine is no endpoint that is down: its breaker would open, and what is put off may come later. */
const settings = { timeoutMs: 30_000 };
/** Of requests that the receiver keeps: more than a hundred thousand would take a lot of memory. */
const kept = 1_000;

/** What was sent to subscriptions of its own, and what came at their endpoint. */
export class DeliveryLedger {
  readonly ids: readonly string[];
  /** First receipts that came after one of a newer change of the same record. */
  readonly inversions: string[] = [];
  requests = 0;
  /** Requests that were not answered yet. */
  open = 0;
  private readonly sent = new Map<string, DeliveryTask>();
  private readonly came = new Set<string>();
  private readonly newest = new Map<string, bigint>();

  private constructor(
    private readonly fixture: DeliveryFixture,
    private readonly options: LedgerOptions,
    readonly receiver: Receiver,
    name: string,
  ) {
    this.ids = Array.from({ length: options.subscriptions }, (_, index) => `${name}-${index}`);
    this.answer(200);
  }

  static async open(fixture: DeliveryFixture, name: string, options: LedgerOptions): Promise<DeliveryLedger> {
    const receiver = await startReceiver();
    const ledger = new DeliveryLedger(fixture, options, receiver, name);
    for (const id of ledger.ids)
      await fixture.subscribe(fixture.subscription(id, receiver.url, { settings }));
    return ledger;
  }

  close(): Promise<void> {
    return this.receiver.close();
  }

  /** Of each request from now on, after so long. */
  answer(answer: Answer, delayMs = 0): void {
    this.receiver.answer(async ({ headers }) => {
      this.took(String(headers['webhook-id']));
      if (this.receiver.requests.length > kept) this.receiver.forget();
      this.open++;
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      this.open--;
      return answer;
    });
  }

  async send(count: number): Promise<void> {
    for (let done = 0; done < count; done += page) {
      const tasks = Array.from({ length: Math.min(page, count - done) }, (_, index) =>
        this.task(done + index),
      );
      for (const task of tasks) this.sent.set(task.webhookId, task);
      await this.fixture.send(tasks);
    }
  }

  private task(index: number): DeliveryTask {
    const { subscriptions, records } = this.options;
    const record = `product.product,${Math.floor(index / subscriptions) % records}`;
    return this.fixture.task(this.ids[index % subscriptions] ?? '', { record });
  }

  private took(id: string): void {
    this.requests++;
    const task = this.sent.get(id);
    if (task === undefined || this.came.has(id)) return;
    this.came.add(id);
    const key = `${task.subscriptionId} ${task.record}`;
    const newest = this.newest.get(key) ?? -1n;
    if (task.sequence < newest) {
      this.inversions.push(`${key}: ${task.sequence} after ${newest}`);
    } else {
      this.newest.set(key, task.sequence);
    }
  }

  get sentCount(): number {
    return this.sent.size;
  }

  /** Deliveries of which at least one request came. */
  get received(): number {
    return this.came.size;
  }

  get duplicates(): number {
    return this.requests - this.came.size;
  }

  async untilReceived(count: number, timeoutMs = 120_000): Promise<void> {
    await eventually(() => this.received >= count, {
      timeoutMs,
      describe: () => `${count} of ${this.sentCount} deliveries, and not ${this.received}`,
    });
  }

  /** Everything has come, and nothing waits in Kafka or in an app. */
  async untilDone(timeoutMs = 120_000): Promise<void> {
    await this.untilReceived(this.sentCount, timeoutMs);
    await eventually(() => this.fixture.isQuiet(), { timeoutMs, pollMs: 250 });
  }

  /** For an expectation: deliveries that did not come, and those whose order is wrong. */
  get faults(): { lost: string[]; inversions: string[] } {
    return { lost: [...this.sent.keys()].filter((id) => !this.came.has(id)), inversions: this.inversions };
>>>>>>> wt-instances
  }
  return counts;
}

/** Everything that was ever written to the retry topics for a subscription, topic after topic. */
export async function retryRecords(
  fixture: DeliveryFixture,
  subscriptionId: string,
): Promise<IncomingRecord[]> {
  const found: IncomingRecord[] = [];
  for (const { topic } of retryTiers) {
    await fixture.kafka.readEach(topic, (records) => {
      for (const record of records) {
        if (record.headers['subscription-id'] === subscriptionId) found.push(record);
      }
    });
  }
  return found;
}

/** A dead letter as a redrive sends it once more. */
export function replayOf(task: DeliveryTask, redrive: string): DeliveryTask {
  return { ...task, attempts: 0, dueAtMs: 0, lastOutcome: null, deferred: false, redrive };
}
