// Figures of pools in words, and apps by what a person types.

import { expect, test } from 'vitest';
import { counted } from '../../../src/core/base/format.ts';
import {
  addressPools,
  appsNamed,
  driverText,
  inCluster,
  listed,
  peakText,
  placeText,
  processesText,
  rateText,
  staleInWords,
  startOf,
  totalsText,
  troubleInWords,
  unknownApp,
  waitText,
} from '../../../src/core/pools/words.ts';
import { client, pool, record, viewOf } from './sample.ts';

const first = (view: ReturnType<typeof viewOf>) => {
  const [app] = view.apps;
  if (app === undefined) throw new Error('no app');
  return app;
};

test.each([
  [null, '–'],
  [0, '0'],
  [0.01, '0.1'],
  [0.44, '0.4'],
  [9.96, '10'],
  [812.4, '812'],
  [12_345, '12,345'],
])('checkouts a second: %s is %s; before two reports there is no rate', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});

test.each([
  [null, '–'],
  [0, '0 ms'],
  [0.04, '0 ms'],
  [0.44, '0.4 ms'],
  [12.4, '12 ms'],
  [1_234, '1.2 s'],
])('a mean wait: %s is %s', (wait, text) => {
  expect(waitText(wait)).toBe(text);
});

test('the most in use is told with the limit of its pool', () => {
  expect(peakText(null)).toBe('–');
  expect(peakText({ inUse: 38, maxPoolSize: 100 })).toBe('38 of 100');
  expect(peakText({ inUse: 38, maxPoolSize: 0 })).toBe('38, no limit');
  expect(peakText({ inUse: 38, maxPoolSize: null })).toBe('38 of ?');
});

test('names and addresses are listed within bounds', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map(listed)).toEqual([
    'a',
    'a and b',
    'a, b and c',
    'a, b and 2 more',
  ]);
  expect([1, 2, 1_000].map((many) => counted(many, 'process'))).toEqual([
    '1 process',
    '2 processes',
    '1,000 processes',
  ]);
});

test('an app names its cluster, or the addresses that belong to none', () => {
  expect(placeText(first(viewOf([record()])))).toBe('prod');
  const elsewhere = client({ pools: [pool({ address: 'x:1' }), pool({ address: 'y:1' })] });
  expect(placeText(first(viewOf([record({ clients: [elsewhere] })])))).toBe('not monitored: x:1 and y:1');
  expect(placeText(first(viewOf([record({ clients: [] })])))).toBe('no pool yet');
});

test('stale processes are counted, and the oldest is named', () => {
  const view = viewOf([
    record(),
    record({ host: 'web-8', pid: 2, ageMs: 40_000 }),
    record({ host: 'web-9', ageMs: 20_000 }),
  ]);
  expect(processesText(first(view))).toBe('3, 2 stale');
  expect(staleInWords(first(view))).toBe(
    '2 processes are stale: the last report of web-8 (pid 2) is 40 s old. Stale processes are in no sum.',
  );
  expect(totalsText(view)).toBe('1 app, 3 processes');
  expect(staleInWords(first(viewOf([record()])))).toBeNull();
});

test('a process with pools to two clusters is one process', () => {
  const both = client({ pools: [pool(), pool({ address: 'x:1' })] });
  expect(totalsText(viewOf([record({ clients: [both] })]))).toBe('1 app, 1 process');
});

test('what waits and what timed out', () => {
  const total = { created: 0, closed: 0, checkouts: 9, failed: 3, timeouts: 2, cleared: 0, waitMs: 0 };
  const trouble = (waiting: number, timeouts: number) =>
    troubleInWords(
      first(viewOf([record({ clients: [client({ pools: [pool({ waiting, total: { ...total, timeouts } })] })] })])),
    );
  expect(trouble(0, 0)).toBeNull();
  expect(trouble(1, 0)).toBe('1 checkout waits now.');
  expect(trouble(3, 2)).toBe('3 checkouts wait now, 2 checkouts timed out since the processes started.');
});

test('a driver and a start that nobody reported well', () => {
  const of = (driver: { name: string; version: string }, startedAt = '2026-11-21T09:00:00Z') => {
    const [process] = first(viewOf([record({ driver, startedAt })])).processes;
    return process && [driverText(process), startOf(process)];
  };
  expect(of({ name: 'nodejs', version: '7.9.0' })).toEqual(['nodejs 7.9.0', '2026-11-21T09:00:00.000Z']);
  expect(of({ name: '', version: '' }, 'yesterday')).toEqual(['?', null]);
});

test('pools by server address, the most open first', () => {
  const pools = [pool(), pool({ address: 'b:27017', open: 50, inUse: 0 })];
  const { processes } = first(viewOf([record({ clients: [client({ pools })] }), record({ pid: 2 })]));
  expect(addressPools(processes)).toEqual([
    { address: 'b:27017', open: 50, inUse: 0, waiting: 0 },
    { address: 'a:27017', open: 20, inUse: 6, waiting: 0 },
  ]);
});

test('an app is found as it is written, then whatever the case, then by a part of its name', () => {
  const view = viewOf(['billing', 'Billing', 'billing-worker', 'web'].map((app) => record({ app })));
  const found = (text: string) => appsNamed(view, text).map(({ app }) => app);
  expect(found('billing')).toEqual(['billing']);
  expect(found('BILLING').toSorted()).toEqual(['Billing', 'billing']);
  expect(found('work')).toEqual(['billing-worker']);
  expect(found('')).toEqual([]);
});

test('an unknown app is answered with the nearest name and those that report', () => {
  const view = viewOf(['billing', ...Array.from({ length: 11 }, (_, n) => `app-${n}`)].map((app) => record({ app })));
  const { text, remedy } = unknownApp('biling', { view, cluster: 'prod' });
  expect(text).toBe('No app "biling" reports pools to prod.');
  expect(remedy).toMatch(/^Did you mean "billing"\? These apps report: .* and 2 more\.$/);
  const none = unknownApp('x', { view: inCluster(view, 'staging'), cluster: 'staging' });
  expect(none.remedy).toBe('No app reports any.');
});
