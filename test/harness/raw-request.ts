import { connect, type Socket } from 'node:net';

export interface RawRequest {
  /** What came back so far. */
  answer(): string;
  /** Resolves with what came back when the other side has ended the connection. */
  closed: Promise<string>;
  send(bytes: string): void;
  end(): void;
}

/** Sends bytes as they are: what no HTTP client would send. */
export function rawRequest(port: number, bytes: string): RawRequest {
  const socket: Socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      resolve(received);
    });
  });
  const send = (more: string): void => {
    if (socket.writable) socket.write(more, 'latin1');
  };
  send(bytes);
  return { answer: () => received, closed, send, end: () => socket.destroy() };
}
