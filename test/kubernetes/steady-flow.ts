import { afterEach } from '@jest/globals';
import { delay } from '#libs/process';
import { connect } from '../e2e/small-odoo.js';
import { PartnerWriter } from '../faults/long/partner-writer.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import { refusalOf } from '../harness/signatures.js';
import { steady, type Installation } from './installation.js';

const partnersOfEach = 20;
/** Between two transactions: some twenty a second, so that the machine has time for the cluster. */
const pauseMs = 40;
const patienceMs = 240_000;
/** Of changes that are made to see whether the subscription has begun. */
const earlyText = 'early';
const settleMs = 2_000;

/** Those that no test has ended yet. */
const open = new Set<SteadyFlow>();

/** A test that fails leaves its flow to the next one otherwise. */
afterEach(async () => {
  for (const flow of open) await flow.close();
});

interface Subscription {
  id: string;
  secret: string;
  /** Of its URL. */
  path: string;
}

/**
 * Changes of partners as long as something is done to the cluster, and subscribers on this machine who note what
 * comes: what was committed and never came, what came in another order, and what came under two ids.
 */
export class SteadyFlow {
  /** Ids that each delivery came under, by path, partner and text. */
  private readonly received = new Map<string, Set<string>>();
  /** Sequence of the last change whose first request has come, by path and partner. */
  private readonly newest = new Map<string, number>();
  private readonly inversions: string[] = [];
  private readonly forged: string[] = [];
  requests = 0;
  private answerAfterMs = 0;
  private refusedOneIn = Infinity;
  private readonly refused = new Set<string>();
  /** Paths at which a change has come that was made to see this. */
  private readonly begun = new Set<string>();

  private constructor(
    private readonly installation: Installation,
    private readonly receiver: Receiver,
    private readonly writer: PartnerWriter,
    private readonly subscriptions: readonly Subscription[],
    private readonly partners: ReadonlySet<number>,
  ) {}

  static async start(installation: Installation, options = { subscriptions: 1 }): Promise<SteadyFlow> {
    const databaseUrl = installation.odooUrl(steady);
    const partners = await insertPartners(databaseUrl);
    const receiver = await startReceiver(200, undefined, installation.hostAddress);
    const subscriptions: Subscription[] = [];
    for (let index = 1; index <= options.subscriptions; index++) {
      const path = `/${index}`;
      subscriptions.push({ ...(await subscribe(installation, receiver.url.replace(/\/$/, path))), path });
    }
    const writer = await PartnerWriter.open(databaseUrl, partners, pauseMs);
    const flow = new SteadyFlow(installation, receiver, writer, subscriptions, new Set(partners));
    receiver.answer(async (request) => {
      flow.took(request);
      if (receiver.requests.length > 1_000) receiver.forget();
      if (flow.answerAfterMs > 0) await new Promise((resolve) => setTimeout(resolve, flow.answerAfterMs));
      return flow.statusFor(request);
    });
    open.add(flow);
    await flow.untilSubscribed(databaseUrl, partners[0] ?? 0);
    writer.start();
    await flow.untilMoreHasCome(50);
    return flow;
  }

  /** A subscription begins when every router knows it, a moment after the API has taken it. */
  private async untilSubscribed(databaseUrl: string, partner: number): Promise<void> {
    const client = await connect(databaseUrl);
    let turn = 0;
    await eventually(
      async () => {
        const text = `${earlyText} ${++turn}`;
        await client.query('update res_partner set comment = $2 where id = $1', [partner, text]);
        return this.begun.size === this.subscriptions.length;
      },
      { pollMs: 250, timeoutMs: 60_000 },
    );
    await client.end();
    await delay(settleMs);
  }

  /** From now on, each request is answered so late. */
  answerAfter(answerAfterMs: number): void {
    this.answerAfterMs = answerAfterMs;
  }

  /** From now on, one of so many deliveries is refused when it comes first, and has to be sent again. */
  refuseOneIn(count: number): void {
    this.refusedOneIn = count;
  }

  private statusFor({ headers }: ReceivedRequest): number {
    const id = String(headers['webhook-id']);
    const isChosen = this.requests > 0 && this.requests % this.refusedOneIn === 0;
    if (!isChosen || this.refused.has(id)) return 200;
    this.refused.add(id);
    return 503;
  }

  dropConnections(): void {
    this.receiver.dropConnections();
  }

  /** Deliveries, without those that came again. */
  get came(): number {
    return this.received.size;
  }

  get committed(): number {
    return [...this.writer.committed.values()].reduce((sum, texts) => sum + texts.length, 0);
  }

  /** Requests that came again although none of their delivery had been refused. */
  get duplicates(): number {
    return this.requests - this.came - this.refused.size;
  }

  async untilMoreHasCome(by: number): Promise<void> {
    const goal = this.came + by;
    await eventually(() => this.came >= goal, {
      timeoutMs: patienceMs,
      pollMs: 100,
      describe: () => `${goal} deliveries, and not ${this.came} (${this.committed} changes were committed)`,
    });
  }

  /** Of what is committed by now, nothing is missing. */
  async untilAllOfNowHasCome(): Promise<void> {
    const now = this.called;
    await eventually(() => now.every((one) => this.received.has(one)), {
      timeoutMs: patienceMs,
      pollMs: 250,
      describe: () => `${now.filter((one) => !this.received.has(one)).length} of ${now.length} have not come`,
    });
  }

  /** Ends the changes, waits until the last one has come, and says what is wrong: empty lists. */
  async end(): Promise<typeof noFaults> {
    await this.writer.stop();
    await eventually(() => this.lost().length === 0, {
      timeoutMs: patienceMs,
      pollMs: 250,
    }).catch(() => undefined);
    await this.close();
    const twoIds = [...this.received].filter(([, ids]) => ids.size > 1).map(([delivery]) => delivery);
    return { lost: this.lost(), inversions: this.inversions, twoIds, forged: this.forged };
  }

  async close(): Promise<void> {
    open.delete(this);
    await this.writer.close();
    for (const { id } of this.subscriptions) await this.installation.control.remove(id);
    await this.receiver.close();
  }

  private lost(): string[] {
    return this.called.filter((delivery) => !this.received.has(delivery));
  }

  /** Deliveries that what was committed calls for. */
  private get called(): string[] {
    const changes = [...this.writer.committed].flatMap(([partner, texts]) =>
      texts.map((text) => `${partner} ${text}`),
    );
    return this.subscriptions.flatMap(({ path }) => changes.map((change) => `${path} ${change}`));
  }

  private took(request: ReceivedRequest): void {
    const {
      record_id: partner,
      sequence,
      data,
    } = JSON.parse(request.body.toString()) as {
      record_id: number;
      sequence: number;
      data: { comment: string };
    };
    if (!this.partners.has(partner)) return;
    if (data.comment.startsWith(earlyText)) {
      this.begun.add(request.path);
      return;
    }
    this.requests++;
    const id = String(request.headers['webhook-id']);
    const delivery = `${request.path} ${partner} ${data.comment}`;
    this.check(request, delivery);
    const known = this.received.get(delivery);
    if (known !== undefined) {
      known.add(id);
      return;
    }
    this.received.set(delivery, new Set([id]));
    const record = `${request.path} ${partner}`;
    const newest = this.newest.get(record) ?? 0;
    if (sequence < newest) this.inversions.push(`${delivery}: ${sequence} after ${newest}`);
    this.newest.set(record, Math.max(sequence, newest));
  }

  private check(request: ReceivedRequest, delivery: string): void {
    const { secret = '' } = this.subscriptions.find(({ path }) => path === request.path) ?? {};
    const refusal = refusalOf(request, secret);
    if (refusal !== undefined) this.forged.push(`${delivery}: ${refusal}`);
  }
}

/** Of a flow in which all that was committed came, in order per record, each change under one id, well signed. */
export const noFaults: Record<'lost' | 'inversions' | 'twoIds' | 'forged', string[]> = {
  lost: [],
  inversions: [],
  twoIds: [],
  forged: [],
};

function subscribe(installation: Installation, url: string): Promise<{ id: string; secret: string }> {
  return installation.control.create({
    database: steady,
    eventTypes: ['res.partner.updated'],
    url,
    // What fails is tried again soon, whatever is done to the cluster meanwhile.
    settings: { timeoutMs: 30_000, retryDelaysMs: [2_000, 5_000, 5_000, 10_000, 10_000, 20_000, 20_000] },
  });
}

async function insertPartners(databaseUrl: string): Promise<number[]> {
  const client = await connect(databaseUrl);
  const { rows } = await client.query<{ id: number }>(
    `insert into res_partner (name) select 'partner ' || i from generate_series(1, ${partnersOfEach}) i returning id`,
  );
  await client.end();
  return rows.map(({ id }) => id);
}
