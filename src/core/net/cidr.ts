// CIDR blocks in the 128-bit space of address.ts.

import { formatIp, type IpAddress, isMapped, parseIp, type Words } from './address.ts';

export interface CidrBlock {
  readonly family: 4 | 6;
  /** Canonical: host bits cleared, `203.0.113.0/24`, `2001:db8::/48`. */
  readonly text: string;
  /** Length in the block's own family: 0 to 32, or 0 to 128. */
  readonly prefix: number;
  readonly first: Words;
  readonly last: Words;
}

/** `203.0.113.0/24`, or an address alone, which is a block of one. Null for any other text. */
export function parseCidr(text: string): CidrBlock | null {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const mappedInIpv6 = address.family === 4 && text.includes(':');
  const written = slash < 0 ? null : text.slice(slash + 1);
  if (written !== null && !/^\d{1,3}$/.test(written)) return null;
  const bits = address.family === 4 && !mappedInIpv6 ? 32 : 128;
  const length = written === null ? bits : Number(written);
  if (length > bits) return null;
  const wide = bits === 32 ? length + 96 : length;
  return blockOf(address.words, wide);
}

/** @param wide prefix length in the 128-bit space */
function blockOf(words: Words, wide: number): CidrBlock {
  const mask = [0, 1, 2, 3].map((at) => maskWord(wide - at * 32));
  const at = (index: 0 | 1 | 2 | 3, last: boolean) => {
    const bits = mask[index] ?? 0;
    return last ? (words[index] | ~bits) >>> 0 : (words[index] & bits) >>> 0;
  };
  const first: Words = [at(0, false), at(1, false), at(2, false), at(3, false)];
  const last: Words = [at(0, true), at(1, true), at(2, true), at(3, true)];
  // `::ffff:203.0.113.0/120` is an IPv4 block written as IPv6. A shorter prefix is an IPv6 block around the IPv4 space.
  const family = wide >= 96 && isMapped(first) ? 4 : 6;
  const prefix = family === 4 ? wide - 96 : wide;
  return { family, prefix, first, last, text: `${formatIp({ family, words: first })}/${prefix}` };
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

export function compareWords(a: Words, b: Words): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}

/** Whether every address of `inner` is in `outer`; IPv4 and IPv6 blocks never contain one another. */
export function containsBlock(outer: CidrBlock, inner: CidrBlock): boolean {
  return (
    outer.family === inner.family &&
    outer.prefix <= inner.prefix &&
    compareWords(outer.first, inner.first) <= 0 &&
    compareWords(outer.last, inner.last) >= 0
  );
}

export function containsAddress(block: CidrBlock, address: IpAddress): boolean {
  return (
    block.family === address.family &&
    compareWords(block.first, address.words) <= 0 &&
    compareWords(block.last, address.words) >= 0
  );
}

/** RFC 1918, RFC 6598 (carrier-grade NAT), loopback, link-local, RFC 4193 (ULA): addresses outside public networks. */
const PRIVATE_BLOCKS: readonly CidrBlock[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
].flatMap((text) => parseCidr(text) ?? []);

export function isPrivate(address: IpAddress): boolean {
  return PRIVATE_BLOCKS.some((block) => containsAddress(block, address));
}

const LOOPBACK: readonly CidrBlock[] = ['127.0.0.1', '::1'].flatMap((text) => parseCidr(text) ?? []);

export function isLoopback(address: IpAddress): boolean {
  return LOOPBACK.some((block) => containsAddress(block, address));
}
