import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

/** Answers every chunk with the same chunk and keeps what it got. */
let server: Server;
let received = '';
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString();
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startTcpProxy({ target: { port: (server.address() as AddressInfo).port } });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  server.close();
});

interface Client {
  readonly socket: Socket;
  answered(): string;
  ended(): string | undefined;
}

async function open(): Promise<Client> {
  const socket = connect(proxy.port, proxy.host);
  clients.push(socket);
  let answered = '';
  let ended: string | undefined;
  socket.on('data', (chunk) => (answered += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code));
  socket.on('close', () => (ended ??= 'closed'));
  await once(socket, 'connect').catch(() => undefined);
  return { socket, answered: () => answered, ended: () => ended };
}

describe('the TCP proxy', () => {
  it('passes requests and answers on in order', async () => {
    const client = await open();
    for (let n = 0; n < 200; n++) client.socket.write(`${n},`);
    const all = Array.from({ length: 200 }, (_, n) => `${n},`).join('');
    await eventually(() => client.answered() === all);
    expect(received).toBe(all);
  });

  it('keeps order and loses nothing while it delays, also when the client ends at once', async () => {
    proxy.delay(20);
    const client = await open();
    client.socket.write('one');
    client.socket.end('two');
    await eventually(() => client.ended() !== undefined);
    expect(client.answered()).toBe('onetwo');
  });

  it('lets no more bytes through than its bandwidth, over all connections together', async () => {
    const bytesPerSecond = 1_000_000;
    const clients = [await open(), await open()];
    proxy.limitBandwidth(bytesPerSecond);
    const sentAtMs = performance.now();
    const text = 'x'.repeat(50_000);
    for (const { socket } of clients) socket.write(text);
    await eventually(() => clients.every((client) => client.answered().length === text.length));
    // No wall clock can make it faster: the last byte has to wait for all before it.
    const leastMs = (clients.length * text.length * 1_000) / bytesPerSecond;
    expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(leastMs - 1);
    expect(clients.map((client) => client.answered())).toEqual([text, text]);
  });

  it('resets what is open on a cut and welcomes the next connection', async () => {
    const first = await open();
    proxy.cut();
    await eventually(() => first.ended() !== undefined);
    expect(first.ended()).toBe('ECONNRESET');
    const second = await open();
    second.socket.write('again');
    await eventually(() => second.answered() === 'again');
    expect(proxy.acceptedConnections()).toBe(2);
  });

  it('lets nobody in while it blocks', async () => {
    proxy.block();
    const client = await open();
    await eventually(() => client.ended() !== undefined);
    proxy.restore();
    const next = await open();
    next.socket.write('in');
    await eventually(() => next.answered() === 'in');
  });

  it('delivers requests and loses their answers while it swallows, for ever on that connection', async () => {
    const client = await open();
    proxy.swallowAnswers();
    const passed = proxy.requestBytesPassed(4);
    const swallowed = proxy.answerSwallowed();
    client.socket.write('lost');
    await Promise.all([passed, swallowed]);
    await eventually(() => received === 'lost');
    proxy.restore();
    await eventually(() => client.ended() !== undefined);
    expect(client.answered()).toBe('');
  });

  it('breaks one answer in its middle, and welcomes the next connection', async () => {
    const first = await open();
    const broken = proxy.breakNextAnswer();
    first.socket.write('half gone');
    await broken;
    await eventually(() => first.ended() !== undefined);
    expect(first.answered()).toBe('half');
    const second = await open();
    second.socket.write('whole');
    await eventually(() => second.answered() === 'whole');
  });

  it('holds everything back while frozen and lets it follow afterwards', async () => {
    const client = await open();
    proxy.freeze();
    client.socket.write('held');
    const other = await open();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBe('');
    expect(other.ended()).toBeUndefined();
    proxy.restore();
    await eventually(() => client.answered() === 'held');
  });
});
