import type { Client } from 'pg';
import { isLockTimeout } from '#libs/postgres';
import { unseenBy, type Snapshot } from './snapshot.js';

/** One of the tables that together are the outbox. */
export interface Slot {
  name: string;
  /** As the value of `relay.outbox_slot` names it; null of the parent, where older versions wrote. */
  number: number | null;
  heapBytes: number;
  /** With indexes and large values. */
  totalBytes: number;
}

export type CaptureState = 'on' | 'stopped' | 'paused';

export interface Slots {
  state: CaptureState;
  /** Of `relay.outbox_slot`. */
  value: number;
  /** The number of the slot that is written to; undefined while capture is off. */
  current: number | undefined;
  slots: readonly Slot[];
  totalBytes: number;
}

export interface RotationOptions {
  intervalMs: number;
  /** A slot of this size is left for an empty one. */
  slotBytes: number;
  /** So is one that was not changed for so long, that nothing published stays in Odoo's database. */
  slotAgeMs: number;
}

/** With slots small enough for writers to find an empty one well below the size limit. */
export function rotationBelow(outboxMaxBytes: number): RotationOptions {
  return { intervalMs: 2_000, slotBytes: Math.min(32_000_000, outboxMaxBytes / 8), slotAgeMs: 60_000 };
}

export const slotNumbers = [0, 1, 2, 3];
export const outboxTables = ['outbox', ...slotNumbers.map((number) => `outbox_${number}`)];

/** Values of `relay.outbox_slot` at which the triggers write nothing. */
export const slotValue = { stopped: -1, paused: -2 } as const;

const slotsSql = `
  select pg_sequence_last_value('relay.outbox_slot')::int as value, name,
         pg_relation_size('relay.' || name)::float8 as "heapBytes",
         pg_total_relation_size('relay.' || name)::float8 as "totalBytes"
  from unnest($1::text[]) name`;

export async function readSlots(client: Client): Promise<Slots> {
  const { rows } = await client.query<Omit<Slot, 'number'> & { value: number | null }>(slotsSql, [
    outboxTables,
  ]);
  const value = rows[0]?.value ?? 0;
  const slots = rows.map(({ name, heapBytes, totalBytes }, index) => ({
    name,
    number: index === 0 ? null : index - 1,
    heapBytes,
    totalBytes,
  }));
  return {
    state: value >= 0 ? 'on' : value === slotValue.paused ? 'paused' : 'stopped',
    value,
    current: value < 0 ? undefined : value,
    slots,
    totalBytes: slots.reduce((sum, slot) => sum + slot.totalBytes, 0),
  };
}

/** The slot to write to next: an empty one, where there is one. */
export function freeSlot({ slots, current }: Slots): number | undefined {
  return (
    slots.find(({ number, heapBytes }) => number !== null && number !== current && heapBytes === 0)?.number ??
    undefined
  );
}

/** Does nothing where somebody else has set another value than `from` meanwhile. */
export async function setSlot(client: Client, from: number, to: number): Promise<void> {
  await client.query(
    `select setval('relay.outbox_slot', $2) where pg_sequence_last_value('relay.outbox_slot') = $1`,
    [from, to],
  );
}

/**
 * Keeps the outbox small without a dead row: writers are led from slot to slot, and a slot that they have left
 * is emptied when all of it is published. Nobody waits for it: a slot that anybody has locked is tried again
 * later. Done between two batches, because a batch that is being read holds locks on all slots.
 */
export class OutboxRotation {
  private nextTurnAtMs = 0;
  private rotatedAtMs = performance.now();

  constructor(private readonly options: RotationOptions) {}

  /** To be called often; does something every `intervalMs`. `published`: what the topics hold for good. */
  async turn(client: Client, published: Snapshot): Promise<void> {
    if (performance.now() < this.nextTurnAtMs) {
      return;
    }
    const outbox = await readSlots(client);
    for (const slot of outbox.slots) {
      if (slot.heapBytes > 0 && (slot.number === null || slot.number !== outbox.current)) {
        await emptySlot(client, slot.name, published);
      }
    }
    await this.rotate(client, outbox);
    this.nextTurnAtMs = performance.now() + this.options.intervalMs;
  }

  private async rotate(client: Client, outbox: Slots): Promise<void> {
    const current = outbox.slots.find(({ number }) => number !== null && number === outbox.current);
    const next = freeSlot(outbox);
    if (current === undefined || current.heapBytes === 0 || next === undefined) {
      return;
    }
    const isOld = performance.now() - this.rotatedAtMs > this.options.slotAgeMs;
    if (isOld || current.totalBytes >= this.options.slotBytes) {
      await setSlot(client, outbox.value, next);
      this.rotatedAtMs = performance.now();
    }
  }
}

/**
 * Truncates a slot, unless it holds what is not published, or what may yet be committed: who has written to it
 * in a transaction that is open holds a lock on it.
 */
async function emptySlot(client: Client, name: string, published: Snapshot): Promise<void> {
  if (await hasUnpublished(client, name, published)) {
    return;
  }
  await client.query('begin');
  try {
    await client.query(`lock table only relay.${name} in access exclusive mode nowait`);
    if (!(await hasUnpublished(client, name, published))) {
      await client.query('update relay.installation set outbox_emptied = true where not outbox_emptied');
      await client.query(`truncate only relay.${name}`);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    if (!isLockTimeout(error)) {
      throw error;
    }
  }
}

async function hasUnpublished(client: Client, name: string, published: Snapshot): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select exists (select from only relay.${name} where ${unseenBy(published)}) as found`,
  );
  return rows[0]?.found !== false;
}
