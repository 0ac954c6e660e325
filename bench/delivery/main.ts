import { backlog, percentile } from './backlog.js';
import { DeliveryStand } from './delivery-stand.js';
import { healthyPart, untilDrained } from './isolation.js';
import { metricsCpuMsPerDelivery } from './metrics-cost.js';
import { bareLoop, deliver, type Cost } from './throughput.js';

/**
 * The delivery app against a bare loop of the same client to the same receiver, what its metrics are of its CPU, and
 * healthy endpoints beside hanging ones against the same ones alone, all as ratios of one run.
 * Arguments: `--deliveries <n>` (40000), `--seconds <n>` (20) of each load with and without hanging endpoints,
 * `--backlog <n>` (1000000) for a dead endpoint; 0 leaves a part out.
 */
const deliveries = numberArgument('--deliveries', 40_000);
const seconds = numberArgument('--seconds', 20);
const waiting = numberArgument('--backlog', 1_000_000);
const perSecond = 500;
const rounds = 2;
const isolations = [
  { name: '1of10', endpoints: 10, sick: 1 },
  { name: '20of100', endpoints: 100, sick: 20 },
] as const;
/** As `npm start` runs it. */
const nodeArguments = ['--max-semi-space-size=8'];

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const stand = await DeliveryStand.start(say);
try {
  const throughputRatio: Record<string, number> = {};
  let cpuRatio = 0;
  let metricsShare = 0;
  const metricsCpuMs = metricsCpuMsPerDelivery();
  for (const endpoints of deliveries === 0 ? [] : [1, 10, 1000]) {
    const [bare, ours] = await compared(endpoints);
    throughputRatio[endpoints] = rounded(ours.perSecond / bare.perSecond);
    cpuRatio = Math.max(cpuRatio, ours.cpuMs / bare.cpuMs);
    metricsShare = Math.max(metricsShare, metricsCpuMs / ours.cpuMs);
  }
  const healthyThroughputRatio: Record<string, number> = {};
  const healthyP99Ratio: Record<string, number> = {};
  if (seconds > 0) {
    await stand.startApp({}, nodeArguments);
    for (const { name, ...sizes } of isolations) {
      const ratios = await isolation(name, sizes);
      healthyThroughputRatio[name] = rounded(ratios.throughput);
      healthyP99Ratio[name] = rounded(ratios.p99);
    }
    await stand.stopApp();
  }
  const backlogRssMb = waiting === 0 ? null : await measuredBacklog();
  say(
    JSON.stringify({
      throughputRatio,
      cpuRatio: rounded(cpuRatio),
      metricsShare,
      healthyThroughputRatio,
      healthyP99Ratio,
      backlogRssMb,
    }),
  );
} finally {
  await stand.stop();
}

async function compared(endpoints: number): Promise<[Cost, Cost]> {
  const bare = await bareLoop(stand, 40_000);
  const ours = await deliver(stand, { endpoints, deliveries }, nodeArguments);
  say(`${String(endpoints)} endpoints: ${described(ours)}; bare loop: ${described(bare)}`);
  return [bare, ours];
}

async function isolation(
  name: string,
  sizes: { endpoints: number; sick: number },
): Promise<{ throughput: number; p99: number }> {
  const shares = { with: 0, without: 0 };
  const latenciesMs: { with: number[]; without: number[] } = { with: [], without: [] };
  for (let round = 0; round < rounds; round++) {
    for (const which of ['without', 'with'] as const) {
      const run = `${name}-${which}-${String(round)}`;
      const part = await healthyPart(stand, run, {
        ...sizes,
        withSick: which === 'with',
        perSecond,
        seconds,
      });
      shares[which] += part.arrivedShare;
      latenciesMs[which].push(...part.latenciesMs);
      await untilDrained(stand);
    }
  }
  const p99 = { with: percentile(latenciesMs.with, 0.99), without: percentile(latenciesMs.without, 0.99) };
  say(
    `${name} hang: healthy p99 ${String(rounded(p99.without))} ms without, ${String(rounded(p99.with))} ms with them`,
  );
  return { throughput: shares.with / shares.without, p99: p99.with / p99.without };
}

async function measuredBacklog(): Promise<number> {
  say(`${String(waiting)} deliveries for an endpoint that hangs …`);
  const figures = await backlog(stand, waiting, say);
  say(
    `  others meanwhile: p99 ${String(rounded(figures.othersP99Ms))} ms; ` +
      `drained at ${String(rounded(figures.drainedPerSecond))}/s after it came back`,
  );
  return rounded(figures.maxRssMb);
}

function described({ perSecond: speed, cpuMs }: Cost): string {
  return `${String(rounded(speed))}/s, ${String(rounded(cpuMs))} ms CPU each`;
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}

function numberArgument(name: string, standard: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? standard : Number(process.argv[at + 1]);
  if (!(value >= 0)) {
    process.stderr.write(`${name} takes a number, e.g. ${name} ${String(standard)}\n`);
    process.exit(64);
  }
  return value;
}
