import { deliveryTopics } from '#libs/delivery-task';
import { delay } from '#libs/process';
import type { DeliveryStand } from './delivery-stand.js';
import { load } from './isolation.js';

const sampleMs = 1_000;
const othersPerSecond = 100;

export interface BacklogFigures {
  maxRssMb: number;
  /** p99 of another endpoint's deliveries while the backlog is read and waits. */
  othersP99Ms: number;
  drainedPerSecond: number;
}

/** So many deliveries for an endpoint that hangs, and another one's meanwhile; then it answers and gets them all. */
export async function backlog(
  stand: DeliveryStand,
  deliveries: number,
  say: (text: string) => void,
): Promise<BacklogFigures> {
  const [sickId = ''] = await stand.subscribe(['/sick-backlog']);
  const [otherId = ''] = await stand.subscribe(['/other']);
  // Retries of the few that were tried come within the measurement, not hours later.
  await stand.startApp({ CATCH_UP_PER_S: '5000' }, ['--max-semi-space-size=8']);
  const rss = watchRss(stand);
  await stand.endpoints.count();
  await stand.write([sickId], deliveries);
  while ((await stand.lag([deliveryTopics.first])) > 0n) {
    await load(stand, [otherId], { perSecond: othersPerSecond, seconds: 5 });
  }
  say(`  ${String(deliveries)} wait, ${String(Math.round(rss.max()))} MB at most`);
  await load(stand, [otherId], { perSecond: othersPerSecond, seconds: 20 });
  const { latenciesMs, sickAnswered: before } = await stand.endpoints.count();
  await stand.endpoints.heal('/sick-backlog');
  const healedAtMs = performance.now();
  await answered(stand, before + deliveries * 0.9, say);
  const seconds = (performance.now() - healedAtMs) / 1000;
  rss.stop();
  await stand.stopApp();
  return {
    maxRssMb: rss.max(),
    othersP99Ms: percentile(latenciesMs, 0.99),
    drainedPerSecond: (deliveries * 0.9) / seconds,
  };
}

async function answered(stand: DeliveryStand, wanted: number, say: (text: string) => void): Promise<void> {
  for (let last = 0; ;) {
    const { sickAnswered } = await stand.endpoints.count();
    if (sickAnswered >= wanted) {
      return;
    }
    if (sickAnswered - last > wanted / 5) {
      say(`  ${String(sickAnswered)} have gone out`);
      last = sickAnswered;
    }
    await delay(200);
  }
}

function watchRss(stand: DeliveryStand): { max: () => number; stop: () => void } {
  let max = 0;
  const timer = setInterval(() => {
    max = Math.max(max, stand.rssMb());
  }, sampleMs);
  return {
    max: () => max,
    stop: () => {
      clearInterval(timer);
    },
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
