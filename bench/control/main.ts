import type { AttemptRow } from '#libs/delivery-task';
import { delay } from '#libs/process';
import { urlHash } from '#libs/subscription';
import { ControlStand } from './control-stand.js';
import { timePages } from './history-pages.js';
import { storeAttempts, subscriptionIdOf, subscriptions } from './stored-attempts.js';

/**
 * Control: requests of the API with the admin key, attempts projected into the history, and how long a page of it
 * takes, with many attempts stored.
 * Arguments: `--attempts <n>` (10000000) stored, `--projected <n>` (150000), `--seconds <n>` (5) of reads and of
 * writes.
 */
const stored = numberArgument('--attempts', 10_000_000);
const projected = numberArgument('--projected', 150_000);
const seconds = numberArgument('--seconds', 5);
const endpoint = 'https://127.0.0.1/hooks';
const connections = 16;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const stand = await ControlStand.start(say);
try {
  await stand.startApp();
  await storeAttempts(stand.postgres, stored, say);
  const pages = await timePages(stand);
  for (const [name, ms] of pages) {
    say(`a page by ${name}: ${rounded(ms)} ms`);
  }
  await stand.stopApp();
  const attemptsProjectedPerSecond = await project();
  say(`${rounded(attemptsProjectedPerSecond)} attempts/s projected`);
  const { id } = (await stand.request('POST', '/v1/subscriptions', newSubscription())) as { id: string };
  const reads = await perSecond(() => stand.request('GET', `/v1/subscriptions/${id}`));
  const writes = await perSecond(() =>
    stand.request('PATCH', `/v1/subscriptions/${id}`, { settings: { timeoutMs: 5_000 } }),
  );
  say(
    JSON.stringify({
      authenticatedReadsPerSecond: rounded(reads),
      authenticatedWritesPerSecond: rounded(writes),
      attemptsProjectedPerSecond: rounded(attemptsProjectedPerSecond),
      historyPageMsAt10M: rounded(Math.max(...pages.values())),
      attemptsStored: stored,
    }),
  );
} finally {
  await stand.stop();
}

/** They wait in Kafka when control starts. */
async function project(): Promise<number> {
  const before = await stand.projected();
  await stand.writeAttempts(projected, attemptOf);
  await stand.startApp();
  let first: { count: number; atMs: number } | undefined;
  for (;;) {
    const count = (await stand.projected()) - before;
    const atMs = performance.now();
    first ??= count > 0 ? { count, atMs } : undefined;
    if (count >= projected && first !== undefined) {
      return ((count - first.count) / (atMs - first.atMs)) * 1000;
    }
    await delay(20);
  }
}

function attemptOf(index: number): AttemptRow {
  const atMs = BigInt(Date.now());
  return {
    webhook_id: `msg_h0zL_r1xw9TbBo2kVQD2M${String(index)}`,
    subscription_id: subscriptionIdOf(index % subscriptions),
    database: 'acme',
    change_id: `k3v9x2qa7mzd-new-${String(index)}`,
    event_type: 'stock.quantity_changed',
    record: `stock.quant,${String(index)}`,
    sequence: BigInt(index),
    outcome: index % 100 < 96 ? 'delivered' : 'failed',
    attempt: 1,
    status: 200,
    error: null,
    reason: null,
    at_ms: atMs,
    duration_ms: index % 200,
    committed_at_ms: atMs - 300n,
    redrive: null,
    response: `thank you, all is well: ${'x'.repeat(60)}`,
    url_hash: urlHash(endpoint),
  };
}

function newSubscription(): unknown {
  return { database: 'acme', eventTypes: ['product.created'], url: endpoint };
}

async function perSecond(request: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  const endMs = startedAtMs + seconds * 1000;
  let count = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < endMs) {
        await request();
        count++;
      }
    }),
  );
  return (count * 1000) / (performance.now() - startedAtMs);
}

function rounded(value: number): number {
  return Math.round(value);
}

function numberArgument(name: string, standard: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? standard : Number(process.argv[at + 1]);
  if (!(value > 0)) {
    process.stderr.write(`${name} takes a number, e.g. ${name} ${String(standard)}\n`);
    process.exit(64);
  }
  return value;
}
