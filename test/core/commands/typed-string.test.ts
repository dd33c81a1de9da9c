// Connection strings in what people type: found in every form in which Slack delivers them, and nothing else is taken
// for one.

import { expect, test } from 'vitest';
import { holdsConnectionString, typedConnectionString } from '../../../src/core/commands/typed-string.ts';
import { growthOf } from '../../fuzz/growth.ts';

const typed = (text: string) => typedConnectionString(text, { command: '/atlas-conns' });
const URI = 'mongodb+srv://anna:pass@c0.ab1cd.mongodb.net/?retryWrites=true&w=majority';

test.each([
  ['plain', URI.replaceAll('&', '&amp;')],
  ['as a link', `<${URI.replaceAll('&', '&amp;')}>`],
  ['as a link with a label', `<${URI.replaceAll('&', '&amp;')}|${URI.replaceAll('&', '&amp;')}>`],
  [
    'with its host as a link',
    'mongodb+srv://anna:pass@<http://c0.ab1cd.mongodb.net|c0.ab1cd.mongodb.net>/?retryWrites=true&amp;w=majority',
  ],
  [
    'with an address of mail in it',
    'mongodb+srv://anna:<mailto:pass@c0.ab1cd.mongodb.net|pass@c0.ab1cd.mongodb.net>/?retryWrites=true&amp;w=majority',
  ],
  ['with characters that are not seen', `mongo\u200bdb+srv://anna:pa\u2060ss@${URI.split('@')[1]}`],
  ['behind the word', `lint ${URI}`],
  ['behind another name of it, politely', `please uri ${URI}`],
])('%s, it is the string', (_, text) => {
  expect(typed(text)).toBe(URI);
});

test.each([
  'silence Billing 4h mongodb://a:b@h',
  'source <mongodb://a:b@h>',
  'MongoDB://a:b@h',
  'mongodb:/a:b@h',
  'mongodb+srv:a:b@h',
  'mongo://a:b@h',
  'prod a:b@c0.ab1cd.mongodb.net/test',
  'postgres://a:b@h',
  'lint a:b@h',
  'lint MONGODB_URI=h',
  'mongosh "mongodb://h" --username a --password b',
  'mongodb://&lt;user&gt;:&lt;password&gt;@h',
])('%s has one in it', (text) => {
  expect(typed(text)).not.toBeNull();
});

test.each([
  '',
  'lint',
  'lint prod',
  'lint help',
  'lint "my cluster"',
  'connection-string',
  'prod by app',
  'source mongo-exporter',
  'silence mongodb 4h load test: see <https://wiki.example.com/@team|the wiki>',
  'source <mailto:who@example.com|who@example.com>',
  'nodes in mongodb',
  'source a:27017',
])('%s has none', (text) => {
  expect(typed(text)).toBeNull();
  expect(holdsConnectionString(text)).toBe(false);
});

/** Slack takes 40,000 characters, from anyone, and reads of them come before the question who may ask. */
const LONGEST = 64_000;

test.each([
  ...[
    '://:',
    ':',
    'mongo',
    'mongo:',
    'mongo;',
    'mongo.',
    '://',
    '@',
    ':@',
    ':a@',
    'mongo:@',
    '/',
    'a:b',
    ':a@.mongodb',
  ],
  ...['http://a.b/c:d,', '"a":"b://c",', 'lint ', 'please ', 'thanks ', 'thank you ', '. ', '<', '&amp;', '<a|'],
])('a text of %j over and over takes time in proportion to its length', (unit) => {
  const grammar = { name: 'typed string', read: (text: string) => [typed(text), typed(`lint ${text}`)] };
  const of = (length: number) => unit.repeat(Math.ceil(length / unit.length));
  expect(growthOf(grammar, { name: unit, of }, LONGEST)).toBeNull();
});
