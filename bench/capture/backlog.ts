import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CapturedOdoo } from './captured-odoo.js';

export interface Backlog {
  changes: number;
  changesPerSecond: number;
  outboxBytesPerChange: number;
  topicBytesPerChange: number;
}

const changesPerTransaction = 8;

/**
 * A backlog that waited while ingest was stopped: rows of the recorded database, tables in the proportion in
 * which the recorded workload changed them, eight in a transaction as there on average.
 */
export async function backlog(odoo: CapturedOdoo, changes: number): Promise<Backlog> {
  const mix = await mixOfWorkload(odoo);
  await odoo.stopIngest();
  const recordsBefore = await odoo.recordCount();
  const topicBytesBefore = topicBytes(odoo);
  const outboxBytesBefore = await outboxBytes(odoo);
  await write(odoo, mix, changes);
  const outboxBytesWritten = (await outboxBytes(odoo)) - outboxBytesBefore;
  await odoo.startIngest();
  const startedMs = performance.now();
  await odoo.untilPublished();
  const seconds = (performance.now() - startedMs) / 1000;
  const published = (await odoo.recordCount()) - recordsBefore;
  return {
    changes: published,
    changesPerSecond: published / seconds,
    outboxBytesPerChange: outboxBytesWritten / changes,
    topicBytesPerChange: (topicBytes(odoo) - topicBytesBefore) / published,
  };
}

/** Table names, each as often as it is changed in a hundred changes of the workload. */
async function mixOfWorkload(odoo: CapturedOdoo): Promise<string[]> {
  const prefix = 'odoo.capture.';
  const counts = new Map<string, number>();
  for (const topic of odoo.topics) {
    counts.set(topic.slice(prefix.length), (await odoo.kafka.readToEnd(topic)).length);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts].flatMap(([table, count]) =>
    Array.from({ length: Math.round((count * 100) / total) }, () => table),
  );
}

async function write(odoo: CapturedOdoo, mix: readonly string[], changes: number): Promise<void> {
  const ids = new Map<string, number[]>();
  for (const table of new Set(mix)) {
    const { rows } = await odoo.client.query<{ id: number }>(`select id from ${table} order by id limit 500`);
    ids.set(
      table,
      rows.map(({ id }) => id),
    );
  }
  for (let done = 0; done < changes;) {
    const statements: string[] = [];
    for (let inTransaction = 0; inTransaction < changesPerTransaction; inTransaction++, done++) {
      // Neighbours in the list are of one table: a step that shares no factor with it mixes them.
      const table = mix[(done * 37) % mix.length] ?? '';
      const known = ids.get(table) ?? [];
      const id = known[done % known.length] ?? 0;
      statements.push(`update ${table} set write_date = clock_timestamp() where id = ${String(id)}`);
    }
    await odoo.client.query(`begin; set local synchronous_commit = off; ${statements.join('; ')}; commit`);
  }
}

async function outboxBytes(odoo: CapturedOdoo): Promise<number> {
  const { rows } = await odoo.client.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(c.oid))::text as bytes from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'relay' and c.relname like 'outbox%' and c.relkind = 'r'`,
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** As Kafka stores them. */
function topicBytes(odoo: CapturedOdoo): number {
  let bytes = 0;
  for (const folder of readdirSync(odoo.kafkaDataDirectory)) {
    if (!folder.startsWith('odoo.')) continue;
    for (const file of readdirSync(join(odoo.kafkaDataDirectory, folder))) {
      if (file.endsWith('.log')) bytes += statSync(join(odoo.kafkaDataDirectory, folder, file)).size;
    }
  }
  return bytes;
}
