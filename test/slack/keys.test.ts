import { expect, test } from 'vitest';
import { matchesKey, readTarget, targetValue } from '../../src/slack/keys.ts';
import { fc } from '../core/arbitrary.ts';

const names = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.constantFrom(
    'prod',
    '203.0.113.0/24',
    '0.0.0.0/0 app:etl',
    'a|b',
    '#1',
    '',
    '2001:db8:ffff:ffff::/64',
    'x'.repeat(10_000),
  ),
);

test('a value is short, and leads back to what it was made for', () => {
  fc.assert(
    fc.property(names, names, (cluster, source) => {
      const value = targetValue({ cluster, source, by: 'driver', view: 'hygiene' });
      expect(value.length).toBeLessThanOrEqual(75);
      const target = readTarget(value);
      expect(target).toMatchObject({ by: 'driver', view: 'hygiene' });
      expect(matchesKey(cluster, target?.cluster ?? '')).toBe(true);
      expect(matchesKey(source, target?.source ?? '')).toBe(true);
    }),
  );
});

test('different names have different keys, also where they only differ at the end', () => {
  fc.assert(
    fc.property(names, names, (one, other) => {
      const key = readTarget(targetValue({ cluster: one }))?.cluster ?? '';
      expect(matchesKey(other, key)).toBe(one === other);
    }),
  );
  const long = 'analytics-'.repeat(10);
  expect(matchesKey(`${long}2`, readTarget(targetValue({ cluster: `${long}1` }))?.cluster ?? '')).toBe(false);
});

test('a value says the same after a restart: old messages keep working', () => {
  expect(targetValue({ cluster: 'prod' })).toBe('report|source|prod|');
  expect(targetValue({ cluster: 'prod', source: '203.0.113.0/24', view: 'source' })).toBe(
    'source|source|prod|203.0.113.0/24',
  );
  expect(targetValue({ cluster: 'prod', source: 'private app:a worker with a long name', view: 'source' })).toBe(
    'source|source|prod|#gM7WZlkmrB2Bemun',
  );
});

test('a source left out is the whole cluster', () => {
  expect(readTarget(targetValue({ cluster: 'prod', by: 'app' }))).toEqual({
    view: 'report',
    by: 'app',
    cluster: 'prod',
    source: null,
  });
});

test('a value that we never wrote is nothing', () => {
  const foreign = [
    '',
    'home',
    'report',
    'report|source',
    'report|source||',
    'delete|source|prod|',
    'report|colour|prod|',
  ];
  expect([...foreign, 'report|source|prod||', 'report|source|prod'].map(readTarget)).toEqual(Array(9).fill(null));
});
