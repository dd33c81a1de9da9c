// Silences: what they keep quiet from birth on, what breaks them, and what is heard when they end.

import { expect, test } from 'vitest';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import type { Severity } from '../../../src/core/detection/rule.ts';
import type { Grown } from '../../../src/core/evidence/evidence.ts';
import { DAY, heard, START as MONDAY, readingOf, sourceOf, times } from '../detection/one-source.ts';
import {
  acknowledge,
  applied,
  EMPTY,
  MINUTE,
  only,
  read,
  START,
  silence,
  silenceOf,
  transitionOf,
  unsilence,
  type World,
} from './plan-world.ts';

const under = (...made: Parameters<typeof silenceOf>[0][]): World =>
  made.reduce<World>((world, told, index) => {
    const one = silenceOf({ id: `S${index + 1}`, at: START - MINUTE, ...told });
    return applied(world, silence(world, one.at, one));
  }, EMPTY);

const born = (world: World, severity: Severity = 'warning'): World =>
  applied(world, read(world, START, [transitionOf({ event: 'firing', severity })]));

const alertOf = (world: World) => only(world.alerts.values());

test('an alert that starts under a silence has no message until the silence ends', () => {
  const quiet = born(under({}));
  expect(alertOf(quiet)).toMatchObject({
    state: 'silenced',
    shown: null,
    lastAction: { by: 'U0SILENT', at: START - MINUTE },
  });
  const moved = applied(quiet, read(quiet, START + 5 * MINUTE, [transitionOf({ value: 700 })]));
  const longer = applied(
    moved,
    silence(moved, START + 6 * MINUTE, silenceOf({ id: 'S2', until: START + 300 * MINUTE })),
  );
  expect(longer.deliveries).toEqual([]);
  const over = unsilence(longer, START + 300 * MINUTE, null);
  expect(over.deliveries.map(({ id }) => id)).toEqual([`${alertOf(quiet).id}/message`]);
  expect(only(over.alerts)).toMatchObject({
    state: 'firing',
    shown: 700,
    channel: 'C0ALERTS',
    lastAction: null,
    replies: 0,
  });
});

test('an alert that starts and ends under one silence sends nothing', () => {
  const quiet = born(under({}));
  const over = applied(
    quiet,
    read(quiet, START + MINUTE, [transitionOf({ firing: false, event: 'resolved', value: 1 })]),
  );
  expect(alertOf(over).state).toBe('ended');
  expect(over.deliveries).toEqual([]);
});

test('a silence with another target or an expired one mutes nothing', () => {
  for (const other of [
    { source: '198.51.100.0/24' },
    { cluster: 'staging' },
    { rule: 'churn' as const },
    { source: null, node: 'a:27017' },
    { until: START },
  ])
    expect(alertOf(born(under(other))).state).toBe('firing');
});

test('the end of one silence sends nothing while another covers the alert', () => {
  const quiet = born(under({}, { until: START + 60 * MINUTE, by: 'U0SECOND' }));
  expect(alertOf(quiet).lastAction?.until).toBe(START + 240 * MINUTE);
  const first = applied(quiet, unsilence(quiet, START + MINUTE, ['S1']));
  expect(alertOf(first)).toMatchObject({ state: 'silenced', lastAction: { by: 'U0SECOND' } });
  expect(first.deliveries).toEqual([]);
  const second = applied(first, unsilence(first, START + 2 * MINUTE, ['S2']));
  expect(alertOf(second).state).toBe('firing');
  expect(unsilence(second, START + 3 * MINUTE, ['S1', 'S2'])).toEqual({
    alerts: [],
    groups: [],
    silences: [],
    deliveries: [],
  });
});

test('an alert that becomes critical ends its silence, and its other alerts fire again', () => {
  const quiet = under({ source: null, node: 'a:27017' });
  const node = { source: null, node: 'a:27017', who: 'Node a:27017' };
  const both = (severity: Severity, event: 'firing' | 'worse') => [
    transitionOf({ ...node, rule: 'node-headroom', severity, event }),
    transitionOf({ ...node, rule: 'churn', event: event === 'firing' ? event : null }),
  ];
  const two = applied(quiet, read(quiet, START, both('warning', 'firing')));
  expect([...two.alerts.values()].map(({ state }) => state)).toEqual(['silenced', 'silenced']);
  const loud = applied(two, read(two, START + MINUTE, both('critical', 'worse')));
  expect([...loud.alerts.values()].map(({ state }) => state)).toEqual(['firing', 'firing']);
  expect(only(loud.silences.values())).toMatchObject({ version: 2, endedAt: START + MINUTE });
  // What begins at a node that is critical is a row and a reply of its message.
  expect(loud.deliveries.map(({ kind }) => kind)).toEqual(['message', 'reply']);
});

test('a silence with hold mutes critical alerts too', () => {
  const quiet = born(under({ hold: true }));
  const worse = read(quiet, START + MINUTE, [transitionOf({ severity: 'critical', event: 'worse' })]);
  expect(only(worse.alerts).state).toBe('silenced');
  expect([worse.silences, worse.deliveries]).toEqual([[], []]);
});

test('a silence of more than one subject stays in force for the others', () => {
  const world = born(under({ source: null }), 'critical');
  expect(alertOf(world)).toMatchObject({ state: 'firing', severity: 'critical' });
  expect(only(world.silences.values()).endedAt).toBeNull();
  const next = read(world, START + MINUTE, [transitionOf({ severity: 'critical' })]);
  expect(only(next.alerts).state).toBe('firing');
});

test('a silence of a critical alert mutes it, also when it fires again', () => {
  const loud = born(EMPTY, 'critical');
  const quiet = applied(loud, silence(loud, START + MINUTE, silenceOf({ at: START + MINUTE })));
  const told = quiet.deliveries.length;
  const still = applied(
    quiet,
    read(quiet, START + 2 * MINUTE, [transitionOf({ severity: 'critical', event: 'worse', value: 412 })]),
  );
  expect(alertOf(still).state).toBe('silenced');
  const over = applied(still, read(still, START + 3 * MINUTE, [transitionOf({ firing: false, event: 'resolved' })]));
  const again = applied(
    over,
    read(over, START + 9 * MINUTE, [transitionOf({ severity: 'critical', event: 'firing' })]),
  );
  expect(alertOf(again)).toMatchObject({ state: 'silenced', refires: 1 });
  expect(again.deliveries.slice(told).map(({ kind }) => kind)).toEqual(['message', 'message', 'message']);
  expect(only(again.silences.values()).endedAt).toBeNull();
});

test('a silence made during an evaluation counts from the next reading on', () => {
  const loud = born(EMPTY);
  const raced: World = { ...loud, silences: new Map([['S1', silenceOf()]]) };
  const next = applied(raced, read(raced, START + MINUTE, [transitionOf()]));
  expect(alertOf(next)).toMatchObject({ state: 'silenced', lastAction: { act: 'silenced' } });
  const orphaned: World = { ...next, silences: new Map() };
  const healed = read(orphaned, START + 2 * MINUTE, [transitionOf()]);
  expect(only(healed.alerts).state).toBe('firing');
  expect(healed.deliveries.map(({ kind }) => kind)).toEqual(['message', 'reply']);
});

test('acknowledging twice, by several people and after the end changes nothing', () => {
  const first = born(EMPTY);
  const held = applied(first, acknowledge(first, START + MINUTE, 'U0FIRST'));
  expect(alertOf(held).lastAction).toEqual({
    act: 'acknowledged',
    by: 'U0FIRST',
    at: START + MINUTE,
    until: null,
    reason: null,
  });
  for (const by of ['U0FIRST', 'U0SECOND']) expect(acknowledge(held, START + 2 * MINUTE, by).alerts).toEqual([]);
  const over = applied(held, read(held, START + 3 * MINUTE, [transitionOf({ firing: false, event: 'resolved' })]));
  expect(acknowledge(over, START + 4 * MINUTE).alerts).toEqual([]);
  expect(alertOf(over).lastAction?.by).toBe('U0FIRST');
});

const SOURCE = '203.0.113.0/24';

/** The growth of Billing API, by address. */
function grownOn(addresses: Readonly<Record<string, number>>, more: Partial<AlertTransition> = {}): AlertTransition {
  const all = Object.values(addresses).reduce((total, one) => total + one, 0);
  const grown = Object.entries(addresses).map(
    ([name, one]): Grown => ({ kind: 'address', name, now: one, usual: 0, more: one }),
  );
  const billing = { source: SOURCE, name: 'Billing API', now: all + 61, usual: 61, more: all, grown, clients: null };
  const none = { node: null, changed: [], shutOut: [], hurt: [], doNow: [], thenFix: [] };
  const evidence = { ...none, readAt: START, culprits: [billing] };
  return transitionOf({ event: null, evidence, ...more });
}
const A = '203.0.113.5';
const B = '203.0.113.6';
const onA = { source: A, who: `${A} of Billing API` };

test('the silence of an address mutes an alert of its source as long as the source grows there', () => {
  const quiet = under(onA);
  const own = applied(quiet, read(quiet, START, [grownOn({ [A]: 300, [B]: 40 }, { event: 'firing' })]));
  expect(alertOf(own)).toMatchObject({ state: 'silenced', lastAction: { by: 'U0SILENT' } });
  expect(own.deliveries).toEqual([]);
  const elsewhere = read(own, START + 5 * MINUTE, [grownOn({ [A]: 300, [B]: 150 })]);
  expect(only(elsewhere.alerts).state).toBe('firing');
  expect(elsewhere.deliveries.map(({ kind }) => kind)).toEqual(['message']);
  const other = applied(quiet, read(quiet, START, [grownOn({ [B]: 300 }, { event: 'firing' })]));
  expect(alertOf(other).state).toBe('firing');
  const unknown = applied(quiet, read(quiet, START, [transitionOf({ event: 'firing' })]));
  expect(alertOf(unknown).state).toBe('firing');
});

test('it is quiet while it recovers, wherever the last few connections are', () => {
  const quiet = under(onA);
  const own = applied(quiet, read(quiet, START, [grownOn({ [A]: 300 }, { event: 'firing' })]));
  const calm = { calmSince: START + 5 * MINUTE, value: 70 };
  const less = applied(own, read(own, START + 5 * MINUTE, [grownOn({ [B]: 4 }, calm)]));
  const none = applied(less, read(less, START + 10 * MINUTE, [grownOn({}, calm)]));
  expect(alertOf(none).state).toBe('silenced');
  const back = read(none, START + 15 * MINUTE, [grownOn({ [B]: 300 })]);
  expect(only(back.alerts).state).toBe('firing');
});

test('silences of several addresses mute together, until the first of them ends', () => {
  const first = under(onA, { source: B, until: START + 60 * MINUTE, by: 'U0SECOND' });
  const both = applied(first, read(first, START, [grownOn({ [A]: 150, [B]: 150 }, { event: 'firing' })]));
  expect(alertOf(both)).toMatchObject({ state: 'silenced', lastAction: { until: START + 60 * MINUTE } });
  const over = unsilence(both, START + 60 * MINUTE, null);
  expect(only(over.alerts).state).toBe('firing');
});

test('an open alert becomes quiet with the last of the silences that are together enough', () => {
  const loud = applied(EMPTY, read(EMPTY, START, [grownOn({ [A]: 150, [B]: 150 }, { event: 'firing' })]));
  const one = applied(loud, silence(loud, START + MINUTE, silenceOf({ ...onA, at: START + MINUTE })));
  expect(alertOf(one).state).toBe('firing');
  const second = silenceOf({ id: 'S2', source: B, at: START + 2 * MINUTE });
  const two = applied(one, silence(one, START + 2 * MINUTE, second));
  expect(alertOf(two).state).toBe('silenced');
  expect(only(unsilence(two, START + 3 * MINUTE, ['S1']).alerts).state).toBe('firing');
});

test('a critical alert of the address is muted when it was critical before, or with hold; it never ends the silence', () => {
  const critical = grownOn({ [A]: 300 }, { event: 'firing', severity: 'critical' });
  const before = under(onA);
  const loud = applied(before, read(before, START, [critical]));
  expect(alertOf(loud).state).toBe('firing');
  expect(only(loud.silences.values()).endedAt).toBeNull();
  const held = under({ ...onA, hold: true });
  expect(alertOf(applied(held, read(held, START, [critical]))).state).toBe('silenced');
  const later = applied(EMPTY, read(EMPTY, START, [critical]));
  const put = applied(later, silence(later, START + MINUTE, silenceOf({ ...onA, at: START + MINUTE })));
  expect(alertOf(put).state).toBe('silenced');
});

test('the growth that real readings find decides, not the size', () => {
  const end = MONDAY + 2 * DAY;
  const hosts = (a: number, b: number) => {
    const row = (name: string, dormant: number) => ({ name, active: 0, dormant });
    return sourceOf(SOURCE, a + b, { hosts: [row(A, a), row(B, b)] });
  };
  const usual = heard(times(MONDAY, end).map((at) => readingOf(at, [hosts(20, 80)])));
  // B holds more, and A grows.
  const spike = [0, 5].map((minute) => readingOf(end + minute * MINUTE, [hosts(320, 90)]));
  const { last } = heard(spike, usual.state);
  const fired = last.transitions.filter(({ rule }) => rule === 'dormant-spike');
  const stateUnder = (address: string) => {
    const quiet = under({ source: address, until: end + DAY });
    return alertOf(applied(quiet, read(quiet, end + 5 * MINUTE, fired))).state;
  };
  expect([stateUnder(A), stateUnder(B)]).toEqual(['silenced', 'firing']);
});
