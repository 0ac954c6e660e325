import { plainLoop } from './plain-loop.js';
import { RouterStand } from './router-stand.js';
import { deliveriesEach, subscriptionsOf } from './subscriptions.js';

/**
 * The router, with few and with many subscriptions of which five want each change, beside a loop over all of them.
 * Arguments: `--changes <n>` (30000) routed with each number of subscriptions, `--rounds <n>` (2), of which the best
 * counts.
 */
const changes = numberArgument('--changes', 30_000);
const rounds = numberArgument('--rounds', 2);
const counts = [10, 1_000, 10_000, 100_000] as const;
const most = 100_000;
const fewest = 10;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const changesPerSecond: Record<string, number> = {};
const plainLoopChangesPerSecond: Record<string, number> = {};
const rss = new Map<number, number>();
let startupMs = 0;
const stand = await RouterStand.start(say);
try {
  for (let round = 0; round < rounds; round++) {
    for (const count of counts) {
      const routed = await stand.route(`r${String(round)}n${String(count)}`, subscriptionsOf(count), changes);
      if (routed.deliveries !== changes * deliveriesEach) {
        throw new Error(
          `${String(routed.deliveries)} deliveries of ${String(changes)} changes: five each were meant`,
        );
      }
      say(
        `${String(count)} subscriptions: ${rounded(routed.changesPerSecond)} changes/s, ready in ${rounded(routed.startupMs)} ms, one more gets what changes after ${rounded(routed.takesEffectMs)} ms`,
      );
      changesPerSecond[count] = Math.max(changesPerSecond[count] ?? 0, rounded(routed.changesPerSecond));
      rss.set(count, Math.min(rss.get(count) ?? Infinity, routed.rssBytes));
      startupMs = count === most ? Math.max(startupMs, routed.startupMs) : startupMs;
    }
  }
} finally {
  await stand.stop();
}
for (const count of counts.filter((one) => one !== most)) {
  plainLoopChangesPerSecond[count] = rounded(plainLoop(subscriptionsOf(count)));
}
say(
  JSON.stringify({
    changesPerSecond,
    ratio100000to10: hundredths((changesPerSecond[most] ?? 0) / (changesPerSecond[fewest] ?? 1)),
    plainLoopChangesPerSecond,
    startupSeconds: hundredths(startupMs / 1000),
    bytesPerSubscription: rounded(((rss.get(most) ?? 0) - (rss.get(fewest) ?? 0)) / most),
  }),
);

function rounded(value: number): number {
  return Math.round(value);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
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
