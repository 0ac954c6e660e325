import { setTimeout as delay } from 'node:timers/promises';
import type { Change } from '#libs/change';
import { ControlClient } from '../e2e/control-client.js';
import { DeliveryFixture } from '../e2e/delivery-fixture.js';
import { orderChange, RouterInput } from '../e2e/router-fixture.js';
import { startApp, type StartedApp } from '../harness/apps.js';
import { eventually } from '../harness/eventually.js';
import { startReceiver, type ReceivedRequest, type Receiver } from '../harness/receiver.js';
import type { TestStack } from '../harness/stack.js';

export const patienceMs = 60_000;
export const records = 10;
/** A change of each record a turn. */
const pauseMs = 100;
/** As ControlClient has it in the environment. */
const adminKey = 'test-admin-key-0123456789';

interface Body {
  type: string;
  record_id: number;
  sequence: number;
  change_id: string;
}

export interface Answered {
  status: number;
  body: Record<string, unknown>;
  retryAfter: string | null;
  tookMs: number;
}

/** Changes of ten orders that go through router and delivery all the time, and control with a Postgres of its own. */
export class ControlledPipeline {
  /** Of the change that was made last. */
  sequence = 0;
  private writing = new AbortController();
  private written: Promise<void> = Promise.resolve();

  private constructor(
    readonly fixture: DeliveryFixture,
    private readonly input: RouterInput,
    readonly receiver: Receiver,
    private readonly parts: { environment: Record<string, string>; apps: StartedApp[]; control: StartedApp },
  ) {}

  /** Of control's URL of Postgres. */
  static async start(stack: TestStack, databaseUrl: string): Promise<ControlledPipeline> {
    const fixture = await DeliveryFixture.open(stack);
    const input = await RouterInput.open(fixture.kafka, fixture.registry);
    const receiver = await startReceiver();
    const common = await ControlClient.environment(stack, fixture.secretsKey);
    const environment = { ...common, DATABASE_URL: databaseUrl };
    const control = await startApp('control', environment);
    const apps = [await startApp('router', environment)];
    await fixture.startApp({ CATCH_UP_PER_S: '10000' });
    return new ControlledPipeline(fixture, input, receiver, { environment, apps, control });
  }

  async close(): Promise<void> {
    this.writing.abort();
    await this.written;
    await Promise.all([...this.parts.apps, this.parts.control].map((app) => app.kill()));
    await this.fixture.close();
    await this.receiver.close();
  }

  get control(): StartedApp {
    return this.parts.control;
  }

  async restartControl(): Promise<void> {
    this.parts.control = await startApp('control', this.parts.environment, { timeoutMs: patienceMs });
  }

  startWriting(): void {
    this.writing = new AbortController();
    const { signal } = this.writing;
    this.written = (async () => {
      for (let turn = 0; !signal.aborted; turn++) {
        await this.input.publish(...Array.from({ length: records }, (_, index) => this.change(index + 1)));
        await delay(pauseMs);
      }
    })();
  }

  /** Of now: subscriptions get nothing of the time before them. */
  private change(record: number): Change {
    const change = orderChange(record, ++this.sequence);
    return { ...change, source: { ...change.source, ts_ms: BigInt(Date.now()) } };
  }

  async stopWriting(): Promise<void> {
    this.writing.abort();
    await this.written;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answered> {
    const startedMs = performance.now();
    const response = await fetch(this.control.url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      retryAfter: response.headers.get('retry-after'),
      tookMs: performance.now() - startedMs,
    };
  }

  /** Gives its id once router and delivery know it. */
  async subscribe(path: string): Promise<string> {
    const url = this.receiver.url + path;
    const body = { database: 'acme', eventTypes: ['sale.order.confirmed'], url };
    const { status, body: created } = await this.call('POST', '/v1/subscriptions', body);
    if (status !== 201) throw new Error(JSON.stringify(created));
    const id = String(created['id']);
    await this.untilPublished(id);
    return id;
  }

  async untilPublished(id: string): Promise<void> {
    await eventually(
      async () => (await this.call('GET', `/v1/subscriptions/${id}`)).body['published'] === true,
      { timeoutMs: patienceMs },
    );
  }

  received(path: string): Body[] {
    return this.receiver.requests.filter((request) => request.path === `/${path}`).map(bodyOf);
  }

  /** Some turns of changes more than now have come. */
  async untilMoreIsReceived(path: string): Promise<void> {
    const wanted = this.received(path).length + 5 * records;
    await eventually(() => this.received(path).length >= wanted, {
      timeoutMs: patienceMs,
      describe: () => `${this.received(path).length} of ${wanted} deliveries`,
    });
  }

  /** Where the attempts of the history stand in the topic. */
  async positions(): Promise<string[]> {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await this.call('GET', `/v1/attempts?limit=200${from}`);
      const page = body as unknown as { data: { position: string }[]; nextCursor: string | null };
      found.push(...page.data.map(({ position }) => position));
      cursor = page.nextCursor;
    }
    return found;
  }
}

function bodyOf({ body }: ReceivedRequest): Body {
  return JSON.parse(String(body)) as Body;
}
