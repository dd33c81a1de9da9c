// What is said of silences: what is true afterwards, what is asked before, and what ends.

import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../src/core/base/duration.ts';
import { prose } from '../../../src/slack/blockkit/blocks.ts';
import {
  acknowledgedView,
  endAllView,
  partChoiceView,
  silenceChoiceView,
  silencedView,
  targetChoiceView,
  unsilencedPhrase,
  wholeClusterView,
} from '../../../src/slack/views/silence.ts';
import { silenceForm } from '../../../src/slack/views/silence-form.ts';
import { drawn } from './drawn.ts';
import { alertOn, silenceOf, TEN } from './watch-sample.ts';

const reader = { user: 'U0SHARER', place: { kind: 'answer' } } as const;
const mine = silenceOf('a', { reason: null, until: TEN + 21 * MINUTE });
const annas = silenceOf('a', { id: 'anna', by: 'U0ANNA', until: TEN + 231 * MINUTE });
const whole = silenceOf(null, { id: 'whole', who: 'everything', by: 'U0ANNA', reason: null, until: TEN + HOUR });

test('a silence says until when, of what, and what it keeps quiet', () => {
  const one = silenceOf('a');
  expect(drawn(silencedView({ silences: [one], standing: [one], quiet: 1, reader }))).toMatchInlineSnapshot(`
    "Quiet until {2026-11-21 14:00 UTC}: **Billing API** in prod (deploy).
    1 open alert is muted. An alert that becomes critical is posted all the same.
    (Unsilence)"
  `);
  const two = [one, silenceOf('b', { who: 'Web EU', rule: 'churn' })];
  expect(drawn(silencedView({ silences: two, standing: two, quiet: 0, reader }))).toMatchInlineSnapshot(`
    "Quiet until {2026-11-21 14:00 UTC}: **Billing API** in prod, **Web EU** (churn) in prod (deploy).
    No alert of it is open. An alert that becomes critical is posted all the same."
  `);
  expect(drawn(silencedView({ silences: [], standing: [], quiet: 0, reader }))).toBe(
    'The alert is resolved, so there is nothing to silence.',
  );
});

test('where several silences overlap, the last of them counts, and each is named', () => {
  const standing = [
    annas,
    mine,
    silenceOf('b'),
    silenceOf('a', { id: 'narrow', rule: 'churn', until: TEN + 9 * HOUR }),
  ];
  expect(drawn(silencedView({ silences: [mine], standing, quiet: 0, reader }))).toMatchInlineSnapshot(`
    "Quiet until {2026-11-21 13:51 UTC}: **Billing API** in prod (yours until {2026-11-21 10:21 UTC} and <user U0ANNA>'s until {2026-11-21 13:51 UTC}, deploy).
    No alert of it is open. An alert that becomes critical is posted all the same.
    (Unsilence)"
  `);
  const wider = [mine, whole];
  expect(drawn(silencedView({ silences: [mine], standing: wider, quiet: 0, reader }))).toMatchInlineSnapshot(`
    "Quiet until {2026-11-21 11:00 UTC}: **Billing API** in prod (yours until {2026-11-21 10:21 UTC} and <user U0ANNA>'s of **everything** in prod until {2026-11-21 11:00 UTC}).
    No alert of it is open. An alert that becomes critical is posted all the same.
    (Unsilence)"
  `);
});

test('of several silences of one person only the last to end is named', () => {
  const again = { ...mine, id: 'again', until: TEN + HOUR };
  const said = drawn(silencedView({ silences: [again], standing: [mine, again, annas], quiet: 0, reader }));
  expect(said.split('yours')).toHaveLength(2);
  expect(said).toContain('(yours until {2026-11-21 11:00 UTC} and ');
});

test('critical alerts are muted as long as a silence with hold lasts', () => {
  const held = { ...mine, hold: true };
  const said = (standing: Parameters<typeof silencedView>[0]['standing']) =>
    drawn(silencedView({ silences: [held], standing, quiet: 0, reader }));
  expect(said([held])).toContain('Critical alerts are muted, too.');
  expect(said([held, annas])).toContain('Critical alerts are muted until {2026-11-21 10:21 UTC}, too.');
});

test('an answer for everyone mentions nobody', () => {
  const place = { kind: 'shared', by: 'U0SHARER', isAnswer: true } as const;
  const said = drawn(
    silencedView({ silences: [mine], standing: [mine, annas], quiet: 0, reader: { ...reader, place } }),
  );
  expect(said).not.toContain('U0ANNA');
  expect(said).toContain('(one until {2026-11-21 10:21 UTC} and one until {2026-11-21 13:51 UTC}, deploy)');
});

test('the end of a silence says what stays quiet', () => {
  const said = (standing: Parameters<typeof unsilencedPhrase>[0]['standing']) =>
    drawn({
      text: '',
      blocks: [prose([unsilencedPhrase({ ended: [mine, silenceOf('b', { who: 'Web EU' })], standing, reader })])],
    });
  expect(said([])).toMatchInlineSnapshot(`"No longer silenced: **Billing API** in prod, **Web EU** in prod."`);
  expect(said([annas])).toMatchInlineSnapshot(
    `"No longer silenced: **Web EU** in prod. **Billing API** in prod stays quiet (<user U0ANNA>'s until {2026-11-21 13:51 UTC}, deploy)."`,
  );
  expect(said([whole])).toMatchInlineSnapshot(
    `"The silences have ended. **Billing API** in prod stays quiet (<user U0ANNA>'s of **everything** in prod until {2026-11-21 11:00 UTC}). **Web EU** in prod stays quiet (<user U0ANNA>'s of **everything** in prod until {2026-11-21 11:00 UTC})."`,
  );
});

const target = (who: string, source: string | null, cluster = 'prod') => ({
  target: { cluster, source, node: null, rule: null, who },
  value: 'x',
});

test('a whole cluster is asked about before it is silenced', () => {
  const choice = target('everything', null);
  expect(drawn(wholeClusterView({ choice, length: '4 h' }))).toMatchInlineSnapshot(`
    "This silences **all of prod** for 4 h: every source, node and rule. Nothing is silenced yet.
    (Silence all of prod)"
  `);
  const several = targetChoiceView({
    text: 'prod',
    choices: [choice, target('prod app', 'a')],
    more: 0,
    length: '4 h',
  });
  expect(JSON.stringify(several.blocks)).toContain('Silence all of prod?');
  expect(JSON.stringify(several.blocks)).toContain('Every source, node and rule of the cluster is quiet for 4 h.');
});

test('an address says to which source it belongs, and may be silenced alone', () => {
  const [billing, only] = [
    target('Billing API', '203.0.113.0/24'),
    target('203.0.113.5 of Billing API', '203.0.113.5'),
  ];
  const address = '203.0.113.5';
  expect(drawn(partChoiceView({ address, sources: [billing], only: [only], length: '4 h' }))).toMatchInlineSnapshot(`
    "203.0.113.5 belongs to **Billing API** in prod. Silence all of Billing API, or only this address?
    Only this address: alerts of its source are muted as long as at least three quarters of the growth come from it.
    (All of Billing API)
    (Only 203.0.113.5)"
  `);
  expect(
    drawn(partChoiceView({ address: '203.0.113.0/28', sources: [billing], only: [], length: '4 h' })),
  ).toMatchInlineSnapshot(`
    "203.0.113.0/28 belongs to **Billing API** in prod. A silence names a source or one address. Silence all of Billing API?
    (All of Billing API)"
  `);
  const there = target('Billing API', '203.0.113.0/24', 'staging');
  expect(
    drawn(partChoiceView({ address, sources: [billing, there], only: [only], length: '4 h' })),
  ).toMatchInlineSnapshot(`
    "203.0.113.5 belongs to **Billing API** in prod and **Billing API** in staging. Silence all of one source, or only this address?
    Only this address: alerts of its source are muted as long as at least three quarters of the growth come from it.
    (All of Billing API in prod)
    (All of Billing API in staging)
    (Only 203.0.113.5 in prod)"
  `);
});

test('a choice of silences says until when, by whom and why each is', () => {
  const silences = [mine, annas, silenceOf('a', { id: 'rule', rule: 'churn' })];
  const place = reader.place;
  expect(drawn(silenceChoiceView({ text: 'bill', silences, place }))).toMatchInlineSnapshot(`
    ""bill" matches 3 silences. Which one is to end?
    **Billing API**: silenced until {2026-11-21 10:21 UTC} by <user U0SHARER> · prod
    (Unsilence)
    **Billing API**: silenced until {2026-11-21 13:51 UTC} by <user U0ANNA> (deploy) · prod
    (Unsilence)
    **Billing API**, churn: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    (Unsilence)"
  `);
  expect(drawn(endAllView({ silences, cluster: null, asked: TEN, place }))).toMatchInlineSnapshot(`
    "3 silences are in force. End all of them?
    **Billing API**: silenced until {2026-11-21 10:21 UTC} by <user U0SHARER> · prod
    **Billing API**: silenced until {2026-11-21 13:51 UTC} by <user U0ANNA> (deploy) · prod
    **Billing API**, churn: silenced until {2026-11-21 14:00 UTC} by <user U0SHARER> (deploy) · prod
    (End all 3)"
  `);
  expect(drawn(endAllView({ silences: [annas], cluster: 'prod', asked: TEN, place }))).toMatchInlineSnapshot(`
    "One silence is in force in prod. End it?
    **Billing API**: silenced until {2026-11-21 13:51 UTC} by <user U0ANNA> (deploy) · prod
    (End it)"
  `);
});

test('the form speaks plainly', () => {
  const origin = { subject: 'x', channel: null, responseUrl: null, threadTs: null };
  const words = [...JSON.stringify(silenceForm(origin, [])).matchAll(/"text":"([^"]+)"/g)].map(([, text]) => text);
  expect(words).toMatchInlineSnapshot(`
    [
      "Silence",
      "Silence",
      "Cancel",
      "Reports still show what is silenced.",
      "For how long",
      "1 hour",
      "4 hours",
      "1 day",
      "1 week",
      "1 hour",
      "Or until a date",
      "With a date, the duration above does not count.",
      "Reason",
      "load test, deploy, …",
      "Also mute",
      "Alerts that become critical",
      "Every other rule of this source or node",
    ]
  `);
});

test('what was acknowledged before, or is resolved, is said with who it was', () => {
  const lastAction = { act: 'acknowledged', by: 'U0BEN', at: TEN, until: null, reason: null } as const;
  const before = [
    alertOn('b', { who: 'Web EU', state: 'acknowledged', lastAction }),
    alertOn('c', { who: 'Old', state: 'ended', endedAt: TEN }),
  ];
  expect(drawn(acknowledgedView({ done: [alertOn('a')], before }))).toMatchInlineSnapshot(`
    "Acknowledged: **Billing API**.
    **Web EU** is acknowledged already by <user U0BEN>, {2026-11-21 10:00 UTC}.
    **Old** was resolved, {2026-11-21 10:00 UTC}."
  `);
});
