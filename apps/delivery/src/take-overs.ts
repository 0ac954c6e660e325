import type { AttemptRow, DeliveryTask } from '#libs/delivery-task';
import { delay, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';

/** Whoever owned a partition before has ended by then what it had read, or its records have come here. */
const memoryMs = 300_000;
/**
 * The owner before may still wait for the answers of requests that it has begun: most come within this, and their
 * rows are read then. More partitions that come meanwhile are read with them.
 */
const graceMs = 500;
const retryMs = 500;

const nothing: ReadonlySet<string> = new Set();

export interface TakeOverParts {
  /** The last rows of these partitions of `relay.attempts`. */
  readRows(partitions: readonly number[]): Promise<readonly { partition: number; row: AttemptRow }[]>;
  logger: Logger;
  /** How long the owner before has for what it has begun, milliseconds. Default 500. */
  graceMs?: number;
}

/** Names an attempt that a delivery is about to make, or has made. */
export function deliveryKey({ webhookId, attempts, redrive }: DeliveryTask): string {
  return `${webhookId} ${String(attempts + 1)} ${redrive ?? ''}`;
}

function rowKey({ webhook_id, attempt, redrive }: AttemptRow): string {
  return `${webhook_id} ${String(attempt)} ${redrive ?? ''}`;
}

/**
 * A process that is killed has written rows of deliveries whose records it could not commit any more. Whoever takes
 * a partition over reads its last rows first, so that only what was under way is made again.
 */
export class TakeOvers {
  private readonly known = new Map<number, ReadonlySet<string>>();
  private readonly reading = new Map<number, Promise<ReadonlySet<string>>>();
  private gathering: { partitions: number[]; rows: Promise<Map<number, Set<string>>> } | undefined;

  constructor(private readonly parts: TakeOverParts) {}

  /** Keys of what was delivered before the partition came here; undefined while that has to be read. */
  delivered(partition: number): ReadonlySet<string> | undefined {
    return this.known.get(partition);
  }

  untilKnown(partition: number): Promise<ReadonlySet<string>> {
    let reading = this.reading.get(partition);
    if (reading === undefined) {
      reading = this.rowsOf(partition).then((rows) => rows.get(partition) ?? nothing);
      this.reading.set(partition, reading);
      void this.remember(partition, reading);
    }
    return reading;
  }

  /** The partition went to another instance: when it comes back, its rows are read anew. */
  forget(partition: number): void {
    this.known.delete(partition);
    this.reading.delete(partition);
  }

  /** Unless the partition went away meanwhile: then its rows are read anew when it comes back. */
  private async remember(partition: number, reading: Promise<ReadonlySet<string>>): Promise<void> {
    const delivered = await reading;
    if (this.reading.get(partition) !== reading) {
      return;
    }
    this.known.set(partition, delivered);
    setTimeout(() => {
      if (this.known.get(partition) === delivered) {
        this.known.set(partition, nothing);
      }
    }, memoryMs).unref();
  }

  private rowsOf(partition: number): Promise<Map<number, Set<string>>> {
    if (this.gathering === undefined) {
      const partitions: number[] = [];
      this.gathering = { partitions, rows: this.readGathered(partitions) };
    }
    this.gathering.partitions.push(partition);
    return this.gathering.rows;
  }

  private async readGathered(partitions: number[]): Promise<Map<number, Set<string>>> {
    await delay(this.parts.graceMs ?? graceMs);
    this.gathering = undefined;
    for (;;) {
      try {
        return keysByPartition(await this.parts.readRows(partitions));
      } catch (error) {
        this.parts.logger.warn(
          { reason: messageOf(error) },
          'deliveries wait for what was made of them before',
        );
        await delay(retryMs);
      }
    }
  }
}

function keysByPartition(rows: readonly { partition: number; row: AttemptRow }[]): Map<number, Set<string>> {
  const keys = new Map<number, Set<string>>();
  for (const { partition, row } of rows) {
    if (row.outcome === 'delivered') {
      keys.set(partition, (keys.get(partition) ?? new Set()).add(rowKey(row)));
    }
  }
  return keys;
}
