import { expect, test } from 'vitest';
import {
  historyValue,
  matchesKey,
  readHistory,
  readTarget,
  recordKey,
  recordValue,
  targetValue,
} from '../../../src/slack/blockkit/action-values.ts';
import { fc } from '../../core/arbitrary.ts';

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

test('a history leads back to its cluster, its source and its length, in an option too', () => {
  fc.assert(
    fc.property(names, fc.option(names), fc.integer({ min: 60, max: 576_000 }), (cluster, source, minutes) => {
      const window = minutes * 60_000;
      const value = historyValue({ cluster, source, window });
      expect(value.length).toBeLessThanOrEqual(75);
      const found = readHistory(value);
      expect(found?.window).toBe(window);
      expect(matchesKey(cluster, found?.cluster ?? '')).toBe(true);
      expect(source === null ? found?.source : matchesKey(source, found?.source ?? '')).toBe(
        source === null ? null : true,
      );
    }),
  );
  expect(historyValue({ cluster: 'prod', source: null, window: 7 * 86_400_000 })).toBe('history|7d|prod|');
  expect(['history|7x|prod|', 'report|7d|prod|', 'history|7d||', 'history|7d|prod'].map(readHistory)).toEqual(
    Array(4).fill(null),
  );
});

test("a record's value is its id as long as a button takes it; its key fits an option", () => {
  expect(recordValue('["prod","churn","x",1]')).toBe('["prod","churn","x",1]');
  const long = 'x'.repeat(3_000);
  expect(recordValue(long)).toBe(recordKey(long));
  expect(recordKey(long)).not.toBe(recordKey(`${long}y`));
});
