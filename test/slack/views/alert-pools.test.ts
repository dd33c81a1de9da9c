// The alert of an app that waits for its own pools: its card, its details, its row, and its end.

import { expect, test } from 'vitest';
import type { Alert } from '../../../src/core/alerting/alert.ts';
import { replySentence } from '../../../src/core/detection/sentences.ts';
import { alertView } from '../../../src/slack/views/alert-card.ts';
import { detailsView } from '../../../src/slack/views/alert-details.ts';
import { incidentView } from '../../../src/slack/views/alert-group.ts';
import { evening, FILLING, FULL, groupOf, shownAs, WAITING } from './alert-sample.ts';
import { contradictionsIn } from './contradiction.ts';
import { drawn } from './drawn.ts';

const plainly = (text: string) =>
  text
    .replaceAll(/<!date[^|]*\|(?:[\d-]+ )?(\d\d:\d\d) UTC>/g, '$1')
    .replaceAll(/\{(?:[\d-]+ )?(\d\d:\d\d) UTC\}/g, '$1')
    .replaceAll('**', '');

function card(alert: Alert): string {
  const view = alertView(shownAs(alert));
  expect(contradictionsIn(view)).toEqual([]);
  return plainly(drawn(view));
}

function withPools(pools: Partial<NonNullable<NonNullable<Alert['evidence']>['pools']>>): Partial<Alert> {
  const { evidence } = WAITING;
  if (evidence?.pools === undefined) throw new Error('the sample has pools');
  return { evidence: { ...evidence, pools: { ...evidence.pools, ...pools } } };
}

test('the card says who waits, why, and what to do; it has no chart, and no source to open', () => {
  expect(card(WAITING)).toMatchInlineSnapshot(`
    "🟠 Warning — billing: 3 of 12 processes wait for connections: 300 of 300 in use, 17 waiting, mean wait 450 ms · prod
    Since 14:44, peak 5 processes.
    Impact: 3 of 12 processes wait for a connection of their own pools as of 14:46: 300 of 300 in use, 17 operations waiting. Since 14:45: 1,204 checkouts succeeded, the mean wait was 450 ms.
    Likely cause: The pool is the limit, not the server. shard-00-00 is at 31 % of its 3,000 connections.
    Waiting most: web-7 (pid 4711): 100 of 100 in use, 9 waiting, mean wait 2.1 s; web-8 (pid 12): 100 of 100 in use, 8 waiting, mean wait 300 ms; and 1 more.
    Do now: Look for long operations of billing: db.currentOp() on the nodes, or Real-Time in Atlas.
    Then fix: Look for slow operations first: explain, indexes. If they are short, set maxPoolSize=150.
    All of its processes: \`/conns pools billing in prod\`
    No owner set (setting \`owner\`).
    (Acknowledge) (Silence…) (Details)
    small: pool-exhausted on prod · last checked 14:46
    small: Why it fires: 3 full pools with a mean wait above 100 ms"
  `);
});

test('each figure says since when it counts, and the timeouts of the whole alert follow those of its last minute', () => {
  const stuck = withPools({ meanWaitMs: null, checkouts: 0, timeouts: 41, capacity: null, exhausted: 1, processes: 1 });
  expect(card({ ...WAITING, ...stuck, severity: 'critical' })).toContain(
    'Impact: 1 of 1 process waits for a connection of its own pools as of 14:46: 300 in use, 17 operations waiting. Since 14:45: no checkout succeeded, 41 timed out.',
  );
  const long = withPools({ timeouts: 41, whole: { timeouts: 380, since: evening('14:20') } });
  expect(card({ ...WAITING, ...long })).toContain(
    'Since 14:45: 1,204 checkouts succeeded, 41 timed out, the mean wait was 450 ms. 380 timed out since 14:20.',
  );
  const ended = { state: 'ended', endedAt: evening('15:00'), calmSince: evening('14:50') } as const;
  expect(card({ ...WAITING, ...long, ...ended })).toContain(
    'Impact: At most 5 processes waited for a connection of their own pools. 380 checkouts timed out from 14:20 to 14:46: these operations failed.\n',
  );
});

test('the card names the source of its app, and the card of that source names the app that waits', () => {
  const sources = [{ id: 'access:billing', name: 'Billing API' }];
  expect(card({ ...WAITING, ...withPools({ sources }) })).toContain('\nSource: Billing API.\n');
  const spike = alertView(shownAs(FILLING, { related: [{ alert: WAITING, permalink: null }] }));
  expect(plainly(drawn(spike))).toContain(
    'Its app billing waits for its own pools. maxIdleTimeMS does nothing for connections that are checked out.',
  );
});

test('recovering, unread and resolved it tells of then', () => {
  const calm = {
    calmSince: evening('14:50'),
    judgedAt: evening('14:55'),
    value: 0,
    what: '12 processes, 40 connections in use, mean wait 3 ms',
  };
  expect(card({ ...WAITING, ...calm })).toMatchInlineSnapshot(`
    "🟡 Recovering — billing: 12 processes, 40 connections in use, mean wait 3 ms · prod · resolves at 15:00 if it stays so
    Since 14:44, peak 5 processes.
    No operation waits for long since 14:50.
    Impact: 3 of 12 processes waited for a connection of their own pools as of 14:46: 300 of 300 in use, 17 operations waiting. From 14:45 to 14:46: 1,204 checkouts succeeded, the mean wait was 450 ms.
    Likely cause: The pool is the limit, not the server. shard-00-00 is at 31 % of its 3,000 connections.
    Waiting most: web-7 (pid 4711): 100 of 100 in use, 9 waiting, mean wait 2.1 s; web-8 (pid 12): 100 of 100 in use, 8 waiting, mean wait 300 ms; and 1 more.
    Fix: Look for slow operations first: explain, indexes. If they are short, set maxPoolSize=150.
    All of its processes: \`/conns pools billing in prod\`
    No owner set (setting \`owner\`).
    (Acknowledge) (Silence…) (Details)
    small: pool-exhausted on prod · last checked 14:55 · figures as of 14:46"
  `);
  expect(card({ ...WAITING, unreadSince: evening('14:46') })).toContain(
    '\nNo report of its pools since 14:46. The figures are of then.\n',
  );
  expect(card({ ...WAITING, ...calm, state: 'ended', endedAt: evening('15:00') })).toMatchInlineSnapshot(`
    "🟢 Resolved — billing waited for its own connection pools for 6 min · prod
    From 14:44 to 14:50, peak 5 processes.
    Impact: At most 5 processes waited for a connection of their own pools.
    Likely cause: The pool is the limit, not the server. shard-00-00 is at 31 % of its 3,000 connections.
    Waited most, as of 14:46: web-7 (pid 4711): 100 of 100 in use, 9 waiting, mean wait 2.1 s; web-8 (pid 12): 100 of 100 in use, 8 waiting, mean wait 300 ms; and 1 more.
    Fix: Look for slow operations first: explain, indexes. If they are short, set maxPoolSize=150.
    All of its processes: \`/conns pools billing in prod\`
    small: pool-exhausted on prod · last checked 14:55 · figures as of 14:46"
  `);
  const gone = {
    ...WAITING,
    state: 'ended',
    endedAt: evening('15:00'),
    endReason: 'it no longer reports its pools',
  } as const;
  expect(card(gone)).toContain('It was resolved because it no longer reports its pools.');
  expect(replySentence('ended', gone, { at: evening('15:00'), end: evening('15:00') })).toBe(
    'Resolved after 16 min, peak 5 processes: it no longer reports its pools',
  );
});

test('the details are its processes', () => {
  const { evidence } = WAITING;
  if (evidence === null) throw new Error('the sample has evidence');
  const view = detailsView({
    alert: WAITING,
    evidence,
    command: '/conns',
    tables: 'data_table',
    place: { kind: 'answer' },
  });
  expect(plainly(drawn(view))).toMatchInlineSnapshot(`
    "🟠 Warning — billing: 3 of 12 processes wait for connections: 300 of 300 in use, 17 waiting, mean wait 450 ms · prod
    Why: 3 full pools with a mean wait above 100 ms
    Processes that wait most, as of 14:46.
    All of its processes: \`/conns pools billing in prod\`
    Process | In use | Mean wait | Waiting | Timeouts
    web-7 (pid 4711) | 100 of 100 | 2.1 s | 9 | 0
    web-8 (pid 12) | 100 of 100 | 300 ms | 8 | 0
    (Read the nodes) (Pools) (Acknowledge) (Silence…)
    small: pool-exhausted on prod · last checked 14:46
    small: The owner and the runbook are set by owner and runbook on a route (slack.⁠routes) or an override (rules.⁠overrides)."
  `);
});

test('in the incident of a full node it is a row', () => {
  const members = [FULL, { ...WAITING, group: 'group', lead: FULL.id }];
  const group = { ...groupOf(members), lead: FULL.id };
  const text = plainly(drawn(incidentView({ ...shownAs(FULL), group, members, tables: 'data_table' })));
  expect(text).toContain('billing | 3 processes | - | - | 🟠 Warning');
});
