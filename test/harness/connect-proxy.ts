import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly host: string;
  readonly port: number;
  /** What it was asked to connect to, in order. */
  readonly asked: readonly { authority: string; headers: IncomingMessage['headers'] }[];
  /** Connections that were made to it. */
  connections(): number;
  /** From now on, instead of connecting: for failures. */
  answer(play: ((socket: Socket) => void) | undefined): void;
  close(): Promise<void>;
}

/** An HTTP proxy that opens tunnels; every address leads to 127.0.0.1. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: { authority: string; headers: IncomingMessage['headers'] }[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let play: ((socket: Socket) => void) | undefined;
  const server = createServer((_, response) => {
    response.writeHead(405).end();
  });
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('connect', ({ url = '', headers }, socket: Socket) => {
    asked.push({ authority: url, headers });
    if (play !== undefined) {
      play(socket);
      return;
    }
    const target = connect(Number(url.slice(url.lastIndexOf(':') + 1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.pipe(target).pipe(socket);
    });
    sockets.add(target);
    target.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    asked,
    connections: () => connections,
    answer: (next) => {
      play = next;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
