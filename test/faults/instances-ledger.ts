import type { DeliveryTask } from '#libs/delivery-task';
import { delay } from '#libs/process';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type Answer, type Receiver } from '../harness/receiver.js';

export interface LedgerOptions {
  /** Each is a partition's, and they are enough for two instances to have some each. */
  subscriptions: number;
  /** That change again and again, of each subscription. */
  records: number;
}

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

  /** As a database does that changes all the time. */
  async sendSteadily(count: number, perSecond: number): Promise<void> {
    const startedAtMs = performance.now();
    for (let done = 0; done < count;) {
      const due = Math.ceil(((performance.now() - startedAtMs) / 1000) * perSecond);
      const some = Math.min(count, due) - done;
      if (some > 0) await this.send(some);
      done += Math.max(0, some);
      await delay(50);
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
  }
}

export const noFaults = { lost: [], inversions: [] };
