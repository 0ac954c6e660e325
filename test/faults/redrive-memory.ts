import { existsSync, readFileSync } from 'node:fs';
import { deliveryTopics, taskHeaders, writeTask } from '#libs/delivery-task';
import type { DeliveryFixture } from '../e2e/delivery-fixture.js';

const pageSize = 1_000;

/** Writes dead letters with bodies of that size, and gives their webhook ids. */
export async function dieInMasses(
  fixture: DeliveryFixture,
  subscriptionId: string,
  { count, bodyBytes }: { count: number; bodyBytes: number },
): Promise<string[]> {
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(bodyBytes) }));
  const ids: string[] = [];
  while (ids.length < count) {
    const tasks = Array.from({ length: Math.min(pageSize, count - ids.length) }, () =>
      fixture.task(subscriptionId, { body, attempts: 6, lastOutcome: 'failed' }),
    );
    await fixture.publisher.publish(
      tasks.map((task) =>
        writeTask(task, deliveryTopics.dead, { [taskHeaders.reason]: 'attempts-exhausted' }),
      ),
    );
    ids.push(...tasks.map((task) => task.webhookId));
  }
  return ids;
}

/** For the environment of an app: garbage is not left for later, so that its memory is what it needs. */
export const smallHeap = { NODE_OPTIONS: '--max-old-space-size=112' };

/** Looks again and again how much memory a process has. */
export class MemoryWatch {
  readonly startMb: number;
  private mostMb: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.startMb = this.nowMb();
    this.mostMb = this.startMb;
    this.timer = setInterval(() => {
      this.mostMb = Math.max(this.mostMb, this.nowMb());
    }, 100).unref();
  }

  /** By how many MB it grew at most. */
  end(): number {
    clearInterval(this.timer);
    return Math.max(this.mostMb, this.nowMb()) - this.startMb;
  }

  nowMb(): number {
    const status = `/proc/${this.pid}/status`;
    // It may have ended, which the test is told otherwise.
    const text = existsSync(status) ? readFileSync(status, 'utf8') : '';
    const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(text) ?? [];
    return Number(kilobytes) / 1024;
  }
}
