// `report` as a person types it, on a stand-in project: every form tells the same, and none tells what is not known.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ended, openTerminal, type Terminal } from './terminal.ts';

let project: StandInProject;
let terminal: Terminal;
/** What every other form of prod must tell, too: one reading at a time, for readers that come at once see each other arrive. */
let prod: Report;

beforeAll(async () => {
  // A clock that stands: every reading of the project tells the same.
  const at = new Date('2026-11-21T10:00:00Z');
  project = await startProject({ now: () => at });
  terminal = await openTerminal(project.env);
  prod = await json('prod');
});
afterAll(async () => {
  await terminal?.close();
  await project?.close();
});

interface Counts {
  readonly active: number;
  readonly dormant: number;
  readonly monitors: number;
}
interface Source extends Counts {
  readonly id: string;
  readonly name: string;
  readonly clients: number | null;
  readonly share: number;
  readonly nodes: readonly Counts[];
  readonly apps: readonly Counts[];
  readonly hosts: readonly (Counts & { readonly clients: number | null })[];
  readonly drivers: readonly Counts[];
  readonly users: readonly Counts[];
}
interface Report {
  readonly schema: string;
  readonly complete: boolean;
  readonly totals: Readonly<
    Record<'connections' | 'active' | 'dormant' | 'monitors' | 'internal' | 'own', number | null>
  >;
  readonly nodes: readonly { readonly host: string; readonly connections: number }[];
  readonly sources: readonly Source[];
  readonly problems: readonly { readonly code: string; readonly text: string }[];
}

const all = ({ active, dormant, monitors }: Counts) => active + dormant + monitors;
const sum = (rows: readonly Counts[]) =>
  rows.reduce(
    (total, row) => ({
      active: total.active + row.active,
      dormant: total.dormant + row.dormant,
      monitors: total.monitors + row.monitors,
    }),
    { active: 0, dormant: 0, monitors: 0 },
  );

async function json(cluster: string, expected = 0): Promise<Report> {
  const { code, out, err } = await terminal.type(['report', cluster, '--json']);
  expect({ code, err }).toEqual({ code: expected, err: '' });
  return JSON.parse(out);
}

test.each(['prod', 'staging'])('every invariant of the public format holds on the JSON of %s', async (cluster) => {
  const { schema, complete, totals, nodes, sources } = await json(cluster);
  expect({ schema, complete }).toEqual({ schema: 'atlas-conns/report/1', complete: true });
  expect(sources.length).toBeGreaterThan(1);
  const whole = sum(sources);
  expect(totals).toMatchObject(whole);
  expect(totals.connections).toBe(all(whole) + (totals.internal ?? 0) + (totals.own ?? 0));
  expect(totals.connections).toBe(nodes.reduce((sum, node) => sum + node.connections, 0));
  for (const source of sources) {
    const { active, dormant, monitors } = source;
    for (const rows of [source.nodes, source.apps, source.hosts, source.drivers, source.users])
      expect(sum(rows)).toEqual({ active, dormant, monitors });
    expect(source.share).toBeCloseTo(all(source) / all(whole), 12);
    const clients = source.hosts.map((host) => host.clients ?? 0).reduce((sum, count) => sum + count, 0);
    if (source.clients !== null) expect(source.clients).toBe(clients);
    else expect([clients, active + dormant > 0]).toEqual([0, true]);
  }
  const order = sources.toSorted((a, b) => all(b) - all(a) || (a.id < b.id ? -1 : 1));
  expect(sources.map(({ id }) => id)).toEqual(order.map(({ id }) => id));
});

test('the table has the same rows as the JSON, fits 80 columns, and has no colours in a pipe, NO_COLOR or not', async () => {
  const { sources } = prod;
  const { code, out, err } = await terminal.type(['report', 'prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const rows = sources.map(({ active, dormant, monitors, clients }) =>
    [dormant, active + dormant + monitors, active, clients ?? '?', monitors].join(' '),
  );
  const lines = out.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  for (const row of rows) expect(lines.filter((line) => line.includes(` ${row} `)).length).toBeGreaterThan(0);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(out).not.toContain('\u001b');
  expect((await terminal.type(['report', 'prod'], { NO_COLOR: '1' })).out).not.toContain('\u001b');
});

test.each(['source', 'app', 'user', 'host', 'driver', 'node'])('rows by %s add up to the totals', async (by) => {
  const argv = ['report', 'prod', '--by', by];
  const { code, out, err } = await terminal.type([...argv, '--csv']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const [head = '', ...lines] = out.trimEnd().split('\r\n');
  const cells = (line: string) =>
    [...line.matchAll(/"((?:[^"]|"")*)"|([^,]+)|(?<=,)(?=,|$)|^(?=,)/g)].map(([, a, b]) => a ?? b ?? '');
  const names = cells(head);
  const column = (name: string) => lines.reduce((sum, line) => sum + Number(cells(line)[names.indexOf(name)]), 0);
  const { active, dormant, monitors } = prod.totals;
  expect({ active: column('active'), dormant: column('dormant'), monitors: column('monitors') }).toEqual({
    active,
    dormant,
    monitors,
  });
  const text = await terminal.type(argv);
  expect(text.out).toMatch(new RegExp(`^${by.toUpperCase()} +DORMANT +TOTAL`, 'm'));
});

test('one source in detail, named by name, address or block; threads are listed when asked for', async () => {
  const said = await Promise.all(
    ['billing api', '203.0.113.2', '203.0.113.0/24'].map((source) =>
      terminal.type(['report', 'prod', '--source', source]),
    ),
  );
  for (const { code, out } of said) {
    expect(code).toBe(0);
    expect(out).toMatch(/^Billing API {2}203\.0\.113\.0\/24 on the access list/);
  }
  expect((await terminal.type(['report', 'prod', '--threads'])).out).toMatch(/^SERVER THREAD +COUNT$/m);
});

test('why ranks the reasons, opens a source, and reads a saved dump without any setting', async () => {
  const FUNCTIONS = 'Functions with more connections than they use';
  const { code, out, err } = await terminal.type(['why', 'prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(new RegExp(`^${FUNCTIONS} +198\\.51\\.100\\.128/28 +~32$`, 'm'));
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const one = await terminal.type(['why', 'prod', '198.51.100.128/28', '--json']);
  expect(JSON.parse(one.out)).toMatchObject({
    schema: 'atlas-conns/why/1',
    source: { id: '198.51.100.128/28' },
    diagnoses: [{ id: 'functions', wouldFree: { connections: 32, megabytes: 32 } }],
    expected: { clients: null, seen: 112 },
  });
  const dump = new URL('../fixtures/currentop/primary.json', import.meta.url).pathname;
  const empty = await openTerminal({});
  const saved = await empty.type(['why', '--from', `node-0=${dump}`]);
  await empty.close();
  expect([saved.err, saved.out]).toEqual(['', expect.stringContaining('There is no history here')]);
});

test('output never contains the command of an operation', async () => {
  const { out } = await terminal.type(['report', 'prod', '--json']);
  for (const literal of ['jane.doe', '4111', 'invoice run']) expect(out).not.toContain(literal);
});

test('M0: totals and a remark, exit code 0, and no table; what asks for sources ends with 1', async () => {
  const sentence = /refuses \$currentOp, as M0 and Flex clusters do/;
  const text = await terminal.type(['report', 'sandbox']);
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out).toMatch(/^remark: sandbox refuses/m);
  expect(text.out.replaceAll(/\s+/g, ' ')).toMatch(sentence);
  expect(text.out).not.toContain('DORMANT');
  const report = await json('sandbox', 0);
  expect(report).toMatchObject({ complete: false, sources: [], totals: { active: null, dormant: null } });
  expect(report.problems).toMatchObject([{ code: 'shared-tier' }]);
  for (const argv of [['--csv'], ['--csv', '--by', 'app'], ['--source', 'Billing API']]) {
    const { code, out, err } = await terminal.type(['report', 'sandbox', ...argv]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(sentence);
  }
});

test('nodes: a table for people, and as JSON the nodes of the report', async () => {
  const { code, out, err } = await terminal.type(['nodes', 'prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^prod {2}3 nodes\n\nNODE +ROLE +CONNECTIONS +LIMIT +USED +CLIENTS +REFUSED\n/);
  expect(out.match(/^127\.0\.0\.1:\d+ +(?:primary|secondary) +\d+ +3,000 +\d+ % +(?:≥ )?\d+ +\d+$/gm)).toHaveLength(3);
  const said = await terminal.type(['nodes', '--cluster', 'PROD', '--json']);
  const document = JSON.parse(said.out);
  expect(document).toMatchObject({ schema: 'atlas-conns/nodes/1', cluster: 'prod', leftOut: [] });
  expect(document.nodes.map(({ role, limit }: { role: string; limit: number }) => [role, limit])).toEqual([
    ['primary', 3_000],
    ['secondary', 3_000],
    ['secondary', 3_000],
  ]);
});

test('hygiene: the findings of the project, whichever cluster is named, and no entry is unused without a history', async () => {
  const { code, out, err } = await terminal.type(['hygiene', 'prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const said = out.replaceAll(/\s+/g, ' ');
  expect(said).toMatch(/^access list: 8 entries, \d findings warning: 192\.0\.2\.77 holds/);
  expect(said).toContain('careful: sandbox hides its sources, as M0 and Flex clusters do.');
  expect(said).toContain('Keep it: sandbox hides its sources; prod and staging have less than 8 days of history.');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  for (const argv of [['hygiene'], ['hygiene', 'staging']])
    expect((await terminal.type(argv)).out.replaceAll(/holds \d+ connections/g, '')).toBe(
      out.replaceAll(/holds \d+ connections/g, ''),
    );
  const json = JSON.parse((await terminal.type(['hygiene', '--json'])).out);
  expect(json).toMatchObject({
    schema: 'atlas-conns/hygiene/1',
    clusters: [{ name: 'prod', historySince: null, enoughHistory: false }, { name: 'staging' }],
    unread: [{ name: 'sandbox' }],
  });
  expect(json.findings.map(({ kind }: { kind: string }) => kind)).not.toContain('unused-entry');
});

test('a reader that leaves after the first line ends the report quietly', async () => {
  const child = terminal.start(['report', 'prod', '--json']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await ended(child)).toMatchObject({ err: '' });
});

test('Ctrl-C while a node hangs ends with 130, nothing printed, and its connections closed', async () => {
  const { nodes } = project.scenario.cluster('prod').set;
  const [hung] = nodes;
  if (hung === undefined) throw new Error('prod has no nodes');
  hung.trouble.slow(Number.POSITIVE_INFINITY, ['aggregate']);
  try {
    const before = hung.received().length;
    const child = terminal.start(['report', 'prod']);
    const end = ended(child);
    await expect
      .poll(() =>
        hung
          .received()
          .slice(before)
          .some(({ name }) => name === 'aggregate'),
      )
      .toBe(true);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, out: '', err: '' });
    await expect.poll(() => nodes.map((node) => node.open())).toEqual([0, 0, 0]);
  } finally {
    hung.trouble.end();
  }
});
