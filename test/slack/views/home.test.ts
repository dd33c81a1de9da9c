import { expect, test } from 'vitest';
import type { BotStatus } from '../../../src/core/ports/reports.ts';
import { homeOf, homeView } from '../../../src/slack/views/home.ts';
import { readingView } from '../../../src/slack/views/notices.ts';
import { statusView } from '../../../src/slack/views/status.ts';
import { report } from '../../cli/sample.ts';
import { drawn, said } from './drawn.ts';

const status: BotStatus = {
  version: '0.1.0',
  instance: 'conns-1',
  startedAt: '2026-11-20T08:00:00Z',
  clusters: [
    { name: 'prod', lastReadAt: '2026-11-21T10:00:00Z', tookMs: 212, nodesRead: 3, nodesKnown: 4 },
    { name: 'staging', lastReadAt: null, tookMs: null, nodesRead: null, nodesKnown: null },
  ],
  left: [{ name: 'old', reason: 'paused' }],
  problems: [{ code: 'scope', text: 'The scope chat:write is missing.', remedy: 'Add it to the app and reinstall.' }],
  watch: null,
};

test('Home: every cluster with its headroom in a word, its loudest sources, its last reading; then the bot', () => {
  const problem = { code: 'atlas', text: 'Atlas did not answer.', remedy: 'Try again in a few minutes.' };
  const clusters = [
    { name: 'prod', answer: { report: report(), ageMs: 0 }, problem: null },
    { name: 'staging', answer: null, problem },
  ];
  expect(drawn(homeView({ clusters, status, tables: 'data_table' }))).toMatchInlineSnapshot(`
    "# Connections
    (Refresh)
    ---
    **staging** — could not be read
    Atlas did not answer. Try again in a few minutes.
    (Open report)
    ---
    **prod** — 1 of 4 nodes not read · busiest node at 31 % (shard-00-00) · 785 connections on 3 of 4 nodes
    Largest: **Billing API** 488, **Web EU** 153, **anyone: app "etl"** 74
    Last read {2026-11-21 10:00 UTC}
    (Open report)
    ---
    # This bot
    atlas-conns 0.1.0. Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    No history is kept, and no alerts are posted.
    **old** is not read: paused
    The scope chat:write is missing. Add it to the app and reinstall."
  `);
});

test('Home of more clusters than it holds says how many are missing', () => {
  const clusters = [...Array(40).keys()].map((index) => ({ name: `cluster-${index}`, answer: null, problem: null }));
  const lines = drawn(homeView({ clusters, status, tables: 'text' })).split('\n');
  expect(lines.filter((line) => line.startsWith('**cluster-'))).toHaveLength(25);
  expect(lines).toContain('and 15 more clusters: ask for a report by its name.');
});

test('the status names clusters that are read, those that are not, and missing permissions', () => {
  const view = statusView({ status, tables: 'data_table' });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# atlas-conns 0.1.0
    Replica **conns-1**, up since {2026-11-20 08:00 UTC}.
    No history is kept, and no alerts are posted.
    Cluster | State | Last reading
    prod | 3 of 4 nodes in 0.2 s | {2026-11-21 10:00 UTC}
    staging | - | not yet
    **old** is not read: paused
    The scope chat:write is missing. Add it to the app and reinstall."
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "atlas-conns 0.1.0
    Replica conns-1, up since <!date^1795161600^{date_short_pretty} at {time}|2026-11-20 08:00 UTC>.
    No history is kept, and no alerts are posted.
    prod: read <!date^1795255200^{date_short_pretty} at {time}|2026-11-21 10:00 UTC>, 3 of 4 nodes
    staging: not read yet
    old is not read: paused
    The scope chat:write is missing. Add it to the app and reinstall."
  `);
});

test('a message opened in Home is the same blocks', () => {
  const view = readingView({ cluster: 'prod', nodes: 3 });
  expect(homeOf(view)).toEqual({ type: 'home', blocks: view.blocks });
});
