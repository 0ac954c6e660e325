import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface RawRequest {
  /** Head and body as they came, a character for each byte. */
  readonly text: string;
  /** How many requests came before it, on its connection and in all. */
  readonly turn: number;
  readonly index: number;
  /** undici may open one more connection when it has given one up, so the newest need not be a request's. */
  readonly socket: Socket;
}

/** What an endpoint does once a request has come completely. */
export type Play = (socket: Socket, request: RawRequest) => void;

export interface RawEndpoint {
  readonly port: number;
  /** As 127.0.0.1. */
  readonly origin: string;
  readonly requests: readonly RawRequest[];
  /** Every connection that was made, in order. */
  readonly sockets: readonly Socket[];
  /** From now on. */
  play(play: Play): void;
  /** From now on, as soon as there is a connection. */
  greet(play: (socket: Socket) => void): void;
  forget(): void;
  close(): Promise<void>;
}

/** An endpoint on the bare socket, for what no HTTP server would do. */
export async function startRawEndpoint(tls?: TlsOptions): Promise<RawEndpoint> {
  const requests: RawRequest[] = [];
  const sockets: Socket[] = [];
  let play: Play = () => undefined;
  let greet: (socket: Socket) => void = () => undefined;
  const accept = (socket: Socket): void => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    greet(socket);
    let turn = 0;
    readRequests(socket, (text) => {
      const request = { text, turn: turn++, index: requests.length, socket };
      requests.push(request);
      play(socket, request);
    });
  };
  const server: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  // A handshake that fails is no error of the server's.
  server.on('tlsClientError', () => undefined);
  const bare = new Set<Socket>();
  server.on('connection', (socket: Socket) => bare.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    sockets,
    play: (next) => {
      play = next;
    },
    greet: (next) => {
      greet = next;
    },
    forget: () => {
      requests.length = 0;
      sockets.length = 0;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of bare) socket.destroy();
      await closed;
    },
  };
}

/** Of requests with a Content-Length, one after the other. */
function readRequests(socket: Socket, take: (text: string) => void): void {
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n');
      const length = Number(/^content-length: *(\d+)/im.exec(received)?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (headEnd < 0 || received.length < end) return;
      const text = received.slice(0, end);
      received = received.slice(end);
      take(text);
    }
  });
}

/** A whole answer with a length. */
export function answer(status: string, body = '', headers = ''): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** Writes and leaves the connection open. */
export function says(...parts: (string | Buffer)[]): Play {
  return (socket) => {
    for (const part of parts) socket.write(part);
  };
}

/** For answers that end with the connection. */
export function saysAndEnds(text: string | Buffer): Play {
  return (socket) => {
    socket.end(text);
  };
}

/** Writes the beginning, and then again and again a little. */
export function trickles(beginning: string, drop: string): Play {
  return (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(drop), 10);
    socket.on('close', () => {
      clearInterval(timer);
    });
  };
}

/** Writes the beginning, and then as much as the other side takes, without end. */
export function pours(beginning: string, drop: string | Buffer): Play {
  const stream = typeof drop === 'string' ? Buffer.from(drop.repeat(Math.ceil(16_384 / drop.length))) : drop;
  return (socket) => {
    socket.write(beginning);
    const pour = (): void => {
      let hasRoom = true;
      while (hasRoom && !socket.destroyed) hasRoom = socket.write(stream);
    };
    socket.on('drain', pour);
    pour();
  };
}

/** Resolves when the connection is closed on this side too. */
export async function closed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined || socket.closed) return;
  await new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}
