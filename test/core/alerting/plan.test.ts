// Plans: nothing twice, links between alerts, groups of many sources, and the channel of critical alerts.

import { expect, test } from 'vitest';
import type { RoutingSettings } from '../../../src/core/alerting/routing.ts';
import { applied, EMPTY, MINUTE, only, ROUTING, read, START, transitionOf } from './plan-world.ts';

const first = applied(EMPTY, read(EMPTY, START, [transitionOf({ event: 'firing' })]));
const nothing = { alerts: [], groups: [], silences: [], deliveries: [] };

test('the same reading again gives an empty plan', () => {
  expect(read(first, START, [transitionOf({ event: 'firing' })])).toEqual(nothing);
  const resolved = [transitionOf({ firing: false, event: 'resolved' })];
  const over = applied(first, read(first, START + MINUTE, resolved));
  expect(read(over, START + MINUTE, resolved)).toEqual(nothing);
});

test('a check a moment later writes the record and sends nothing', () => {
  const { alerts, deliveries } = read(first, START + 20_000, [transitionOf({ value: 420 })]);
  expect(only(alerts)).toMatchObject({ version: 2, value: 420, shown: 412, peak: 420, judgedAt: START + 20_000 });
  expect(deliveries).toEqual([]);
});

test('figures are refreshed at most once a minute in the first hour, later every quarter of an hour', () => {
  const refreshedAt = (minutes: number) => {
    let world = first;
    const edits: number[] = [];
    for (let minute = 0.5; minute <= minutes; minute += 0.5) {
      const planned = read(world, START + minute * MINUTE, [transitionOf()]);
      world = applied(world, planned);
      if (planned.deliveries.some(({ kind, refresh }) => kind === 'message' && refresh === 'warning'))
        edits.push(minute);
    }
    return edits;
  };
  expect(refreshedAt(3)).toEqual([1, 2, 3]);
  expect(refreshedAt(121).filter((minute) => minute > 60)).toEqual([75, 90, 105, 120]);
});

test('a figure that moved by a tenth is refreshed at once', () => {
  const old = applied(first, read(first, START + 90 * MINUTE, [transitionOf()]));
  expect(read(old, START + 91 * MINUTE, [transitionOf({ value: 420 })]).deliveries).toEqual([]);
  const { deliveries } = read(old, START + 91 * MINUTE, [transitionOf({ value: 460 })]);
  expect(only(deliveries)).toMatchObject({ kind: 'message', refresh: 'warning' });
});

test('three slots without a reading of its subject are said once, and the next reading ends that', () => {
  expect(read(first, START + 10 * MINUTE, [])).toEqual(nothing);
  const planned = read(first, START + 15 * MINUTE, []);
  expect(only(planned.alerts)).toMatchObject({ unreadSince: START, judgedAt: START, value: 412 });
  expect(only(planned.deliveries)).toMatchObject({ kind: 'message', refresh: null });
  const unread = applied(first, planned);
  expect(read(unread, START + 20 * MINUTE, [])).toEqual(nothing);
  const again = read(unread, START + 25 * MINUTE, [transitionOf()]);
  expect(only(again.alerts).unreadSince).toBeNull();
  expect(only(again.deliveries)).toMatchObject({ kind: 'message', refresh: null });
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
  expect(over.deliveries.at(-1)?.text).toBe(`Resolved after 26 h, peak 412: ${ending}`);
  const node = { rule: 'unreadable', source: null, node: 'a:27017', value: 1 } as const;
  const unread = applied(EMPTY, read(EMPTY, START, [transitionOf({ ...node, event: 'firing' })]));
  const back = read(unread, START + 12 * MINUTE, [transitionOf({ ...node, firing: false, event: 'resolved' })]);
  expect(back.deliveries.at(-1)?.text).toBe('Resolved after 12 min');
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
  expect(note?.text).toBe('Critical — Billing API: 890 dormant connections, usually 61 · prod');
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

test('the message is edited when a calm starts, restarts or ends, whatever the value', () => {
  const shown = first;
  const at = START + MINUTE;
  const calm = applied(shown, read(shown, at, [transitionOf({ calmSince: at })]));
  expect(only(read(shown, at, [transitionOf({ calmSince: at })]).deliveries)).toMatchObject({ kind: 'message' });
  for (const calmSince of [null, at + MINUTE])
    expect(only(read(calm, at + MINUTE, [transitionOf({ calmSince })]).deliveries)).toMatchObject({ kind: 'message' });
  expect(read(calm, at + 20_000, [transitionOf({ calmSince: at })]).deliveries).toEqual([]);
});
