import ipaddr from 'ipaddr.js';

/** Where a webhook may point. Loopback, with `http:` too, only where the deployment allows it. */
export interface AddressRules {
  allowLoopback: boolean;
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * True for an address of the public internet. IPv6 counts only inside 2000::/3, the one block that is given out: so IPv4 in any
 * disguise (mapped, compatible, NAT64) and fec0::/10 are out, and 6to4, Teredo, documentation and the like by their names.
 */
export function isPublic(address: string): boolean {
  const ip = parse(address);
  if (ip?.range() !== 'unicast') return false;
  return ip instanceof ipaddr.IPv4 || ip.match(GLOBAL_UNICAST);
}

export const isLoopback = (address: string): boolean => parse(address)?.range() === 'loopback';

export const mayConnect = (address: string, { allowLoopback }: AddressRules): boolean =>
  isPublic(address) || (allowLoopback && isLoopback(address));

/** Four-part IPv4 and IPv6 without a zone; other notations never leave the URL parser or a resolver. */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
  return ipaddr.IPv6.isValid(address) && !address.includes('%') ? ipaddr.IPv6.parse(address) : null;
}

const LONGEST = 2000;
const LOCAL_NAME = /(^|\.)(localhost|local|internal|home\.arpa|onion)\.?$/;

/** Why nothing is sent to an address, as far as it can be told without resolving its name; null where it is well. */
export function addressProblem(text: string, rules: AddressRules): string | null {
  const url = text.length <= LONGEST ? URL.parse(text) : null;
  if (!url) return `has to be a web address of at most ${LONGEST} characters`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'has to begin with https://';
  if (url.username || url.password) return 'may not carry a user name or a password';
  const host = hostOf(url);
  const literal = parse(host) !== null;
  const loopback = literal ? isLoopback(host) : isLocalhost(host);
  if (loopback && rules.allowLoopback) return null;
  if (url.protocol === 'http:') return 'has to begin with https://';
  if (literal ? !isPublic(host) : LOCAL_NAME.test(host) || !host.includes('.'))
    return 'has to be an address of the public internet';
  const port = Number(url.port || 443);
  return port === 443 || port >= 1024 ? null : 'has to use port 443, or one from 1024 on';
}

/** The host without the brackets of IPv6; the URL parser has brought every notation of IPv4 to four decimal parts. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const isLocalhost = (host: string): boolean => /(^|\.)localhost\.?$/.test(host);
