import type { Client } from 'pg';

const dayMs = 86_400_000;
const days = 30;

export const subscriptions = 2_000;

/** As the API takes it, and as it is made below. */
export function subscriptionIdOf(index: number): string {
  return `sub_${String(index).padStart(26, '0')}`;
}

/**
 * Fills the days before today with so many attempts: of 100, 96 are delivered; one in 10,000 is dead. Each day is made without
 * indices, which come when it is attached, all at once.
 */
export async function storeAttempts(
  postgres: Client,
  count: number,
  say: (text: string) => void,
): Promise<void> {
  const startedAtMs = performance.now();
  const perDay = Math.ceil(count / days);
  const todayMs = Math.floor(Date.now() / dayMs) * dayMs;
  for (let day = 1; day <= days; day++) {
    const beginMs = todayMs - day * dayMs;
    const name = `relay_control.attempts_${new Date(beginMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
    await postgres.query(`CREATE TABLE ${name} (LIKE relay_control.attempts)`);
    await postgres.query(fill(name), [beginMs, Math.floor(dayMs / perDay), perDay, (day - 1) * perDay]);
    await postgres.query(
      `ALTER TABLE relay_control.attempts ATTACH PARTITION ${name}
       FOR VALUES FROM (${String(beginMs)}) TO (${String(beginMs + dayMs)})`,
    );
    if (day % 10 === 0) {
      const seconds = Math.round((performance.now() - startedAtMs) / 1000);
      say(`${String(day * perDay)} attempts stored after ${String(seconds)} s`);
    }
  }
  await postgres.query(
    `INSERT INTO relay_control.attempt_kinds SELECT DISTINCT database, outcome FROM relay_control.attempts
     ON CONFLICT DO NOTHING`,
  );
  await postgres.query('VACUUM ANALYZE relay_control.attempts');
}

/** $1 begin of the day, $2 milliseconds between two, $3 how many, $4 how many there are already. */
function fill(name: string): string {
  return `
    INSERT INTO ${name} (
      at_ms, topic_partition, topic_offset, sequence, committed_at_ms, attempt, duration_ms, status, outcome,
      application_id, subscription_id, database, event_type, record, webhook_id, change_id, response, erased)
    SELECT $1::bigint + n * $2::bigint, n % 12, $4::bigint + n, n, $1::bigint + n * $2::bigint - 300, 1,
      5 + n % 200, CASE WHEN n % 100 < 96 THEN 200 ELSE 503 END,
      CASE WHEN n % 10000 = 99 THEN 'dead' WHEN n % 100 < 96 THEN 'delivered'
        WHEN n % 100 < 99 THEN 'failed' ELSE 'timedOut' END,
      'app' || (n * 7919 % ${String(subscriptions)}) % 20,
      'sub_' || lpad((n * 7919 % ${String(subscriptions)})::text, 26, '0'),
      (ARRAY['acme', 'globex', 'initech'])[1 + n % 3],
      (ARRAY['product.updated', 'stock.quantity_changed', 'sale.order.confirmed', 'sale.order.updated'])[1 + n % 4],
      'sale.order,' || (($4::bigint + n) * 31 % 1000000),
      'msg_' || substr(md5(($4::bigint + n)::text), 1, 27), 'k3v9x2qa7mzd-' || ($4::bigint + n),
      'thank you, all is well: ' || repeat('x', 60), false
    FROM generate_series(0, $3::bigint - 1) AS n`;
}
