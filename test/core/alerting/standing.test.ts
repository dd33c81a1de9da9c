import { expect, test } from 'vitest';
import { byStanding, standingOf, standingWords } from '../../../src/core/alerting/standing.ts';
import { alertOn } from '../../slack/views/watch-sample.ts';
import { snapshotOf } from '../../store/sample.ts';

const reading = (cluster: string, current: number, limit = 1_000) => {
  const snapshot = snapshotOf({ cluster, at: 1_000, holding: { a: [1, 2], b: [3, 4] } });
  return { ...snapshot, nodes: snapshot.nodes.map((node) => ({ ...node, current, limit })) };
};
const standing = (cluster: string, current: number, alerts: Parameters<typeof alertOn>[1][] = []) =>
  standingOf({
    cluster,
    reading: reading(cluster, current),
    alerts: alerts.map((more, index) => alertOn('a', { id: `${cluster} ${index}`, cluster, ...more })),
  });

test('a cluster with an open alert is never fine, and its words count the alerts, the most severe first', () => {
  const acted = standing('prod', 10, [
    { state: 'silenced' },
    { calmSince: 5 },
    { severity: 'critical' },
    { state: 'ended' },
    { severity: 'critical' },
    {},
    { state: 'acknowledged', severity: 'critical' },
  ]);
  expect(standingWords(acted)).toBe('2 critical, 1 warning, 1 recovering, 1 acknowledged, 1 silenced');
  expect(acted.level).toBe('critical');
  for (const more of [{}, { calmSince: 5 }, { state: 'acknowledged' }, { state: 'silenced' }] as const)
    expect(standing('prod', 10, [more]).level).not.toBe('fine');
  expect(standing('prod', 10, [{ state: 'ended' }])).toMatchObject({ level: 'fine', alerts: [] });
});

test('a full node without an alert is no fine cluster, and an alert about it says so instead', () => {
  expect(standingWords(standing('prod', 950))).toBe('critical headroom');
  expect(standing('prod', 850)).toMatchObject({ level: 'warning', busiest: { ratio: 0.85 }, connections: 850 });
  const told = standing('prod', 950, [{ rule: 'node-headroom', state: 'acknowledged' }]);
  expect([standingWords(told), told.level]).toEqual(['1 acknowledged', 'handled']);
});

test('a cluster that was not read is unknown, and one that was read in part says of how many nodes', () => {
  const never = standingOf({ cluster: 'prod', reading: null, alerts: [] });
  expect([standingWords(never), never.level, never.connections]).toEqual(['not read yet', 'unread', null]);
  const failed = { ...reading('prod', 10), problem: 'timed out', nodes: [], sources: [] };
  const dark = standingOf({ cluster: 'prod', reading: failed, alerts: [] });
  expect(dark).toMatchObject({ level: 'unread', at: 1_000, busiest: null, connections: null, largest: null });
  expect(standingWords(dark)).toBe('could not be read');
  const whole = reading('prod', 10);
  const [node] = whole.nodes;
  if (node === undefined) throw new Error('no node');
  const away = { ...node, host: 'z:1', problem: 'timed out', current: null, limit: null };
  const partly = standingOf({ cluster: 'prod', reading: { ...whole, nodes: [node, away] }, alerts: [] });
  expect([standingWords(partly), partly.level, partly.connections]).toEqual(['1 of 2 nodes not read', 'warning', 10]);
});

test('the worst cluster comes first, then the largest, and a critical one is before any larger one', () => {
  const all = [
    standing('small', 10),
    standing('large', 700),
    standing('warned', 20, [{}]),
    standingOf({ cluster: 'unread', reading: null, alerts: [] }),
    standing('one', 600, [{ severity: 'critical' }]),
    standing('two', 5, [{ severity: 'critical' }, { severity: 'critical' }]),
    standing('seen', 30, [{ state: 'acknowledged' }]),
  ];
  const order = all.toSorted(byStanding).map(({ cluster }) => cluster);
  expect(order).toEqual(['two', 'one', 'unread', 'warned', 'seen', 'large', 'small']);
});
