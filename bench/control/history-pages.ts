import type { ControlStand } from './control-stand.js';
import { subscriptionIdOf } from './stored-attempts.js';

const rounds = 20;

interface Page {
  data: { webhookId: string; record: string; changeId: string }[];
  nextCursor: string | null;
}

/** How long a page takes, in milliseconds, the slower ones (p95) of each way to ask for it. */
export async function timePages(stand: ControlStand): Promise<Map<string, number>> {
  const timed = new Map<string, number>();
  for (const [name, queryOf] of Object.entries(await queries(stand))) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const query = new URLSearchParams(queryOf(round)).toString();
      const startedAtMs = performance.now();
      await stand.request('GET', `/v1/attempts?${query}`);
      times.push(performance.now() - startedAtMs);
    }
    times.sort((left, right) => left - right);
    timed.set(name, times[Math.floor(times.length * 0.95) - 1] ?? NaN);
  }
  return timed;
}

type QueryOf = (round: number) => Record<string, string>;

async function queries(stand: ControlStand): Promise<Record<string, QueryOf>> {
  const sample = (await stand.request('GET', '/v1/attempts?limit=200')) as Page;
  const one = (round: number): Page['data'][number] => {
    const attempt = sample.data[(round * 7) % sample.data.length];
    if (attempt === undefined) {
      throw new Error('there are no attempts');
    }
    return attempt;
  };
  const subscriptionId = (round: number): string => subscriptionIdOf((round * 97) % 2_000);
  const middle = Buffer.from(`${String(Date.now() - 15 * 86_400_000)}-5-0`).toString('base64url');
  return {
    all: () => ({}),
    'all, from the middle': () => ({ cursor: middle }),
    subscription: (round) => ({ subscriptionId: subscriptionId(round) }),
    'subscription, from the middle': (round) => ({ subscriptionId: subscriptionId(round), cursor: middle }),
    "subscription's dead": (round) => ({ subscriptionId: subscriptionId(round), outcome: 'dead,expired' }),
    "subscription's failed": (round) => ({
      subscriptionId: subscriptionId(round),
      outcome: 'failed,timedOut',
    }),
    database: (round) => ({ database: ['acme', 'globex', 'initech'][round % 3] ?? '' }),
    "database's dead": (round) => ({
      database: ['acme', 'globex', 'initech'][round % 3] ?? '',
      outcome: 'dead',
    }),
    dead: () => ({ outcome: 'dead,expired' }),
    'dead, from the middle': () => ({ outcome: 'dead', cursor: middle }),
    record: (round) => ({ record: one(round).record }),
    'record of a database': (round) => ({ record: one(round).record, database: 'acme' }),
    delivery: (round) => ({ webhookId: one(round).webhookId }),
    change: (round) => ({ changeId: one(round).changeId }),
    'event type': () => ({ eventType: 'sale.order.confirmed' }),
    'event type of a subscription': (round) => ({
      eventType: 'sale.order.confirmed',
      subscriptionId: subscriptionId(round),
    }),
    'event type that nothing has': () => ({ eventType: 'res.partner.deleted' }),
    'outcome that nothing has': () => ({ outcome: 'superseded', database: 'acme' }),
  };
}
