// What an alert says of a rise: the diagnosis that fits it, with the words of `why`.

import { expect, test } from 'vitest';
import { riseAdvice } from '../../../src/core/diagnosis/rise.ts';
import { snapshotOf } from '../../../src/core/snapshots/from-report.ts';
import { type Course3, DRIVERS, type Fleet, NODES, NOW, pastOf, reportOf, whyOf } from './world.ts';

const elected = { at: NOW - 60_000, primary: NODES[0] };

test.each<readonly [string, Fleet, Course3, typeof elected | null]>([
  [
    'client-leak',
    { hosts: 3, clients: 100, pooled: [1, 0, 0] },
    { clients: (ago) => 300 - 20 * Math.min(12, Math.floor(ago)) },
    null,
  ],
  [
    'fork',
    { driver: DRIVERS.python, hosts: 4, clients: 9, pooled: [1, 0, 0] },
    { clients: (ago) => (ago > 3 ? 12 : 36) },
    null,
  ],
  ['election-storm', { hosts: 4, pooled: [14, 12, 0] }, { shares: [0.02, 0.96, 0.02], pooled: () => 50 }, elected],
  ['pool-exhausted', { driver: DRIVERS.rust, hosts: 3, pooled: [10, 0, 0], active: [30, 0, 0] }, {}, null],
])('%s', (id, fleet, course, after) => {
  const report = reportOf([fleet]);
  const snapshot = snapshotOf(report, { before: null });
  const [source] = snapshot.sources;
  if (source === undefined) throw new Error('a source is expected');
  const { sources, moment } = pastOf(report, course);
  const past = sources[source.id] ?? null;
  const text = riseAdvice({ source, snapshot, past, elected: after, moment, usualClients: 3, isGradual: false });
  const [diagnosis] = whyOf(fleet, course, { elected: after }).diagnoses;
  expect(diagnosis?.id).toBe(id);
  expect(text).toContain(`“${diagnosis?.title}”`);
  expect(text.endsWith(diagnosis?.advice ?? '')).toBe(true);
  expect(text.startsWith(diagnosis?.evidence[0] ?? '')).toBe(true);
});

test('a rise that nothing fits yet is told by its figures, with an option that the driver heeds', () => {
  const tried = (driver: NonNullable<Fleet['driver']>) => {
    const report = reportOf([{ driver, hosts: 4, pooled: [40, 0, 0] }]);
    const snapshot = snapshotOf(report, { before: null });
    const [source] = snapshot.sources;
    if (source === undefined) throw new Error('a source is expected');
    const moment = { at: NOW, offset: 0 };
    return riseAdvice({ source, snapshot, past: null, elected: null, moment, usualClients: 4, isGradual: false });
  };
  expect(tried(DRIVERS.node)).toBe(
    '4 clients hold 40 connections each, as after a burst that filled the pools. “No limit for idle connections” would explain it. Set maxIdleTimeMS=60000: it closes connections that are idle for a minute.',
  );
  expect(tried(DRIVERS.c)).toContain('The C driver 2.6.0 has no maxIdleTimeMS');
});

test('as many clients as usual are no client for each request', () => {
  const tried = (usualClients: number | null, driver: NonNullable<Fleet['driver']> = DRIVERS.node) => {
    const report = reportOf([{ driver, hosts: 10, pooled: [3, 0, 0] }]);
    const snapshot = snapshotOf(report, { before: null });
    const [source] = snapshot.sources;
    if (source === undefined) throw new Error('a source is expected');
    const moment = { at: NOW, offset: 0 };
    return riseAdvice({ source, snapshot, past: null, elected: null, moment, usualClients, isGradual: false });
  };
  expect(tried(10)).toContain('10 clients hold 3 connections each. “minPoolSize keeps unused connections open” would');
  expect(tried(10, DRIVERS.c)).toContain('each. “No limit for idle connections” would explain it.');
  expect(tried(2)).toContain('“One MongoClient for each request” would explain it.');
  expect(tried(null)).toContain('“One MongoClient for each request”');
});
