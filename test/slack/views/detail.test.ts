import { expect, test } from 'vitest';
import type { ProjectHygiene } from '../../../src/core/connections/project-access-list.ts';
import type { ConnectionSource } from '../../../src/core/connections/source.ts';
import type { TableStyle } from '../../../src/slack/blockkit/types.ts';
import { projectHygieneView } from '../../../src/slack/views/access-list.ts';
import { nodesView } from '../../../src/slack/views/nodes.ts';
import { sourceView } from '../../../src/slack/views/source.ts';
import { completeReport, node, report, source } from '../../cli/sample.ts';
import { drawn, said } from './drawn.ts';

const shown = { ageMs: 0, tables: 'data_table', place: { kind: 'answer' } } as const;

/** The line that says how a source was recognised. */
function recognised(more: Partial<ConnectionSource> & { readonly id: string }, of = completeReport()): string {
  const [, line = ''] = drawn(sourceView({ ...shown, report: of, source: source(more.id, more) })).split('\n');
  return line;
}

test('a source says how it was recognised, its figures, and its largest combinations', () => {
  const billing = source('203.0.113.0/24', { name: 'Billing API', dormant: 500 });
  const row = {
    app: 'billing',
    address: '203.0.113.9',
    driver: 'nodejs 7.8.0',
    node: 'shard-00-00.abcde.mongodb.net:27017',
  };
  const largest = [
    { ...row, active: 3, dormant: 288, monitors: 0 },
    { ...row, app: null, driver: null, active: 0, dormant: 100, monitors: 8 },
  ];
  const view = sourceView({
    ...shown,
    report: completeReport(),
    source: { ...billing, combinations: { largest, more: 31 } },
  });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# Billing API
    203.0.113.0/24 on the access list ("Billing API", no end date) · **prod**
    4 active · 500 dormant · 72 heartbeats · 12 clients · 67 % of all sources in prod
    App | Host | Dormant | Active | Driver | Node
    billing | 203.0.113.9 | 288 | 3 | nodejs 7.8.0 | shard-00-00
    (no app) | 203.0.113.9 | 100 | 0 | (no driver) | shard-00-00
    and 31 smaller ones | - | 112 | 1 | - | -
    (Back) (Why so many) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 3 of 3 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries
    small: Clients are estimated from their heartbeats."
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "Billing API · 203.0.113.0/24 on the access list ("Billing API", no end date) · prod
    4 active · 500 dormant · 72 heartbeats · 12 clients · 67 % of all sources in prod"
  `);
});

test('each class is explained in words', () => {
  const open = { cidrBlock: '0.0.0.0/0', comment: ' ', deleteAfterDate: null };
  const ending = { cidrBlock: '10.1.0.0/16', comment: 'VPN', deleteAfterDate: '2026-11-22T10:00:00Z' };
  const none = { entry: null };
  const lines = [
    recognised({ id: '10.1.0.0/16', name: 'VPN', entry: ending }),
    recognised({ id: '10.1.2.0/24', name: 'Kubernetes', entry: ending }),
    recognised({ id: '10.1.2.0/24', name: 'Kubernetes', ...none }),
    recognised({ id: '0.0.0.0/0 app:etl', name: 'anyone: etl', class: 'catch-all', entry: open }),
    recognised({ id: 'private app:etl', name: 'private: etl', class: 'private', ...none }),
    recognised({
      id: 'peering:10.8.0.0/16',
      name: 'peered network 10.8.0.0/16',
      class: 'peering',
      peer: 'vpc-1 (account 1)',
      ...none,
    }),
    recognised({ id: 'atlas-internal app:etl', name: 'private endpoint: etl', class: 'atlas-internal', ...none }),
    recognised({ id: '198.51.100.9', class: 'unlisted', ...none }),
    recognised({ id: '198.51.100.9', class: 'unknown', ...none }, completeReport({ accessList: null })),
    recognised({ id: '198.51.100.9', class: 'unknown', ...none }),
    recognised({ id: 'unknown address', class: 'unknown', ...none }),
  ];
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "10.1.0.0/16 on the access list ("VPN", ends {2026-11-22 10:00 UTC}) · **prod**
    10.1.2.0/24, let in by 10.1.0.0/16 on the access list ("VPN", ends {2026-11-22 10:00 UTC}) · **prod**
    10.1.2.0/24: named by a label of the configuration · **prod**
    0.0.0.0/0 on the access list (no comment, no end date), no other entry matches than one that lets every address in; distinguished by app, else by user or driver · **prod**
    private app:etl: a private address that nothing names: a peered network whose range Atlas does not report, or a security group; distinguished by app · **prod**
    peering:10.8.0.0/16: a peered network of the project, vpc-1 (account 1) · **prod**
    atlas-internal app:etl: Atlas's own network of the project: other nodes, agents, and clients behind a private endpoint; distinguished by app · **prod**
    on no access list entry: an entry was removed or ran out while it stayed · **prod**
    no access list was read · **prod**
    on no entry of the access list, which was read in part · **prod**
    the server does not report an IP address · **prod**"
  `);
});

test('unknown facts about a source are named', () => {
  const silent = source('10.0.0.0/8', { clients: null, estimated: ['monitors', 'users'] });
  const lines = drawn(sourceView({ ...shown, report: completeReport(), source: silent })).split('\n');
  expect([lines[2], ...lines.slice(-3)].join('\n')).toMatchInlineSnapshot(`
    "4 active · ~412 dormant · ~72 heartbeats · clients unknown · 67 % of all sources in prod
    small: ~ is an estimate: this server does not distinguish idle heartbeats from pooled connections.
    small: Its drivers poll, so they do not show how many clients there are.
    small: This server does not report the users of idle connections."
  `);
});

test('each node says how full it is; one that was not read says why, one left out on purpose too', () => {
  const { nodes } = report();
  const rejecting = node('shard-00-01.abcde.mongodb.net:27017', { current: 1_400, limit: 1_500, rejected: 12 });
  const view = nodesView({ ...shown, report: report({ nodes: [...nodes.slice(0, 1), rejecting, ...nodes.slice(3)] }) });
  expect(drawn(view)).toMatchInlineSnapshot(`
    "# prod — 3 nodes, 1 not read
    Node | Used | Connections | Limit | Role | Clients
    shard-00-00 | 31 % | 465 | 1,500 | primary | 20
    shard-00-01 | 93 % | 1,400 | 1,500 | secondary | 20
    **shard-00-01** is at 93 % of its limit, 1,400 of 1,500 connections.
    **shard-00-01** has turned away 12 connections since it started.
    **analytics-2** was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    Left out on purpose: **arbiter.abcde.mongodb.net:27017**, an arbiter serves no clients.
    (Back) (Forecast) (Refresh)
    small: read <!date^1795255200^{time_secs}|10:00:00 UTC> in 0.2 s · 2 of 3 nodes · access list of <!date^1795255200^{time}|10:00 UTC>, 41 entries"
  `);
  expect(said(view)).toMatchInlineSnapshot(`
    "prod — 3 nodes, 1 not read
    shard-00-00 (primary): 31 % of its limit, 465 of 1,500, fine
    shard-00-01 (secondary): 93 % of its limit, 1,400 of 1,500, critical
    shard-00-01 has turned away 12 connections since it started.
    analytics-2 was not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
    The numbers are those of the other nodes.
    Left out on purpose: arbiter.abcde.mongodb.net:27017, an arbiter serves no clients."
  `);
});

const hygiene = ({ findings, accessList, problems, at }: ReturnType<typeof report>): ProjectHygiene => ({
  clusters: [{ name: 'prod', since: Date.parse('2026-10-14T10:00:00Z'), isLong: true }],
  ...{ unread: [], findings, accessList, problems, at },
});
const hygieneShown = (of: ProjectHygiene, tables: TableStyle = 'data_table') =>
  drawn(projectHygieneView({ tables, place: { kind: 'answer' }, hygiene: of, cluster: 'prod' }));

test('findings: warnings in sentences, notices in a table, and every time in the zone of the reader', () => {
  const at = Date.parse('2026-11-21T03:10:00Z');
  const quiet = {
    kind: 'unseen-entry',
    entry: '198.51.100.0/24',
    text: '198.51.100.0/24 was last used 2026-11-21T03:10Z by staging.',
    timed: ['198.51.100.0/24 was last used ', { at }, ' by staging.'],
    severity: 'notice',
  } as const;
  const unread = [{ name: 'old', reason: 'paused' }];
  const of = hygiene(report());
  const view = { ...of, findings: [...of.findings, quiet], unread };
  expect(hygieneShown(view)).toMatchInlineSnapshot(`
    "# All clusters of the project — 3 findings about the access list
    • **198.51.100.9** is connected but matches no access list entry
    Entry | Finding | Evidence
    0.0.0.0/0 | no comment | 0.0.0.0/0 has no comment
    198.51.100.0/24 | no connection now | 198.51.100.0/24 was last used {2026-11-21 03:10 UTC} by staging.
    Read: prod (history since {2026-10-14}).
    No entry is called unused, because these clusters may need it:
    **old**: paused.
    (Back) (Refresh)
    small: the oldest reading is of <!date^1795255200^{time_secs}|10:00:00 UTC>"
  `);
  expect(hygieneShown(view, 'text')).toContain('last used 2026-11-21 03:10 UTC by staging');
});

test('an unused entry may be a new one, and the view says so', () => {
  const { findings, ...of } = hygiene(report());
  const unused = { kind: 'unused-entry', entry: '198.51.100.0/24', text: 'unused', severity: 'notice' } as const;
  expect(hygieneShown({ ...of, findings: [...findings, unused] })).toContain('a new one may wait for its first client');
});

test('no findings and no access list are not the same', () => {
  const titles = [completeReport({ findings: [] }), completeReport({ findings: [], accessList: null })].map(
    (one) => hygieneShown(hygiene(one)).split('\n')[0],
  );
  expect(titles).toMatchInlineSnapshot(`
    [
      "# prod — no findings about the access list",
      "# prod — no access list was read",
    ]
  `);
});
