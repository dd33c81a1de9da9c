// IP addresses as `$currentOp`, access lists and people write them. IPv4 and IPv6 share one 128-bit space. An IPv4
// address is ::ffff:a.b.c.d, so one table matches both.

import ipaddr from 'ipaddr.js';

/** Four 32-bit words, most significant first. */
export type Words = readonly [number, number, number, number];

export interface IpAddress {
  readonly family: 4 | 6;
  readonly words: Words;
}

/** The client of a connection: an IP address, or something without one (a unix socket). */
export type ClientAddress =
  | { readonly kind: 'ip'; readonly address: IpAddress; readonly text: string }
  | { readonly kind: 'socket'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string };

/** For a client whose address the server does not report. */
const UNKNOWN_ADDRESS = 'unknown address';
/** What the server prints for a peer without an address (sockaddr.cpp: `(NONE)`). */
const NO_ADDRESS: ReadonlySet<string> = new Set(['', '(NONE)']);

const MAPPED = 0xffff;
const COLON = 58;
const DOT = 46;
const ZERO = 48;

/** The `client` of a `$currentOp` document, with or without its port: `1.2.3.4:5`, `[::1]:5`, a unix socket. */
export function parseClient(text: string): ClientAddress {
  const host = withoutPort(text.trim());
  const address = parseIp(host);
  if (NO_ADDRESS.has(host) || isUnspecified(address)) return { kind: 'unknown', text: UNKNOWN_ADDRESS };
  if (address !== null) return { kind: 'ip', address, text: formatIp(address) };
  const socket = host.startsWith('/') || host.endsWith('.sock') || host.startsWith('anonymous unix socket');
  return { kind: socket ? 'socket' : 'unknown', text: host };
}

/** `0.0.0.0` or `::`, which no client can have. */
export function isUnspecified(address: IpAddress | null): boolean {
  if (address === null) return false;
  const [first, second, third, last] = address.words;
  return first === 0 && second === 0 && last === 0 && (third === 0 || third === MAPPED);
}

function withoutPort(text: string): string {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    return end < 0 ? text.slice(1) : text.slice(1, end);
  }
  const colon = text.indexOf(':');
  // More than one colon and no brackets: an IPv6 address, which has no port then.
  return colon < 0 || text.indexOf(':', colon + 1) >= 0 ? text : text.slice(0, colon);
}

/** An IP address alone: no port, no brackets. A zone (`%eth0`) is cut off. Null for any other text. */
export function parseIp(text: string): IpAddress | null {
  if (text.indexOf(':') < 0) {
    const word = parseIpv4(text, 0);
    return word < 0 ? null : { family: 4, words: [0, 0, MAPPED, word] };
  }
  const zone = text.indexOf('%');
  const words = parseIpv6(zone < 0 ? text : text.slice(0, zone));
  return words === null ? null : { family: isMapped(words) ? 4 : 6, words };
}

export function isMapped(words: Words): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED;
}

/** Dotted decimal from `start` to the end of the text; -1 when it is none. No octal, no short forms. */
function parseIpv4(text: string, start: number): number {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (octet < 0 || ++dots > 3) return -1;
      word = word * 256 + octet;
      octet = -1;
      continue;
    }
    const digit = code - ZERO;
    // A leading zero is octal for some parsers and decimal for others, so it is refused.
    if (digit < 0 || digit > 9 || octet === 0) return -1;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? word * 256 + octet : -1;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function parseIpv6(text: string): Words | null {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  let count = 0;
  let gap = -1;
  let index = 0;
  if (text.startsWith('::')) {
    gap = 0;
    index = 2;
  }
  while (index < text.length) {
    const start = index;
    let group = 0;
    let digit = hexDigit(text.charCodeAt(index));
    while (digit >= 0) {
      group = group * 16 + digit;
      digit = ++index < text.length ? hexDigit(text.charCodeAt(index)) : -1;
    }
    if (index < text.length && text.charCodeAt(index) === DOT) {
      const tail = parseIpv4(text, start);
      if (tail < 0 || count > 6) return null;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    if (index === start || index - start > 4 || count > 7) return null;
    groups[count++] = group;
    if (index === text.length) break;
    if (text.charCodeAt(index) !== COLON || ++index === text.length) return null;
    if (text.charCodeAt(index) === COLON) {
      if (gap >= 0) return null;
      gap = count;
      index++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return null;
  // What follows the `::` belongs at the end.
  if (gap >= 0) groups.copyWithin(gap + 8 - count, gap, count).fill(0, gap, gap + 8 - count);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  return [a * 0x10000 + b, c * 0x10000 + d, e * 0x10000 + f, g * 0x10000 + h];
}

/** Canonical text: dotted decimal, or RFC 5952 (lower case, the longest run of zeros as `::`). */
export function formatIp({ family, words }: IpAddress): string {
  if (family === 4) return formatIpv4(words[3]);
  return new ipaddr.IPv6(words.flatMap((word) => [word >>> 16, word & 0xffff])).toRFC5952String();
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}
