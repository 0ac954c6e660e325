import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body's bytes as they came. */
  readonly body: Buffer;
  /** When it had arrived completely, in ms since 1970. */
  readonly receivedAtMs: number;
  /** How many requests came before it. */
  readonly index: number;
  /** Common name of the client's certificate, where it showed one. */
  readonly clientName?: string;
}

export type Answer =
  | number
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** Waits so long before the first byte. */
      readonly delayMs?: number;
    }
  /** Takes the request and never answers. */
  | 'hang'
  /** Takes the request and resets the connection. */
  | 'reset'
  /** Sends status 200 and headers, and never ends the body. */
  | 'hangInBody';

export type Responder = (request: ReceivedRequest) => Answer | Promise<Answer>;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** In the order of their arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** From now on. */
  answer(responder: Responder | Answer): void;
  /** Connections that were opened, for what should be kept alive. */
  connections(): number;
  forget(): void;
  /** Ends the connections that are open; new ones are welcome. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** A real HTTP or HTTPS server that remembers what it gets and answers as told; 200 by default. */
export async function startReceiver(
  answer: Responder | Answer = 200,
  tls?: TlsOptions,
  host = '127.0.0.1',
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  let respond = asResponder(answer);
  let connections = 0;
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    void take(message, response).catch(() => message.socket.destroy());
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const take = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(message);
    const request: ReceivedRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body,
      receivedAtMs: Date.now(),
      index: requests.length,
      ...clientNameOf(message),
    };
    requests.push(request);
    await send(await respond(request), message, response);
  };
  server.on('connection', () => connections++);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${port}/`,
    port,
    requests,
    answer: (next) => {
      respond = asResponder(next);
    },
    connections: () => connections,
    dropConnections: () => {
      server.closeAllConnections();
    },
    forget: () => {
      requests.length = 0;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function clientNameOf({ socket }: IncomingMessage): { clientName?: string } {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const name = /^CN=(.*)$/m.exec(certificate?.subject ?? '')?.[1];
  return name === undefined ? {} : { clientName: name };
}

function asResponder(answer: Responder | Answer): Responder {
  return typeof answer === 'function' ? answer : () => answer;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function send(answer: Answer, message: IncomingMessage, response: ServerResponse): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    message.socket.resetAndDestroy();
    return;
  }
  if (answer === 'hangInBody') {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('begun');
    return;
  }
  const {
    status,
    headers = {},
    body = '',
    delayMs = 0,
  } = typeof answer === 'number' ? { status: answer } : answer;
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  response.writeHead(status, headers);
  response.end(body);
}
