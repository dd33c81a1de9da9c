import { expect, test } from 'vitest';
import {
  matchesKey,
  readView,
  recordKey,
  recordValue,
  reportValue,
  viewValue,
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

test('a value is short, and leads back to its cluster and source', () => {
  fc.assert(
    fc.property(names, names, (cluster, id) => {
      const value = viewValue({ view: 'source', cluster, source: { id } });
      expect(value.length).toBeLessThanOrEqual(75);
      const request = readView(value);
      if (request?.view !== 'source') throw new Error(`unreadable: ${value}`);
      expect(matchesKey(cluster, request.cluster)).toBe(true);
      expect(matchesKey(id, request.source.key)).toBe(true);
    }),
  );
});

test('different names have different keys, also where they only differ at the end', () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      const key = readView(reportValue(a))?.cluster ?? '';
      expect(matchesKey(b, key)).toBe(a === b);
    }),
  );
  const long = 'analytics-'.repeat(10);
  expect(matchesKey(`${long}2`, readView(reportValue(`${long}1`))?.cluster ?? '')).toBe(false);
});

test('values are the same after a restart: old messages keep working', () => {
  expect(reportValue('prod')).toBe('report|source|prod|');
  expect(viewValue({ view: 'nodes', cluster: 'prod' })).toBe('nodes|source|prod|');
  expect(viewValue({ view: 'source', cluster: 'prod', source: { id: '203.0.113.0/24' } })).toBe(
    'source|source|prod|203.0.113.0/24',
  );
  const id = 'private app:a worker with a long name';
  expect(viewValue({ view: 'source', cluster: 'prod', source: { id } })).toBe('source|source|prod|#gM7WZlkmrB2Bemun');
  const history = viewValue({ view: 'history', cluster: 'prod', source: null, window: 7 * 86_400_000 });
  expect(history).toBe('history|7d|prod|');
});

test('a value of any view is read', () => {
  const cluster = 'prod';
  expect(
    ['report|app|prod|', 'nodes|source|prod|', 'hygiene|driver|prod|x', 'project|source|prod|'].map(readView),
  ).toEqual([
    { view: 'report', cluster, by: 'app' },
    { view: 'nodes', cluster },
    { view: 'hygiene', cluster },
    { view: 'project', cluster },
  ]);
  expect(['source|source|prod|10.0.0.1', 'source|user|prod|', 'history|7d|prod|10.0.0.1'].map(readView)).toEqual([
    { view: 'source', cluster, source: { key: '10.0.0.1' } },
    { view: 'report', cluster, by: 'user' },
    { view: 'history', cluster, source: { key: '10.0.0.1' }, window: 7 * 86_400_000 },
  ]);
});

test('a value that we never wrote is nothing', () => {
  const foreign = [
    ...['', 'home', 'report', 'report|source', 'report|source||', 'delete|source|prod|', 'report|colour|prod|'],
    ...['report|source|prod||', 'report|source|prod', 'history|7x|prod|', 'report|7d|prod|', 'history|7d||'],
    'history|7d|prod',
  ];
  expect(foreign.map(readView)).toEqual(foreign.map(() => null));
});

test('a history leads back to its cluster, its source and its length, in an option too', () => {
  fc.assert(
    fc.property(names, fc.option(names), fc.integer({ min: 60, max: 576_000 }), (cluster, id, minutes) => {
      const window = minutes * 60_000;
      const value = viewValue({ view: 'history', cluster, source: id === null ? null : { id }, window });
      expect(value.length).toBeLessThanOrEqual(75);
      const found = readView(value);
      if (found?.view !== 'history') throw new Error(`unreadable: ${value}`);
      expect(found.window).toBe(window);
      expect(matchesKey(cluster, found.cluster)).toBe(true);
      if (id === null) expect(found.source).toBeNull();
      else expect(matchesKey(id, found.source?.key ?? '')).toBe(true);
    }),
  );
});

test("a record's value is its id as long as a button takes it; its key fits an option", () => {
  expect(recordValue('["prod","churn","x",1]')).toBe('["prod","churn","x",1]');
  const long = 'x'.repeat(3_000);
  expect(recordValue(long)).toBe(recordKey(long));
  expect(recordKey(long)).not.toBe(recordKey(`${long}y`));
});
