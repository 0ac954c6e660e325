import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RelayError, messageOf } from '#libs/process';
import { checkSignature } from './signature.js';

export interface ReceiverEndpoint {
  path: string;
  /** `whsec_…` */
  secret: string;
  /** Every so many new deliveries the first request is answered 500 or 503, of some the second too. */
  failsEvery?: number;
}

/** Everything the receiver knows of one delivery. */
export interface ReceivedDelivery {
  webhookId: string;
  path: string;
  changeId: string;
  /** Requests, whatever they were answered. */
  requests: number;
  /** Requests that were answered 200: more than one are duplicates. */
  accepted: number;
  /** performance.now() of the first request that was answered 200. */
  acceptedAtMonotonicMs: number | undefined;
}

export interface ReceiverFigures {
  delivered: number;
  duplicates: number;
  /** Deliveries that came more than once because an earlier request was refused. */
  retried: number;
  /** Requests without a genuine signature. */
  rejected: number;
}

export interface ReceiverOptions {
  /** 0 for any free port. */
  port: number;
  onDelivered?: (delivery: ReceivedDelivery) => void;
  /** The oldest deliveries are forgotten beyond this many. */
  maxRemembered?: number;
}

const maxBodyBytes = 2 * 1024 * 1024;

/** The sample subscribers' side: three endpoints that check every signature and count what they get. */
export class SampleReceiver {
  readonly deliveries = new Map<string, ReceivedDelivery>();
  readonly figures: ReceiverFigures = { delivered: 0, duplicates: 0, retried: 0, rejected: 0 };
  readonly rejections: string[] = [];
  private readonly endpoints = new Map<string, ReceiverEndpoint>();
  private readonly plannedFailures = new Map<string, number>();
  private readonly newDeliveries = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly options: ReceiverOptions,
  ) {}

  static async start(options: ReceiverOptions): Promise<SampleReceiver> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    const receiver = new SampleReceiver(server, options);
    server.on('request', (request, response) => {
      receiver.take(request, response);
    });
    await listen(server, options.port);
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  urlOf(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  addEndpoint(endpoint: ReceiverEndpoint): void {
    this.endpoints.set(endpoint.path, endpoint);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBodyBytes) {
        request.destroy();
      }
    });
    request.on('end', () => {
      const status = this.answer(request, Buffer.concat(chunks));
      response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'thank you' : 'no');
    });
  }

  private answer(request: IncomingMessage, body: Buffer): number {
    const endpoint = this.endpoints.get(request.url ?? '');
    if (request.method !== 'POST' || endpoint === undefined) {
      return 404;
    }
    const header = (name: string): string | undefined => request.headers[name]?.toString();
    const id = header('webhook-id');
    const signed = { id, timestamp: header('webhook-timestamp'), signature: header('webhook-signature') };
    const check = checkSignature(endpoint.secret, signed, body);
    if (check.kind === 'refused' || id === undefined) {
      this.reject(endpoint, check.kind === 'refused' ? check.reason : 'it has no id');
      return 401;
    }
    return this.count(endpoint, this.deliveryOf(id, endpoint, body));
  }

  private reject(endpoint: ReceiverEndpoint, reason: string): void {
    this.figures.rejected++;
    if (this.rejections.length < 20) {
      this.rejections.push(`${endpoint.path}: ${reason}`);
    }
  }

  private count(endpoint: ReceiverEndpoint, delivery: ReceivedDelivery): number {
    delivery.requests++;
    const failures = this.plannedFailures.get(delivery.webhookId) ?? 0;
    if (delivery.requests <= failures) {
      return failures % 2 === 1 ? 500 : 503;
    }
    this.plannedFailures.delete(delivery.webhookId);
    delivery.accepted++;
    if (delivery.accepted > 1) {
      this.figures.duplicates++;
      return 200;
    }
    delivery.acceptedAtMonotonicMs = performance.now();
    this.figures.delivered++;
    this.figures.retried += delivery.requests > 1 ? 1 : 0;
    this.options.onDelivered?.(delivery);
    return 200;
  }

  private deliveryOf(webhookId: string, endpoint: ReceiverEndpoint, body: Buffer): ReceivedDelivery {
    let delivery = this.deliveries.get(webhookId);
    if (delivery === undefined) {
      delivery = {
        webhookId,
        path: endpoint.path,
        changeId: changeIdIn(body),
        requests: 0,
        accepted: 0,
        acceptedAtMonotonicMs: undefined,
      };
      this.deliveries.set(webhookId, delivery);
      this.planFailures(endpoint, webhookId);
      this.forgetOldest();
    }
    return delivery;
  }

  private planFailures(endpoint: ReceiverEndpoint, webhookId: string): void {
    const count = (this.newDeliveries.get(endpoint.path) ?? 0) + 1;
    this.newDeliveries.set(endpoint.path, count);
    if (endpoint.failsEvery !== undefined && count % endpoint.failsEvery === 0) {
      this.plannedFailures.set(webhookId, count % (endpoint.failsEvery * 3) === 0 ? 2 : 1);
    }
  }

  private forgetOldest(): void {
    if (this.deliveries.size > (this.options.maxRemembered ?? 100_000)) {
      for (const oldest of this.deliveries.keys()) {
        this.deliveries.delete(oldest);
        this.plannedFailures.delete(oldest);
        return;
      }
    }
  }
}

/** Of a JSON or an XML body; '' when it has none. */
function changeIdIn(body: Buffer): string {
  const text = body.toString('utf8');
  return (
    (/"change_id"\s*:\s*"([^"]+)"/.exec(text) ?? /<change_id>([^<]+)<\/change_id>/.exec(text) ?? [])[1] ?? ''
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new RelayError(
          'PORT_IN_USE',
          `the sample receiver cannot listen on port ${port} (${messageOf(error)})`,
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
