import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { loadConfig } from '#libs/config';
import { Kafka, SchemaRegistry, type IncomingRecord, type Publisher } from '#libs/kafka';
import {
  readSubscription,
  subscriptionStateSchema,
  subscriptionStateToAvro,
  subscriptionTopics,
  type Subscription,
  type SubscriptionState,
} from '#libs/subscription';
import type { Resolve } from '#libs/outbound';
import { silentLogger, type Logger } from '#libs/telemetry';
import { testStack, type TestStack } from '../../../test/harness/stack.js';
import { controlConfigTable } from '../src/configuration.js';
import { startControl, type RunningControl } from '../src/control-app.js';

export const adminKey = 'test-admin-key-0123456789';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed where there is one. */
  body: Record<string, unknown>;
  text: string;
}

export interface ApiRequest {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Makes requests as the owner of the admin key. */
export class Api {
  constructor(readonly url: string) {}

  async call(method: string, path: string, request: ApiRequest = {}): Promise<Answer> {
    const { body, headers = {} } = request;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, body: parsed, text };
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  /** Creates a subscription and gives its body. @throws when that is refused. */
  async create(
    fields: Record<string, unknown> = {},
  ): Promise<Record<string, unknown> & { id: string; secret: string }> {
    const answer = await this.call('POST', '/v1/subscriptions', { body: { ...aSubscription, ...fields } });
    if (answer.status !== 201) {
      throw new Error(answer.text);
    }
    return answer.body as Record<string, unknown> & { id: string; secret: string };
  }
}

/** The least a subscription needs. */
export const aSubscription = {
  database: 'acme',
  eventTypes: ['product.created'],
  url: 'https://shop.example/hooks/odoo',
};

/** What the names of these tests resolve to; others to nothing. */
const names: Readonly<Record<string, readonly string[]>> = {
  'shop.example': ['93.184.216.34', '2606:2800:220:1::1'],
  'inside.example': ['10.0.0.5'],
  'inside6.example': ['fd00::5'],
  'both.example': ['93.184.216.34', '192.168.0.1'],
};

const fakeResolver: Resolve = (name) => {
  const addresses = names[name];
  return addresses === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(addresses);
};

export interface ControlUnderTest {
  stack: TestStack;
  kafka: Kafka;
  registry: SchemaRegistry;
  /** The environment of an app on a database and topics of this test's own. */
  environment(overrides?: Record<string, string>): Promise<Record<string, string>>;
  start(env: Record<string, string>, logger?: Logger): Promise<RunningControl>;
  /** Says something of a subscription as delivery does. */
  writeState(state: SubscriptionState): Promise<void>;
  /** What stands in `relay.subscriptions`, oldest first. */
  published(): Promise<IncomingRecord[]>;
  /** The last state of each key; undefined for a tombstone. */
  publishedStates(): Promise<Map<string, Subscription | undefined>>;
}

/** To be called once at the top of a test file; stops whatever it started. */
export function controlUnderTest(): ControlUnderTest {
  const stack = testStack();
  const { topicPrefix } = stack;
  const logger = silentLogger;
  const kafka = new Kafka({ brokers: stack.brokers, clientId: 'test', topicPrefix, logger });
  const registry = new SchemaRegistry({ url: stack.schemaRegistryUrl, topicPrefix, logger });
  const running: RunningControl[] = [];
  let publisher: Publisher | undefined;
  afterAll(async () => {
    await Promise.all(running.map((control) => control.stop()));
    await kafka.close();
  });
  const published = (): Promise<IncomingRecord[]> => kafka.readToEnd(subscriptionTopics.subscriptions);
  return {
    stack,
    kafka,
    registry,
    environment: async (overrides = {}) => ({
      DATABASE_URL: await stack.freshDatabase(),
      ADMIN_KEY: adminKey,
      SECRETS_KEY: randomBytes(32).toString('base64'),
      DATABASES: 'acme,globex',
      ALLOWED_RECEIVERS: '127.0.0.1:8099',
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: topicPrefix,
      ...overrides,
    }),
    start: async (env, log = silentLogger) => {
      const control = await startControl(loadConfig(controlConfigTable, env), log, fakeResolver);
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> => (stopped ??= control.stop());
      running.push({ ...control, stop });
      return { ...control, stop };
    },
    writeState: async (state) => {
      const codec = await registry.register(subscriptionTopics.states, 'value', subscriptionStateSchema);
      publisher ??= await kafka.publisher();
      const value = codec.encode(subscriptionStateToAvro(state));
      await publisher.publish([{ topic: subscriptionTopics.states, key: state.subscriptionId, value }]);
    },
    published,
    publishedStates: async () => {
      const states = new Map<string, Subscription | undefined>();
      for (const record of await published()) {
        states.set(String(record.key), await readSubscription(registry)(record));
      }
      return states;
    },
  };
}
