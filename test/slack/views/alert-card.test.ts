// The card of an alert with evidence: what is broken, who did it, who is hurt, what to do, and whether it is over.

import { expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import type { AlertEvidence, NodeImpact } from '../../../src/core/evidence/evidence.ts';
import { type AlertShown, alertView } from '../../../src/slack/views/alert-card.ts';
import { acceptedView, detailsView } from '../../../src/slack/views/alert-details.ts';
import { BILLING, EVIDENCE, evening, FILLING, FULL, ON_PRIMARY, REFUSING, shownAs } from './alert-sample.ts';
import { contradictionsIn } from './contradiction.ts';
import { drawn } from './drawn.ts';

const acted = { by: 'U0ANNA', at: evening('14:44'), until: null, reason: null } as const;

/** As people see it, with times as times of day; and true to itself. */
function card(alert: Alert, parts: Partial<AlertShown> = {}): string {
  const view = alertView(shownAs(alert, parts));
  expect(contradictionsIn(view)).toEqual([]);
  return plainly(drawn(view));
}

const plainly = (text: string) =>
  text
    .replaceAll(/<!date[^|]*\|(?:[\d-]+ )?(\d\d:\d\d) UTC>/g, '$1')
    .replaceAll(/\{(?:[\d-]+ )?(\d\d:\d\d) UTC\}/g, '$1')
    .replaceAll('**', '');

const titleOf = (alert: Alert) => card(alert).split('\n')[0];

/** The alert of the node with other figures of the node, or other evidence. */
function nodeAt(node: Partial<NodeImpact>, evidence: Partial<AlertEvidence> = {}, parts: Partial<Alert> = {}): Alert {
  const impact = { ...ON_PRIMARY, ...node };
  const what = `${impact.current} of ${impact.limit} connections`;
  return { ...FULL, value: impact.current, what, evidence: { ...EVIDENCE, ...evidence, node: impact }, ...parts };
}

const calmAt = { current: 1_300, perMinute: -80, at: evening('15:02') };
const RECOVERING = nodeAt(calmAt, { shutOut: [] }, { calmSince: evening('14:56'), judgedAt: evening('15:02') });

test('a full node: impact, victims, likely cause, what to do, links and times', () => {
  const links = { cluster: 'https://atlas.example/c', accessList: 'https://atlas.example/a' };
  const related = [{ alert: FILLING, permalink: 'https://slack.example/p1' }];
  expect(card(FULL, { links, related, mentions: ['S0DBAS'] })).toMatchInlineSnapshot(`
    "🔴 Critical — shard-00-00 is full: 3,000 of 3,000 connections · prod
    Since 14:36.
    Impact: shard-00-00 (primary) is at 100 % of 3,000 as of 14:46. It refused 1,068 connections since 14:39.
    Shut out: 198.51.100.128/28: 0, usually 24, as of 14:41.
    Shut out earlier: Reports, down to 3, usually 40.
    Likely cause (as read at 14:41): Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and 203.0.113.14 +860. 40 MongoClients, usually 12. → [its alert](https://slack.example/p1)
    198.51.100.7 +60 (60 on this node, usual unknown).
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Do now: Restart or scale down the processes of app "billing" on 203.0.113.9 and 203.0.113.14. Roll back the last deploy of app "billing".
    Then fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    No owner set (setting \`owner\`).
    [Metrics of prod in Atlas](https://atlas.example/c) (shard-00-00) · [Access list in Atlas](https://atlas.example/a)
    cc <usergroup S0DBAS>
    (Acknowledge) (Silence…) (Details) (Why so many)
    small: node-headroom on prod · last checked 14:46 · figures as of 14:41"
  `);
});

test('a source that fills a node says so, with the way to the alert of the node', () => {
  const related = [{ alert: FULL, permalink: 'https://slack.example/p2' }];
  expect(card(FILLING, { owner: '@team-platform', runbook: 'https://wiki.example/b', related })).toMatchInlineSnapshot(`
    "🟠 Warning — Billing API: 1,842 dormant connections, usually 61 · prod
    Since 14:31.
    Impact: shard-00-00 (primary) is at 100 % of 3,000 as of 14:46. It refused 1,068 connections since 14:39.
    Fills [shard-00-00 (100 %)](https://slack.example/p2).
    Likely cause (as read at 14:41): +1,842 (1,903 active and dormant, usually 61): app billing +1,840; 203.0.113.9 +980 and 203.0.113.14 +860; node shard-00-00 +1,859. 40 MongoClients, usually 12.
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Do now: Restart or scale down the processes of app "billing" on 203.0.113.9 and 203.0.113.14. Roll back the last deploy of app "billing".
    Then fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    Owner: @team-platform · Runbook: [https://wiki.example/b](https://wiki.example/b)
    (Acknowledge) (Silence…) (Details) (Why so many) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked 14:41
    small: Why it fires: 30.2 × its usual for Saturday 14:41 (61 ± 8, the median of 4 Saturdays; the line is 2.5 ×), 1,781 more (at least 30)"
  `);
});

test('the first characters are mark, severity or state, and subject', () => {
  expect([
    titleOf(FULL),
    titleOf(REFUSING),
    titleOf(nodeAt({ current: 2_800, refused: null, perMinute: null }, {}, { severity: 'warning' })),
    titleOf(FILLING),
    titleOf(RECOVERING),
    titleOf({ ...REFUSING, calmSince: evening('14:56'), evidence: RECOVERING.evidence, judgedAt: evening('15:02') }),
    titleOf({ ...FULL, state: 'acknowledged', lastAction: { ...acted, act: 'acknowledged' } }),
    titleOf({ ...RECOVERING, state: 'acknowledged', lastAction: { ...acted, act: 'acknowledged' } }),
    titleOf({ ...FILLING, state: 'silenced', lastAction: { ...acted, act: 'silenced', until: evening('18:00') } }),
    titleOf({ ...RECOVERING, state: 'ended', endedAt: evening('15:06') }),
    titleOf({ ...FILLING, state: 'ended', endedAt: evening('15:06'), lastAction: { ...acted, act: 'accepted' } }),
  ]).toMatchInlineSnapshot(`
    [
      "🔴 Critical — shard-00-00 is full: 3,000 of 3,000 connections · prod",
      "🔴 Critical — shard-00-00 refuses connections: 1,068 since 14:39 · prod",
      "🟠 Warning — shard-00-00 is at 93 % of its limit: 2,800 of 3,000 connections · prod",
      "🟠 Warning — Billing API: 1,842 dormant connections, usually 61 · prod",
      "🟡 Recovering — shard-00-00 is at 43 % of its limit: 1,300 of 3,000 connections · prod · resolves at 15:06 if it stays so",
      "🟡 Recovering — shard-00-00: no connection refused since 14:56 · prod · resolves at 15:06 if it stays so",
      "🔵 Acknowledged by <user U0ANNA> — shard-00-00 is full: 3,000 of 3,000 connections (critical) · prod",
      "🔵 Acknowledged by <user U0ANNA> — shard-00-00 is at 43 % of its limit: 1,300 of 3,000 connections, recovering · prod",
      "🔕 Silenced until 18:00 by <user U0ANNA> — Billing API: 1,842 dormant connections, usually 61 (warning) · prod",
      "🟢 Resolved — shard-00-00 was full or close to its limit for 20 min · prod",
      "🟢 Resolved — Billing API was above its usual for 35 min, accepted as normal by <user U0ANNA> · prod",
    ]
  `);
});

test('a node close to its limit says how long it lasts at this rate; else how much is left', () => {
  const impact = (node: Partial<NodeImpact>) =>
    /Impact: .* as of \d\d:\d\d\. ?(.*)/.exec(card(nodeAt({ refused: null, ...node })))?.[1];
  expect(impact({ current: 2_000, perMinute: 40 })).toBe(
    'At this rate (+40 a minute) shard-00-00 reaches its limit in about 25 min.',
  );
  expect(impact({ current: 2_960, perMinute: 80 })).toContain('reaches its limit within a minute.');
  expect(impact({ current: 1_860, perMinute: 0.5 })).toBe('Nobody is refused; 38 % left.');
  expect(impact({ current: 1_860, perMinute: -12 })).toBe('Nobody is refused; 38 % left.');
  expect(impact({ current: 1_860, perMinute: null })).toBe('Nobody is refused; 38 % left.');
  expect(impact({ current: 3_000, perMinute: 40 })).toBe('No connection is left for new clients.');
});

test('refusals are said with their time, also when they are over', () => {
  const since = evening('14:39');
  const told = (last: string, seen: string) => {
    const refused = { count: 7, since, last: evening(last) };
    return card(nodeAt({ ...calmAt, at: evening(seen), refused }, {}, { judgedAt: evening(seen) }));
  };
  expect(told('14:45', '14:46')).toContain('It refused 7 connections since 14:39. 57 % left.');
  expect(told('14:45', '14:50')).toContain('It refused 7 connections from 14:39 to 14:45. 57 % left.');
  expect(told('14:39', '14:50')).toContain('It refused 7 connections at 14:39. 57 % left.');
  const over = { ...nodeAt({ at: evening('14:50') }, {}, { judgedAt: evening('14:50') }), rule: 'rejected' } as const;
  expect(titleOf(over)).toBe('🔴 Critical — shard-00-00 refused 1,068 connections from 14:39 to 14:46 · prod');
});

test('culprits of a reading from before the alert are said to be so, and none are made up', () => {
  const cause = (evidence: Partial<AlertEvidence>) =>
    card(nodeAt({}, evidence))
      .split('\n')
      .find((line) => line.startsWith('Likely cause'));
  expect(cause({ readAt: evening('14:35') })).toMatch(
    /^Likely cause \(as read at 14:35, before this\): Billing API \+/,
  );
  expect(cause({ culprits: [], readAt: evening('14:41') })).toBe(
    'Likely cause (as read at 14:41): no source grew on this node.',
  );
  expect(cause({ culprits: [], readAt: null })).toBe('Likely cause: not read yet.');
});

test('addresses that explain too little are not all: the cause says so', () => {
  const cause = (grown: AlertEvidence['culprits'][number]['grown'], ofNode: boolean) => {
    const [first] = EVIDENCE.culprits;
    const culprits = first === undefined ? [] : [{ ...first, grown }];
    const alert = ofNode ? FULL : FILLING;
    return card({ ...alert, evidence: { ...EVIDENCE, culprits } })
      .split('\n')
      .find((line) => line.startsWith('Likely'));
  };
  const part = (kind: 'app' | 'address', name: string, more: number) => ({ kind, name, now: more, usual: 0, more });
  const few = [part('app', 'billing', 2_378), part('address', '203.0.113.1', 418), part('address', '203.0.113.2', 416)];
  expect(cause(few, true)).toContain(
    ': app billing; on all nodes from 203.0.113.1 +418, 203.0.113.2 +416 and other addresses. 40',
  );
  expect(cause(few, false)).toContain(': app billing +2,378; 203.0.113.1 +418, 203.0.113.2 +416 and other addresses.');
  expect(cause(few.slice(1), true), 'without an app, of its whole growth').toContain('and other addresses.');
  expect(cause([part('app', 'billing', 100), part('address', '203.0.113.1', 80)], true)).not.toContain('other');
  expect(cause([part('app', 'billing', 100)], true)).not.toContain('address');
});

test('a time of another day than that of the alert, or far from it, has its date', () => {
  const shown = (judgedAt: string) =>
    drawn(alertView(shownAs({ ...FULL, judgedAt: Date.parse(judgedAt) }))).replaceAll('**', '');
  expect(shown('2026-11-21T14:46:00Z')).toContain('since {14:39 UTC}');
  for (const later of ['2026-11-22T01:00:00Z', '2026-11-23T14:46:00Z']) {
    const text = shown(later);
    expect(text.match(/\{\d\d:\d\d UTC\}/g)).toBeNull();
    expect(text).toContain('as of {2026-11-21 14:46 UTC}. It refused 1,068 connections since {2026-11-21 14:39 UTC}.');
    expect(text).toContain('Likely cause (as read at {2026-11-21 14:41 UTC})');
  }
  const early = { ...REFUSING, since: evening('01:00'), calmSince: evening('02:00'), judgedAt: evening('14:30') };
  expect(drawn(alertView(shownAs(early)))).toContain('no connection refused since **{2026-11-21 02:00 UTC}');
});

test('recovering: what it is back to and when it resolves; nothing is urgent, and the cause stays', () => {
  expect(card(RECOVERING)).toMatchInlineSnapshot(`
    "🟡 Recovering — shard-00-00 is at 43 % of its limit: 1,300 of 3,000 connections · prod · resolves at 15:06 if it stays so
    Since 14:36, peak 3,000.
    Well below its limit since 14:56.
    Impact: shard-00-00 (primary) is at 43 % of 3,000 as of 15:02. It refused 1,068 connections from 14:39 to 14:46. 57 % left.
    Shut out earlier: 198.51.100.128/28, down to 0, usually 24; Reports, down to 3, usually 40.
    Likely cause (as read at 14:41): Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and 203.0.113.14 +860. 40 MongoClients, usually 12.
    198.51.100.7 +60 (60 on this node, usual unknown).
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    No owner set (setting \`owner\`).
    (Acknowledge) (Silence…) (Details) (Why so many)
    small: node-headroom on prod · last checked 15:02 · figures as of 14:41"
  `);
  const handled = { ...RECOVERING, state: 'acknowledged', lastAction: { ...acted, act: 'acknowledged' } } as const;
  expect(card(handled)).toContain('Well below its limit since 14:56; resolves at 15:06 if it stays so.');
});

test('the time of the end is longer after returns, and is never in the past', () => {
  const ending = (parts: Partial<Alert>) =>
    titleOf({ ...RECOVERING, ...parts })
      ?.split(' · ')
      .at(-1);
  expect(ending({ refires: 1 })).toBe('resolves at 15:21 if it stays so');
  expect(ending({ judgedAt: evening('15:07') })).toBe('resolves with the next reading if it stays so');
  const unread = { unreadSince: evening('14:50') };
  expect(ending(unread)).toBe('resolves with the next reading if it stays so');
  expect(card({ ...RECOVERING, ...unread })).toContain('\nNothing was read since 14:50.\n');
});

test('resolved: peak, duration, who grew, who was hurt, and what was done', () => {
  const ended = { state: 'ended', endedAt: evening('15:06'), lastAction: { ...acted, act: 'acknowledged' } } as const;
  expect(card({ ...RECOVERING, ...ended })).toMatchInlineSnapshot(`
    "🟢 Resolved — shard-00-00 was full or close to its limit for 20 min · prod
    From 14:36 to 14:56, peak 3,000, 1,300 at the end.
    Acknowledged by <user U0ANNA>, 14:44
    Impact: shard-00-00 (primary) was at 43 % of 3,000 as of 15:02. It refused 1,068 connections from 14:39 to 14:46.
    Shut out meanwhile: 198.51.100.128/28, down to 0, usually 24; Reports, down to 3, usually 40.
    Likely cause (as read at 14:41): Billing API +1,842 (1,903 on this node, usually 61): app billing; on all nodes from 203.0.113.9 +980 and 203.0.113.14 +860. 40 MongoClients, usually 12.
    198.51.100.7 +60 (60 on this node, usual unknown).
    Changed: An election made shard-00-00 the primary 12 min before this reading.
    Fix: Billing API: one MongoClient for each process, made once and closed when it ends.
    small: node-headroom on prod · last checked 15:02 · figures as of 14:41"
  `);
});

test('each kind of list is cut with the number of what is left out', () => {
  const many = <T>(one: T): readonly T[] => Array.from({ length: 9 }, () => one);
  const shown = card(
    nodeAt(
      {},
      {
        culprits: many(EVIDENCE.culprits[0] as AlertEvidence['culprits'][number]),
        shutOut: many(EVIDENCE.shutOut[0] as AlertEvidence['shutOut'][number]),
        hurt: [],
      },
    ),
  );
  expect(shown).toContain('usually 24; and 4 more sources, as of 14:41.');
  expect(shown).toContain('\nAnd 6 more sources.\n');
});

test('the details of a source are its parts against their usual, with the time of the reading', () => {
  const view = detailsView({
    alert: FILLING,
    evidence: EVIDENCE,
    command: '/conns',
    tables: 'data_table',
    place: { kind: 'answer' },
  });
  expect(plainly(drawn(view))).toMatchInlineSnapshot(`
    "🟠 Warning — Billing API: 1,842 dormant connections, usually 61 · prod
    Why: 30.2 × its usual for Saturday 14:41 (61 ± 8, the median of 4 Saturdays; the line is 2.5 ×), 1,781 more (at least 30)
    Growth against the usual, as read at 14:41.
    What | Now | Usual | Change
    Billing API | 1,903 | 61 | +1,842
    app billing | 1,890 | 50 | +1,840
    address 203.0.113.9 | 1,010 | 30 | +980
    address 203.0.113.14 | 880 | 20 | +860
    driver nodejs 7.8.0 | 1,903 | 61 | +1,842
    node shard-00-00 | 1,900 | 41 | +1,859
    MongoClients | 40 | 12 | -
    198.51.100.7 | 60 | ? | +60
    (Read the source) (Why so many) (Acknowledge) (Silence…) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked 14:41
    small: The owner and the runbook are set by owner and runbook on a label (labels), a route (slack.⁠routes) or an override (rules.⁠overrides)."
  `);
});

test('the details of a node name the source of each part, and lead to the nodes', () => {
  const view = detailsView({
    alert: FULL,
    evidence: EVIDENCE,
    command: '/conns',
    tables: 'data_table',
    place: { kind: 'home' },
  });
  expect(plainly(drawn(view))).toMatchInlineSnapshot(`
    "🔴 Critical — shard-00-00 is full: 3,000 of 3,000 connections · prod
    Growth against the usual, as read at 14:41.
    What | Now | Usual | Change | Source
    Billing API | 1,903 | 61 | +1,842 | Billing API
    app billing | 1,890 | 50 | +1,840 | Billing API
    address 203.0.113.9 | 1,010 | 30 | +980 | Billing API
    address 203.0.113.14 | 880 | 20 | +860 | Billing API
    driver nodejs 7.8.0 | 1,903 | 61 | +1,842 | Billing API
    node shard-00-00 | 1,900 | 41 | +1,859 | Billing API
    MongoClients | 40 | 12 | - | Billing API
    198.51.100.7 | 60 | ? | +60 | 198.51.100.7
    (Back) (Read the nodes) (Why so many) (Acknowledge) (Silence…)
    small: node-headroom on prod · last checked 14:46
    small: The owner and the runbook are set by owner and runbook on a route (slack.⁠routes) or an override (rules.⁠overrides)."
  `);
});

test('only what has a usual can be accepted as normal', () => {
  const more = '(⋯ This is normal now; History of the last day)';
  for (const rule of ['dormant-spike', 'pooled-spike', 'clients'] as const)
    expect(card({ ...BILLING, rule })).toContain(more);
  for (const rule of ['dormant-threshold', 'new-source'] as const)
    expect(card({ ...BILLING, rule })).not.toContain('⋯');
  expect(card(FULL)).not.toContain('⋯');
});

test('the answer to "This is normal now" says what begins, or why nothing does', () => {
  expect(plainly(drawn(acceptedView({ done: [FILLING], before: [] })))).toBe(
    'Accepted as normal: Billing API, 1,842 dormant connections, usually 61. The alert is resolved, and the usual begins at the level of the last hours.',
  );
  const before = [{ ...FILLING, state: 'ended' } as const, BILLING];
  expect(plainly(drawn(acceptedView({ done: [], before })))).toBe(
    'Billing API is resolved already.\nBilling API was not accepted: it changed meanwhile. Try again.',
  );
});
