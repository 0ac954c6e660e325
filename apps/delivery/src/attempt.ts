import { AddressRefused, ProxyFailed, type Dispatcher, type OutgoingRequest } from '#libs/outbound';
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
  /** The beginning of the answer as it came: to be shown or kept, it has to be made printable. */
  response: string | null;
  durationMs: number;
  /** What the receiver asked for with 429 or 503. */
  retryAfterMs: number | undefined;
  /** Of the URL that was asked. */
  urlHash?: number;
}

/** Of an attempt for which no request can be made. */
export function unsendable(error: string): AttemptResult {
  return {
    outcome: 'unsendable',
    status: null,
    error,
    response: null,
    durationMs: 0,
    retryAfterMs: undefined,
  };
}

/** Of an answer's body; then the connection is given up. */
const maxReadBytes = 65_536;
const maxKeptBytes = 20_480;
/** Answers with a status below 200 before the one that counts. */
const maxInterimAnswers = 50;

/** Sends requests and never rejects: whatever an endpoint does becomes a result within the time limit. */
export class Sender {
  private readonly underWay = new Set<Exchange>();

  /** `fresh` makes a connection for each request; `dispatcher` may use one that it kept. */
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly fresh: Dispatcher = dispatcher,
  ) {}

  send(request: HttpRequest): Promise<AttemptResult> {
    return new Promise((resolve) => {
      const exchange: Exchange = new Exchange(request, this.fresh, (result) => {
        this.underWay.delete(exchange);
        resolve(result);
      });
      this.underWay.add(exchange);
      exchange.begin(this.dispatcher);
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
  private readonly outgoing: OutgoingRequest;
  private controller: Dispatcher.DispatchController | undefined;
  private settled = false;
  /** Whether its connection has carried a request before. */
  private onUsedConnection = false;
  private begunAgain = false;
  private answerBegun = false;
  private interimAnswers = 0;
  private status: number | undefined;
  private retryAfterMs: number | undefined;
  private encoded = false;
  private kept: Buffer | undefined;
  private keptBytes = 0;
  private readBytes = 0;

  constructor(
    request: HttpRequest,
    private readonly fresh: Dispatcher,
    private readonly done: (result: AttemptResult) => void,
  ) {
    const { origin, path, headers, body, timeoutMs } = request;
    this.outgoing = { origin, path, method: 'POST', headers, body };
    this.deadline = setTimeout(() => {
      this.timeIsUp();
    }, timeoutMs);
  }

  begin(dispatcher: Dispatcher): void {
    dispatcher.dispatch(this.outgoing, this);
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
      return;
    }
    const { connection } = this.outgoing;
    this.onUsedConnection = connection !== undefined && connection.requests++ > 0;
  }

  /** The first byte of an answer, also of one with a status below 200. */
  onResponseStarted(): void {
    this.answerBegun = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (statusCode < 200) {
      if (++this.interimAnswers > maxInterimAnswers) {
        this.settle('failed', 'too many interim answers');
        controller.abort(new Error('too many interim answers'));
      }
      return;
    }
    this.status = statusCode;
    this.encoded = headers['content-encoding'] !== undefined;
    if (statusCode === 429 || statusCode === 503) {
      this.retryAfterMs = retryAfterMs(single(headers['retry-after']), Date.now());
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.keptBytes < maxKeptBytes && !this.encoded) {
      this.keep(chunk);
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
    if (this.isStale(error)) {
      this.begunAgain = true;
      this.begin(this.fresh);
      return;
    }
    const { outcome, text } = describeError(error);
    this.settle(outcome, text);
  }

  /**
   * The endpoint closed a kept connection while the request was on its way to it, as it may at any time. A
   * connection that is fresh, or one on which an answer has begun, was closed because of this request.
   */
  private isStale(error: Error): boolean {
    return (
      this.onUsedConnection &&
      !this.answerBegun &&
      !this.begunAgain &&
      !this.settled &&
      closedCodes.has(codeOf(error))
    );
  }

  /** One chunk is kept as it is; of more, the beginning is put together, however small they are. */
  private keep(chunk: Buffer): void {
    if (this.kept === undefined) {
      this.kept = chunk;
      this.keptBytes = Math.min(chunk.length, maxKeptBytes);
      return;
    }
    if (this.kept.length < maxKeptBytes) {
      const begun = this.kept;
      this.kept = Buffer.allocUnsafe(maxKeptBytes);
      begun.copy(this.kept);
    }
    this.keptBytes += chunk.copy(this.kept, this.keptBytes);
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
    return this.kept?.toString('utf8', 0, this.keptBytes) ?? null;
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

/** The connection was closed, by FIN or RST. */
const closedCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : '';
}

function describeError(error: Error): { outcome: 'failed' | 'timedOut' | 'unsendable'; text: string } {
  const code = codeOf(error);
  if (error instanceof AddressRefused) {
    return { outcome: 'unsendable', text: error.message };
  }
  if (error instanceof ProxyFailed) {
    return { outcome: 'failed', text: error.message };
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return { outcome: 'unsendable', text: 'the request cannot be built' };
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return { outcome: 'timedOut', text: 'no connection in time' };
  }
  return { outcome: 'failed', text: errorTexts[code] ?? protocolError(code) };
}

/** As Node and OpenSSL name what is wrong with a certificate or a handshake. */
const tlsCode = /CERT|TLS|SSL|EPROTO|ISSUER|UNABLE_TO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME/;

function protocolError(code: string): string {
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RES')) {
    return 'the answer is not valid HTTP';
  }
  return tlsCode.test(code) ? `TLS: ${code}` : 'the request failed';
}
