// Credentials in connection strings: what is hidden, in text and in JSON, and that length alone costs time.

import { expect, test } from 'vitest';
import { isConnectionString, withoutCredentials } from '../../../src/core/base/redact.ts';
import { fc } from '../arbitrary.ts';

/** The rule in its shortest form, which takes quadratic time: from the scheme to the last @ of the word. */
const IN_TEXT = /(mongodb(?:\+srv)?:\/\/)\S*@/gi;
const IN_JSON = /(mongodb(?:\+srv)?:\/\/)(?:[^\s"\\]|\\.)*@/gi;
const HIDDEN = '$1[redacted]@';

const piece = fc.constantFrom(
  ...['mongodb://', 'mongodb+srv://', 'MongoDB://', 'mongodb:', '://', '@', '@', ':', '/', '?x=1', ',', 'anna', 'pass'],
  ...[' ', '\n', '\t', '\u00a0', '\u2028', '"', "'", '\\', '<', '%40', 'ö', '🔑', '\ud83d'],
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

test('everything from each scheme to the last @ of its word is hidden, and nothing else', () => {
  fc.assert(
    fc.property(text, (outside) => {
      expect(withoutCredentials(outside)).toBe(outside.replace(IN_TEXT, HIDDEN));
    }),
    { numRuns: 2_000 },
  );
});

test('JSON stays JSON of the same shape, and each value hides the same', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (values) => {
      const line = JSON.stringify({ values, last: 'a@b' });
      const clean = withoutCredentials(line, 'json');
      expect(clean).toBe(line.replace(IN_JSON, HIDDEN));
      expect(JSON.parse(clean)).toMatchObject({ values: values.map(() => expect.any(String)), last: 'a@b' });
    }),
    { numRuns: 2_000 },
  );
});

test('a word of many megabytes, all of schemes, is read once', () => {
  const schemes = 'mongodb://'.repeat(1_000_000);
  for (const form of ['text', 'json'] as const) {
    expect(withoutCredentials(schemes, form) === schemes).toBe(true);
    expect(withoutCredentials(`${schemes}pass@h`, form)).toBe('mongodb://[redacted]@h');
  }
});

test('a connection string is known by its scheme, whatever follows', () => {
  for (const uri of ['mongodb://', 'mongodb+srv://u:p@h', 'MONGODB://h', ' mongodb://h'])
    expect(isConnectionString(uri)).toBe(true);
  for (const name of ['mongodb', 'prod', 'my-mongodb://', 'mongodb:prod']) expect(isConnectionString(name)).toBe(false);
});
