import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { delay } from '#libs/process';
import type { DeliveryStand } from './delivery-stand.js';

export interface Cost {
  perSecond: number;
  cpuMs: number;
}

/** Deliveries before the measurement begins: connections, code and Kafka are warm then. */
const warmUpShare = 0.2;
const inFlight = 16;

/** Deliveries that wait in Kafka when the app starts, spread over so many endpoints. */
export async function deliver(
  stand: DeliveryStand,
  { endpoints, deliveries }: { endpoints: number; deliveries: number },
  nodeArguments: string[] = [],
): Promise<Cost> {
  const ids = await stand.subscribe(Array.from({ length: endpoints }, (_, index) => `/${String(index)}`));
  await stand.write(ids, deliveries);
  const { healthy: before } = await stand.endpoints.count();
  await stand.startApp({}, nodeArguments);
  const first = await received(stand, before + deliveries * warmUpShare);
  const last = await received(stand, before + deliveries);
  await stand.stopApp();
  const count = last.count - first.count;
  return {
    perSecond: (count / (last.atMs - first.atMs)) * 1000,
    cpuMs: (last.cpuMs - first.cpuMs) / count,
  };
}

async function received(
  stand: DeliveryStand,
  wanted: number,
): Promise<{ count: number; atMs: number; cpuMs: number }> {
  for (;;) {
    const { healthy: count } = await stand.endpoints.count();
    if (count >= wanted) {
      return { count, atMs: performance.now(), cpuMs: stand.cpuMs() };
    }
    await delay(20);
  }
}

/** The same body to the same receiver with the same client and as many requests in flight, and nothing else. */
export async function bareLoop(stand: DeliveryStand, requests: number): Promise<Cost> {
  const script = fileURLToPath(new URL('../bare-loop.js', import.meta.url));
  const run = await promisify(execFile)(process.execPath, [
    script,
    stand.endpoints.url,
    String(requests),
    String(inFlight),
  ]);
  const { perSecond, cpuMsPerRequest } = JSON.parse(run.stdout) as {
    perSecond: number;
    cpuMsPerRequest: number;
  };
  return { perSecond, cpuMs: cpuMsPerRequest };
}
