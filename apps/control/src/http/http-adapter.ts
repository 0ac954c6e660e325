import { createServer, STATUS_CODES, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Problem, problemMediaType } from './problem.js';
import { maxBodyBytes } from './request-body.js';

const headersTimeoutMs = 10_000;
/** With the body. */
const requestTimeoutMs = 30_000;
const timeoutCheckMs = 1_000;
/** Closed at once, a socket that still receives would take the answer back from who sends. */
const lingerMs = 500;

/** Express on a server that closes on who sends too slowly, and says why to whoever sends what is not HTTP. */
export class GuardedHttpAdapter extends ExpressAdapter {
  constructor() {
    super();
    // One path is one route: before anything is put on it, as Express asks only then.
    this.set('case sensitive routing', true);
  }

  override initHttpServer(): void {
    const options = {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
    };
    const server = createServer(options, this.getInstance<RequestListener>());
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      answerUnreadable(error, socket as Socket);
    });
    this.setHttpServer(server);
  }
}

/** Nothing that comes after it on its connection is taken for a request. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writableEnded) {
    return;
  }
  // Node keeps there the answer that is under way.
  const underWay = (socket as { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  if (underWay !== undefined && (underWay.req.complete || underWay.headersSent)) {
    answerLast(underWay, socket);
    return;
  }
  const { document } = problemOf(error.code);
  const { status } = document;
  const body = JSON.stringify(document);
  const headers = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    `content-type: ${problemMediaType}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

/** Its request is whole, and may have changed something: it is told so, and then the connection ends. */
function answerLast(underWay: ServerResponse, socket: Socket): void {
  if (!underWay.headersSent) {
    underWay.setHeader('connection', 'close');
  }
  underWay.once('finish', () => socket.end());
}

function problemOf(code = ''): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(
        'request_timeout',
        `send the headers within ${String(headersTimeoutMs / 1000)} s and all within ${String(requestTimeoutMs / 1000)} s`,
      );
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers_too_large', 'send at most 16 KB of headers');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('body_too_large', `send at most ${String(maxBodyBytes / 1024)} KB`);
    default:
      return new Problem(
        'request_refused',
        'what was sent is no HTTP request as RFC 9112 has it: check line ends, lengths and codings',
      );
  }
}
