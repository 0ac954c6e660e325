import { ChangeReader } from '#libs/change';
import { backlog } from './backlog.js';
import { CapturedOdoo } from './captured-odoo.js';
import { commitToTopic } from './commit-to-topic.js';
import { writeOverhead } from './write-overhead.js';

/**
 * What the capture costs an Odoo database and how fast it brings changes into the topics, in one run on the
 * recorded Odoo: from commit to a reader of the topic, a backlog, writes with and without the triggers.
 */
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const rounded = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

const odoo = await CapturedOdoo.start(say);
try {
  say('commit to topic at 50 changes/s for 30 s …');
  const latency = await commitToTopic(odoo, new ChangeReader(odoo.registry), { perSecond: 50, seconds: 30 });
  say(`  p50 ${String(latency.p50)} ms, p99 ${String(latency.p99)} ms`);
  say('a backlog of 60,000 changes …');
  const waited = await backlog(odoo, 60_000);
  say(`  ${rounded(waited.changesPerSecond)} changes/s`);
  say('writes with and without capture …');
  const overhead = await writeOverhead(odoo, { writes: 600, massUpdates: 3 });
  const { oneFieldWriteMs: one, massUpdateMs: mass } = overhead;
  say(`  one field: ${rounded(one.without)} ms without, ${rounded(one.with)} ms with capture`);
  const share = ((one.with - one.without) / overhead.recordedWriteMs) * 100;
  say(
    `  of the ${rounded(overhead.recordedWriteMs)} ms that Odoo took for it when recorded: ${rounded(share)} %`,
  );
  say(`  50,000 rows: ${rounded(mass.without)} ms without, ${rounded(mass.with)} ms with capture`);
  say(
    JSON.stringify({
      commitToTopicMs: latency,
      backlogChangesPerSecond: rounded(waited.changesPerSecond),
      writeOverheadPercent: rounded(overhead.overheadPercent),
      captureMicrosecondsPerRow: rounded(overhead.captureMicrosecondsPerRow),
      outboxBytesPerChange: rounded(waited.outboxBytesPerChange),
      topicBytesPerChange: rounded(waited.topicBytesPerChange),
    }),
  );
} finally {
  await odoo.stop();
}
