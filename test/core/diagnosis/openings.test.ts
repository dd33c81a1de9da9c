// Whose the new connections of a node are: several sources at once. The servers count them for a node as a whole, and what
// is newer than the reading before is known of the connections that are still open.

import { expect, test } from 'vitest';
import type { ConnectionSource } from '../../../src/core/connections/source.ts';
import { whyOfSource } from '../../../src/core/diagnosis/diagnose.ts';
import type { Diagnosis } from '../../../src/core/diagnosis/diagnosis.ts';
import { type Course3, DRIVERS, type Fleet, nodesOpening, onlySource, pastOf, reportOf } from './world.ts';

interface Service {
  readonly fleet: Fleet;
  /** Of its connections: newer than five minutes. Null when that is unknown. */
  readonly newer: number | null;
  readonly past?: Course3 | null;
}

/** The diagnoses of each service, on one cluster. */
function whyOfAll<T extends string>(
  services: Readonly<Record<T, Service>>,
  rates: Parameters<typeof nodesOpening>[0],
): Readonly<Record<T, readonly Diagnosis[]>> {
  const nodes = nodesOpening(rates);
  const all = Object.entries<Service>(services).map(([name, { fleet, newer, past = {} }]) => {
    const report = reportOf([fleet]);
    const opened = newer === null ? {} : { opened: { count: newer, seconds: 300 } };
    const source: ConnectionSource = { ...onlySource(report), id: name, name, ...opened };
    const [history] = past === null ? [] : Object.values(pastOf(report, past).sources);
    return { name, report, source, history };
  });
  const [first] = all;
  if (first === undefined) throw new Error('a service is expected');
  const report = { ...first.report, sources: all.map(({ source }) => source) };
  const sources = Object.fromEntries(all.flatMap(({ name, history }) => (history ? [[name, history]] : [])));
  const past = { ...pastOf(first.report), sources, nodes };
  return Object.fromEntries(
    all.map(({ name, source }) => [name, whyOfSource(report, source, past).diagnoses]),
  ) as unknown as Readonly<Record<T, readonly Diagnosis[]>>;
}

const ids = (found: readonly Diagnosis[]) => found.map(({ id, confidence }) => `${id} ${confidence}`);

/** Holds 240, of which 40 are new: it grew a little. */
const api: Service = { fleet: { hosts: 12, pooled: [20, 0, 0], active: [100, 0, 0] }, newer: 40 };
/** Opens connections all the time, of which five are open at a moment. */
const cron: Service = { fleet: { driver: DRIVERS.php, hosts: 5, pooled: [1, 0, 0], watches: 'nothing' }, newer: 5 };
const onPrimary = [() => 10, () => 0.2, () => 0.2];

test('a source whose connections are replaced, not the one with the most new ones', () => {
  const found = whyOfAll({ api, cron }, onPrimary);
  expect([ids(found.api), ids(found.cron)]).toEqual([[], ['churn fits']]);
  expect(found.cron[0]?.evidence).toEqual([
    '10 new connections a second on shard-00-00, while it holds 5 pooled there. If it opens all of them, each lives for about 0.5 s.',
    'Expected: connections that are opened once and reused for hours.',
    'Newer than 5 min: 5 of its 5 connections, about as many as its pools hold. No other source is renewed like that.',
  ]);
});

test('on a node where it holds nothing, the new connections are not its own', () => {
  const php: Service = {
    fleet: { driver: DRIVERS.php, hosts: 40, pooled: [1, 0, 0], watches: 'nothing' },
    newer: 40,
  };
  expect(ids(whyOfAll({ php }, [() => 0.3, () => 6, () => 0.2]).php)).toEqual([]);
});

test('several sources that are renewed: likely for each, and small ones are left out', () => {
  const second: Service = { fleet: { ...cron.fleet, hosts: 8 }, newer: 8 };
  const script: Service = { fleet: { ...cron.fleet, hosts: 1 }, newer: 1 };
  const found = whyOfAll({ api, cron, second, script }, onPrimary);
  expect(Object.values(found).map(ids)).toEqual([[], ['churn likely'], ['churn likely'], []]);
  expect(found.cron[0]?.evidence.at(-1)).toContain('Other sources are renewed as well');
});

test('a session that was just opened is new as well: nothing is certain', () => {
  expect(ids(whyOfAll({ api, cron: { ...cron, past: null } }, onPrimary).cron)).toEqual(['churn likely']);
  const since = { pooled: (ago: number) => (ago < 0.05 ? 5 : 0) };
  expect(ids(whyOfAll({ api, cron: { ...cron, past: since } }, onPrimary).cron)).toEqual(['churn likely']);
});

test('where no source is renewed, it is said only of one that holds nearly everything, and without a life', () => {
  const other: Service = { fleet: { ...cron.fleet, hosts: 5 }, newer: 0 };
  const found = whyOfAll({ api, other }, onPrimary);
  expect([ids(found.api), ids(found.other)]).toEqual([['churn likely'], []]);
  expect(found.api[0]?.evidence).toEqual([
    '10 new connections a second on shard-00-00, while it holds 240 pooled there.',
    'Expected: connections that are opened once and reused for hours.',
    'The server counts them for the whole node. This source holds nearly all connections, few of which are new: others would close again at once.',
  ]);
  const half: Service = { ...api, newer: 10 };
  expect(Object.values(whyOfAll({ api, half }, onPrimary)).map(ids)).toEqual([[], []]);
});

test('readings that are far apart tell nothing: connections that live for half an hour are new as well', () => {
  const report = reportOf([cron.fleet]);
  const source = { ...onlySource(report), opened: { count: 5, seconds: 3_600 } };
  const { diagnoses } = whyOfSource({ ...report, sources: [source] }, source, {
    ...pastOf(report),
    nodes: nodesOpening(onPrimary),
  });
  expect(ids(diagnoses)).toEqual(['churn likely']);
});

test('a client for each call: all of it is new, on every node', () => {
  const calls: Service = { fleet: { driver: DRIVERS.python, hosts: 2, clients: 2, pooled: [2, 0, 0] }, newer: 30 };
  const found = whyOfAll({ api, calls }, [() => 30, () => 20, () => 20]);
  expect([ids(found.api), ids(found.calls)]).toEqual([[], ['client-per-request fits']]);
  expect(found.calls[0]?.evidence.at(-1)).toBe(
    'Newer than 5 min: 30 of its 32 connections. No other source is renewed like that.',
  );
});

test('without a connection on another node, no client of it starts there', () => {
  const found = whyOfAll({ api, cron }, [() => 30, () => 20, () => 20]);
  expect(ids(found.cron)).toEqual(['churn fits']);
});
