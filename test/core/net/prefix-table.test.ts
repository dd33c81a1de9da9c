import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { parseIp } from '../../../src/core/net/address.ts';
import { isPrivate, parseCidr } from '../../../src/core/net/cidr.ts';
import { prefixTable } from '../../../src/core/net/prefix-table.ts';
import { fc, ipv4Text, ipv6Text, nearbyAddress } from '../arbitrary.ts';

test.each([
  ['203.0.113.9/24', '203.0.113.0/24'],
  ['203.0.113.9', '203.0.113.9/32'],
  ['2001:DB8:0::5/48', '2001:db8::/48'],
  ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::/0', '::/0'],
  ['::ffff:0:0/90', '::ffc0:0:0/90'],
])('%s is the block %s', (text, canonical) => {
  expect(parseCidr(text)?.text).toBe(canonical);
});

test.each(['203.0.113.0/33', '::/129', '203.0.113.0/', '203.0.113.0/-1', '203.0.113.0/1e1', 'sg-12', '', '/24'])(
  '%j is no block',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);

/** Deliberately naive: asks every block with ipaddr.js, keeps the longest. */
function longestByLoop(address: string, blocks: readonly string[]): string | null {
  const parsed = ipaddr.process(address);
  let best: [string, number] | null = null;
  for (const block of blocks) {
    const [network, bits] = ipaddr.parseCIDR(block);
    if (network.kind() !== parsed.kind() || !parsed.match([network, bits])) continue;
    if (best === null || bits > best[1]) best = [block, bits];
  }
  return best?.[0] ?? null;
}

const block = fc.oneof(
  fc.tuple(nearbyAddress, fc.nat(32)).map(([ip, bits]) => `${ip}/${ip.includes(':') ? bits * 4 : bits}`),
  fc.tuple(ipv4Text, fc.nat(32)).map(([ip, bits]) => `${ip}/${bits}`),
  fc.constantFrom('0.0.0.0/0', '::/0', '::/1', '255.255.255.255/32', 'ffff::/16', 'ffff:ffff::/32'),
);

test('the table finds the most specific block, as a loop over ipaddr.js does', () => {
  const addresses = fc.array(fc.oneof(nearbyAddress, ipv4Text, ipv6Text), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(block, { maxLength: 30 }), addresses, (blocks, texts) => {
      const rows = blocks.flatMap((text) => {
        const parsed = parseCidr(text);
        return parsed ? [{ block: parsed, value: parsed.text }] : [];
      });
      expect(rows).toHaveLength(blocks.length);
      const table = prefixTable(rows);
      for (const text of texts) {
        const expected = longestByLoop(text, blocks);
        const found = table.find(parseIp(text)!);
        expect(found).toBe(expected && parseCidr(expected)?.text);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('private is what ipaddr.js calls private, loopback, link-local, unique local or carrier-grade NAT', () => {
  const ranges = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);
  fc.assert(
    fc.property(fc.oneof(nearbyAddress, ipv4Text, ipv6Text), (text) => {
      expect(isPrivate(parseIp(text)!)).toBe(ranges.has(ipaddr.process(text).range()));
    }),
    { numRuns: 1_000 },
  );
});
