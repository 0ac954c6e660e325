import type { Change } from '#libs/change';
import { rejectedTopic } from '#libs/delivery-task';
import type { AvroCodec, OutgoingRecord, TopicSpec } from '#libs/kafka';
import { RelayError } from '#libs/process';
import { traceHeader } from '#libs/telemetry';
import { modelOrTable, type CapturedTable } from './captured-tables.js';
import { connectorVersion, type BuiltChange, type RejectedChange } from './changes.js';
import { keyOf, keyRow, shownId } from './record-id.js';
import { isRefusal } from './row-values.js';
import type { Superseded, TableTopic, TopicGenerations } from './topic-generations.js';

const dayMs = 86_400_000;
/** Rows with large texts: ten times Kafka's default. */
const maxRecordBytes = 10_485_760;
/** What Kafka adds to a record: headers, batch, lengths. */
const recordOverheadBytes = 16_384;
/** Of a rejected change's rows, so that what is too large for its topic is not too large for this one. */
const maxRejectedBytes = 1_000_000;

/** A topic of a table. Full history for seven days, the latest state for ever. */
export function changeTopicSpec(topic: string): TopicSpec {
  return {
    topic,
    partitions: 6,
    config: {
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': String(7 * dayMs),
      'delete.retention.ms': String(7 * dayMs),
      'max.message.bytes': String(maxRecordBytes),
    },
  };
}

export const rejectedTopicSpec: TopicSpec = {
  topic: rejectedTopic('ingest'),
  partitions: 1,
  config: { 'cleanup.policy': 'delete', 'retention.ms': String(30 * dayMs), 'max.message.bytes': '2097152' },
};

const verbs = { c: 'created', u: 'updated', d: 'deleted', r: 'read' } as const;

/** Turns changes into records of their topics. */
export class ChangeTopics {
  private readonly opened = new WeakMap<CapturedTable, TableTopic>();
  /** Of the tables as they are now, by name. */
  private latest: ReadonlyMap<string, string> = new Map();

  constructor(private readonly generations: Pick<TopicGenerations, 'openAll'>) {}

  /** Finds or makes the topics of tables, when they are new or their columns have changed. */
  async open(
    tables: readonly CapturedTable[],
    supersede: (superseded: Superseded) => Promise<void>,
  ): Promise<void> {
    const opened = await this.generations.openAll(tables, supersede);
    for (const [table, topic] of opened) {
      this.opened.set(table, topic);
    }
    this.latest = new Map([...opened].map(([{ table }, { topic }]) => [table, topic]));
  }

  /** The topic that a table's changes go to now. */
  topicOf(table: string): string {
    const topic = this.latest.get(table);
    if (topic === undefined) {
      throw new RelayError('INTERNAL', `the topic of ${table} is not open`);
    }
    return topic;
  }

  /** The record of a change, after a delete the tombstone too; what its topic cannot hold goes to the rejected. */
  records(built: BuiltChange | RejectedChange, traceparent?: string): OutgoingRecord[] {
    if (built.kind === 'rejected') {
      return [this.rejected(built)];
    }
    try {
      return this.changeRecords(built, traceparent);
    } catch (error) {
      if (isRefusal(error)) {
        return [this.rejected(refused(built, error.message))];
      }
      throw error;
    }
  }

  private changeRecords({ change, recordId, table }: BuiltChange, traceparent?: string): OutgoingRecord[] {
    const opened = this.opened.get(table);
    if (opened === undefined) {
      throw new RelayError('INTERNAL', `the schemas of ${table.table} are not registered`);
    }
    const { topic, generation } = opened;
    const key = opened.key.encode(keyOf(table, recordId));
    const whole = generation === 1 ? change : ofGeneration(change, generation);
    const value = encodeFitting(opened.value, whole, table);
    const headers = {
      ce_specversion: '1.0',
      ce_id: change.source.change_id,
      ce_source: change.source.name,
      ce_type: `${modelOrTable(change.source)}.${verbs[change.op]}`,
      ...(traceparent === undefined ? {} : { [traceHeader]: traceparent }),
    };
    const record = { topic, key, value, headers };
    return change.op === 'd' ? [record, { ...record, value: null }] : [record];
  }

  private rejected(rejected: RejectedChange): OutgoingRecord {
    const rows = `{"before": ${rejected.before ?? 'null'}, "after": ${rejected.after ?? 'null'}}`;
    return {
      topic: rejectedTopicSpec.topic,
      key: rejected.recordId,
      value: Buffer.from(rows).subarray(0, maxRejectedBytes),
      headers: {
        'origin-topic': this.latest.get(rejected.table) ?? '',
        ce_id: rejected.changeId,
        reason: rejected.reason,
      },
    };
  }
}

/** A reader of a value alone sees in its version, too, that the table has had other topics before. */
function ofGeneration(change: Change, generation: number): Change {
  return { ...change, source: { ...change.source, version: `${connectorVersion}+${generation}` } };
}

/** Without the row before where it fits only so: a record must not stay in its topic because it was large once. */
function encodeFitting(codec: AvroCodec, change: Change, table: CapturedTable): Buffer {
  const limitBytes = maxRecordBytes - recordOverheadBytes;
  let value = codec.encode(change);
  if (value.length > limitBytes && change.before !== null) {
    const before = change.op === 'd' ? keyRow(table, change.before) : null;
    value = codec.encode({ ...change, before });
  }
  if (value.length > limitBytes) {
    throw new RelayError(
      'VALUE_NOT_REPRESENTABLE',
      `the change has ${value.length} bytes, its topic takes ${maxRecordBytes}`,
    );
  }
  return value;
}

function refused({ change, recordId, table, rows }: BuiltChange, reason: string): RejectedChange {
  const { change_id: changeId } = change.source;
  const where = { table: table.table, recordId: shownId(table, recordId), changeId };
  return { kind: 'rejected', ...where, reason, ...rows };
}
