import type { TestStack } from '../harness/stack.js';

const adminKey = 'test-admin-key-0123456789';

export interface RedriveAnswer {
  id: string;
  state: string;
  matched: number;
  sent: number;
  skipped: Record<string, number>;
  startedAt: string;
}

export interface ReplayAnswer {
  id: string;
  state: string;
  sent: number;
  error: string | null;
}

/** Asks the API of control what tests of several apps need of it. */
export class ControlClient {
  constructor(private readonly url: string) {}

  /** Of an app on a database of its own. */
  static async environment(stack: TestStack, secretsKey: string): Promise<Record<string, string>> {
    return {
      DATABASE_URL: await stack.freshDatabase(),
      ADMIN_KEY: adminKey,
      SECRETS_KEY: secretsKey,
      DATABASES: 'acme',
      ALLOWED_RECEIVERS: '127.0.0.0/8',
      KAFKA_BROKERS: stack.brokers.join(','),
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    };
  }

  /** Gives the id of the subscription. */
  async subscribe(url: string, settings: Record<string, unknown> = {}): Promise<string> {
    const body = { database: 'acme', eventTypes: ['product.created'], url, settings };
    return ((await this.call('POST', '/v1/subscriptions', body)) as { id: string }).id;
  }

  redrive(body: Record<string, unknown>): Promise<RedriveAnswer> {
    return this.call('POST', '/v1/redrives', body) as Promise<RedriveAnswer>;
  }

  readRedrive(id: string): Promise<RedriveAnswer> {
    return this.call('GET', `/v1/redrives/${id}`) as Promise<RedriveAnswer>;
  }

  /** Gives the ids of a subscription to sale orders and of its first load. */
  async startWithState(
    url: string,
    eventTypes: readonly string[],
  ): Promise<{ id: string; replayId: string }> {
    const body = { database: 'acme', eventTypes, url, startWith: 'current-state' };
    return (await this.call('POST', '/v1/subscriptions', body)) as { id: string; replayId: string };
  }

  replay(subscriptionId: string, body: Record<string, unknown>): Promise<ReplayAnswer> {
    return this.call('POST', `/v1/subscriptions/${subscriptionId}/replays`, body) as Promise<ReplayAnswer>;
  }

  readReplay(id: string): Promise<ReplayAnswer> {
    return this.call('GET', `/v1/replays/${id}`) as Promise<ReplayAnswer>;
  }

  stopReplay(id: string): Promise<ReplayAnswer> {
    return this.call('POST', `/v1/replays/${id}/stop`) as Promise<ReplayAnswer>;
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text);
  }
}
