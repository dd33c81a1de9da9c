// The board of alerts and silences, and what becomes of a press.

import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { alertsView } from '../../../src/slack/views/alert-list.ts';
import { drawn, said } from './drawn.ts';
import { alertOn, boardOf, silenceOf, TEN } from './watch-sample.ts';

const shown = { tables: 'data_table', place: { kind: 'answer' }, timeZone: 'UTC' } as const;

test('the board says what fires and why, what was seen to, what is kept quiet, and the rules', () => {
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: TEN, until: null, reason: null } as const;
  const alerts = [
    alertOn('a', { id: '1', state: 'silenced', who: 'Nightly' }),
    alertOn('b', { id: '2', state: 'acknowledged', who: 'Web EU', lastAction }),
    alertOn('c', { id: '3', severity: 'critical' }),
    alertOn('d', { id: '4', state: 'ended', who: 'Old', since: TEN - 2 * HOUR, endedAt: TEN - HOUR }),
  ];
  const silences = [
    silenceOf('a', { who: 'Nightly', rule: 'dormant-spike' }),
    silenceOf(null, { id: 'r', cluster: null, rule: 'churn', who: 'rule churn', reason: null }),
  ];
  const board = { ...boardOf(alerts, silences), waiting: { count: 2, oldest: TEN - MINUTE } };
  expect(drawn(alertsView({ board, cluster: null, ...shown }))).toMatchInlineSnapshot(`
    "# Alerts: 1 critical, 1 acknowledged, 1 silenced
    Alert | Against usual | Since | Cluster | Rule | Why
    🔴 Critical: Billing API | 412 dormant connections, usually 61 | {2026-11-21 09:55 UTC} | prod | dormant-spike | 6.8 × its usual; 2 of 3 readings above (needs 2)
    🔵 Acknowledged: Web EU | 412 dormant connections, usually 61 (warning) | {2026-11-21 09:55 UTC} | prod | dormant-spike | 6.8 × its usual; 2 of 3 readings above (needs 2)
    🔕 Silenced: Nightly | 412 dormant connections, usually 61 (warning) | {2026-11-21 09:55 UTC} | prod | dormant-spike | 6.8 × its usual; 2 of 3 readings above (needs 2)
    🟢 Resolved: Old | was above its usual for 1 h | {2026-11-21 08:00 UTC} | prod | dormant-spike | -
    [Details of… ▾ Billing API: dormant-spike (prod); Web EU: dormant-spike (prod); Nightly: dormant-spike (prod); Old: dormant-spike (prod)]
    **Web EU**: acknowledged by <user U0ANNA>, {2026-11-21 10:00 UTC}
    2 messages for Slack wait to be sent, the oldest since {2026-11-21 09:59 UTC}.
    **Nightly**, dormant-spike: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    (Unsilence)
    **rule churn** in every cluster: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER>
    (Unsilence)
    Rule            Fires at                                           Readings
    dormant-spike   2.5 × its usual and 30 more dormant connections    2 of 3 readings
    pooled-spike    2.5 × its usual and 30 more pooled connections     2 of 3 readings
    node-headroom   80 % of a node's limit, critical at 90 %           at once
    rejected        one refused connection                             at once
    churn           5 × its usual and 5 more new connections a second  3 of 4 readings
    clients         1.5 × its usual and 20 more MongoClient instances  10 of 12 readings
    new-source      50 connections of a new source                     3 of 4 readings
    unreadable      a cluster or node that cannot be read              2 of 3 readings
    pool-exhausted  100 ms mean wait for a full pool, or a timeout     2 of 3 readings
    small: Off: dormant-threshold. An alert that still fires is repeated after 4 h."
  `);
  expect(drawn(alertsView({ board: boardOf([]), cluster: 'staging', ...shown }))).toMatchInlineSnapshot(`
    "# staging — alerts: none is open
    Rule            Fires at                                           Readings
    dormant-spike   2.5 × its usual and 30 more dormant connections    2 of 3 readings
    pooled-spike    2.5 × its usual and 30 more pooled connections     2 of 3 readings
    node-headroom   80 % of a node's limit, critical at 90 %           at once
    rejected        one refused connection                             at once
    churn           5 × its usual and 5 more new connections a second  3 of 4 readings
    clients         1.5 × its usual and 20 more MongoClient instances  10 of 12 readings
    new-source      50 connections of a new source                     3 of 4 readings
    unreadable      a cluster or node that cannot be read              2 of 3 readings
    pool-exhausted  100 ms mean wait for a full pool, or a timeout     2 of 3 readings
    small: Off: dormant-threshold. An alert that still fires is repeated after 4 h."
  `);
});

test('on its first day a cluster is named with the time at which baseline rules start', () => {
  const learning = ['prod', 'staging', 'reports', 'dev', 'qa'].map((cluster, at) => ({
    cluster,
    until: TEN + at * HOUR,
  }));
  const said = (cluster: string | null, of = learning) =>
    drawn(alertsView({ board: { ...boardOf([]), learning: of }, cluster, ...shown })).split('\n')[1];
  expect(said(null)).toBe(
    '**prod**, **staging**, **reports** and 2 more have less than a day of history; baseline rules start at {2026-11-21 14:00 UTC}.',
  );
  expect(said(null, learning.slice(0, 2))).toContain(
    '**prod** and **staging** have less than a day of history; baseline rules start at {2026-11-21 11:00 UTC}',
  );
  expect(said('reports')).toContain(
    '**reports** has less than a day of history; baseline rules start at {2026-11-21 12:00 UTC}',
  );
  expect(said('elsewhere')).not.toContain('a day of history');
});

test('an alert that was resolved several times in a day is one row with a count', () => {
  const ended = ['08:00', '09:30', '07:00'].map((time, index) =>
    alertOn('n', {
      ...{ id: `n${index}`, who: 'Node a', state: 'ended', endedAt: Date.parse(`2026-11-21T${time}:00Z`) },
      since: TEN - 4 * HOUR,
    }),
  );
  const other = alertOn('b', { who: 'Billing API', state: 'ended', since: TEN - 2 * HOUR, endedAt: TEN - HOUR });
  const view = alertsView({ board: boardOf([...ended, other]), cluster: null, ...shown });
  expect(drawn(view).split('\n').slice(2, 5)).toEqual([
    '🟢 Resolved: Node a | was above its usual for 3 h 30 min, the last of 3 | {2026-11-21 06:00 UTC} | prod | dormant-spike | -',
    '🟢 Resolved: Billing API | was above its usual for 1 h | {2026-11-21 08:00 UTC} | prod | dormant-spike | -',
    '[Details of… ▾ Node a: dormant-spike (prod); Billing API: dormant-spike (prod)]',
  ]);
  expect(said(view)).toContain('Resolved — Node a was above its usual for 3 h 30 min · prod');
});
