import { isPublic, parseAddress, type Address } from './addresses.js';
import { normalHost, type AllowList } from './allow-list.js';

export type UrlCheck = { kind: 'allowed' } | { kind: 'refused'; reason: string };

/** Says the same for every refused address, so that nobody learns from it what stands behind one. */
export const addressNotAllowed = 'the address is not allowed';

const maxUrlLength = 2048;

/** Names that only ever mean this machine or this network. A name without a dot is one too. */
const privateNames = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home.arpa',
  'svc',
  'cluster.local',
];

/** Ports from 1024 on where a service listens that is not HTTP but may take a POST for a command. */
const otherServices = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 4190, 5060, 5061, 5432, 5672, 6000, 6379, 6443, 6566,
  6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 9093, 9094, 9200, 9300, 10080, 10250, 11211, 27017,
]);

/** What can be known of a receiver's URL without resolving its name; names are checked when they are dialled. */
export function checkUrl(text: string, allowList: AllowList): UrlCheck {
  const refused = (reason: string): UrlCheck => ({ kind: 'refused', reason });
  if (text.length > maxUrlLength) {
    return refused(`the URL is longer than ${String(maxUrlLength)} characters`);
  }
  // The URL parser would drop or turn these into something else without a word.
  if (/[\s\\\p{Cc}]/u.test(text)) {
    return refused('the URL holds a space, a control character or a backslash');
  }
  if (!URL.canParse(text)) {
    return refused('it is not a valid URL');
  }
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused('the URL must begin with https:// or http://');
  }
  if (!/^https?:\/\/[^/]/i.test(text)) {
    return refused('it is not a valid URL');
  }
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) {
    return refused('the URL must not hold a user name or password');
  }
  if (text.includes('#')) {
    return refused('the URL must not have a fragment (#)');
  }
  return isAllowedTarget(url.hostname, portOf(url), allowList)
    ? { kind: 'allowed' }
    : refused(addressNotAllowed);
}

export function portOf(url: { protocol: string; port: string }): number {
  if (url.port !== '') {
    return Number(url.port);
  }
  return url.protocol === 'https:' ? 443 : 80;
}

/** Host name or IP literal, and port, before anything is resolved. */
export function isAllowedTarget(host: string, port: number, allowList: AllowList): boolean {
  if (allowList.allowsHost(host, port)) {
    return true;
  }
  const address = parseAddress(host);
  if (address !== undefined) {
    return isAllowedAddress(address, port, allowList);
  }
  // With a network in the list, any name may lead into it: only the dial can tell.
  return allowList.hasNetworks || (isPublicName(normalHost(host)) && isPublicPort(port));
}

/** An address that is about to be dialled. */
export function isAllowedAddress(address: Address, port: number, allowList: AllowList): boolean {
  return allowList.allowsAddress(address, port) || (isPublic(address) && isPublicPort(port));
}

function isPublicPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && !otherServices.has(port));
}

function isPublicName(host: string): boolean {
  return host.includes('.') && !privateNames.some((name) => host === name || host.endsWith(`.${name}`));
}
