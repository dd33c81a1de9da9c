// What a silence is to be about, and which silence a person means.

import { expect, test } from 'vitest';
import type { Silence } from '../../../src/core/alerting/silence.ts';
import { findSilences, findSilenceTarget } from '../../../src/core/alerting/silence-target.ts';

const source = (id: string, name: string) => ({ id, name });
const clusters = [
  {
    name: 'prod',
    sources: [source('203.0.113.0/24', 'Billing API'), source('10.0.0.0/8', 'Web EU')],
    nodes: [{ host: 'shard-00-00.abc.net:27017', name: 'shard-00-00' }],
  },
  { name: 'staging', sources: [source('203.0.113.0/24', 'Billing API')], nodes: [] },
];
const found = (wanted: string, within: string | null = null) => {
  const match = findSilenceTarget(wanted, { clusters, within });
  return match.kind === 'found' ? match.target : match;
};
const all = { cluster: null, source: null, node: null, rule: null };

test('a name or id finds a source in its cluster', () => {
  const web = { ...all, cluster: 'prod', source: '10.0.0.0/8', who: 'Web EU' };
  for (const wanted of ['web eu', '10.0.0.0/8', 'eu']) expect(found(wanted)).toEqual(web);
  expect(found('Billing API', 'staging')).toMatchObject({ cluster: 'staging', source: '203.0.113.0/24' });
});

test('a node is meant by its host or its first label; a rule in all clusters or in one; a cluster with all in it', () => {
  const host = 'shard-00-00.abc.net:27017';
  for (const wanted of [host, 'shard-00-00'])
    expect(found(wanted)).toEqual({ ...all, cluster: 'prod', node: host, who: `node ${host}` });
  expect(found('churn')).toEqual({ ...all, rule: 'churn', who: 'rule churn' });
  expect(found('churn', 'prod')).toEqual({ ...all, cluster: 'prod', rule: 'churn', who: 'rule churn' });
  expect(found('staging')).toEqual({ ...all, cluster: 'staging', who: 'everything' });
});

const nested = [
  {
    name: 'prod',
    sources: [
      { ...source('203.0.113.0/24', 'Billing API'), hosts: [{ address: '203.0.113.9' }] },
      source('203.0.113.64/26', 'Web EU'),
      source('peer 10.8.0.0/16', 'peer Reports'),
      source('198.51.100.50', '198.51.100.50'),
    ],
    nodes: [{ host: '10.9.0.1:27017', name: '10.9.0.1' }],
  },
];
const inNested = (wanted: string) => findSilenceTarget(wanted, { clusters: nested, within: null });

test('an address is part of the source that holds it: by its host, else by the narrowest block', () => {
  const part = (wanted: string) => {
    const match = inNested(wanted);
    if (match.kind !== 'part') throw new Error(`${wanted} is no part`);
    return [match.address, match.sources.map(({ who }) => who), match.only.map(({ source: id, who }) => [id, who])];
  };
  expect(part('203.0.113.9')).toEqual([
    '203.0.113.9',
    ['Billing API'],
    [['203.0.113.9', '203.0.113.9 of Billing API']],
  ]);
  expect(part('203.0.113.70')).toEqual(['203.0.113.70', ['Web EU'], [['203.0.113.70', '203.0.113.70 of Web EU']]]);
  expect(part('10.8.1.1')).toEqual(['10.8.1.1', ['peer Reports'], [['10.8.1.1', '10.8.1.1 of peer Reports']]]);
  // An alert knows single addresses, so a block cannot be silenced alone.
  expect(part('203.0.113.8/29')).toEqual(['203.0.113.8/29', ['Billing API'], []]);
  expect(part('203.0.113.64/27')).toEqual(['203.0.113.64/27', ['Web EU'], []]);
});

test('a block means each source inside it, whatever their size; else the narrowest source around it', () => {
  const sources = ['203.0.113.0/25', '203.0.113.128/25', '203.0.113.160/28'].map((id) => source(id, `of ${id}`));
  const wide = [{ name: 'prod', sources: [...sources, source('203.0.0.0/8', 'All')], nodes: [] }];
  const meant = (wanted: string) => {
    const match = findSilenceTarget(wanted, { clusters: wide, within: null });
    if (match.kind !== 'part') throw new Error(`${wanted} is no part`);
    return match.sources.map(({ source: id }) => id);
  };
  expect(meant('203.0.113.0/24')).toEqual(['203.0.113.0/25', '203.0.113.128/25', '203.0.113.160/28']);
  const [first, ...rest] = sources;
  const busy = { ...source('203.0.113.0/25', 'of 203.0.113.0/25'), hosts: [{ address: '203.0.113.9' }] };
  const read = findSilenceTarget('203.0.113.0/24', {
    clusters: [{ name: 'prod', sources: [busy, ...rest], nodes: [] }],
    within: null,
  });
  expect(read).toMatchObject({ sources: [{ source: first?.id }, ...rest.map(({ id }) => ({ source: id }))] });
  expect(meant('203.0.113.160/29')).toEqual(['203.0.113.160/28']);
  expect(meant('203.0.114.0/24')).toEqual(['203.0.0.0/8']);
});

test('a source that is an address or a block itself is found; an address is never a part of another', () => {
  expect(inNested('198.51.100.50')).toMatchObject({ kind: 'found', target: { source: '198.51.100.50' } });
  expect(inNested('10.8.0.0/16')).toMatchObject({ kind: 'found', target: { source: 'peer 10.8.0.0/16' } });
  expect(inNested('198.51.100.5')).toMatchObject({ kind: 'none' });
  expect(inNested('10.9.0.1')).toMatchObject({ kind: 'found', target: { node: '10.9.0.1:27017' } });
});

test('a word before the name tells its kind', () => {
  expect(inNested('node 10.9.0.1')).toMatchObject({ kind: 'found', target: { node: '10.9.0.1:27017' } });
  expect(inNested('source Billing API')).toMatchObject({ kind: 'found', target: { source: '203.0.113.0/24' } });
  expect(inNested('rule churn')).toMatchObject({ kind: 'found', target: { rule: 'churn' } });
  expect(inNested('cluster prod')).toMatchObject({ kind: 'found', target: { who: 'everything' } });
  expect(inNested('rule Billing API')).toMatchObject({ kind: 'none' });
});

test('all means the only cluster, or each of several', () => {
  expect(inNested('all')).toMatchObject({ kind: 'found', target: { cluster: 'prod', who: 'everything' } });
  expect(found('cluster', 'staging')).toMatchObject({ cluster: 'staging', source: null });
  expect(found('everything', 'staging')).toMatchObject({ cluster: 'staging', source: null });
  expect(found('*')).toMatchObject({ kind: 'several', targets: [{ cluster: 'prod' }, { cluster: 'staging' }] });
});

test('several matches are left to the person; no match has a near name', () => {
  expect(found('Billing API')).toMatchObject({
    kind: 'several',
    targets: [{ cluster: 'prod' }, { cluster: 'staging' }],
  });
  expect(found('spike')).toMatchObject({
    kind: 'several',
    targets: [{ rule: 'dormant-spike' }, { rule: 'pooled-spike' }],
  });
  expect(found('Web EI')).toEqual({ kind: 'none', nearest: 'Web EU' });
  expect(found('repeat')).toMatchObject({ kind: 'none' });
});

const silence = (id: string, more: Partial<Silence>): Silence => ({
  ...{ id, version: 1, ...all, who: id, by: null, reason: null, at: 0, until: 1, hold: false, endedAt: null },
  ...more,
});

test('all silences of one source are meant by its name; those of two are not decided between', () => {
  const billing = { cluster: 'prod', source: '203.0.113.0/24', who: 'Billing API' };
  const one = silence('1', billing);
  const other = silence('2', { ...billing, rule: 'churn' });
  const staging = silence('3', { ...billing, cluster: 'staging' });
  const churn = silence('4', { rule: 'churn', who: 'rule churn' });
  const of = (wanted: string, within: string | null = null) => {
    const match = findSilences(wanted, [one, other, staging, churn], within);
    return match.kind === 'none' ? match.nearest : [match.kind, ...match.silences.map(({ id }) => id)];
  };
  expect(of('billing', 'prod')).toEqual(['found', '1', '2']);
  expect(of('203.0.113.9', 'staging')).toEqual(['found', '3']);
  expect(of('Billing API')).toEqual(['several', '1', '2', '3']);
  expect(of('churn')).toEqual(['found', '4']);
  expect(of('Biling API')).toBe('Billing API');
});

test('an app is meant by its name or as app:name, and may be silenced before it reports', () => {
  const known = [
    { name: 'prod', sources: [source('203.0.113.0/24', 'Billing API')], nodes: [], apps: ['billing', 'web eu'] },
    { name: 'staging', sources: [source('10.0.0.0/8', 'web eu')], nodes: [] },
  ];
  const meant = (wanted: string, within: string | null = null) => {
    const match = findSilenceTarget(wanted, { clusters: known, within });
    return match.kind === 'found' ? match.target : match;
  };
  const billing = { ...all, cluster: 'prod', source: 'app:billing', who: 'app billing' };
  for (const wanted of ['billing', 'app:billing', 'App:Billing', 'app billing']) expect(meant(wanted)).toEqual(billing);
  expect(meant('Billing API')).toMatchObject({ source: '203.0.113.0/24' });
  expect(meant('source billing')).toMatchObject({ source: '203.0.113.0/24' });
  expect(meant('web eu')).toMatchObject({
    kind: 'several',
    targets: [{ who: 'app web eu' }, { cluster: 'staging', who: 'web eu' }],
  });
  expect(meant('app:bilings')).toEqual({ kind: 'none', nearest: 'app:billing' });
  expect(meant('app:checkout')).toEqual({ ...all, source: 'app:checkout', who: 'app checkout' });
  expect(meant('app:checkout', 'staging')).toEqual({
    ...all,
    cluster: 'staging',
    source: 'app:checkout',
    who: 'app checkout',
  });
  expect(meant('app:')).toMatchObject({ kind: 'several' });
});
