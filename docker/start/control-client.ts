import { RelayError } from '#libs/process';

const timeoutMs = 10_000;

/** The part of a subscription, as control's API shows it, that is of interest here. */
export interface ShownSubscription {
  id: string;
  url: string;
  state: string;
  published: boolean;
}

/** Control's API, with the admin key. */
export class ControlClient {
  constructor(
    private readonly url: string,
    private readonly adminKey: string,
  ) {}

  create(body: object): Promise<ShownSubscription & { secret: string }> {
    return this.request('POST', '/v1/subscriptions', body);
  }

  /** undefined when there is none of this id. */
  find(id: string): Promise<ShownSubscription | undefined> {
    return this.request('GET', `/v1/subscriptions/${id}`, undefined, 404);
  }

  change(id: string, body: object): Promise<ShownSubscription> {
    return this.request('PATCH', `/v1/subscriptions/${id}`, body);
  }

  enable(id: string): Promise<ShownSubscription> {
    return this.request('POST', `/v1/subscriptions/${id}/enable`);
  }

  async remove(id: string): Promise<void> {
    await this.request('DELETE', `/v1/subscriptions/${id}`, undefined, 404);
  }

  async ofDatabase(database: string): Promise<ShownSubscription[]> {
    const page = await this.request<{ data: ShownSubscription[] }>(
      'GET',
      `/v1/subscriptions?database=${database}&limit=200`,
    );
    return page.data;
  }

  async replaceSettings(database: string, settings: object): Promise<void> {
    await this.request('PUT', `/v1/databases/${database}/settings`, settings);
  }

  private async request<T>(method: string, path: string, body?: object, absentStatus?: number): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.status === absentStatus) {
      return undefined as T;
    }
    if (!response.ok) {
      throw new RelayError(
        'INTERNAL',
        `control answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`,
      );
    }
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
