import { request } from 'node:http';
import { delay } from '#libs/process';
import type { Installation } from './installation.js';

const pauseMs = 40;
const timeoutMs = 10_000;

/**
 * Asks control's API without a pause as others would: over connections that are kept, and over a new one each time;
 * reads, and writes. What is not answered well is a failure.
 */
export class ControlCaller {
  readonly failures: string[] = [];
  requests = 0;
  private readonly stopped = new AbortController();
  private readonly calling: Promise<unknown>;

  private constructor(
    private readonly installation: Installation,
    private readonly subscriptionId: string,
  ) {
    this.calling = Promise.all([
      this.callOn('read', () => this.fetched('GET', '/v1/subscriptions?limit=1')),
      this.callOn('read over a new connection', () => this.overNewConnection('/v1/event-types?limit=1')),
      this.callOn('write', (turn) =>
        this.fetched('PATCH', `/v1/subscriptions/${subscriptionId}`, {
          settings: { timeoutMs: 5_000 + (turn % 1_000) },
        }),
      ),
    ]);
  }

  static async start(installation: Installation): Promise<ControlCaller> {
    const { id } = await installation.control.create({
      database: 'steady',
      eventTypes: ['res.partner.deleted'],
      url: `http://${installation.hostAddress}:40000/`,
    });
    return new ControlCaller(installation, id);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.calling;
    await this.installation.control.remove(this.subscriptionId);
  }

  private async callOn(what: string, call: (turn: number) => Promise<number>): Promise<void> {
    for (let turn = 1; !this.stopped.signal.aborted; turn++) {
      this.requests++;
      try {
        const status = await call(turn);
        if (status >= 300) this.failures.push(`${new Date().toISOString()} ${what}: status ${status}`);
      } catch (error) {
        const { message, cause } = error as Error;
        this.failures.push(`${new Date().toISOString()} ${what}: ${message}: ${String(cause)}`);
      }
      await delay(pauseMs, this.stopped.signal);
    }
  }

  private async fetched(method: string, path: string, body?: object): Promise<number> {
    const response = await fetch(this.installation.controlUrl + path, {
      method,
      headers: {
        ...this.authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    return response.status;
  }

  private overNewConnection(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { headers: this.authorization, agent: false as const, timeout: timeoutMs };
      const asked = request(this.installation.controlUrl + path, options, (response) => {
        response.resume();
        response.once('end', () => {
          resolve(response.statusCode ?? 0);
        });
      });
      asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.once('error', reject);
      asked.end();
    });
  }

  private get authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.installation.adminKey}` };
  }
}
