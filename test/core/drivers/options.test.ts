// The table of options, held against the installed Node.js driver, and what it says where drivers differ.

import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { DEFAULTED, defaultsOf } from '../../../src/core/drivers/defaults.ts';
import { DRIVERS } from '../../../src/core/drivers/driver.ts';
import { defaultOf, statusOf, URI_OPTIONS, type UriOption, uriOption } from '../../../src/core/drivers/options.ts';

/** A value that every driver with this option accepts. */
function rightValue({ type, values, min, max }: UriOption): string {
  if (type === 'boolean') return 'true';
  if (type === 'integer') return String(Math.min(Math.max(min ?? 0, 500), max ?? 500));
  if (type === 'pairs') return 'a:b';
  return values?.[0] ?? 'majority';
}

/** Null when the driver accepts the string. */
function refusal(name: string, value: string): string | null {
  const scheme = uriOption(name)?.needsSrv === true ? 'mongodb+srv' : 'mongodb';
  try {
    new MongoClient(`${scheme}://h.example.com/?${name}=${value}`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test.each(URI_OPTIONS.map((option) => [option.name, option] as const))('Node.js and %s', (name, option) => {
  const isKnown = !['unknown', 'removed'].includes(statusOf(option, 'node'));
  // Some need others beside them, and the driver says so.
  const said = refusal(name, rightValue(option)) ?? '';
  expect(said.includes('not supported')).toBe(!isKnown);
});

test.each(DEFAULTED.filter((name) => defaultsOf('node')[name] !== null))('the default of %s in Node.js', (name) => {
  const effective: object = new MongoClient('mongodb://h').options;
  expect(new Map(Object.entries(effective)).get(name)).toBe(defaultsOf('node')[name]);
});

test('a bound of the table is one of the Node.js driver', () => {
  expect(refusal('maxConnecting', '0')).not.toBeNull();
  expect(uriOption('maxConnecting')?.min).toBe(1);
  expect(refusal('compressors', 'gzip')).not.toBeNull();
  expect(refusal('readPreference', 'primaryPrefered')).not.toBeNull();
});

test('names are found in any case of letters, and no other name is', () => {
  expect(uriOption('MAXPOOLSIZE')?.name).toBe('maxPoolSize');
  expect(uriOption('wtimeoutms')?.name).toBe('wTimeoutMS');
  for (const name of ['', 'password', 'constructor', '__proto__', 'maxPoolSizes']) expect(uriOption(name)).toBeNull();
  expect(new Set(URI_OPTIONS.map(({ name }) => name.toLowerCase())).size).toBe(URI_OPTIONS.length);
});

test('the option in place of another is known itself', () => {
  for (const { instead } of URI_OPTIONS) if (instead !== null) expect(uriOption(instead)?.name).toBe(instead);
});

test('what has the name of a secret is one', () => {
  for (const { name, secret } of URI_OPTIONS)
    if (/pass|token|secret|proxy|private|^key$|sslKey|properties$/i.test(name))
      expect({ name, secret }).toEqual({ name, secret: true });
});

const status = (name: string, driver: Parameters<typeof statusOf>[1]) => {
  const option = uriOption(name);
  return option === null ? null : statusOf(option, driver);
};

test.each([
  ['useNewUrlParser', 'any', 'removed'],
  ['poolSize', 'node', 'removed'],
  ['j', 'node', 'deprecated'],
  ['j', 'python', 'removed'],
  ['j', 'go', 'unknown'],
  ['timeoutMS', 'node', 'ignored'],
  ['timeoutMS', 'python', 'known'],
  ['timeoutMS', 'any', 'known'],
  ['socketTimeoutMS', 'node', 'known'],
  ['socketTimeoutMS', 'java', 'deprecated'],
  ['socketTimeoutMS', 'any', 'known'],
  ['ssl', 'any', 'deprecated'],
  ['minPoolSize', 'c', 'removed'],
  ['maxIdleTimeMS', 'c', 'unknown'],
  ['maxPoolSize', 'php', 'ignored'],
  ['tlsCRLFile', 'any', 'known'],
  ['tlsCRLFile', 'go', 'unknown'],
] as const)('%s for %s is %s', (name, driver, expected) => {
  expect(status(name, driver)).toBe(expected);
});

test.each([
  ['maxPoolSize', 'any', 100],
  ['maxPoolSize', 'ruby', 20],
  ['maxPoolSize', 'rust', 10],
  ['maxPoolSize', 'php', null],
  ['maxIdleTimeMS', 'csharp', 600_000],
  ['waitQueueTimeoutMS', 'java', 120_000],
  ['retryWrites', 'go', true],
  ['readPreference', 'any', 'primary'],
  ['appName', 'any', null],
] as const)('%s of %s is %s', (name, driver, expected) => {
  const option = uriOption(name);
  expect(option !== null && defaultOf(option, driver)).toBe(expected);
});

test('every driver has every option that the specification wants of all', () => {
  const everywhere = ['appName', 'authSource', 'directConnection', 'readPreference', 'replicaSet', 'tls', 'w'];
  for (const name of everywhere) expect(uriOption(name)?.knownTo).toEqual(DRIVERS);
});
