import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * Stands between a client and a real server and does to the connection what a network does: cut it, slow it
 * down, or lose what comes back. It knows nothing of the protocol, so it serves Kafka, Postgres and HTTP alike.
 */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** `127.0.0.1:<port>`, ready for a list of brokers. */
  readonly address: string;
  /** Connections that are open now. */
  openConnections(): number;
  /** Connections taken since the start: rises when a client comes back. */
  acceptedConnections(): number;
  /** Resets every open connection; new ones are welcome. */
  cut(): void;
  /** Resets every open connection and each new one until `restore()`. */
  block(): void;
  /** Requests still reach the server, but no byte of an answer comes back: a lost acknowledgement. */
  swallowAnswers(): void;
  /** Keeps connections open but passes nothing on in either direction; kept bytes follow on `restore()`. */
  freeze(): void;
  /** Holds every chunk back for so long, in order, in both directions. */
  delay(delayMs: number): void;
  /**
   * Passes on at most so many bytes a second in each direction, over all connections together, as a line does.
   * Infinity, the default, sets no limit.
   */
  limitBandwidth(bytesPerSecond: number): void;
  /** Resolves when so many more bytes of requests than now have been passed on to the server. */
  requestBytesPassed(bytes: number): Promise<void>;
  /** Resolves when an answer is lost to `swallowAnswers`. */
  answerSwallowed(): Promise<void>;
  /**
   * Half of the next answer comes and then the end of its connection, as when the server dies while it answers.
   * Resolves when that has happened; new connections are welcome.
   */
  breakNextAnswer(): Promise<void>;
  /** Back to passing everything on, at full speed. Swallowed answers stay lost: their connections are cut. */
  restore(): void;
  close(): Promise<void>;
}

type Mode = 'pass' | 'block' | 'swallow' | 'break' | 'freeze';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  lostAnswers: boolean;
}

export interface TcpProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

/** One direction of a line that takes so many bytes a second, whoever they are from. */
class Lane {
  bytesPerSecond = Infinity;
  private freeAtMs = 0;

  /** How long a chunk that comes now is under way, with what has to go before it. */
  occupyMs(bytes: number): number {
    const nowMs = performance.now();
    this.freeAtMs = Math.max(this.freeAtMs, nowMs) + (bytes * 1_000) / this.bytesPerSecond;
    return this.freeAtMs - nowMs;
  }
}

class Proxy {
  readonly lanes = { requests: new Lane(), answers: new Lane() };
  readonly pairs = new Set<Pair>();
  mode: Mode = 'pass';
  delayMs = 0;
  accepted = 0;
  requestBytes = 0;
  readonly byteWaiters = new Set<() => void>();
  readonly thawWaiters = new Set<() => void>();
  /** For answers that are lost, the whole or a half. */
  readonly lossWaiters = new Set<() => void>();

  constructor(private readonly target: { host: string; port: number }) {}

  accept(client: Socket): void {
    this.accepted++;
    client.on('error', () => client.destroy());
    if (this.mode === 'block') {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ ...this.target, noDelay: true, allowHalfOpen: true });
    const pair: Pair = { client, server, lostAnswers: false };
    this.pairs.add(pair);
    client.setNoDelay(true);
    server.on('error', () => server.destroy());
    const forget = (): void => {
      if (client.closed && server.closed) this.pairs.delete(pair);
    };
    client.on('close', forget);
    server.on('close', forget);
    const { requests, answers } = this.lanes;
    void this.pump(client, server, requests, (chunk) => {
      this.requestBytes += chunk.length;
      wake(this.byteWaiters);
      return true;
    });
    void this.pump(server, client, answers, (chunk) => this.mayAnswer(pair, chunk));
  }

  cut(): void {
    for (const { client, server } of this.pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    if (mode !== 'freeze') wake(this.thawWaiters);
  }

  limitBandwidth(bytesPerSecond: number): void {
    for (const lane of Object.values(this.lanes)) lane.bytesPerSecond = bytesPerSecond;
  }

  /** Once an answer is lost, what follows on its connection would make no sense. */
  private mayAnswer(pair: Pair, chunk: Buffer): boolean {
    if (this.mode === 'swallow' || this.mode === 'break') {
      pair.lostAnswers = true;
      wake(this.lossWaiters);
    }
    if (this.mode === 'break') {
      this.setMode('pass');
      // An end and no reset, which would take what the client has not read yet.
      pair.client.end(chunk.subarray(0, chunk.length >> 1));
      pair.server.end();
    }
    return !pair.lostAnswers;
  }

  /** One chunk at a time, so that order holds whatever the delay, and a slow reader slows the writer. */
  private async pump(
    from: Socket,
    to: Socket,
    lane: Lane,
    mayPass: (chunk: Buffer) => boolean,
  ): Promise<void> {
    try {
      // Else the loop would close the other direction too when this one has ended.
      const chunks = from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of chunks) {
        const heldMs = this.delayMs + lane.occupyMs(chunk.length);
        if (heldMs > 0) await new Promise((resolve) => setTimeout(resolve, heldMs));
        while (this.mode === 'freeze') await new Promise<void>((resolve) => this.thawWaiters.add(resolve));
        if (to.destroyed) return;
        if (mayPass(chunk) && !to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      to.end();
    } catch {
      // A reset takes the other side along.
      to.resetAndDestroy();
    }
  }
}

function wake(waiters: Set<() => void>): void {
  const woken = [...waiters];
  waiters.clear();
  for (const resolve of woken) resolve();
}

export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const host = '127.0.0.1';
  const proxy = new Proxy({ host: options.target.host ?? host, port: options.target.port });
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    proxy.accept(client);
  });
  listener.listen(options.port ?? 0, host);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    host,
    port,
    address: `${host}:${port}`,
    openConnections: () => proxy.pairs.size,
    acceptedConnections: () => proxy.accepted,
    cut: () => {
      proxy.cut();
    },
    block: () => {
      proxy.setMode('block');
      proxy.cut();
    },
    swallowAnswers: () => {
      proxy.setMode('swallow');
    },
    freeze: () => {
      proxy.setMode('freeze');
    },
    delay: (delayMs) => {
      proxy.delayMs = delayMs;
    },
    limitBandwidth: (bytesPerSecond) => {
      proxy.limitBandwidth(bytesPerSecond);
    },
    answerSwallowed: () => new Promise((resolve) => proxy.lossWaiters.add(resolve)),
    breakNextAnswer: () => {
      proxy.setMode('break');
      return new Promise((resolve) => proxy.lossWaiters.add(resolve));
    },
    requestBytesPassed: async (bytes) => {
      const goal = proxy.requestBytes + bytes;
      while (proxy.requestBytes < goal) await new Promise<void>((resolve) => proxy.byteWaiters.add(resolve));
    },
    restore: () => {
      for (const { client, lostAnswers } of proxy.pairs) if (lostAnswers) client.resetAndDestroy();
      proxy.delayMs = 0;
      proxy.limitBandwidth(Infinity);
      proxy.setMode('pass');
    },
    close: async () => {
      proxy.setMode('block');
      proxy.cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}
