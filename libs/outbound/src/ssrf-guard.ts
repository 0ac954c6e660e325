import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { parseAddress } from './addresses.js';
import type { AllowList } from './allow-list.js';
import { addressNotAllowed, isAllowedAddress, isAllowedTarget } from './check-url.js';

/** A connection that the guard did not let happen. Nothing was sent to that address, not even a SYN. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';

  constructor() {
    super(addressNotAllowed);
  }
}

/** All addresses of a name; a fake one in tests. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export interface GuardOptions {
  allowList: AllowList;
  /** For TCP and TLS together. */
  connectTimeoutMs: number;
  /** How long an idle connection is kept where the receiver names no time of its own. */
  keepAliveMs: number;
  resolve?: Resolve;
  /** PEM of certificate authorities to trust instead of the usual ones. */
  certificateAuthorities?: string;
  /** For mutual TLS, in PEM; its authorities, where it names some, take the place of `certificateAuthorities`. */
  clientCertificate?: { certificate_pem: string; private_key_pem: string; ca_pem?: string };
}

type Connector = buildConnector.connector;

/**
 * The one way out: a dispatcher that checks every address at the moment it is dialled, so that a name that
 * changes its address between two looks gains nothing. It follows no redirect, uses no proxy and sets no time
 * limit of its own for an answer: whoever sends sets one for the whole request.
 */
export function guardedDispatcher(options: GuardOptions): Dispatcher {
  return new Agent({
    connect: guardedConnector(options),
    pipelining: 1,
    keepAliveTimeout: options.keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

function guardedConnector(options: GuardOptions): Connector {
  const { allowList } = options;
  // A resolver's callback is not told the port, hence a connector for each port.
  const connectors = new Map<number, Connector>();
  return (target, callback) => {
    const port = target.port === '' ? defaultPort(target.protocol) : Number(target.port);
    // IP literals never reach a resolver: they are checked here.
    if (!isAllowedTarget(target.hostname, port, allowList)) {
      queueMicrotask(() => {
        callback(new AddressRefused(), null);
      });
      return;
    }
    let connector = connectors.get(port);
    if (connector === undefined) {
      connector = connectorFor(port, options);
      connectors.set(port, connector);
    }
    connector(target, callback);
  };
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

function connectorFor(port: number, options: GuardOptions): Connector {
  return buildConnector({
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
    lookup: guardedLookup(port, options),
    allowH2: false,
    minVersion: 'TLSv1.2',
    // Said aloud so that no environment variable switches it off.
    rejectUnauthorized: true,
    ...certificatesOf(options),
  });
}

function certificatesOf(options: GuardOptions): { ca?: string; cert?: string; key?: string } {
  const { certificateAuthorities, clientCertificate } = options;
  const ca = clientCertificate?.ca_pem ?? certificateAuthorities;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificate_pem, key: clientCertificate.private_key_pem }),
  };
}

/** Resolves for a dial: one address that is not allowed spoils the name, nothing falls back to another one. */
function guardedLookup(port: number, { allowList, resolve = resolveAll }: GuardOptions): LookupFunction {
  return (name, { all }, callback) => {
    const trusted = allowList.allowsHost(name, port);
    const allowed = (text: string): boolean => {
      const address = parseAddress(text);
      return trusted || (address !== undefined && isAllowedAddress(address, port, allowList));
    };
    resolve(name).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        const [first] = found;
        if (first === undefined || !addresses.every(allowed)) {
          callback(new AddressRefused(), '', 0);
        } else if (all === true) {
          callback(null, found);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '', 0);
      },
    );
  };
}

async function resolveAll(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map((entry) => entry.address);
}
