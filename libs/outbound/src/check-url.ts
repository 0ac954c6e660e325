import { parseUrl } from '#libs/process';
import { isPublic, parseAddress, type Address } from './addresses.js';
import { normalHost, type AllowList } from './allow-list.js';

export type UrlCheck = { kind: 'allowed' } | { kind: 'refused'; reason: string };

/** Says the same for every refused address, so that nobody learns from it what stands behind one. */
export const addressNotAllowed = 'the address is not allowed';

export const httpsRequired = 'the URL must begin with https:// (HTTPS_ONLY is set)';

const maxUrlLength = 2048;

/** Names that only ever mean this machine or this network. A name without a dot is one too. */
const privateNames = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'lan',
  'home.arpa',
  'svc',
  'default',
  'corp',
  'home',
];

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
  const url = parseUrl(text);
  if (url === undefined) {
    return refused('it is not a valid URL');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused('the URL must begin with https:// or http://');
  }
  if (url.protocol === 'http:' && allowList.httpsOnly) {
    return refused(httpsRequired);
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
  return allowList.hasNetworks || (isPublicName(normalHost(host)) && allowList.allowsPublicPort(port));
}

/** An address that is about to be dialled. */
export function isAllowedAddress(address: Address, port: number, allowList: AllowList): boolean {
  return allowList.allowsAddress(address, port) || (isPublic(address) && allowList.allowsPublicPort(port));
}

function isPublicName(host: string): boolean {
  return host.includes('.') && !privateNames.some((name) => host === name || host.endsWith(`.${name}`));
}
