import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BenchPipeline, type CpuMs } from './pipeline.js';
import { measureLatency } from './latency.js';
import { untilReceived } from './until-received.js';

/**
 * What a delivery costs and how fast it is, in one run on one machine: the whole pipeline, the delivery app
 * alone, and a bare loop that only sends. Ratios between the three say more than the figures.
 * Arguments: `--changes <n>` (20000), `--latency-seconds <n>` (30).
 */
const changes = numberArgument('--changes', 20_000);
const latencySeconds = numberArgument('--latency-seconds', 30);
const latencyChangesPerSecond = 50;
/** Subscriptions that get each change, one after the other. */
const fanOuts = [1, 4] as const;

interface Throughput {
  perSecond: number;
  /** CPU of all that is ours and Kafka and the registry, per delivery. */
  cpuMs: number;
  byProcess: CpuMs;
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const pipeline = await BenchPipeline.start(say);
try {
  const latency = await latencyOf();
  const pipelines = new Map<number, Throughput>();
  for (const fanOut of fanOuts) {
    pipelines.set(fanOut, await pipelineThroughput(fanOut));
  }
  const delivery = await deliveryThroughput();
  const bare = await bareLoop();
  const whole = pipelines.get(1);
  say('');
  for (const [fanOut, { perSecond, cpuMs, byProcess }] of pipelines) {
    say(`pipeline, ${fanOut} per change: ${rounded(perSecond)} deliveries/s, ${rounded(cpuMs)} ms CPU each`);
    say(`  of which ${describeCpu(byProcess)} (Postgres is not in the sum)`);
  }
  say(
    `delivery app alone: ${rounded(delivery.perSecond)} deliveries/s, ${rounded(delivery.cpuMs)} ms CPU each`,
  );
  say(`bare loop: ${rounded(bare.perSecond)} requests/s, ${rounded(bare.cpuMsPerRequest)} ms CPU each`);
  say(
    `ratios of CPU to the bare loop: pipeline ${rounded((whole?.cpuMs ?? NaN) / bare.cpuMsPerRequest)}, ` +
      `delivery app ${rounded(delivery.cpuMs / bare.cpuMsPerRequest)}`,
  );
  say(
    JSON.stringify({
      pipelineDeliveriesPerSecond: rounded(whole?.perSecond ?? NaN),
      deliveryAppDeliveriesPerSecond: rounded(delivery.perSecond),
      bareLoopDeliveriesPerSecond: rounded(bare.perSecond),
      pipelineCpuMsPerDelivery: rounded(whole?.cpuMs ?? NaN),
      deliveryAppCpuMsPerDelivery: rounded(delivery.cpuMs),
      bareLoopCpuMsPerDelivery: rounded(bare.cpuMsPerRequest),
      commitToReceiptMs: latency,
    }),
  );
} finally {
  await pipeline.stop();
}

async function latencyOf(): Promise<{ p50: number | null; p99: number | null }> {
  say(`commit to receipt at ${latencyChangesPerSecond} changes/s for ${latencySeconds} s …`);
  const subscriptions = await pipeline.subscribeToEverything();
  const latency = await measureLatency(pipeline, latencyChangesPerSecond, latencySeconds);
  await pipeline.unsubscribe(subscriptions);
  say(`  ${latency.measured} deliveries: p50 ${String(latency.p50)} ms, p99 ${String(latency.p99)} ms`);
  return { p50: latency.p50, p99: latency.p99 };
}

async function pipelineThroughput(fanOut: number): Promise<Throughput> {
  say(`the whole pipeline, ${changes} changes, ${fanOut} subscription(s) …`);
  const subscriptions = await pipeline.subscribeToStock(fanOut);
  await pipeline.burst(2_000);
  await pipeline.untilIdle();
  const before = (await pipeline.receiver.count()).received;
  const cpuBefore = await pipeline.cpuMs();
  const startedAt = performance.now();
  await pipeline.burst(changes);
  await untilReceived(pipeline.receiver, before + changes * fanOut);
  const seconds = (performance.now() - startedAt) / 1000;
  const byProcess = perDelivery(cpuBefore, await pipeline.cpuMs(), changes * fanOut);
  await pipeline.unsubscribe(subscriptions);
  return { perSecond: (changes * fanOut) / seconds, cpuMs: sumOfOurs(byProcess), byProcess };
}

async function deliveryThroughput(): Promise<{ perSecond: number; cpuMs: number }> {
  say(`the delivery app alone, ${changes} deliveries to 4 subscriptions …`);
  const subscriptions = await pipeline.subscribeToStock(4);
  await pipeline.writeTasks(subscriptions, 2_000);
  await pipeline.untilIdle();
  const before = (await pipeline.receiver.count()).received;
  const cpuBefore = await pipeline.cpuMs();
  const startedAt = performance.now();
  await pipeline.writeTasks(subscriptions, changes);
  await untilReceived(pipeline.receiver, before + changes);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = perDelivery(cpuBefore, await pipeline.cpuMs(), changes)['delivery'] ?? NaN;
  await pipeline.unsubscribe(subscriptions);
  return { perSecond: changes / seconds, cpuMs };
}

async function bareLoop(): Promise<{ perSecond: number; cpuMsPerRequest: number }> {
  say('a bare loop …');
  const script = fileURLToPath(new URL('./bare-loop.js', import.meta.url));
  const run = await promisify(execFile)(process.execPath, [script, pipeline.receiver.url, '40000', '16']);
  return JSON.parse(run.stdout) as { perSecond: number; cpuMsPerRequest: number };
}

function perDelivery(before: CpuMs, after: CpuMs, deliveries: number): CpuMs {
  return Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / deliveries]),
  );
}

/** Postgres is Odoo's and works for it; what the capture adds there is in the note on ingest. */
function sumOfOurs(cpu: CpuMs): number {
  return Object.entries(cpu).reduce((sum, [name, ms]) => (name === 'postgres' ? sum : sum + ms), 0);
}

function describeCpu(cpu: CpuMs): string {
  return Object.entries(cpu)
    .map(([name, ms]) => `${name} ${rounded(ms)}`)
    .join(', ');
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}

function numberArgument(name: string, standard: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? standard : Number(process.argv[at + 1]);
  if (!(value > 0)) {
    process.stderr.write(`${name} takes a number above 0, e.g. ${name} ${standard}\n`);
    process.exit(64);
  }
  return value;
}
