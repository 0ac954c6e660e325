import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { parseAddress } from './addresses.js';
import type { AllowList } from './allow-list.js';
import { addressNotAllowed, httpsRequired, isAllowedAddress, isAllowedTarget } from './check-url.js';
import { countedConnections, OpenConnections } from './connections.js';
import { openTunnel, type Proxy } from './proxy.js';
import { resolveAll, type Resolve } from './resolver.js';

/** A connection that the guard did not let happen. Nothing was sent to that address, not even a SYN. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor(reason = addressNotAllowed) {
    super(reason);
  }
}

export interface GuardOptions {
  allowList: AllowList;
  /** For TCP and TLS together. */
  connectTimeoutMs: number;
  /** How long an idle connection is kept where the receiver names no time of its own; 0 keeps none. */
  keepAliveMs: number;
  /** Asked for a connection to each checked address, instead of dialling it from here. */
  proxy?: Proxy | undefined;
  resolve?: Resolve;
  /** Shared by all dispatchers that together must not have too many connections open; without it there is no limit. */
  openConnections?: OpenConnections;
  /** PEM of certificate authorities to trust instead of the usual ones. */
  certificateAuthorities?: string;
  /** For mutual TLS, in PEM; its authorities, where it names some, take the place of `certificateAuthorities`. */
  clientCertificate?: { certificatePem: string; privateKeyPem: string; caPem?: string };
}

type Connector = buildConnector.connector;

/** A receiver that asks for more gets no more: idle connections are ours to pay for. */
const longestKeepAliveMs = 60_000;
/** Of an answer; said aloud so that no option of the process changes it. */
const maxHeaderBytes = 16_384;

/**
 * The one way out: a dispatcher that checks every address at the moment it is dialled, so that a name that
 * changes its address between two looks gains nothing. It follows no redirect, uses no proxy but the given one
 * and sets no time limit of its own for an answer: whoever sends sets one for the whole request.
 */
export function guardedDispatcher(options: GuardOptions): Dispatcher {
  const { keepAliveMs, openConnections = new OpenConnections(Infinity) } = options;
  return new Agent({
    factory: countedConnections(guardedConnector(options), openConnections),
    pipelining: keepAliveMs === 0 ? 0 : 1,
    keepAliveTimeout: Math.max(keepAliveMs, 1),
    keepAliveMaxTimeout: Math.max(keepAliveMs, longestKeepAliveMs),
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function guardedConnector(options: GuardOptions): Connector {
  const { allowList, proxy } = options;
  // A resolver's callback is not told the port, hence a connector for each port.
  const connectors = new Map<number, Connector>();
  return (target, callback) => {
    const port = target.port === '' ? defaultPort(target.protocol) : Number(target.port);
    const refusal = refusalOf(target, port, allowList);
    if (refusal !== undefined) {
      queueMicrotask(() => {
        callback(refusal, null);
      });
      return;
    }
    let connector = connectors.get(port);
    if (connector === undefined) {
      connector = proxy === undefined ? directConnector(port, options) : tunnels(port, options, proxy);
      connectors.set(port, connector);
    }
    connector(target, callback);
  };
}

/** IP literals never reach a resolver: they are checked here. */
function refusalOf(
  target: { protocol: string; hostname: string },
  port: number,
  allowList: AllowList,
): AddressRefused | undefined {
  if (allowList.httpsOnly && target.protocol !== 'https:') {
    return new AddressRefused(httpsRequired);
  }
  return isAllowedTarget(target.hostname, port, allowList) ? undefined : new AddressRefused();
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

function directConnector(port: number, options: GuardOptions): Connector {
  return buildConnector({ ...connectionOptions(options), lookup: guardedLookup(port, options) });
}

function connectionOptions(options: GuardOptions) {
  return {
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
    allowH2: false,
    minVersion: 'TLSv1.2',
    // Said aloud so that no environment variable switches it off.
    rejectUnauthorized: true,
    ...certificatesOf(options),
  } as const;
}

function certificatesOf(options: GuardOptions): { ca?: string; cert?: string; key?: string } {
  const { certificateAuthorities, clientCertificate } = options;
  const ca = clientCertificate?.caPem ?? certificateAuthorities;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificatePem, key: clientCertificate.privateKeyPem }),
  };
}

/** Connections through the proxy; TLS is spoken with the receiver, by its name. */
function tunnels(port: number, options: GuardOptions, proxy: Proxy): Connector {
  const startTls = buildConnector(connectionOptions(options));
  return (target, callback) => {
    checkedAddresses(target.hostname, port, options)
      .then((addresses) => {
        const address = addresses.find((each) => !each.includes(':')) ?? addresses[0] ?? '';
        return openTunnel(proxy, address, port, options.connectTimeoutMs);
      })
      .then(
        (socket) => {
          if (target.protocol === 'https:') {
            startTls({ ...target, httpSocket: socket }, callback);
          } else {
            callback(null, socket);
          }
        },
        (error: unknown) => {
          callback(error as Error, null);
        },
      );
  };
}

/** For a direct dial, which tries all that it is given. */
function guardedLookup(port: number, options: GuardOptions): LookupFunction {
  return (name, { all }, callback) => {
    checkedAddresses(name, port, options).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        const [first] = found;
        if (all === true) {
          callback(null, found);
        } else {
          callback(null, first?.address ?? '', first?.family);
        }
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '', 0);
      },
    );
  };
}

/**
 * Resolves for a dial. One address that is not allowed spoils the name: nothing falls back to another one.
 * @throws AddressRefused
 */
async function checkedAddresses(
  host: string,
  port: number,
  { allowList, resolve = resolveAll }: GuardOptions,
): Promise<readonly string[]> {
  const addresses = parseAddress(host) === undefined ? await resolve(host) : [host];
  const trusted = allowList.allowsHost(host, port);
  const allowed = (text: string): boolean => {
    const address = parseAddress(text);
    return trusted || (address !== undefined && isAllowedAddress(address, port, allowList));
  };
  if (addresses.length === 0 || !addresses.every(allowed)) {
    throw new AddressRefused();
  }
  return addresses;
}
