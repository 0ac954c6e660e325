import { delay } from '#libs/process';
import { load } from '../delivery/isolation.js';
import { DeliveryStand } from '../delivery/delivery-stand.js';
import { growth, type Sample } from './growth.js';

/**
 * The delivery app under mixed load for a long time: healthy, slow, failing, resetting, hanging endpoints and one
 * with large answers. Its memory and open files must not grow. Arguments: `--minutes <n>` (30). Exits with 1 when
 * one of them has grown by more than a tenth between the second and the last quarter.
 */
const minutes = argument('--minutes', 30);
const perSecond = 200;
const sampleMs = 5_000;
const mostGrowth = 0.1;
/** What waits for the endpoints that are out of order stays the same after this. */
const expiresAfterMs = 120_000;
const behaviours = ['/fail', '/reset', '/slow', '/large', '/sick-soak'];
const healthy = Array.from({ length: 20 }, (_, index) => `/healthy-${String(index)}`);

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const stand = await DeliveryStand.start(say);
const samples: Sample[] = [];
let running = true;
try {
  const settings = { timeoutMs: 2_000, retryDelaysMs: [1_000, 5_000], disableAfter: 1_000_000 };
  const ids = await stand.subscribe([...healthy, ...behaviours], settings);
  await stand.startApp({}, ['--max-semi-space-size=8']);
  const watching = watch();
  const written = await load(stand, ids, { perSecond, seconds: minutes * 60, expiresAfterMs });
  running = false;
  await watching;
  const rss = growth(samples, ({ rssMb }) => rssMb);
  const files = growth(samples, ({ openFiles }) => openFiles);
  say(JSON.stringify({ minutes, deliveries: written, rssMb: rss, openFiles: files }));
  process.exitCode = rss.ratio > 1 + mostGrowth || files.ratio > 1 + mostGrowth ? 1 : 0;
} finally {
  running = false;
  await stand.stop();
}

async function watch(): Promise<void> {
  const startedAtMs = performance.now();
  for (let count = 0; running; count++) {
    const atMs = performance.now() - startedAtMs;
    samples.push({ atMs, rssMb: stand.rssMb(), openFiles: stand.openFiles() });
    if (count % 12 === 0) {
      const last = samples.at(-1);
      say(
        `${String(Math.round(atMs / 60_000))} min: ${String(Math.round(last?.rssMb ?? 0))} MB, ${String(last?.openFiles)} open files`,
      );
    }
    await delay(sampleMs);
  }
}

function argument(name: string, standard: number): number {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? standard : Number(process.argv[at + 1]);
  if (!(value > 0)) {
    process.stderr.write(`${name} takes a number above 0, e.g. ${name} ${String(standard)}\n`);
    process.exit(64);
  }
  return value;
}
