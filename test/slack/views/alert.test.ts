// An alert's message in each state of its life, as people read it.

import { expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { groupView } from '../../../src/slack/views/alert-group.ts';
import { BILLING, groupOf, shownAs } from './alert-sample.ts';
import { drawn, said } from './drawn.ts';

const view = (alert: Partial<Alert>, parts = {}) => alertView(shownAs({ ...BILLING, ...alert }, parts));
const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);

test('firing: what, who, since when, why, what grew, what to try, what to do', () => {
  const firing = view(
    {},
    {
      owner: '@team-platform',
      runbook: 'https://wiki.example/billing?a=1&b=2',
      links: { cluster: 'https://atlas.example/c', accessList: 'https://atlas.example/a' },
      mentions: ['U0OWNER', 'S0DBAS', '@dba-oncall'],
      previous: { since: at('02:00'), permalink: 'https://slack.example/archives/C1/p1' },
    },
  );
  expect(drawn(firing)).toMatchInlineSnapshot(`
    "🟠 **Warning — ****Billing API: 412 dormant connections, usually 61** · prod
    Since {2026-11-21 09:55 UTC}.
    **Why: **6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more
    Grew most: app billing on 203.0.113.9 (+212).
    **Try: **maxIdleTimeMS lets them go.
    Owner: @team-platform · Runbook: [https://wiki.example/billing?a=1&b=2](https://wiki.example/billing?a=1&b=2)
    [Metrics of prod in Atlas](https://atlas.example/c) · [Access list in Atlas](https://atlas.example/a)
    [It fired before](https://slack.example/archives/C1/p1), {2026-11-21 02:00 UTC}.
    cc <user U0OWNER> <usergroup S0DBAS> @dba-oncall
    (Acknowledge) (Silence…) (Details) (Why so many) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
  expect(said(firing)).toMatchInlineSnapshot(`
    "Warning — Billing API: 412 dormant connections, usually 61 · prod
    Since <!date^1795254900^{date_short_pretty} at {time}|2026-11-21 09:55 UTC>.
    Why: 6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more
    Grew most: app billing on 203.0.113.9 (+212).
    Try: maxIdleTimeMS lets them go.
    Owner: @team-platform · Runbook: <https://wiki.example/billing?a=1&amp;b=2|https://wiki.example/billing?a=1&amp;b=2>
    <https://atlas.example/c|Metrics of prod in Atlas> · <https://atlas.example/a|Access list in Atlas>
    <https://slack.example/archives/C1/p1|It fired before>, <!date^1795226400^{date_short_pretty} at {time}|2026-11-21 02:00 UTC>.
    cc <@U0OWNER> <!subteam^S0DBAS> @dba-oncall"
  `);
});

test('acknowledged: by whom and when, and that it goes on', () => {
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: at('10:07'), until: null, reason: null } as const;
  const shown = view({
    state: 'acknowledged',
    lastAction,
    value: 530,
    peak: 540,
    what: '530 dormant connections, usually 61',
  });
  expect(drawn(shown)).toMatchInlineSnapshot(`
    "🔵 **Acknowledged** by <user U0ANNA>** — ****Billing API: 530 dormant connections, usually 61**** (warning)** · prod
    Since {2026-11-21 09:55 UTC}, peak 540; acknowledged {10:07 UTC}.
    **Why: **6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more
    Grew most: app billing on 203.0.113.9 (+212).
    **Try: **maxIdleTimeMS lets them go.
    No owner set (setting \`owner\`).
    (Silence…) (Details) (Why so many) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('silenced: until when, by whom and why', () => {
  const lastAction = {
    act: 'silenced',
    by: 'U0ANNA',
    at: at('10:07'),
    until: at('14:00'),
    reason: 'load test',
  } as const;
  expect(drawn(view({ state: 'silenced', lastAction }))).toMatchInlineSnapshot(`
    "🔕 **Silenced** until {2026-11-21 14:00 UTC} by <user U0ANNA>** — ****Billing API: 412 dormant connections, usually 61**** (warning)** · prod
    Since {2026-11-21 09:55 UTC}; silenced {10:07 UTC}: "load test".
    **Why: **6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more
    Grew most: app billing on 203.0.113.9 (+212).
    **Try: **maxIdleTimeMS lets them go.
    No owner set (setting \`owner\`).
    (Silence…) (Details) (Why so many) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('resolved: for how long, from when to when, how high, and back to what; nothing to press', () => {
  const ended = { state: 'ended', endedAt: at('11:07'), value: 64, peak: 540 } as const;
  const lastAction = { act: 'acknowledged', by: 'U0ANNA', at: at('10:07'), until: null, reason: null } as const;
  expect(drawn(view({ ...ended, lastAction }))).toMatchInlineSnapshot(`
    "🟢 **Resolved — Billing API was above its usual for 1 h 12 min** · prod
    From {2026-11-21 09:55 UTC} to {2026-11-21 11:07 UTC}, peak 540, 64 at the end.
    Acknowledged by <user U0ANNA>, {2026-11-21 10:07 UTC}
    small: dormant-spike on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('critical, back again, and late are said in words', () => {
  const late = ['Delayed by Slack: decided at 10:00.'];
  const shown = view({ severity: 'critical', refires: 2, peak: 900 }, { late });
  expect(drawn(shown)).toMatchInlineSnapshot(`
    "🔴 **Critical — ****Billing API: 412 dormant connections, usually 61** · prod
    Since {2026-11-21 09:55 UTC}, peak 900; resolved and came back 2 times.
    **Why: **6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more
    Grew most: app billing on 203.0.113.9 (+212).
    **Try: **maxIdleTimeMS lets them go.
    No owner set (setting \`owner\`).
    (Acknowledge) (Silence…) (Details) (Why so many) (⋯ This is normal now; History of the last day)
    small: dormant-spike on prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>
    small: Delayed by Slack: decided at 10:00."
  `);
});

test('the phone shows the first line without its mark', () => {
  for (const state of ['firing', 'acknowledged', 'silenced', 'ended'] as const) {
    const [first = ''] = said(view({ state })).split('\n');
    expect(first).toMatch(/^(Warning|Acknowledged|Silenced|Resolved) — Billing API/);
  }
});

const seven = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((who) => ({ ...BILLING, id: who, source: who, who }));
const group = (alerts: readonly Alert[], cause: string | null = null) =>
  groupView({
    group: groupOf(alerts, cause),
    alerts,
    tables: 'data_table',
    links: { cluster: null, accessList: null },
    mentions: [],
    late: null,
  });

test('many at once: one message with a table, one menu and buttons for all of them', () => {
  const shown = group(seven, 'after an election at 09:54 UTC');
  expect(drawn(shown)).toMatchInlineSnapshot(`
    "🟠 **Warning — 7 sources above their usual** · prod · since {2026-11-21 09:55 UTC} · after an election at 09:54 UTC
    Each of them stands in the thread.
    Source | Now | Usual | Peak | State | Since
    A | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    B | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    C | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    D | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    E | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    F | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    G | 412 | 61 | 412 | Warning | {2026-11-21 09:55 UTC}
    [Choose one ▾ A: dormant-spike, 412 dormant connections, usually 61; B: dormant-spike, 412 dormant connections, usually 61; C: dormant-spike, 412 dormant connections, usually 61; D: dormant-spike, 412 dormant connections, usually 61; E: dormant-spike, 412 dormant connections, usually 61; F: dormant-spike, 412 dormant connections, usually 61; G: dormant-spike, 412 dormant connections, usually 61] (Acknowledge all) (Silence all…)
    small: prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('a group goes on as long as one of it does, and ends with the last', () => {
  const ended = { state: 'ended', endedAt: at('11:07') } as const;
  const two = seven.map((alert, index) => (index < 5 ? { ...alert, ...ended } : alert));
  expect(drawn(group(two)).split('\n')[0]).toMatchInlineSnapshot(
    `"🟠 **Warning — 2 of 7 sources still above their usual** · prod · since {2026-11-21 09:55 UTC}"`,
  );
  expect(drawn(group(seven.map((alert) => ({ ...alert, ...ended }))))).toMatchInlineSnapshot(`
    "🟢 **Resolved — 7 sources above their usual** · prod · {2026-11-21 09:55 UTC} to {2026-11-21 11:07 UTC}
    Each of them stands in the thread.
    Source | Now | Usual | Peak | State | Since
    A | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    B | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    C | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    D | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    E | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    F | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    G | 412 | 61 | 412 | Resolved | {2026-11-21 09:55 UTC}
    small: prod · last checked <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>"
  `);
});

test('recovering: the title says so and when it resolves, nothing is held against it, and its end is the first calm moment', () => {
  const calm = { calmSince: at('10:05'), what: '62 dormant connections, usually 61' };
  expect(drawn(view(calm))).toMatch(
    /^🟡 \*\*Recovering — \*\*\*\*Billing API: 62 dormant connections, usually 61\*\* · prod · resolves at {10:15 UTC} if it stays so\n/,
  );
  expect(drawn(view(calm))).toContain('Back to usual since {10:05 UTC}.');
  expect(said(view(calm))).not.toMatch(/Why|Grew most|Try/);
  const ended = view({ ...calm, state: 'ended', endedAt: at('10:15') });
  expect(drawn(ended)).toContain('Resolved — Billing API was above its usual for 10 min');
  expect(drawn(ended)).toContain('From {2026-11-21 09:55 UTC} to {2026-11-21 10:05 UTC}, peak 412');
});
