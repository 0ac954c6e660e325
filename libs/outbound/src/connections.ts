import type { Socket } from 'node:net';
import { Client, Pool, type buildConnector, type Dispatcher } from 'undici';

/** A connection that may be used again, as its requests see it. */
export interface ConnectionUse {
  /** Requests begun on it so far; whoever begins one counts it. */
  requests: number;
}

/** What is dispatched; the connection is filled in by the dispatcher. */
export interface OutgoingRequest extends Dispatcher.DispatchOptions {
  connection?: ConnectionUse;
}

/** Of the connections used longest ago, so many are looked at for one that is idle. */
const looksAtOnce = 100;

/**
 * The open connections of all dispatchers that share it. Over the limit those are closed that carry no request, the
 * one used longest ago first; those that carry one are never closed, so there may be more.
 */
export class OpenConnections {
  /** In the order of their last use. */
  private readonly sockets = new Map<Client, Socket>();

  constructor(private readonly most: number) {}

  get count(): number {
    return this.sockets.size;
  }

  opened(client: Client, socket: Socket): void {
    this.sockets.set(client, socket);
    socket.once('close', () => {
      if (this.sockets.get(client) === socket) {
        this.sockets.delete(client);
      }
    });
    this.closeIdle();
  }

  used(client: Client): void {
    const socket = this.sockets.get(client);
    if (socket !== undefined) {
      this.sockets.delete(client);
      this.sockets.set(client, socket);
    }
  }

  private closeIdle(): void {
    let looks = 0;
    for (const [client, socket] of this.sockets) {
      if (this.sockets.size <= this.most || looks++ === looksAtOnce) {
        return;
      }
      if (client.stats.size === 0) {
        this.sockets.delete(client);
        socket.destroy();
      }
    }
  }
}

/** One connection at a time, made anew when it has ended. */
class CountedClient extends Client {
  private readonly connection: ConnectionUse;

  constructor(
    origin: URL,
    options: Client.Options,
    connect: buildConnector.connector,
    private readonly open: OpenConnections,
  ) {
    const connection = { requests: 0 };
    super(origin, {
      ...options,
      connect: (target, callback) => {
        connection.requests = 0;
        connect(target, (...[error, socket]) => {
          if (error === null) {
            callback(null, socket);
            open.opened(this, socket);
          } else {
            callback(error, null);
          }
        });
      },
    });
    this.connection = connection;
  }

  override dispatch(options: OutgoingRequest, handler: Dispatcher.DispatchHandler): boolean {
    options.connection = this.connection;
    this.open.used(this);
    return super.dispatch(options, handler);
  }
}

/** For undici's Agent: its connections of one origin, with a count of requests each. */
export function countedConnections(connect: buildConnector.connector, open: OpenConnections) {
  return (origin: string | URL, options: object): Dispatcher =>
    new Pool(origin, {
      ...options,
      factory: (url, clientOptions) => new CountedClient(url, clientOptions, connect, open),
    });
}
