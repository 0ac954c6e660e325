import type { DataSource } from 'typeorm';
import type { AttemptRow } from '#libs/delivery-task';
import type { Offsets } from '#libs/kafka';
import { controlSchema } from '../persistence/rows.js';
import { TopicPositions } from '../projections/topic-positions.js';
import type { Placed } from '../projections/topic-projection.js';
import type { AttemptPartitions } from './attempt-partitions.js';
import { dayOf } from './kept-days.js';

export type PlacedAttempt = Placed<AttemptRow>;

/** What of the topic was read, as a whole. */
export interface AttemptBatch {
  attempts: readonly PlacedAttempt[];
  /** Where the partitions that it is from go on. */
  next: Offsets;
}

type Column = [name: string, type: string, of: (attempt: PlacedAttempt) => unknown];

const columns: readonly Column[] = [
  ['at_ms', 'bigint', ({ row }) => row.at_ms],
  ['topic_partition', 'integer', ({ partition }) => partition],
  ['topic_offset', 'bigint', ({ offset }) => offset],
  ['sequence', 'bigint', ({ row }) => row.sequence],
  ['committed_at_ms', 'bigint', ({ row }) => row.committed_at_ms],
  ['attempt', 'integer', ({ row }) => row.attempt],
  ['duration_ms', 'integer', ({ row }) => row.duration_ms],
  ['status', 'integer', ({ row }) => row.status],
  ['outcome', 'text', ({ row }) => row.outcome],
  ['subscription_id', 'text', ({ row }) => row.subscription_id],
  ['database', 'text', ({ row }) => row.database],
  ['event_type', 'text', ({ row }) => row.event_type],
  ['record', 'text', ({ row }) => row.record],
  ['webhook_id', 'text', ({ row }) => row.webhook_id],
  ['change_id', 'text', ({ row }) => row.change_id],
  ['error', 'text', ({ row }) => row.error],
  ['reason', 'text', ({ row }) => row.reason],
  ['redrive', 'text', ({ row }) => row.redrive],
  ['response', 'text', ({ row }) => row.response],
  ['url_hash', 'integer', ({ row }) => row.url_hash],
];
const columnNames = columns.map(([name]) => name).join(', ');
const arrays = columns.map(([, type], index) => `$${String(index + 1)}::${type}[]`).join(', ');

/** What endpoints answered of a record that is erased by now is not taken, whenever its row comes. */
const taken = columns
  .map(([name]) =>
    name === 'error' || name === 'response'
      ? `CASE WHEN erased.until_ms IS NULL THEN given.${name} END`
      : `given.${name}`,
  )
  .join(', ');

const insertAttempts = `
  INSERT INTO ${controlSchema}.attempts (${columnNames}, application_id, erased)
  SELECT ${taken}, owner.application_id, erased.until_ms IS NOT NULL
  FROM unnest(${arrays}) AS given (${columnNames})
  LEFT JOIN ${controlSchema}.subscription_owners owner USING (subscription_id)
  LEFT JOIN ${controlSchema}.erased_records erased
    ON erased.database = given.database AND erased.record = given.record
    AND given.committed_at_ms <= erased.until_ms`;

/** What is kept of `relay.attempts`, and up to where: always both together. */
export class AttemptStore {
  private readonly knownKinds = new Set<string>();
  private readonly topicPositions: TopicPositions;

  constructor(
    private readonly dataSource: DataSource,
    private readonly partitions: AttemptPartitions,
  ) {
    this.topicPositions = new TopicPositions(dataSource, 'attempt_positions');
  }

  positions(starts: Offsets): Promise<Offsets> {
    return this.topicPositions.read(starts);
  }

  /**
   * Takes the batch and moves the positions, in one transaction.
   * @throws RelayError FENCED when it was not read from where the positions are: another instance goes on.
   */
  async take({ attempts, next }: AttemptBatch, from: Offsets): Promise<void> {
    await this.partitions.ensure(new Set(attempts.map(({ row }) => dayOf(Number(row.at_ms)))));
    const kinds = new Map(attempts.map(({ row }) => [`${row.database} ${row.outcome}`, row]));
    const newKinds = [...kinds].filter(([kind]) => !this.knownKinds.has(kind));
    await this.dataSource.transaction(async (manager) => {
      await this.topicPositions.move(manager, from, next);
      if (newKinds.length > 0) {
        await manager.query(
          `INSERT INTO ${controlSchema}.attempt_kinds SELECT * FROM unnest($1::text[], $2::text[])
           ON CONFLICT DO NOTHING`,
          [newKinds.map(([, { database }]) => database), newKinds.map(([, { outcome }]) => outcome)],
        );
      }
      if (attempts.length > 0) {
        await manager.query(
          insertAttempts,
          columns.map(([, , of]) => attempts.map(of)),
        );
      }
    });
    newKinds.forEach(([kind]) => this.knownKinds.add(kind));
  }
}
