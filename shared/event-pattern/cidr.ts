import { isIPv4, isIPv6 } from 'node:net';

/** The lowest and the highest address as upper-case hexadecimal digits: 8 for IPv4, 32 for IPv6. */
type AddressRange = { bottom: string; top: string };

const dotted = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
const coloned = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/;

/** The address as hexadecimal digits, or undefined for any other text. Dots inside IPv6 are not read. */
export function addressDigits(text: string): string | undefined {
  // Java, which the engine runs on, reads octets as decimal, leading zeros too, in at most 15 characters.
  if (text.length <= 15 && dotted.test(text)) return v4Digits(text.split('.').map(Number));
  // The longest IPv6 address has 39 characters.
  if (text.length <= 39 && coloned.test(text) && isIPv6(text)) return v6Digits(text);
  return undefined;
}

function v4Digits(octets: readonly number[]): string | undefined {
  if (!isIPv4(octets.join('.'))) return undefined;
  return octets.map((octet) => hex(octet, 2)).join('');
}

function v6Digits(text: string): string {
  const [head = '', tail] = text.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = new Array<string>(8 - left.length - right.length).fill('0');
  const digits = [...left, ...zeros, ...right].map((group) => hex(Number.parseInt(group, 16), 4)).join('');
  // Java reads an IPv4-mapped IPv6 address as the IPv4 address.
  return digits.startsWith(mapped) ? digits.slice(mapped.length) : digits;
}

const mapped = `${'0'.repeat(20)}FFFF`;

const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, '0');

/** The range of an `address/bits` text, or the sentence that says why it is refused. */
export function parseCidr(text: string): AddressRange | string {
  const [address = '', mask, ...more] = text.split('/');
  if (!mask || more.length > 0) return 'must be an address, one "/" and the number of mask bits';
  if (!/^[+-]?[0-9]{1,9}$/.test(mask)) return 'must have a whole number of mask bits after the "/"';
  const bits = Number(mask);
  if (bits < 0) return 'must not have negative mask bits';
  const digits = addressDigits(address);
  if (digits === undefined) return `must begin with an IPv4 or IPv6 address, which "${address}" is not`;
  const size = digits.length * 4;
  if (bits >= size) {
    return `must have fewer than ${size} mask bits: for one address write the address itself, without "/"`;
  }
  const host = (1n << BigInt(size - bits)) - 1n;
  const value = BigInt(`0x${digits}`);
  return { bottom: bigHex(value & ~host, digits.length), top: bigHex(value | host, digits.length) };
}

const bigHex = (value: bigint, width: number): string =>
  value.toString(16).toUpperCase().padStart(width, '0');

/**
 * The engine compares digit by digit and decides at the first that tells, whatever the length, so an
 * address of the other family is inside when its first digits already are (`::/0` holds 10.0.0.1).
 */
export function isInRange({ bottom, top }: AddressRange, digits: string): boolean {
  if (digits.length >= bottom.length) {
    const start = digits.slice(0, bottom.length);
    return bottom <= start && start <= top;
  }
  return bottom.slice(0, digits.length) < digits && digits < top.slice(0, digits.length);
}
