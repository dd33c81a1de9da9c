// What a silence is to be about, and which silence a person means.

import { expect, test } from 'vitest';
import { findSilences, findSilenceTarget, type Silence } from '../../../src/core/alerting/silence.ts';

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

test('a name, id or address finds a source in its cluster', () => {
  const web = { ...all, cluster: 'prod', source: '10.0.0.0/8', who: 'Web EU' };
  for (const wanted of ['web eu', '10.0.0.0/8', '10.1.2.3', 'eu']) expect(found(wanted)).toEqual(web);
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
