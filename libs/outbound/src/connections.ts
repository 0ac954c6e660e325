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

/** One connection at a time, made anew when it has ended. */
class CountedClient extends Client {
  constructor(
    origin: URL,
    options: Client.Options,
    private readonly connection: ConnectionUse,
  ) {
    super(origin, options);
  }

  override dispatch(options: OutgoingRequest, handler: Dispatcher.DispatchHandler): boolean {
    options.connection = this.connection;
    return super.dispatch(options, handler);
  }
}

/** For undici's Agent: its connections of one origin, with a count of requests each. */
export function countedConnections(connect: buildConnector.connector) {
  return (origin: string | URL, options: object): Dispatcher =>
    new Pool(origin, {
      ...options,
      factory: (url, clientOptions) => {
        const connection = { requests: 0 };
        const connectAnew: buildConnector.connector = (target, callback) => {
          connection.requests = 0;
          connect(target, callback);
        };
        return new CountedClient(url, { ...clientOptions, connect: connectAnew }, connection);
      },
    });
}
