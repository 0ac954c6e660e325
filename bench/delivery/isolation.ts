import { delay } from '#libs/process';
import type { DeliveryStand } from './delivery-stand.js';

const tickMs = 50;
/** What is under way when the load ends has this long to arrive and be counted. */
const graceMs = 2_000;

export interface HealthyPart {
  /** Of what was written for healthy endpoints, what had arrived shortly after the load's end. */
  arrivedShare: number;
  latenciesMs: number[];
}

/** So many deliveries a second, to each subscription in turn, for so long. */
export async function load(
  stand: DeliveryStand,
  ids: readonly string[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number> {
  const startedAtMs = performance.now();
  let written = 0;
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - startedAtMs) {
    const wanted = Math.floor((elapsedMs / 1000) * perSecond);
    await stand.write(rotated(ids, written), wanted - written);
    written = wanted;
    await delay(tickMs);
  }
  return written;
}

/** Endpoints of which some hang, or the healthy ones of these alone, under the same load each. */
export async function healthyPart(
  stand: DeliveryStand,
  run: string,
  given: { endpoints: number; sick: number; withSick: boolean; perSecond: number; seconds: number },
): Promise<HealthyPart> {
  const { endpoints, sick, withSick, seconds } = given;
  const healthy = endpoints - sick;
  const healthyIds = await stand.subscribe(paths(`/${run}`, healthy));
  const sickPaths = withSick ? paths(`/sick-${run}`, sick) : [];
  const ids = [...healthyIds, ...(await stand.subscribe(sickPaths))];
  await delay(1_000);
  const { healthy: before } = await stand.endpoints.count();
  const perSecond = (given.perSecond * ids.length) / endpoints;
  const written = await load(stand, ids, { perSecond, seconds });
  await delay(graceMs);
  const { healthy: after, latenciesMs } = await stand.endpoints.count();
  for (const path of sickPaths) {
    await stand.endpoints.heal(path);
  }
  const expected = Math.floor((written * healthy) / ids.length);
  return { arrivedShare: Math.min(1, (after - before) / expected), latenciesMs };
}

/** All that was put off has gone out. */
export async function untilDrained(stand: DeliveryStand): Promise<void> {
  while ((await stand.lag()) > 0n) {
    await delay(500);
  }
}

function paths(base: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${base}-${String(index)}`);
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
