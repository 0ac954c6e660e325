import { envelopeSchema, keySchema, type Change, type Row } from '#libs/change';
import type { AvroCodec, IncomingRecord, OutgoingRecord, Transactor } from '#libs/kafka';
import { deliveryTopics, readTask, taskHeaders, type DeliveryTask } from '#libs/delivery-task';
import { eventually } from '../../../test/harness/eventually.js';
import type { Answer, Api, ControlUnderTest } from './control-under-test.js';

const dayMs = 86_400_000;
const shape = {
  database: 'acme',
  table: 'sale_order',
  columns: [
    { name: 'id', kind: 'int' },
    { name: 'state', kind: 'text' },
    { name: 'amount_total', kind: 'decimal', precision: 38, scale: 20 },
  ],
} as const;

type Parts = Pick<ControlUnderTest, 'kafka' | 'registry'>;

/** Writes changes of `sale.order` in `acme` as ingest does: in transactions, which leave gaps between offsets. */
export class OrderChanges {
  private sequence = 0n;

  private constructor(
    readonly topic: string,
    private readonly transactor: Transactor,
    private readonly codecs: { key: AvroCodec; value: AvroCodec },
  ) {}

  static async open({ kafka, registry }: Parts, generation = ''): Promise<OrderChanges> {
    const topic = `odoo.acme.sale_order${generation}`;
    const window = { 'min.compaction.lag.ms': String(7 * dayMs), 'delete.retention.ms': String(7 * dayMs) };
    await kafka.ensureTopics([{ topic, partitions: 6, config: { 'cleanup.policy': 'compact', ...window } }]);
    const codecs = {
      key: await registry.register(topic, 'key', keySchema(shape)),
      value: await registry.register(topic, 'value', envelopeSchema(shape)),
    };
    const transactor = await kafka.transactor({ transactionalId: `test-orders${generation}` });
    return new OrderChanges(topic, transactor, codecs);
  }

  created(id: number, given: Row = {}, readAtMs = Date.now()): Change {
    return this.change('c', { after: { ...orderRow(id), ...given } }, readAtMs);
  }

  confirmed(id: number, given: Row = {}, readAtMs = Date.now()): Change {
    const [before, after] = [orderRow(id), { ...orderRow(id), state: 'sale', ...given }];
    return { ...this.change('u', { before, after }, readAtMs), changed: ['state'] };
  }

  loaded(id: number, given: Row = {}): Change {
    return this.change('r', { after: { ...orderRow(id), ...given } }, Date.now());
  }

  deleted(id: number, readAtMs = Date.now()): Change {
    return this.change('d', { before: orderRow(id) }, readAtMs);
  }

  /** In one transaction; a delete with its tombstone. */
  async publish(...changes: readonly Change[]): Promise<void> {
    await this.transactor.transact(changes.flatMap((change) => this.records(change)));
  }

  async publishRaw(id: number, value: Buffer): Promise<void> {
    await this.transactor.transact([{ topic: this.topic, key: this.key(id), value }]);
  }

  key(id: number): Buffer {
    return this.codecs.key.encode({ id: BigInt(id) });
  }

  private records(change: Change): OutgoingRecord[] {
    const id = Number((change.after ?? change.before)?.['id']);
    const headers = { ce_specversion: '1.0', ce_id: change.source.change_id };
    const record = { topic: this.topic, key: this.key(id), value: this.codecs.value.encode(change), headers };
    return change.op === 'd' ? [record, { ...record, value: null }] : [record];
  }

  private change(op: Change['op'], rows: Partial<Change>, readAtMs: number): Change {
    const sequence = ++this.sequence;
    return {
      before: null,
      after: null,
      op,
      source: {
        version: '0.1.0',
        connector: 'odoo-relay',
        name: 'odoo.acme',
        ts_ms: BigInt(readAtMs),
        db: 'acme',
        database: 'acme',
        epoch: 'e1',
        table: 'sale_order',
        model: 'sale.order',
        change_id: `e1-${sequence}`,
        sequence,
        tx: { id: '1', ordinal: 1n, total: 1n },
        user_id: null,
        company_id: null,
        snapshot: null,
      },
      ts_ms: BigInt(readAtMs),
      included: null,
      changed: null,
      ...rows,
    };
  }
}

function orderRow(id: number): Row {
  return { id, state: 'draft', amount_total: '112.7' };
}

/** A replay as the API shows it. */
export type Replay = Answer['body'] & {
  id: string;
  state: string;
  matched: number;
  sent: number;
  skipped: Record<string, number>;
  unread: number | null;
  notes: string[];
  error: string | null;
};

/** @throws when it is refused. */
export async function replay(api: Api, subscriptionId: string, body: object): Promise<Replay> {
  const answer = await api.call('POST', `/v1/subscriptions/${subscriptionId}/replays`, { body });
  if (answer.status !== 201) {
    throw new Error(answer.text);
  }
  return answer.body as Replay;
}

export async function readReplay(api: Api, id: string): Promise<Replay> {
  return (await api.get(`/v1/replays/${id}`)).body as Replay;
}

export function replayEnded(api: Api, id: string, timeoutMs = 60_000): Promise<Replay> {
  return eventually(
    async () => {
      const read = await readReplay(api, id);
      return read.state !== 'running' && read;
    },
    { timeoutMs, describe: () => `replay ${id} to end` },
  );
}

/** What stands in `relay.deliveries.replay` of one replay, partition by partition in its order. */
export async function replayRecords({ kafka }: Parts, id: string): Promise<IncomingRecord[]> {
  const records = await kafka.readToEnd(deliveryTopics.replay);
  return records.filter(({ headers }) => headers[taskHeaders.redrive] === id);
}

export async function replayTasks(parts: Parts, id: string): Promise<DeliveryTask[]> {
  return (await replayRecords(parts, id)).flatMap((record) => {
    const read = readTask(record);
    return read.kind === 'task' ? [read.task] : [];
  });
}

export function bodyOf({ body }: DeliveryTask): Record<string, unknown> & { data: Row } {
  return JSON.parse(String(body)) as Record<string, unknown> & { data: Row };
}
