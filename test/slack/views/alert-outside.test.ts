// Alerts of sources that are called anything: Slack takes them in every form, and nobody is pinged by them.

import { expect, test } from 'vitest';
import { mainOf } from '../../../src/core/alerting/incident-story.ts';
import { RULE_NAMES } from '../../../src/core/detection/rules.ts';
import { asText, clamped, withoutCharts } from '../../../src/slack/blockkit/fallback.ts';
import { LIMITS } from '../../../src/slack/blockkit/limits.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { detailsView } from '../../../src/slack/views/alert-details.ts';
import { groupView, incidentView, joinedView } from '../../../src/slack/views/alert-group.ts';
import { linesOf, noticeView } from '../../../src/slack/views/notices.ts';
import { fc } from '../../core/arbitrary.ts';
import { checkMessage } from '../../sandbox/slack/limits/limits.ts';
import { BILLING, groupOf, shownAs } from './alert-sample.ts';
import { outsideText } from './arbitrary-report.ts';
import { elementsOf, mrkdwnOf } from './parts.ts';

const HANDLER = 'U0HANDLER';
const time = Date.parse('2026-11-21T10:00:00Z');
const ANSWER = { kind: 'answer' } as const;

const figure = fc.nat(1_000_000);
const names = fc.array(outsideText, { maxLength: 12 });
const grown = fc.record({
  kind: fc.constantFrom('app', 'address', 'driver', 'node'),
  name: outsideText,
  now: figure,
  usual: fc.option(figure),
  more: fc.integer({ min: -1_000, max: 1_000_000 }),
});
const victims = fc.array(fc.record({ source: outsideText, name: outsideText, now: figure, usual: figure }), {
  maxLength: 12,
});
const exhaustion = {
  inUse: figure,
  capacity: fc.option(figure),
  waiting: figure,
  meanWaitMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
  timeouts: figure,
};
const pools = fc.record({
  ...{ app: outsideText, processes: figure, exhausted: figure, checkouts: figure, cause: outsideText },
  ...{ at: fc.constant(time), since: fc.constant(time - 60_000) },
  worst: fc.array(fc.record({ host: outsideText, pid: figure, ...exhaustion }), { maxLength: 5 }),
  ...exhaustion,
});
const evidence = fc.record({
  readAt: fc.constantFrom(null, time, time - 60_000),
  node: fc.option(
    fc.record({
      host: outsideText,
      short: outsideText,
      role: fc.option(outsideText),
      current: figure,
      limit: fc.integer({ min: 1, max: 1_000_000 }),
      at: fc.constant(time),
      perMinute: fc.option(fc.double({ min: -1e4, max: 1e4, noNaN: true })),
      refused: fc.option(fc.record({ count: figure, since: fc.constant(time), last: fc.constant(time) })),
    }),
  ),
  culprits: fc.array(
    fc.record({
      source: outsideText,
      name: outsideText,
      now: figure,
      usual: fc.option(figure),
      more: figure,
      grown: fc.array(grown, { maxLength: 12 }),
      clients: fc.option(fc.record({ now: outsideText, usual: fc.option(outsideText) })),
    }),
    { maxLength: 6 },
  ),
  changed: names,
  shutOut: victims,
  hurt: victims,
  doNow: names,
  thenFix: names,
});

/** That of an app has its pools beside the rest. */
const someEvidence = fc.oneof(
  evidence,
  fc.tuple(evidence, pools).map(([rest, own]) => ({ ...rest, pools: own })),
);

const alert = fc
  .record({
    rule: fc.constantFrom(...RULE_NAMES),
    source: fc.option(outsideText),
    node: fc.option(outsideText),
    evidence: fc.option(someEvidence),
    calmSince: fc.constantFrom(null, time),
    unreadSince: fc.constantFrom(null, time),
    id: outsideText,
    who: outsideText,
    cluster: outsideText,
    what: outsideText,
    reason: outsideText,
    notes: fc.array(outsideText, { maxLength: 40 }),
    endReason: fc.option(outsideText),
    state: fc.constantFrom('firing', 'acknowledged', 'silenced', 'ended'),
    severity: fc.constantFrom('warning', 'critical'),
    usual: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    value: fc.nat(),
    refires: fc.nat(3),
    lastAction: fc.option(
      fc.record({
        act: fc.constantFrom('acknowledged', 'silenced', 'accepted'),
        by: fc.constantFrom(null, HANDLER),
        at: fc.constant(time),
        until: fc.constantFrom(null, time),
        reason: fc.option(outsideText),
      }),
    ),
  })
  .map((parts) => ({ ...BILLING, ...parts }));

const views = fc
  .record({
    alerts: fc.array(alert, { minLength: 1, maxLength: 8 }),
    copies: fc.constantFrom(1, 2, 60),
    cause: fc.option(outsideText),
    text: outsideText,
    tables: fc.constantFrom('data_table', 'table', 'text'),
  })
  .map(({ alerts, copies, cause, text, tables }) => {
    const links = { cluster: 'https://atlas.example/c|<!here>', accessList: 'not an address <!channel>' };
    const previous = { since: time, permalink: 'https://slack.example/archives/C1/p1' };
    const many = Array.from({ length: copies }, () => alerts).flat();
    const main = mainOf(many) ?? BILLING;
    const related = alerts.map((one) => ({ alert: one, permalink: previous.permalink }));
    const group = { ...groupOf(many, cause), cluster: alerts[0]?.cluster ?? '' };
    return [
      ...alerts.map((one) => alertView(shownAs(one, { links, previous, related, runbook: text }))),
      ...alerts.flatMap((one) =>
        one.evidence === null
          ? []
          : [detailsView({ alert: one, evidence: one.evidence, command: '/conns', tables, place: ANSWER })],
      ),
      ...alerts.map((one) => joinedView({ alert: one, permalink: text })),
      incidentView({ ...shownAs(main, { links, related }), group: { ...group, lead: main.id }, members: many, tables }),
      groupView({ group, alerts: many, tables, links, mentions: [], late: [text] }),
      noticeView({ lines: linesOf(`Worse: ${text}`), mentions: [], late: null }),
    ];
  });

const runs = { numRuns: 30 };

test('Slack takes every alert, group and notice, as it is, without charts, clamped and as text', () => {
  fc.assert(
    fc.property(views, (shown) => {
      const refused = shown.flatMap((view) => [
        ...checkMessage(view),
        ...checkMessage(withoutCharts(view)),
        ...checkMessage(clamped(view)),
        ...checkMessage(asText(view)),
      ]);
      expect(refused).toEqual([]);
      for (const { text } of shown) expect(text.length).toBeLessThanOrEqual(LIMITS.messageText);
    }),
    runs,
  );
});

test('only the person who acted is mentioned, and only our own links work', () => {
  fc.assert(
    fc.property(views, (shown) => {
      for (const view of shown) {
        const elements = [...elementsOf(view)];
        const parsed = elements.filter(({ type }) =>
          ['user', 'usergroup', 'broadcast', 'channel', 'emoji'].includes(type),
        );
        expect(parsed.filter((element) => element['user_id'] !== HANDLER)).toEqual([]);
        const hosts = elements.filter(({ type }) => type === 'link').map(({ url }) => new URL(String(url)).host);
        expect(hosts.filter((host) => !['atlas.example', 'slack.example', 'evil.example'].includes(host))).toEqual([]);
        expect(
          mrkdwnOf(view)
            .flatMap(mentions)
            .filter((one) => one !== `<@${HANDLER}>`),
        ).toEqual([]);
      }
    }),
    runs,
  );
});

/** `<@U…>`, `<!channel>`, `<#C…>`, but dates. */
function mentions(mrkdwn: string): readonly string[] {
  return (mrkdwn.match(/<[@!#][^>]*>/g) ?? []).filter((one) => !one.startsWith('<!date^'));
}
