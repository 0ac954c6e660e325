import { delay } from '#libs/process';
import type { BenchReceiver } from './receiver.js';

const patienceMs = 120_000;

/** Waits until the receiver has had so many requests in all. @throws when nothing more comes */
export async function untilReceived(receiver: BenchReceiver, wanted: number): Promise<void> {
  let last = -1;
  let movedAt = performance.now();
  for (;;) {
    const { received } = await receiver.count();
    if (received >= wanted) {
      return;
    }
    if (received !== last) {
      last = received;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > patienceMs) {
      throw new Error(`only ${received} of ${wanted} deliveries came`);
    }
    await delay(20);
  }
}
