// Plans: nothing twice, links between alerts, groups of many sources, and the channel of critical alerts.

import { expect, test } from 'vitest';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import type { AlertTransition } from '../../../src/core/detection/findings.ts';
import { applied, EMPTY, MINUTE, only, ROUTING, read, START, silence, silenceOf, transitionOf } from './plan-world.ts';

const first = applied(EMPTY, read(EMPTY, START, [transitionOf({ event: 'firing' })]));
const nothing = { alerts: [], groups: [], silences: [], deliveries: [] };

test('the same reading again gives an empty plan', () => {
  expect(read(first, START, [transitionOf({ event: 'firing' })])).toEqual(nothing);
  const resolved = [transitionOf({ firing: false, event: 'resolved' })];
  const over = applied(first, read(first, START + MINUTE, resolved));
  expect(read(over, START + MINUTE, resolved)).toEqual(nothing);
});

test('a reading without news writes the record and sends nothing', () => {
  const { alerts, deliveries } = read(first, START + MINUTE, [transitionOf({ value: 420 })]);
  expect(only(alerts)).toMatchObject({ version: 2, value: 420, shown: 412, peak: 420, judgedAt: START + MINUTE });
  expect(deliveries).toEqual([]);
});

test('an alert without a transition stays as it is', () => {
  expect(read(first, START + MINUTE, [])).toEqual(nothing);
});

test('a reading older than the last node check counts only with an event', () => {
  const looked = applied(first, read(first, START + 5 * MINUTE, [transitionOf()]));
  expect(read(looked, START + 4 * MINUTE, [transitionOf({ value: 900 })])).toEqual(nothing);
  const over = read(looked, START + 4 * MINUTE, [transitionOf({ firing: false, event: 'resolved' })]);
  expect(only(over.alerts).state).toBe('ended');
});

test('a later firing is a new alert that names the previous one', () => {
  const over = applied(first, read(first, START + MINUTE, [transitionOf({ firing: false, event: 'resolved' })]));
  const since = START + 60 * MINUTE;
  const { alerts, deliveries } = read(over, since, [transitionOf({ event: 'firing', since })]);
  expect(only(alerts)).toMatchObject({ version: 1, previous: only(first.alerts.keys()), since });
  expect(only(deliveries)).toMatchObject({ id: `${only(alerts).id}/message`, channel: 'C0ALERTS' });
});

test('one key never has two open alerts, whatever the rule state', () => {
  const { alerts } = read(first, START + MINUTE, [transitionOf({ event: 'firing', since: START + MINUTE })]);
  expect(only(alerts)).toMatchObject({ id: only(first.alerts.keys()), version: 2, since: START });
});

test('an alert without a channel is stored all the same', () => {
  const { alerts, deliveries } = read(EMPTY, START, [transitionOf({ event: 'firing' })], {
    routing: { ...ROUTING, channel: null },
  });
  expect(only(alerts).state).toBe('firing');
  expect(only(deliveries).channel).toBeNull();
});

test('the reply names an end reason, and no peak without a figure', () => {
  const ending = '412 dormant connections for a day: this is its usual now';
  const over = read(first, START + 26 * 60 * MINUTE, [transitionOf({ firing: false, event: 'resolved', ending })]);
  expect(over.deliveries.at(-1)?.text).toBe(`Ended after 26 h, peak 412: ${ending}`);
  const node = { rule: 'unreadable', source: null, node: 'a:27017', value: 1 } as const;
  const unread = applied(EMPTY, read(EMPTY, START, [transitionOf({ ...node, event: 'firing' })]));
  const back = read(unread, START + 12 * MINUTE, [transitionOf({ ...node, firing: false, event: 'resolved' })]);
  expect(back.deliveries.at(-1)?.text).toBe('Ended after 12 min');
});

const CRITICAL: RoutingSettings = { ...ROUTING, critical: { channel: 'C0CRITICAL', mention: 'S0DBA' } };
const worse = [transitionOf({ event: 'worse', severity: 'critical', value: 890 })];

test('an alert that becomes critical gets a note with the mention in the channel of critical alerts', () => {
  const { deliveries } = read(first, START + MINUTE, worse, { routing: CRITICAL });
  expect(deliveries.map(({ kind, channel, mentions }) => [kind, channel, mentions])).toEqual([
    ['message', 'C0ALERTS', ['S0DBA']],
    ['reply', 'C0ALERTS', ['@billing']],
    ['note', 'C0CRITICAL', ['S0DBA']],
  ]);
  const note = deliveries.at(-1);
  expect(note).toMatchObject({ about: only(first.alerts.keys()), broadcast: false });
  expect(note?.text).toBe('Critical: Billing API in prod, 890 dormant connections, usually 61');
});

test('an alert that starts critical has its message in the channel of critical alerts, and keeps it there', () => {
  const severity = 'critical';
  const begun = applied(
    EMPTY,
    read(EMPTY, START, [transitionOf({ event: 'firing', severity })], { routing: CRITICAL }),
  );
  expect(only(begun.deliveries)).toMatchObject({ kind: 'message', channel: 'C0CRITICAL', mentions: ['S0DBA'] });
  const over = applied(
    begun,
    read(begun, START + MINUTE, [transitionOf({ firing: false, event: 'resolved' })], { routing: CRITICAL }),
  );
  const again = read(over, START + 9 * MINUTE, [transitionOf({ event: 'firing' })], { routing: CRITICAL });
  expect(again.deliveries.map(({ kind, channel }) => [kind, channel])).toEqual([
    ['message', 'C0CRITICAL'],
    ['reply', 'C0CRITICAL'],
  ]);
});

test('an alert moves only when its channel is no longer in the settings', () => {
  const moved = [transitionOf({ value: 600 })];
  const channelsIn = (routing: RoutingSettings) =>
    read(first, START + MINUTE, moved, { routing }).deliveries.map(({ channel }) => channel);
  const everywhere = { cluster: null, source: null, node: null, rule: null, owner: null, runbook: null };
  expect(channelsIn({ ...ROUTING, routes: [{ ...everywhere, channel: 'C0TEAM' }] })).toEqual(['C0ALERTS']);
  expect(channelsIn({ ...ROUTING, channel: 'C0NEW' })).toEqual(['C0NEW']);
});

const many = (
  length: number,
  told: (index: number) => Partial<AlertTransition> = () => ({}),
): readonly AlertTransition[] =>
  Array.from({ length }, (_, index) =>
    transitionOf({ source: `10.${index}.0.0/16`, who: `Source ${index}`, event: 'firing', ...told(index) }),
  );

test('five sources that fire at once have a message each, six share one', () => {
  expect(read(EMPTY, START, many(5))).toMatchObject({ groups: [], deliveries: { length: 5 } });
  const { groups, alerts, deliveries } = read(EMPTY, START, many(6));
  const { id, alerts: members } = only(groups);
  expect(members).toEqual(alerts.map((alert) => alert.id));
  expect(alerts.every(({ group }) => group === id)).toBe(true);
  expect(deliveries.map((delivery) => delivery.id)).toEqual([
    `${id}/message`,
    ...members.map((one) => `${one}/message`),
  ]);
});

test('two rules of one source are one source, and nodes are none', () => {
  const rules = (index: number) =>
    index % 2 === 0 ? {} : { rule: 'pooled-spike' as const, source: `10.${index - 1}.0.0/16` };
  expect(read(EMPTY, START, many(10, rules)).groups).toEqual([]);
  expect(read(EMPTY, START, many(12, rules)).groups).toHaveLength(1);
  expect(
    read(
      EMPTY,
      START,
      many(9, (index) => ({ source: null, node: `n${index}:27017` })),
    ).groups,
  ).toEqual([]);
});

test('a silenced alert or one with its own channel is in no group', () => {
  const quiet = applied(EMPTY, silence(EMPTY, START - 1, silenceOf({ source: '10.0.0.0/16', at: START - 1 })));
  expect(read(quiet, START, many(6)).groups).toEqual([]);
  const route = { cluster: null, node: null, rule: null, owner: null, runbook: null };
  const routes = [{ ...route, source: '10.0.*', channel: 'C0TEAM' }];
  const { groups, deliveries } = read(EMPTY, START, many(7), { routing: { ...ROUTING, routes } });
  expect(only(groups).alerts).toHaveLength(6);
  expect(deliveries.filter(({ channel }) => channel === 'C0TEAM').map(({ kind }) => kind)).toEqual(['message']);
});

test('a group’s message is edited when one of its alerts changes; its replies name their subject', () => {
  const begun = applied(EMPTY, read(EMPTY, START, many(6)));
  const { deliveries } = read(begun, START + 72 * MINUTE, [
    transitionOf({ source: '10.3.0.0/16', who: 'Source 3', firing: false, event: 'resolved', value: 1 }),
    transitionOf({ source: '10.4.0.0/16', who: 'Source 4', value: 700 }),
  ]);
  const [group, alert, reply, ...rest] = deliveries;
  expect(group?.id).toBe(`${only(begun.groups.keys())}/message`);
  expect([alert?.kind, reply?.text]).toEqual(['message', 'Source 3: ended after 1 h 12 min, peak 412']);
  expect(rest.map(({ about }) => about)).toEqual([begun.alerts.get(deliveries[3]?.about ?? '')?.id]);
});

test('the cause of a group is an election, else an app that most of its alerts name', () => {
  const causeOf = (transitions: readonly AlertTransition[], electedAt: number | null = null) =>
    only(read(EMPTY, START, transitions, { electedAt }).groups).cause;
  expect(causeOf(many(6), START - 6 * MINUTE)).toBe('after an election at 09:54 UTC');
  expect(causeOf(many(6), START - 61 * MINUTE)).toBeNull();
  const app = (most: number) => (index: number) => ({ app: index < most ? 'checkout' : `other-${index}` });
  expect(causeOf(many(6, app(4)))).toBe('one app: checkout');
  expect(causeOf(many(6, app(3)))).toBeNull();
  const told = { notes: ['Grew most: app "checkout" on 203.0.113.9 (+212), node a:27017.'] };
  expect(causeOf(many(6, () => told))).toBeNull();
  expect(causeOf(many(6, (index) => ({ source: `private app:etl${index === 0 ? '' : ` ${index}`}` })))).toBeNull();
});

test('the message is edited when a calm starts, restarts or ends, whatever the value', () => {
  const shown = first;
  const at = START + MINUTE;
  const calm = applied(shown, read(shown, at, [transitionOf({ calmSince: at })]));
  expect(only(read(shown, at, [transitionOf({ calmSince: at })]).deliveries)).toMatchObject({ kind: 'message' });
  for (const calmSince of [null, at + MINUTE])
    expect(only(read(calm, at + MINUTE, [transitionOf({ calmSince })]).deliveries)).toMatchObject({ kind: 'message' });
  expect(read(calm, at + MINUTE, [transitionOf({ calmSince: at })]).deliveries).toEqual([]);
});
