import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** The only block from which IANA has given out public IPv6 addresses; the rest is special or unassigned. */
const publicIpv6 = ipaddr.parseCIDR('2000::/3');

/** An IP address as a URL's host or a resolver gives it, or undefined for a name. Zones are no addresses. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.includes('%')) {
    return undefined;
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) {
    return ipaddr.IPv4.parse(bare);
  }
  return ipaddr.IPv6.isValid(bare) && bare.includes(':') ? ipaddr.IPv6.parse(bare) : undefined;
}

/**
 * Whether an address belongs to a host on the internet. Everything that is not plain unicast is refused, also
 * the forms that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64): what they lead to is not ours to
 * guess.
 */
export function isPublic(address: Address): boolean {
  if (address.kind() === 'ipv6' && !address.match(publicIpv6)) {
    return false;
  }
  return address.range() === 'unicast';
}
