import { AddressRefused } from '#libs/outbound';
import type { Dispatcher } from 'undici';
import { retryAfterMs } from './retry-schedule.js';

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  origin: string;
  path: string;
  /** Names and values in turn. */
  headers: string[];
  body: Buffer;
  /** For all of it: connect, TLS, headers and body. */
  timeoutMs: number;
}

export interface AttemptResult {
  outcome: 'delivered' | 'gone' | 'failed' | 'timedOut' | 'unsendable';
  status: number | null;
  /** A few words without an address. */
  error: string | null;
  /** The beginning of the answer as text. */
  response: string | null;
  durationMs: number;
  /** What the receiver asked for with 429 or 503. */
  retryAfterMs: number | undefined;
}

/** Of an answer's body; then the connection is given up. */
const maxReadBytes = 65_536;
const maxKeptBytes = 20_480;

/** Sends requests and never rejects: whatever an endpoint does becomes a result within the time limit. */
export class Sender {
  private readonly underWay = new Set<Exchange>();

  constructor(private readonly dispatcher: Dispatcher) {}

  send(request: HttpRequest): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const exchange: Exchange = new Exchange(request.timeoutMs, (result) => {
        this.underWay.delete(exchange);
        resolve(result);
      });
      this.underWay.add(exchange);
      this.dispatcher.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: 'POST',
          headers: request.headers,
          body: request.body,
        },
        exchange,
      );
    });
  }

  /** Ends what is under way as if its time were up. */
  abortAll(): void {
    for (const exchange of [...this.underWay]) {
      exchange.timeIsUp();
    }
  }
}

/**
 * One request and its answer. The status alone decides the outcome, as soon as the headers are complete; the
 * body is read on to keep the connection usable, until it ends, is too long or the time is up.
 */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly startedAtMs = performance.now();
  private readonly deadline: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private settled = false;
  private status: number | undefined;
  private retryAfterMs: number | undefined;
  private encoded = false;
  private chunks: Buffer[] | undefined;
  private readBytes = 0;

  constructor(
    timeoutMs: number,
    private readonly done: (result: AttemptResult) => void,
  ) {
    this.deadline = setTimeout(() => {
      this.timeIsUp();
    }, timeoutMs);
  }

  timeIsUp(): void {
    this.settle('timedOut', 'no complete answer in time');
    this.controller?.abort(new Error('time is up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It waited for a connection until its time was up: it must not be sent any more.
    if (this.settled) {
      controller.abort(new Error('time is up'));
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) {
      return;
    }
    this.status = statusCode;
    this.encoded = headers['content-encoding'] !== undefined;
    if (statusCode === 429 || statusCode === 503) {
      this.retryAfterMs = retryAfterMs(single(headers['retry-after']), Date.now());
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.readBytes < maxKeptBytes) {
      (this.chunks ??= []).push(chunk);
    }
    this.readBytes += chunk.length;
    if (this.readBytes > maxReadBytes) {
      this.settleByStatus();
      controller.abort(new Error('the answer is too long'));
    }
  }

  onResponseEnd(): void {
    this.settleByStatus();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { outcome, text } = describeError(error);
    this.settle(outcome, text);
  }

  private settleByStatus(): void {
    this.settle('failed', 'no answer');
  }

  /** `outcome` and `error` hold where there is no status. */
  private settle(outcome: AttemptResult['outcome'], error: string): void {
    if (this.settled) {
      return;
    }
    this.settled = true;
    clearTimeout(this.deadline);
    const answered = this.status === undefined ? undefined : outcomeOf(this.status);
    this.done({
      outcome: answered ?? outcome,
      status: this.status ?? null,
      error: answered === undefined ? error : null,
      response: this.keptText(),
      durationMs: Math.round(performance.now() - this.startedAtMs),
      retryAfterMs: this.retryAfterMs,
    });
  }

  private keptText(): string | null {
    if (this.chunks === undefined || this.encoded) {
      return null;
    }
    const bytes = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);
    return bytes?.toString('utf8', 0, Math.min(bytes.length, maxKeptBytes)) ?? null;
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function outcomeOf(status: number): 'delivered' | 'gone' | 'failed' {
  if (status >= 200 && status < 300) {
    return 'delivered';
  }
  return status === 410 ? 'gone' : 'failed';
}

const errorTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  UND_ERR_SOCKET: 'connection closed',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
};

function describeError(error: Error & { code?: unknown }): {
  outcome: 'failed' | 'timedOut' | 'unsendable';
  text: string;
} {
  const code = typeof error.code === 'string' ? error.code : '';
  if (error instanceof AddressRefused) {
    return { outcome: 'unsendable', text: error.message };
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return { outcome: 'unsendable', text: 'the request cannot be built' };
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return { outcome: 'timedOut', text: 'no connection in time' };
  }
  return { outcome: 'failed', text: errorTexts[code] ?? protocolError(code) };
}

function protocolError(code: string): string {
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RES')) {
    return 'the answer is not valid HTTP';
  }
  return /CERT|TLS|SSL|EPROTO|ISSUER/.test(code) ? `TLS: ${code}` : 'the request failed';
}
