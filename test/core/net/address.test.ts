import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { formatIp, parseClient, parseIp } from '../../../src/core/net/address.ts';
import { fc, ipv4Text, ipv6Text, isCompatible } from '../arbitrary.ts';

const canonical = (text: string) => {
  const address = parseIp(text);
  return address === null ? null : formatIp(address);
};

test.each([
  ['203.0.113.9:51234', 'ip', '203.0.113.9'],
  ['203.0.113.9', 'ip', '203.0.113.9'],
  ['[2001:db8::1]:27017', 'ip', '2001:db8::1'],
  ['[2001:db8::1]', 'ip', '2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', 'ip', '2001:db8::1'],
  ['[fe80::1%eth0]:5', 'ip', 'fe80::1'],
  ['[::ffff:203.0.113.9]:5', 'ip', '203.0.113.9'],
  ['::ffff:cb00:7109', 'ip', '203.0.113.9'],
  ['::1', 'ip', '::1'],
  ['/tmp/mongodb-27017.sock', 'socket', '/tmp/mongodb-27017.sock'],
  ['/tmp/mongodb-27017.sock:27017', 'socket', '/tmp/mongodb-27017.sock'],
  ['anonymous unix socket', 'socket', 'anonymous unix socket'],
  ['anonymous unix socket:27017', 'socket', 'anonymous unix socket'],
  ['app.internal:4000', 'unknown', 'app.internal'],
  ['203.0.113.009:1', 'unknown', '203.0.113.009'],
  ['', 'unknown', 'unknown address'],
  ['   ', 'unknown', 'unknown address'],
  [':27017', 'unknown', 'unknown address'],
  ['(NONE)', 'unknown', 'unknown address'],
  ['(NONE):0', 'unknown', 'unknown address'],
  ['0.0.0.0:0', 'unknown', 'unknown address'],
  ['[::]:0', 'unknown', 'unknown address'],
  ['::', 'unknown', 'unknown address'],
  ['[::ffff:0.0.0.0]:0', 'unknown', 'unknown address'],
])('the client %j is %s %s', (text, kind, shown) => {
  expect(parseClient(text)).toMatchObject({ kind, text: shown });
});

test.each([
  '256.1.1.1',
  '1.2.3',
  '1.2.3.4.5',
  '010.0.0.1',
  '1.2.3.',
  '.1.2.3',
  '1..2.3',
  ' 1.2.3.4',
  '0x1.2.3.4',
  '-1.2.3.4',
])('%j is no IPv4 address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test.each([
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  ':1',
  '1:',
  ':::',
  '1::2::3',
  '12345::',
  'g::',
  '::1.2.3',
  '::1.2.3.4:5',
  '1:2:3:4:5:6:7:1.2.3.4',
])('%j is no IPv6 address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test('an IPv4 address reads as ipaddr.js reads it', () => {
  fc.assert(
    fc.property(ipv4Text, (text) => {
      expect(canonical(text)).toBe(ipaddr.parse(text).toString());
    }),
  );
});

test('an IPv6 address, however it is written, is the address ipaddr.js reads, in the form of RFC 5952', () => {
  fc.assert(
    fc.property(ipv6Text, (text) => {
      const address = ipaddr.IPv6.parse(text);
      const expected = address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
      expect(canonical(text)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('any text is an address for us if and only if it is a plain one for ipaddr.js', () => {
  const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.'.split('')), maxLength: 24 });
  fc.assert(
    fc.property(
      nearly.filter((text) => !isCompatible(text)),
      (text) => {
        const plain = text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
        const octal = /(^|[.:])0\d+(\.|$)/.test(text) && text.includes('.');
        expect(parseIp(text) !== null).toBe(plain && !octal);
      },
    ),
    { numRuns: 2_000 },
  );
});
