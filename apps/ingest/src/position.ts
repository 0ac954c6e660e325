import type {
  AvroCodec,
  AvroSchema,
  IncomingRecord,
  Kafka,
  OutgoingRecord,
  SchemaRegistry,
  TopicSpec,
} from '#libs/kafka';
import { RelayError } from '#libs/process';
import type { LoadState } from './load/load-state.js';
import { parseSnapshot, type Snapshot } from './snapshot.js';

/**
 * How far the outbox of a database has been published: all that `from` saw and, while a batch of several pages
 * is under way, of what `to` saw also the changes up to `sequence`.
 */
export interface Position {
  epoch: string;
  from: Snapshot;
  to: Snapshot | null;
  sequence: bigint;
  /** The last load that was begun. */
  load: LoadState | null;
}

const positionsTopic = 'relay.positions';

export const positionsTopicSpec: TopicSpec = {
  topic: positionsTopic,
  partitions: 1,
  // Written with every transaction and read from its beginning at every start: it has to stay short.
  config: {
    'cleanup.policy': 'compact',
    'segment.ms': '600000',
    'segment.bytes': '8388608',
    'min.cleanable.dirty.ratio': '0.1',
  },
};

const positionSchema: AvroSchema = {
  type: 'record',
  name: 'Position',
  namespace: 'odoo.relay',
  fields: [
    { name: 'epoch', type: 'string' },
    {
      name: 'snapshot',
      type: 'string',
      doc: "a Postgres snapshot: all that it saw is in the database's topics",
    },
    {
      name: 'target_snapshot',
      type: ['null', 'string'],
      default: null,
      doc: 'while a batch is under way: the snapshot that is being read up to',
    },
    {
      name: 'last_sequence',
      type: ['null', 'long'],
      default: null,
      doc: 'the highest in the outbox when the snapshot was taken',
    },
    {
      name: 'target_last_sequence',
      type: ['null', 'long'],
      default: null,
      doc: 'the same of the target snapshot',
    },
    { name: 'sequence', type: 'long', doc: 'of the last change that is in the topics' },
    {
      name: 'load',
      type: [
        'null',
        {
          type: 'record',
          name: 'Load',
          fields: [
            { name: 'request_id', type: 'long', doc: 'in relay.load_request' },
            { name: 'phase', type: 'string', doc: 'rows, deletes or done' },
            { name: 'after_id', type: ['null', 'long'], default: null, doc: 'the last id of the phase' },
            { name: 'rows_done', type: 'long' },
            {
              name: 'sequence',
              type: 'long',
              doc: 'of what it publishes, once no change can come that is below it',
            },
            {
              name: 'sequence_xact',
              type: 'long',
              doc: 'who had taken that sequence or a lower one began before this transaction',
            },
          ],
        },
      ],
      default: null,
      doc: 'the last load that was begun',
    },
  ],
};

interface PositionValue {
  epoch: string;
  snapshot: string;
  target_snapshot: string | null;
  /** Both are missing in positions of before they were known. */
  last_sequence?: bigint | null;
  target_last_sequence?: bigint | null;
  sequence: bigint;
  /** Missing in positions of before there were loads. */
  load?: LoadValue | null;
}

interface LoadValue {
  request_id: bigint;
  phase: string;
  after_id: bigint | null;
  rows_done: bigint;
  sequence: bigint;
  sequence_xact: bigint;
}

/** The position of one database in `relay.positions`. */
export class PositionStore {
  private constructor(
    private readonly kafka: Pick<Kafka, 'readToEnd'>,
    private readonly registry: SchemaRegistry,
    private readonly codec: AvroCodec,
    private readonly database: string,
  ) {}

  static async open(
    kafka: Pick<Kafka, 'readToEnd'>,
    registry: SchemaRegistry,
    database: string,
  ): Promise<PositionStore> {
    const codec = await registry.register(positionsTopic, 'value', positionSchema);
    return new PositionStore(kafka, registry, codec, database);
  }

  /**
   * What was committed last; undefined when this database has never been published. All databases share the
   * topic: what an ingest of another one has left open when it was killed is waited for, up to `waitMs`, as it
   * hides what was committed since, and an older position would repeat that.
   */
  async readLast(waitMs: number): Promise<Position | undefined> {
    return this.lastOf(await this.kafka.readToEnd(positionsTopic, { openTransactionsWaitMs: waitMs }));
  }

  /** What is known without waiting; there may be a newer one. */
  async readVisible(): Promise<Position | undefined> {
    return this.lastOf(await this.kafka.readToEnd(positionsTopic));
  }

  private async lastOf(records: readonly IncomingRecord[]): Promise<Position | undefined> {
    const last = records.findLast(({ key }) => key?.toString('utf8') === this.database);
    return last?.value == null ? undefined : this.decode(last, last.value);
  }

  record(position: Position): OutgoingRecord {
    const value: PositionValue = {
      epoch: position.epoch,
      snapshot: position.from.text,
      target_snapshot: position.to?.text ?? null,
      last_sequence: position.from.lastSequence,
      target_last_sequence: position.to?.lastSequence ?? null,
      sequence: position.sequence,
      load: position.load === null ? null : loadValue(position.load),
    };
    return { topic: positionsTopic, key: this.database, value: this.codec.encode(value) };
  }

  private async decode(record: IncomingRecord, bytes: Buffer): Promise<Position> {
    const decoded = await this.registry.decode(bytes);
    if (decoded.kind === 'unreadable') {
      throw new RelayError(
        'INTERNAL',
        `the position of ${this.database} at offset ${record.offset.toString()} of ${positionsTopic} cannot be read: ${decoded.reason}`,
      );
    }
    const value = decoded.value as PositionValue;
    return {
      epoch: value.epoch,
      from: parseSnapshot(value.snapshot, value.last_sequence ?? null),
      to:
        value.target_snapshot === null
          ? null
          : parseSnapshot(value.target_snapshot, value.target_last_sequence ?? null),
      sequence: value.sequence,
      load: value.load == null ? null : loadState(value.load),
    };
  }
}

function loadValue({ requestId, phase, afterId, rowsDone, mark }: LoadState): LoadValue {
  return {
    request_id: BigInt(requestId),
    phase,
    after_id: afterId,
    rows_done: rowsDone,
    sequence: mark.sequence,
    sequence_xact: mark.xact,
  };
}

function loadState(value: LoadValue): LoadState {
  return {
    requestId: value.request_id.toString(),
    phase: value.phase as LoadState['phase'],
    afterId: value.after_id,
    rowsDone: value.rows_done,
    mark: { sequence: value.sequence, xact: value.sequence_xact },
  };
}
