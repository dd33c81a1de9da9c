// What goes wrong between a person and the report: what happened, to what, and what to do, with the right exit code.

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { apiError } from '../sandbox/atlas/fault.ts';
import { accessListEntry, PROJECT_ID } from '../sandbox/atlas/scenario.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let project: StandInProject;
let terminal: Terminal;

beforeAll(async () => {
  project = await startProject();
  terminal = await openTerminal(project.env);
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
});
afterEach(async () => {
  const { atlas, scenario } = project;
  atlas.faults.clear();
  Object.assign(atlas.scenario, { roles: ['GROUP_READ_ONLY'], apiAccessList: null });
  await Promise.all(scenario.clusters.flatMap(({ set }) => set.nodes.map((node) => node.listen())));
});

const asItIs = (): void => undefined;
const hosts = () => project.scenario.cluster('prod').set.nodes.map(({ host }) => host) as [string, string, string];

test.each([
  [['report'], /^Which cluster\?[\s\S]*prod, sandbox, staging/],
  [['report', 'prdo'], /"prdo"[\s\S]*Did you mean prod\?/],
  [['reprt'], /unknown command 'reprt'[\s\S]*report/],
  [['report', 'prod', '--jsn'], /unknown option '--jsn'[\s\S]*--json/],
  [['report', 'prod', '--by', 'ap'], /Expected one of source, app[\s\S]*Did you mean app\?/],
  [['report', 'prod', '--source', 'Biling API'], /No source "Biling API"[\s\S]*Did you mean "Billing API"\?/],
])('%j is wrong input: exit 2, and the nearest right one is named', async (argv, expected) => {
  const { code, out, err } = await terminal.type(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(expected);
});

test.each([
  [
    'a wrong secret',
    { MONGODB_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_wr0ng' },
    asItIs,
    /refuses service account mdb_sa_id_\w+[\s\S]*MONGODB_ATLAS_CLIENT_SECRET/,
  ],
  [
    'a missing role',
    {},
    () => project.atlas.scenario.roles.splice(0),
    /lacks the role[\s\S]*Project Read Only \(GROUP_READ_ONLY\)/,
  ],
  [
    'an address off the API access list',
    {},
    () => Object.assign(project.atlas.scenario, { apiAccessList: ['203.0.113.5'] }),
    /refuses requests from 127\.0\.0\.1[\s\S]*Add 127\.0\.0\.1/,
  ],
  [
    'an unknown project',
    { MONGODB_ATLAS_PROJECT_ID: '64b0c2a5f1e2d3c4b5a69700' },
    asItIs,
    new RegExp(`Atlas\\s+does\\s+not\\s+know\\s+this\\s+project[\\s\\S]*${PROJECT_ID}`),
  ],
] as const)(
  '%s: report ends with 1 and no table, and check says that it failed',
  async (_what, env, arrange, expected) => {
    arrange();
    const report = await terminal.type(['report', 'prod'], env);
    expect(report).toMatchObject({ code: 1, out: '', err: expect.stringMatching(expected) });
    const check = await terminal.type(['check'], env);
    expect(check).toMatchObject({ code: 1, err: '', out: expect.stringMatching(expected) });
    expect(check.out).toMatch(/^failed {3}Atlas /m);
  },
);

test.each([
  [
    'a wrong database password',
    { MONGODB_PASSWORD: 'wr0ng-passw0rd' },
    /rejects the user atlas-conns[\s\S]*MONGODB_PASSWORD/,
  ],
  [
    'a missing privilege',
    { MONGODB_USERNAME: 'no-monitor' },
    /clusterMonitor\s+is\s+missing[\s\S]*grantRolesToUser\('no-monitor', \[\{ role: 'clusterMonitor', db: 'admin' \}\]\)/,
  ],
])('%s is one line for all nodes, in report without a table and in check', async (_what, env, expected) => {
  const report = await terminal.type(['report', 'prod'], env);
  expect(report).toMatchObject({ code: 1, out: '', err: expect.stringMatching(expected) });
  const check = await terminal.type(['check'], env);
  expect(check).toMatchObject({ code: 1, err: '', out: expect.stringMatching(expected) });
  expect(report.err.match(/^not read: /gm)).toHaveLength(1);
  expect(report.err).toContain(`not read: 3 nodes (${hosts().join(', ')}): `);
  expect(check.out).toContain(`failed   prod, 3 nodes: ${hosts().join(', ')}\n`);
});

test('a failed page of the access list is reported in every form, so that no source is called unlisted silently', async () => {
  const { atlas } = project;
  const listed = [...atlas.scenario.accessList];
  try {
    const filler = Array.from({ length: 500 }, (_, n) => accessListEntry(`100.64.${n >> 8}.${n & 255}`));
    atlas.scenario.accessList.unshift(...filler);
    atlas.faults.add(/accessList.*pageNum=2/, apiError(400, 'UNEXPECTED'));
    const text = await terminal.type(['report', 'prod']);
    expect(text.code).toBe(1);
    expect(text.out).toContain(' unknown\n');
    expect(text.out).not.toContain('unlisted');
    expect(text.out.replaceAll(/\s+/g, ' ')).toContain('the list was not read completely.');
    const csv = await terminal.type(['report', 'prod', '--csv']);
    expect(csv.code).toBe(1);
    expect(csv.err).toContain('the list was not read completely.');
    const source = await terminal.type(['report', 'prod', '--source', '203.0.113.1']);
    expect(source.out.replaceAll(/\s+/g, ' ')).toContain('the list was not read completely.');
    expect((await terminal.type(['check'])).out).toMatch(/^failed .*access list/m);
  } finally {
    atlas.scenario.accessList.splice(0, Number.POSITIVE_INFINITY, ...listed);
  }
});

test('Atlas away, and a connection string: the report comes without names, and says so', async () => {
  const { uri } = project.scenario.cluster('prod').set;
  const login = `atlas-conns:${project.env['MONGODB_PASSWORD']}@`;
  const { code, out } = await terminal.type(['report'], {
    MONGODB_URI: uri.replace('://', `://${login}`),
    MONGODB_USERNAME: undefined,
    MONGODB_PASSWORD: undefined,
    MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(out).toMatch(/connections on 3 nodes/);
  expect(out).toMatch(/^problem: 127\.0\.0\.1:1 refused the connection\./m);
  expect(out).not.toContain(login);
});

test('a lost node is named and the others are reported; with all lost there is no table', async () => {
  const cluster = project.scenario.cluster('prod');
  const [one, two, three] = hosts();
  await cluster.lostNode(1);
  const text = await terminal.type(['report', 'prod']);
  expect(text).toMatchObject({ code: 1, err: '' });
  expect(text.out).toMatch(/ on 2 of 3 nodes/);
  expect(text.out.replaceAll(/\s+/g, ' ')).toContain(
    `not read: ${two} refuses connections: nothing listens there. Check`,
  );
  const csv = await terminal.type(['report', 'prod', '--csv']);
  expect(csv).toMatchObject({ code: 1, err: expect.stringContaining(`not read: ${two} `) });
  const unknown = await terminal.type(['report', 'prod', '--source', 'nobody-at-all']);
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('that were read (1 node not read)') });
  const check = await terminal.type(['check']);
  expect(check.out).toContain(`failed   prod, ${two}\n`);
  expect(check.out).toMatch(new RegExp(`^ok +prod, ${one}: primary`, 'm'));

  await Promise.all([cluster.lostNode(0), cluster.lostNode(2)]);
  for (const argv of [[], ['--csv'], ['--by', 'app']]) {
    const { code, out, err } = await terminal.type(['report', 'prod', ...argv]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^No node of prod could be read\.$/m);
    expect(err).toContain(`not read: 3 nodes (${[one, two, three].join(', ')}): each refuses connections`);
  }
});

test('check tests Slack where any of its settings is there, and else says that none is', async () => {
  const none = await terminal.type(['check']);
  expect(none.code).toBe(0);
  expect(none.out).toMatch(/^ok +Slack: not configured; `serve` would need SLACK_BOT_TOKEN/m);
  const half = await terminal.type(['check'], { SLACK_APP_TOKEN: 'xapp-1', SLACK_ALERT_CHANNEL: 'C0ALERTS' });
  expect(half.code).toBe(1);
  expect(half.out).toMatch(/^missing +Slack\n +SLACK_BOT_TOKEN is missing\./m);
  expect(half.out).toMatch(/^ok +store: /m);
});

test('only missing settings are reported: without Atlas credentials that is the only problem', async () => {
  const { code, out } = await terminal.type(['check'], { MONGODB_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_wr0ng' });
  expect(code).toBe(1);
  expect(out).toMatch(/There is no cluster to read\.\n +Atlas did not list the clusters of every project: see above\./);
  expect(out).not.toMatch(/MONGODB_URI|MONGODB_USERNAME/);
});
