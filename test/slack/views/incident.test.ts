// The message of an incident: the card of its main alert, a table of all of them, and buttons for all.

import { expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import { mainOf } from '../../../src/core/alerting/incident-story.ts';
import { replySentence } from '../../../src/core/detection/sentences.ts';
import { incidentView, joinedView } from '../../../src/slack/views/alert-group.ts';
import { linesOf, noticeView } from '../../../src/slack/views/notices.ts';
import { BILLING, EVIDENCE, evening, FILLING, FULL, groupOf, REFUSING, shownAs } from './alert-sample.ts';
import { contradictionsIn } from './contradiction.ts';
import { drawn, said } from './drawn.ts';

const WEB: Alert = { ...BILLING, id: 'web', source: 'web', who: 'Web EU', since: evening('14:40') };
const members = [FILLING, FULL, REFUSING, WEB];

const plainly = (text: string) =>
  text
    .replaceAll(/<!date[^|]*\|(?:[\d-]+ )?(\d\d:\d\d) UTC>/g, '$1')
    .replaceAll(/\{(?:[\d-]+ )?(\d\d:\d\d) UTC\}/g, '$1')
    .replaceAll('**', '');

function viewOf(alerts: readonly Alert[], cause: string | null = null) {
  const main = mainOf(alerts);
  if (main === null) throw new Error('no alerts');
  const group = { ...groupOf(alerts, cause), since: evening('14:36'), lead: FULL.id };
  return incidentView({ ...shownAs(main), group, members: alerts, tables: 'data_table' });
}

/** True to itself. */
function incident(alerts: readonly Alert[], cause: string | null = null): string {
  const view = viewOf(alerts, cause);
  expect(contradictionsIn(view)).toEqual([]);
  return plainly(drawn(view));
}

const tableOf = (shown: string) => shown.split('\n').filter((line) => line.includes(' | '));
const calm = { calmSince: evening('14:56'), judgedAt: evening('15:02') };
const node = { ...EVIDENCE.node, current: 1_300, perMinute: -80, at: evening('15:02') };
const calmNode = { ...calm, value: 1_300, evidence: { ...EVIDENCE, shutOut: [], node } } as Partial<Alert>;
const CALM = [
  { ...FILLING, ...calm, value: 80, what: '80 dormant connections, usually 61' },
  { ...FULL, ...calmNode },
  { ...REFUSING, ...calmNode },
];

test('one message tells the story of its node, with a row for each alert', () => {
  expect(incident(members)).toMatchInlineSnapshot(`
    "🔴 Critical — shard-00-00 is full: 3,000 of 3,000 connections, and 3 more alerts · prod
    Since 14:36.
    This incident began at 14:31.
    Impact: shard-00-00 (primary) is at 100 % of 3,000 as of 14:46. It refused 1,068 connections since 14:39.
    Shut out: 198.51.100.128/28: 0, usually 24, as of 14:41.
    Shut out earlier: Reports, down to 3, usually 40.
    Likely cause (as read at 14:41): Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and 203.0.113.14 +860. 40 MongoClients, usually 12.
    198.51.100.7 +60 (60 on this node, usual unknown).
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Do now: Restart or scale down the processes of app "billing" on 203.0.113.9 and 203.0.113.14. Roll back the last deploy of app "billing".
    Then fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    No owner set (setting \`owner\`).
    Source or node | Now | Usual | Change | State
    shard-00-00, node-headroom | 3,000 (100 %) | - | - | 🔴 Critical
    shard-00-00, rejected | 1,068 refused | - | - | 🔴 Critical
    Billing API | 1,842 | 61 | +1,781 | 🟠 Warning
    Web EU | 412 | 61 | +351 | 🟠 Warning
    (Acknowledge all) (Silence all…) (Details) (Why so many) [One of them… ▾ shard-00-00: node-headroom, critical; shard-00-00: rejected, critical; Billing API: dormant-spike, warning; Web EU: dormant-spike, warning]
    small: node-headroom on prod · last checked 14:46 · figures as of 14:41"
  `);
});

test('the main alert is open, still above its line, critical, not seen to yet, a node before sources', () => {
  const main = (...alerts: readonly Partial<Alert>[]) => mainOf(alerts.map((parts) => ({ ...BILLING, ...parts })))?.id;
  expect(main({ id: 'ended', state: 'ended', severity: 'critical' }, { id: 'open' })).toBe('open');
  expect(main({ id: 'calm', severity: 'critical', calmSince: 1 }, { id: 'above' })).toBe('above');
  expect(main({ id: 'warning' }, { id: 'critical', severity: 'critical' })).toBe('critical');
  expect(main({ id: 'seen', state: 'acknowledged' }, { id: 'not' })).toBe('not');
  expect(main({ id: 'source' }, { id: 'refused', rule: 'rejected' }, { id: 'full', rule: 'node-headroom' })).toBe(
    'full',
  );
  expect(main({ id: 'later', since: 2 }, { id: 'earlier', since: 1 })).toBe('earlier');
  expect(mainOf([])).toBeNull();
});

test('while one alert is above its line, the title does not say that it recovers', () => {
  const [node, source] = [CALM[1], FILLING] as const;
  expect(incident([node as Alert, source]).split('\n')[0]).toBe(
    '🟠 Warning — Billing API: 1,842 dormant connections, usually 61, and 1 more alert · prod',
  );
});

test('of a main alert of a source the impact is the newest of its node, and all who were hurt are named', () => {
  const old = { ...EVIDENCE, hurt: [], shutOut: [] };
  const shown = incident([{ ...FILLING, evidence: old }, CALM[1] as Alert]);
  expect(shown).toContain('shard-00-00 (primary) is at 43 % of 3,000 as of 15:02.');
  expect(shown).toContain(
    'Shut out earlier: Reports, down to 3, usually 40; 198.51.100.128/28, down to 0, usually 24.',
  );
});

test('it was checked with the newest of its alerts, and tells what changed in any of them', () => {
  const changed = ['An election made shard-00-01 the primary.'];
  const looked = { ...FULL, judgedAt: evening('14:47'), evidence: { ...EVIDENCE, changed } };
  const shown = incident([
    { ...FILLING, severity: 'critical' },
    { ...looked, state: 'acknowledged' },
    CALM[1] as Alert,
  ]);
  expect(shown).toContain('small: dormant-spike on prod · last checked 15:02 · figures as of 14:41');
  expect(shown).toContain(`Changed: ${EVIDENCE.changed[0]}\n${changed[0]}`);
  const late = { ...FILLING, ...calm, judgedAt: evening('14:56') };
  const over = { ...looked, state: 'ended', endedAt: evening('15:20'), judgedAt: evening('15:20') } as const;
  expect(incident([late, over]).split('\n')[0]).toContain('resolves with the next reading if it stays so');
});

test('a node that was not read yet names who fills it by the reading of another alert', () => {
  const unread = {
    ...EVIDENCE,
    readAt: null,
    culprits: [],
    changed: [],
    shutOut: [],
    hurt: [],
    doNow: [],
    thenFix: [],
  };
  const next = { ...FULL, id: 'b', node: 'b', since: evening('14:44'), evidence: unread } as Alert;
  const calmed = CALM[1] as Alert;
  const read = 'Likely cause (as read at 14:41, before this): Billing API +1,842 (1,903';
  expect(incident([next, calmed])).toContain(`${read} on shard-00-00, usually 61): app billing; on all nodes from`);
  const shown = incident([next, calmed, FILLING]);
  expect(shown).toContain(`${read} active and dormant, usually 61): app billing +1,840`);
  expect(shown).toContain('node shard-00-00 +1,859.');
  expect(shown).toContain('Do now: Restart or scale down the processes of app "billing"');
  expect(incident([next])).toContain('Likely cause: not read yet.');
});

test('of two nodes the full one tells the story; one that refuses below its limit says both', () => {
  const other = { ...EVIDENCE, node: { ...EVIDENCE.node, host: 'b', short: 'shard-00-01', current: 402 } };
  const less = { ...FULL, id: 'b', node: 'b', since: FULL.since - 1, value: 402, evidence: other } as Alert;
  expect(incident([less, FULL]).split('\n')[0]).toContain('Critical — shard-00-00 is full');
  expect(incident([less, less]).split('\n')[0]).toBe(
    '🔴 Critical — shard-00-01 refuses connections at 13 % of its limit: 402 of 3,000 connections, and 1 more alert · prod',
  );
});

test('recovering is the title when all recover, and each row says its own state', () => {
  const shown = incident([...CALM.slice(0, 2), { ...(CALM[2] as Alert), state: 'ended', endedAt: evening('15:02') }]);
  expect(shown.split('\n')[0]).toBe(
    '🟡 Recovering — shard-00-00 is at 43 % of its limit: 1,300 of 3,000 connections, and 1 more alert · prod · resolves at 15:06 if it stays so',
  );
  expect(tableOf(shown)).toEqual([
    'Source or node | Now | Usual | Change | State',
    'shard-00-00, node-headroom | 1,300 (43 %) | - | - | 🟡 Recovering',
    'Billing API | 80 | 61 | +19 | 🟡 Recovering',
    'shard-00-00, rejected | 1,068 refused | - | - | 🟢 Resolved',
  ]);
});

test('it is resolved with its last row, and keeps peaks, durations, who grew and who was hurt', () => {
  const ended = CALM.map((alert) => ({ ...alert, state: 'ended', endedAt: evening('15:06') }) as const);
  expect(incident(ended, 'after an election at 2026-11-21T14:34:00.000Z')).toMatchInlineSnapshot(`
    "🟢 Resolved — shard-00-00 was full or close to its limit for 20 min, and 2 more alerts · prod
    From 14:36 to 14:56, peak 3,000, 1,300 at the end.
    Impact: shard-00-00 (primary) was at 43 % of 3,000 as of 15:02. It refused 1,068 connections from 14:39 to 14:46.
    Shut out meanwhile: Reports, down to 3, usually 40; 198.51.100.128/28, down to 0, usually 24.
    Common cause: after an election at 14:34.
    All 3 alerts of this incident are resolved: 14:31 to 14:56 (25 min). 1,068 connections were refused.
    Likely cause (as read at 14:41): Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and 203.0.113.14 +860. 40 MongoClients, usually 12.
    198.51.100.7 +60 (60 on this node, usual unknown).
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    Source or node | Peak | At the end | Usual | Lasted
    shard-00-00, node-headroom | 3,000 (100 %) | 1,300 (43 %) | - | 20 min
    shard-00-00, rejected | 1,068 refused | - | - | 17 min
    Billing API | 1,842 | 80 | 61 | 25 min
    small: node-headroom on prod · last checked 15:02 · figures as of 14:41"
  `);
});

test('the number in the title is that of the other rows: open ones while it is open', () => {
  const over = { ...WEB, state: 'ended', endedAt: evening('14:45') } as const;
  const shown = incident([FILLING, FULL, REFUSING, over]);
  expect(shown.split('\n')[0]).toContain('3,000 connections, and 2 more alerts · prod');
  expect(tableOf(shown).filter((row) => !row.includes('Resolved'))).toHaveLength(1 + 3);
});

test('the refused connections of all nodes are summed, each once', () => {
  const refused = { count: 1, since: evening('14:40'), last: evening('14:41') };
  const other = { ...node, host: 'b', short: 'shard-00-01', refused };
  const evidence = { ...EVIDENCE, shutOut: [], node: other } as Alert['evidence'];
  const ended = { state: 'ended', endedAt: evening('15:06'), ...calm } as const;
  const others = [
    { ...FULL, ...ended, id: 'b', node: 'b', evidence },
    { ...FILLING, ...ended, evidence },
  ];
  const line = (alerts: readonly Alert[]) => /All .* resolved: .*/.exec(incident(alerts))?.[0];
  expect(line([{ ...FULL, ...calmNode, ...ended }, { ...REFUSING, ...calmNode, ...ended }, ...others])).toBe(
    'All 4 alerts of this incident are resolved: 14:31 to 14:56 (25 min). 1,069 connections were refused.',
  );
  expect(line(others)).toContain('(25 min). 1 connection was refused.');
  const none = { ...EVIDENCE, shutOut: [], node: { ...other, refused: null } } as Alert['evidence'];
  expect(line(others.map((alert) => ({ ...alert, evidence: none })))).toMatch(/\(25 min\)\.$/);
});

test('a handled row says its severity too', () => {
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: evening('14:44'), until: null, reason: null } as const;
  const shown = incident([FULL, REFUSING].map((alert) => ({ ...alert, state: 'acknowledged', lastAction })));
  expect(shown.split('\n')[0]).toBe(
    '🔵 Acknowledged by <user U0ANNA> — shard-00-00 is full: 3,000 of 3,000 connections (critical), and 1 more alert · prod',
  );
  expect(tableOf(shown)[1]).toContain('| 🔵 Acknowledged, critical');
  expect(shown).toContain('(Silence all…)');
  expect(shown).not.toContain('(Acknowledge');
});

test('a member with a message of its own becomes a line without figures, which would grow old', () => {
  expect(drawn(joinedView({ alert: FILLING, permalink: 'https://slack.example/p1' }))).toBe(
    '↪️ **Billing API** (dormant-spike) is part of an incident of prod: [its message](https://slack.example/p1).',
  );
  expect(said(joinedView({ alert: FILLING, permalink: null }))).toBe(
    'Billing API (dormant-spike) is part of an incident of prod: its message in this channel.',
  );
});

test('the thread has one short line an event; in an incident it names its subject', () => {
  const lines = (['joined', 'worse', 'repeat', 'ended', 'again', 'lapsed'] as const).flatMap((kind) =>
    [FULL, REFUSING, { ...FILLING, group: 'incident' }].map((alert) => {
      const text = replySentence(kind, alert, { at: evening('15:00'), end: evening('14:56') });
      return plainly(drawn(noticeView({ lines: linesOf(text), mentions: [], late: null })));
    }),
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "Critical — shard-00-00 is full: 3,000 of 3,000 connections",
      "Critical — shard-00-00 refuses connections: 1,068 since 14:39",
      "Warning — Billing API: 1,842 dormant connections, usually 61",
      "Critical — shard-00-00 is full: 3,000 of 3,000 connections · prod",
      "Critical — shard-00-00 refuses connections: 1,068 since 14:39 · prod",
      "Billing API, worse: 1,842 dormant connections, usually 61",
      "Still 3,000 of 3,000 connections, 100 % of its limit, after 24 min",
      "Still 150 connections refused in the last 1 min, after 21 min",
      "Billing API: still 1,842 dormant connections, usually 61, after 29 min",
      "Resolved after 20 min, peak 3,000",
      "Resolved after 17 min, 1,068 connections refused",
      "Billing API: resolved after 25 min, peak 1,842",
      "Critical again after 24 min — shard-00-00 is full: 3,000 of 3,000 connections",
      "Critical again after 21 min — shard-00-00 refuses connections: 1,068 since 14:39",
      "Warning again after 29 min — Billing API: 1,842 dormant connections, usually 61",
      "Still firing, no longer silenced: 3,000 of 3,000 connections, 100 % of its limit",
      "Still firing, no longer silenced: 150 connections refused in the last 1 min",
      "Billing API: still firing, no longer silenced: 1,842 dormant connections, usually 61",
    ]
  `);
});
