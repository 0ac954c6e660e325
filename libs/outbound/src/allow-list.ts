import ipaddr from 'ipaddr.js';
import { RelayError } from '#libs/process';
import { parseAddress, type Address } from './addresses.js';

type Entry = { port: number | undefined } & (
  { kind: 'host'; host: string } | { kind: 'network'; network: [Address, number] }
);

/** As the settings of that name have them. */
export interface AllowedReceivers {
  ALLOWED_RECEIVERS: readonly string[];
  ALLOWED_PORTS: readonly string[];
  HTTPS_ONLY: boolean;
}

/**
 * Which receivers may be called: those on the internet at certain ports, and private ones that are listed by
 * host name, IP address or CIDR block, each with or without a port.
 */
export class AllowList {
  private constructor(
    private readonly entries: readonly Entry[],
    /** Undefined for the usual ones. */
    private readonly publicPorts: ReadonlySet<number> | undefined,
    readonly httpsOnly: boolean,
  ) {}

  /**
   * Reads entries such as `shop.internal`, `10.0.0.0/8`, `10.1.2.3:8080`, `[fd00::1]:443` or `fd00::/8`.
   * @throws RelayError CONFIG_INVALID naming the entry that is none of these.
   */
  static parse(entries: readonly string[]): AllowList {
    return AllowList.of({ ALLOWED_RECEIVERS: entries, ALLOWED_PORTS: [], HTTPS_ONLY: false });
  }

  /** @throws RelayError CONFIG_INVALID naming the entry that is wrong. */
  static of(allowed: AllowedReceivers): AllowList {
    const ports = allowed.ALLOWED_PORTS.map(parsePort);
    return new AllowList(
      allowed.ALLOWED_RECEIVERS.map(parseEntry),
      ports.length === 0 ? undefined : new Set(ports),
      allowed.HTTPS_ONLY,
    );
  }

  /** Of a receiver on the internet. */
  allowsPublicPort(port: number): boolean {
    return this.publicPorts?.has(port) ?? isUsualPort(port);
  }

  /** Whether the name itself is listed: then any address it resolves to is allowed. */
  allowsHost(host: string, port: number): boolean {
    const wanted = normalHost(host);
    return this.entries.some(
      (entry) => entry.kind === 'host' && entry.host === wanted && portFits(entry, port),
    );
  }

  get hasNetworks(): boolean {
    return this.entries.some((entry) => entry.kind === 'network');
  }

  allowsAddress(address: Address, port: number): boolean {
    return this.entries.some(
      (entry) => entry.kind === 'network' && contains(entry.network, address) && portFits(entry, port),
    );
  }
}

/** Lower case and without the dot of a fully qualified name. */
export function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** Ports from 1024 on where a service listens that is not HTTP but may take a POST for a command. */
const otherServices = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 4190, 5060, 5061, 5432, 5672, 6000, 6379, 6443, 6566,
  6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 9093, 9094, 9200, 9300, 10080, 10250, 11211, 27017,
]);

function isUsualPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && !otherServices.has(port));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new RelayError(
      'CONFIG_INVALID',
      `ALLOWED_PORTS: "${text}" is no port: give numbers from 1 to 65535`,
    );
  }
  return port;
}

function portFits(entry: Entry, port: number): boolean {
  return entry.port === undefined || entry.port === port;
}

function contains([network, bits]: [Address, number], address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

const hostPattern = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

function parseEntry(text: string): Entry {
  const { target, port } = splitPort(text);
  const network = parseNetwork(target);
  if (network !== undefined) {
    return { kind: 'network', network, port };
  }
  const host = normalHost(target);
  // A name of digits and dots only is an address that somebody mistyped.
  if (!hostPattern.test(host) || /^[\d.]+$/.test(host)) {
    throw new RelayError(
      'CONFIG_INVALID',
      `ALLOWED_RECEIVERS: "${text}" is no host name, IP address or CIDR block with an optional :port`,
    );
  }
  return { kind: 'host', host, port };
}

/** The port stands after the last colon, except in an IPv6 address that has no brackets. */
function splitPort(text: string): { target: string; port: number | undefined } {
  const parts = /^(\[[^\]]+\](?:\/\d+)?|[^:[\]]+):(\d{1,5})$/.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined) {
    return { target: text, port: undefined };
  }
  return { target: parts[1], port: Number(parts[2]) };
}

function parseNetwork(target: string): [Address, number] | undefined {
  const [host = '', bits] = target.split('/');
  const address = parseAddress(host);
  if (address === undefined) {
    return undefined;
  }
  const most = address.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) {
    return [address, most];
  }
  const cidr = `${address.toString()}/${bits}`;
  return ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : undefined;
}
