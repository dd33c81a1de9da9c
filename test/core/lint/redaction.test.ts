// Nothing of a secret comes out of the linter, whatever is broken in the string.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lintConnectionString } from '../../../src/core/lint/lint.ts';

const HOSTS = [
  'h',
  'h:27017',
  'h1,h2',
  'cluster0.ab1cd.mongodb.net',
  '10.0.0.5',
  '[::1]:27017',
  'db.example.com:27017',
  '%2Ftmp%2Fm.sock',
];
const TAILS = [
  '',
  '/',
  '/shop',
  '/shop?w=majority',
  '?w=1',
  '/?appName=web&w=majority',
  '/?appName=@acct@',
  '/shop&w=1',
];
/** Between the pieces of a password. */
const MARKS = [
  ...[
    '@',
    ':',
    '/',
    '?',
    '#',
    '[',
    ']',
    '%',
    '%40',
    '%2540',
    '%zz',
    '+',
    ' ',
    '&',
    '=',
    ';',
    '"',
    "'",
    '`',
    '\\',
    '$',
    '!',
  ],
  ...[
    ',',
    '.',
    '<',
    '>',
    '{',
    '}',
    '|',
    '@@',
    '://',
    '/?',
    '&amp;',
    '?appName=',
    '&appName=',
    '?password=',
    '&authSource=',
  ],
  ...['?replicaSet=', '&w=', '/db?readPreferenceTags=a:', '?authMechanismProperties=X:', '&maxPoolSize=1&x='],
];

type Shape = (user: string, password: string, host: string, tail: string) => string;

/** The password stands before a host, so that an @ in it is not the one before the host. */
const WITH_HOST: readonly Shape[] = [
  (u, p, h, t) => `mongodb://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb+srv://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `  MongoDB://${u}:${p}@${h}${t}\n`,
  (u, p, h, t) => `mongo://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb:${u}:${p}@${h}${t}`,
  (u, p, h, t) => `jdbc:mongodb://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `${u}:${p}@${h}${t}`,
  (u, p, h, t) => `https://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://mongodb+srv://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://https://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://${u}/${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://${u} : ${p} @${h}${t}`,
  (u, p, h, t) => `mongodb://${u}@${p}@${h}${t}`,
  (u, p, h, t) => `MONGODB_URI=mongodb://${u}:${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://<${u}>:<${p}>@${h}${t}`,
  (u, p, h, t) => `(mongodb://${u}:${p}@${h}${t})`,
  (u, p, h, t) => `<uri>mongodb://${u}:${p}@${h}${t}</uri>`,
  (u, p, h, t) => `mongodb://${u}:${p}\t${p}@${h}${t}`,
  (u, p, h, t) => `mongodb://${u}:${p}@h1.example.com:27017,${u}:${p}@${h}${t}`,
];
/** The @ before the host is missing or escaped, or the secret stands elsewhere. */
const OTHERS: readonly Shape[] = [
  (u, p) => `mongodb://${u}:${p}`,
  (u, p, _, t) => `mongodb://${u}:${p}${t.replaceAll('@', '')}`,
  (u, p, h, t) => `mongodb://${u}:${p}%40${h}${t}`,
  (u, p, h, t) => `mongodb://${u}%3A${p}%40${h}${t}`,
  (u, p) => `${u}:${p}`,
  (u, p, h) => `mongodb://${h}/shop --username ${u} --password ${p}`,
  (u, p, h) => `mongosh "mongodb://${h}/shop" -u ${u} -p ${p}`,
  (u, p, h) => `mongosh 'mongodb://${h}/shop' -u${u} -p${p}`,
  (u, p, h) => `mongodb://${h}/?tls=true mongodb://${u}:${p}@${h}`,
  (u, p, h) => `mongodb://${h},mongodb://${u}:${p}@${h}`,
  (u, p, h) => `mongodb://${h}/?user=${u}&password=${p}`,
  (u, p, h) => `mongodb://a:b@${h}/?${u}=${p}`,
  (u, p, h) =>
    `mongodb://a:b@${h}/?tlsCertificateKeyFilePassword=${p}&proxyUsername=${u}&proxyPassword=${p}&proxyHost=${u}`,
  (_, p, h) => `mongodb://a:b@${h}/?authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:${p}`,
  (_, p, h) => `mongodb://a:b@${h}/?authMechanismProperties=${p}`,
  (_, p, h) => `mongodb://a:b@${h}/?tls=${p}&maxPoolSize=${p}&readPreference=${p}&compressors=${p}`,
  (u, p, h) => `user ${u} password ${p} mongodb://${h}/`,
  (_, p, h) => `mongodb://${h}/shop password: ${p}`,
  (_, p, h) => `mongodb://${h}/shop # ${p}`,
  (u, p, h) => `mongodb://${h}/shop\n${u}\n${p}`,
  (_, p, h) => `mongodb://a:b@${h}/?w=1 ${p}`,
  (u, p, h) => `mongodb://${h}/?w=1 replicaSet=${p} appName=${u}`,
  (u, p, h) => `mongodb://${h}/?w=1\\u0026user=${u}\\u0026password=${p}`,
  (u, p, h) => `{"uri":"mongodb://${h}/","user":"${u}","password":"${p}"}`,
];

const letters = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'),
  minLength: 6,
  maxLength: 12,
});
const pieces = fc.array(letters, { minLength: 1, maxLength: 4 });
const marks = fc.array(fc.constantFrom(...MARKS), { minLength: 3, maxLength: 3 });

const joined = (parts: readonly string[], between: readonly string[]) =>
  parts.map((part, index) => (index === 0 ? part : `${between[index - 1] ?? ''}${part}`)).join('');

const drivers = fc.constantFrom('any', 'node', 'python') satisfies fc.Arbitrary<'any' | 'node' | 'python'>;

/** Pieces of four characters of the secrets that the answer has, and the answer to other secrets has not. */
function leaked(
  shape: (user: string, parts: readonly string[]) => string,
  given: readonly string[],
  others: readonly string[],
  driver: 'any' | 'node' | 'python',
) {
  const answer = (secrets: readonly string[]) =>
    JSON.stringify(
      lintConnectionString(shape(secrets[0] ?? '', secrets.slice(1)), { driver, functions: false, fleet: null }),
    );
  const [said, usual] = [answer(given), answer(others)];
  const fours = given.flatMap((secret) =>
    Array.from({ length: secret.length - 3 }, (_, at) => secret.slice(at, at + 4)),
  );
  return fours.filter((four) => said.includes(four) && !usual.includes(four));
}

function holds(shapes: readonly Shape[], between: fc.Arbitrary<readonly string[]>, runs: number): void {
  const cases = fc.tuple(
    fc.constantFrom(...shapes),
    letters,
    pieces,
    letters,
    pieces,
    between,
    fc.constantFrom(...HOSTS),
    fc.constantFrom(...TAILS),
    drivers,
  );
  fc.assert(
    fc.property(cases, ([shape, user, parts, otherUser, otherParts, join, host, tail, driver]) => {
      const text = (name: string, secret: readonly string[]) => shape(name, joined(secret, join), host, tail);
      const others = parts.map((_, index) => otherParts[index] ?? `zq${index}zqzq`);
      expect(leaked(text, [user, ...parts], [otherUser, ...others], driver), text(user, parts)).toEqual([]);
    }),
    { numRuns: runs, seed: 16 },
  );
}

test('no four characters of a user or a password with any mark come out', () => {
  holds(WITH_HOST, marks, 2_500);
});

test('no four characters of a secret come out where the @ is missing, or where the secret stands elsewhere', () => {
  // Behind an @ of its own, the rest of a password is a host for everybody.
  const without = marks.map((some) => some.map((mark) => (mark.includes('@') ? '%40' : mark)));
  holds(OTHERS, without, 2_500);
});

test.each([
  'mongodb://anna:hunter77',
  'mongodb://anna:hunter77/shop',
  'mongodb://anna:hunter77?appName=hunter78',
  'mongodb://anna:hunter77%40cluster0.ab1cd.mongodb.net/shop',
  'anna:hunter77@cluster0.ab1cd.mongodb.net/shop',
  'anna:hunter77@h',
  'hunter77',
  'mongodb://anna:pa/hunter77@h/shop',
  'mongodb://anna:pa?w=hunter77@h',
  'mongodb://anna:p@hunter77@h',
  'mongodb://h/?password=hunter77',
  'mongodb://h/?token=a&replicaSet=hunter77',
  'mongodb://h/?hunter77=1',
  'mongodb://h/?tlsCertificateKeyFilePassword=a&replicaSet=hunter77',
  'mongodb://h/?proxyHost=hunter77.example.com',
  'mongodb://u@h/?authMechanismProperties=AWS_SESSION_TOKEN:hunter77',
  'mongodb://h/hunter77 hunter77',
  'mongodb://h/?maxPoolSize=hunter77&retryWrites=hunter77&readPreference=hunter77',
  'mongodb://h --password hunter77',
  'mongodb://h -p hunter77',
  'mongodb://h mongodb://u:hunter77@h2',
  'mongodb://h,mongodb://u:hunter77@h2',
  '"mongodb://h" "hunter77"',
  'https://hooks.example.com/services/hunter77',
])('%s gives nothing away', (text) => {
  const said = JSON.stringify(lintConnectionString(text, { driver: 'node', functions: false, fleet: null }));
  expect(said).not.toMatch(/hunt|nter|er77|er78/);
});
