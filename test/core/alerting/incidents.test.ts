// Incidents: which alerts share one message, what the thread says, and what stays apart.

import { expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import {
  applied,
  EMPTY,
  MINUTE,
  only,
  ROUTING,
  read,
  START,
  silence,
  silenceOf,
  transitionOf,
  unsilence,
  type World,
} from './plan-world.ts';

const many = (
  length: number,
  told: (index: number) => Partial<AlertTransition> = () => ({}),
): readonly AlertTransition[] =>
  Array.from({ length }, (_, index) =>
    transitionOf({ source: `10.${index}.0.0/16`, who: `Source ${index}`, event: 'firing', ...told(index) }),
  );

const FULL = transitionOf({
  rule: 'node-headroom',
  source: null,
  node: 'a:27017',
  who: 'Node a:27017',
  value: 2_900,
  what: '2,900 of 3,000 connections',
  severity: 'critical',
  event: 'firing',
});
const REFUSED = transitionOf({ ...FULL, rule: 'rejected', value: 40, what: '40 connections refused' });
const source = (name: string, told: Partial<AlertTransition> = {}) =>
  transitionOf({ source: name, who: name, event: 'firing', ...told });
const over = (told: AlertTransition) => ({ ...told, firing: false, event: 'resolved' as const });
const after = (world: World, minute: number, transitions: readonly AlertTransition[], routing?: RoutingSettings) =>
  applied(
    world,
    read(world, START + minute * MINUTE, at(minute, transitions), routing === undefined ? {} : { routing }),
  );
const at = (minute: number, transitions: readonly AlertTransition[]) =>
  transitions.map((one) => ({ ...one, since: one.since === START ? START + minute * MINUTE : one.since }));
const shownIn = (world: World, who: string): Alert => {
  const alert = [...world.alerts.values()].findLast((one) => one.who === who);
  if (alert === undefined) throw new Error(`no alert of ${who}`);
  return alert;
};
/** What went to Slack: the subject of the message, or the reply; `^` where the channel sees it. */
const said = ({ deliveries, alerts }: World, from = 0) =>
  deliveries
    .slice(from)
    .map(({ kind, about, text, broadcast }) =>
      kind === 'message' ? `message of ${alerts.get(about ?? '')?.who}` : `${broadcast ? '^ ' : ''}${text}`,
    );

test('three sources that fire at once have a message each, four share the first one’s', () => {
  expect(read(EMPTY, START, many(3))).toMatchObject({ groups: [], deliveries: { length: 3 } });
  const world = applied(EMPTY, read(EMPTY, START, many(4)));
  const { id, lead, alerts } = only(world.groups.values());
  expect(alerts).toHaveLength(4);
  expect(lead).toBe(alerts[0]);
  expect([...world.alerts.values()].map((alert) => [alert.group, alert.lead, alert.shown])).toEqual(
    alerts.map(() => [id, lead, 412]),
  );
  expect(said(world)).toEqual([
    'message of Source 0',
    ...[1, 2, 3].map((index) => `Warning — Source ${index}: 412 dormant connections, usually 61`),
  ]);
});

test('the fourth alert within ten minutes makes the earliest message the incident’s, and the others shrink', () => {
  const three = [0, 3, 6].reduce((world, minute) => after(world, minute, [source(`at ${minute}`)]), EMPTY);
  const apart = after(after(three, 11, []), 16, [source('at 16')]);
  expect(apart.groups.size).toBe(0);
  const world = after(three, 10, [source('at 10')]);
  expect(only(world.groups.values())).toMatchObject({ lead: shownIn(world, 'at 0').id, alerts: { length: 4 } });
  expect(said(world, three.deliveries.length).toSorted()).toEqual(
    [
      'message of at 0',
      'message of at 3',
      'message of at 6',
      'Warning — at 3: 412 dormant connections, usually 61',
      'Warning — at 6: 412 dormant connections, usually 61',
      'Warning — at 10: 412 dormant connections, usually 61',
    ].toSorted(),
  );
  const next = after(world, 15, [source('at 3', { value: 900, event: 'worse' })]);
  expect(said(next, world.deliveries.length)).toEqual([
    'message of at 0',
    'at 3, worse: 900 dormant connections, usually 61',
  ]);
});

test('headroom and refused connections of one node share one message, on any route', () => {
  const warned = after(EMPTY, 0, [{ ...FULL, severity: 'warning' }]);
  const routing = { ...ROUTING, critical: { channel: 'C0CRITICAL', mention: null } };
  const both = after(warned, 90, [REFUSED], routing);
  expect(shownIn(both, 'Node a:27017')).toMatchObject({ rule: 'rejected', lead: only(warned.alerts.keys()) });
  expect(said(both, 1)).toEqual([
    'message of Node a:27017',
    '^ Critical — Node a:27017: 40 connections refused',
    'Critical — Node a:27017: 40 connections refused · prod',
  ]);
  expect(both.deliveries.slice(1).map(({ channel }) => channel)).toEqual(['C0ALERTS', 'C0ALERTS', 'C0CRITICAL']);
});

test('what begins while a node is critical is a row of its message; another node’s refusals too', () => {
  const full = after(EMPTY, 0, [FULL]);
  const world = after(full, 300, [source('Billing API')]);
  expect(shownIn(world, 'Billing API').lead).toBe(shownIn(world, 'Node a:27017').id);
  expect(said(world, 1)).toEqual([
    'message of Node a:27017',
    'Warning — Billing API: 412 dormant connections, usually 61',
  ]);
  const more = after(world, 301, [{ ...REFUSED, node: 'b:27017', who: 'Node b:27017' }]);
  expect(shownIn(more, 'Node b:27017').lead).toBe(shownIn(world, 'Node a:27017').id);
  expect(said(more, world.deliveries.length)).toEqual([
    'message of Node a:27017',
    '^ Critical — Node b:27017: 40 connections refused',
  ]);
});

test('a node that warns takes in what begins in its first hour, and nothing later', () => {
  const warned = after(EMPTY, 0, [{ ...FULL, severity: 'warning' }]);
  expect(after(warned, 59, [source('Billing API')]).groups.size).toBe(1);
  expect(after(warned, 61, [source('Billing API')]).groups.size).toBe(0);
});

test('what began before a node filled up keeps its message', () => {
  const first = after(EMPTY, 0, [source('Billing API')]);
  const world = after(first, 5, [FULL]);
  expect(said(world)).toEqual(['message of Billing API', 'message of Node a:27017']);
  expect(world.groups.size).toBe(0);
});

test('an alert on another route has its own message', () => {
  const route = { cluster: null, node: null, rule: null, owner: null, runbook: null };
  const routing = { ...ROUTING, routes: [{ ...route, source: 'Billing*', channel: 'C0TEAM' }] };
  const world = after(after(EMPTY, 0, [FULL], routing), 1, [source('Billing API')], routing);
  expect(world.groups.size).toBe(0);
  expect(world.deliveries.map(({ channel }) => channel)).toEqual(['C0ALERTS', 'C0TEAM']);
});

test('the incident takes in what begins within 30 minutes of its end, and tells the channel', () => {
  const begun = after(after(EMPTY, 0, [FULL]), 5, [source('Billing API')]);
  const spike = shownIn(begun, 'Billing API');
  const ended = after(begun, 40, [
    over({ ...FULL, since: START }),
    over({ ...source('Billing API'), since: spike.since }),
  ]);
  const rejoined = after(ended, 70, [source('Web')]);
  expect(shownIn(rejoined, 'Web').lead).toBe(shownIn(rejoined, 'Node a:27017').id);
  expect(said(rejoined, ended.deliveries.length)).toEqual([
    'message of Node a:27017',
    '^ Warning — Web: 412 dormant connections, usually 61',
  ]);
  expect(shownIn(after(ended, 71, [source('Web')]), 'Web').lead).toBeNull();
});

test('one edit of the message, however many rows changed, and it is no mere refresh if one is news', () => {
  const begun = after(after(EMPTY, 0, [FULL]), 1, [source('Billing API'), source('Web')]);
  const since = START + MINUTE;
  const planned = read(begun, START + 6 * MINUTE, [
    { ...FULL, since: START, event: null },
    { ...source('Billing API'), since, event: null, calmSince: START + 6 * MINUTE },
    { ...source('Web'), since, event: null },
  ]);
  expect(only(planned.deliveries)).toMatchObject({
    kind: 'message',
    about: shownIn(begun, 'Node a:27017').id,
    refresh: null,
  });
  const quiet = read(begun, START + 6 * MINUTE, [
    { ...FULL, since: START, event: null },
    { ...source('Billing API'), since, event: null },
  ]);
  expect(only(quiet.deliveries).refresh).toBe('critical');
});

test('the message is refreshed once a minute, whichever of its alerts was judged', () => {
  const joined = after(after(EMPTY, 0, [FULL]), 1, [source('Billing API')]);
  const billing = { ...source('Billing API'), since: START + MINUTE, event: null };
  const looked = applied(joined, read(joined, START + 5.5 * MINUTE, [{ ...FULL, since: START, event: null }]));
  expect(looked.deliveries.length).toBe(joined.deliveries.length + 1);
  expect(read(looked, START + 6 * MINUTE, [billing]).deliveries).toEqual([]);
  expect(only(read(looked, START + 6.5 * MINUTE, [billing]).deliveries).refresh).toBe('warning');
  expect(only(read(looked, START + 6 * MINUTE, [{ ...billing, value: 500 }]).deliveries).refresh).toBe('warning');
});

test('an alert that was silenced joins when its silence ends', () => {
  const quiet = applied(EMPTY, silence(EMPTY, START, silenceOf({ source: 'Billing API', at: START })));
  const full = after(after(quiet, 1, [FULL]), 5, [source('Billing API')]);
  expect(said(full)).toEqual(['message of Node a:27017']);
  const loud = applied(full, unsilence(full, START + 240 * MINUTE, null));
  expect(shownIn(loud, 'Billing API').lead).toBe(shownIn(full, 'Node a:27017').id);
});

test('a silenced alert or one with its own channel is in no incident', () => {
  const quiet = applied(EMPTY, silence(EMPTY, START - 1, silenceOf({ source: '10.0.0.0/16', at: START - 1 })));
  expect(read(quiet, START, many(4)).groups).toEqual([]);
  const route = { cluster: null, node: null, rule: null, owner: null, runbook: null };
  const routes = [{ ...route, source: '10.0.*', channel: 'C0TEAM' }];
  const { groups, deliveries } = read(EMPTY, START, many(5), { routing: { ...ROUTING, routes } });
  expect(only(groups).alerts).toHaveLength(4);
  expect(deliveries.filter(({ channel }) => channel === 'C0TEAM').map(({ kind }) => kind)).toEqual(['message']);
});

test('a group of the version before goes on with its own message and its cards', () => {
  const begun = applied(EMPTY, read(EMPTY, START, many(4)));
  const group = { ...only(begun.groups.values()), lead: null };
  const old: World = {
    ...begun,
    groups: new Map([[group.id, group]]),
    alerts: new Map([...begun.alerts].map(([id, alert]) => [id, { ...alert, lead: null }])),
  };
  const { deliveries, groups } = read(old, START + 72 * MINUTE, [
    over(transitionOf({ source: '10.3.0.0/16', who: 'Source 3', value: 1 })),
    ...many(3, () => ({ event: null })).map((one) => ({ ...one, value: 413 })),
  ]);
  expect(groups).toEqual([]);
  expect(deliveries.map(({ id }) => id)).toEqual([
    `${group.id}/message`,
    `${shownIn(old, 'Source 3').id}/message`,
    `${shownIn(old, 'Source 3').id}/reply/2`,
    ...[0, 1, 2].map((index) => `${shownIn(old, `Source ${index}`).id}/message`),
  ]);
});

test('the cause of an incident is an election, else an app that most of its alerts name', () => {
  const causeOf = (transitions: readonly AlertTransition[], electedAt: number | null = null) =>
    only(read(EMPTY, START, transitions, { electedAt }).groups).cause;
  expect(causeOf(many(6), START - 6 * MINUTE)).toBe('after an election, seen at 2026-11-21T09:54:00.000Z');
  expect(causeOf(many(6), START - 61 * MINUTE)).toBeNull();
  const app = (most: number) => (index: number) => ({ app: index < most ? 'checkout' : `other-${index}` });
  expect(causeOf(many(6, app(4)))).toBe('one app: checkout');
  expect(causeOf(many(6, app(3)))).toBeNull();
  const told = { notes: ['Grew most: app "checkout" on 203.0.113.9 (+212), node a:27017.'] };
  expect(causeOf(many(6, () => told))).toBeNull();
  expect(causeOf(many(6, (index) => ({ source: `private app:etl${index === 0 ? '' : ` ${index}`}` })))).toBeNull();
});

const NODE = (told: Partial<AlertTransition> & { readonly name: string }) =>
  transitionOf({ ...FULL, node: `${told.name}:27017`, who: `Node ${told.name}:27017`, ...told });
const evidenceAt = (current: number) => ({
  ...{ readAt: START, culprits: [], changed: [], shutOut: [], hurt: [], doNow: [], thenFix: [] },
  node: {
    ...{ host: 'a:27017', short: 'a', role: 'primary', limit: 3_000, at: START, perMinute: null, refused: null },
    current,
  },
});

test('what begins after a lone node alert ended is told to the channel, also as a warning', () => {
  const ended = after(after(EMPTY, 0, [FULL]), 20, [over({ ...FULL, since: START })]);
  const next = after(ended, 40, [source('Web')]);
  expect(said(next, ended.deliveries.length)).toEqual([
    'message of Node a:27017',
    '^ Warning — Web: 412 dormant connections, usually 61',
  ]);
});

test('an open node alert takes in what begins, rather than one that ended', () => {
  const ended = after(after(EMPTY, 0, [FULL]), 20, [over({ ...FULL, since: START })]);
  const b = NODE({ name: 'b', since: START });
  // It has a message of its own, because the first incident is a day old by then.
  const open: World = {
    ...ended,
    alerts: new Map([
      ...ended.alerts,
      ...applied(EMPTY, read(EMPTY, START + 25 * MINUTE, [{ ...b, since: START + 25 * MINUTE }])).alerts,
    ]),
  };
  expect(shownIn(after(open, 30, [source('Web')]), 'Web').lead).toBe(shownIn(open, 'Node b:27017').id);
});

test('a node that was critical once and has room again takes in nothing', () => {
  const full = after(EMPTY, 0, [FULL]);
  const weeks = 20 * 24 * 60;
  const calmer = after(full, weeks - 1, [{ ...FULL, since: START, event: null, evidence: evidenceAt(2_460) }]);
  expect(shownIn(calmer, 'Node a:27017').severity).toBe('critical');
  expect(shownIn(after(calmer, weeks, [source('Web')]), 'Web').lead).toBeNull();
});

test('an incident takes in nothing after a day, and a new message begins', () => {
  const begun = after(after(EMPTY, 0, [FULL]), 5, [source('Billing API')]);
  expect(shownIn(after(begun, 23 * 60, [source('Web')]), 'Web').lead).not.toBeNull();
  expect(shownIn(after(begun, 25 * 60, [source('Web')]), 'Web').lead).toBeNull();
});

test('an alert joins the message of a lead that ended long ago, while another of its incident goes on', () => {
  const begun = after(after(EMPTY, 0, [FULL]), 5, [NODE({ name: 'b' })]);
  const lead = shownIn(begun, 'Node a:27017').id;
  const [group] = begun.groups.values();
  if (group === undefined) throw new Error('no incident');
  const old: World = {
    ...begun,
    // As it is young, and its lead is known no more.
    alerts: new Map([...begun.alerts].filter(([id]) => id !== lead)),
  };
  const world = after(old, 10, [source('Web')]);
  expect(shownIn(world, 'Web').lead).toBe(lead);
  expect(world.deliveries.slice(old.deliveries.length).map(({ about }) => about)).toEqual([lead, lead]);
});

test('of many that join at once, ten have a line in the thread, and all are rows', () => {
  const world = applied(EMPTY, read(EMPTY, START, many(40)));
  expect(only(world.groups.values()).alerts).toHaveLength(40);
  expect(world.deliveries.filter(({ kind }) => kind === 'reply')).toHaveLength(10);
});
