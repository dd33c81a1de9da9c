// The pools of applications as people see them: in Slack and in the terminal, from one bot that takes the reports.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchPools } from '../../src/http/pools-client.ts';
import { poolReport, putReport } from '../http/pools-fixture.ts';
import { freePort } from '../sandbox/free-port.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { answerTo, command, OPS, optionOf, press } from '../slack/bot-fixture.ts';
import { openWorkplace, tableOf, type Workplace, wordsIn } from './slack.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const TOKEN = 'a-token-of-the-applications-1';

let port: number;
let health: number;
let work: Workplace;
let terminal: Terminal;
let hosts: readonly string[];

beforeAll(async () => {
  [port, health] = [await freePort(), await freePort()];
  const env = { POOLS_PORT: String(port), POOLS_TOKEN: TOKEN, HEALTH_PORT: String(health) };
  work = await openWorkplace({ env });
  terminal = await openTerminal(work.project.env);
  const nodes = await terminal.type(['nodes', 'prod', '--json']);
  hosts = JSON.parse(nodes.out).nodes.map(({ host }: { host: string }) => host);
});
afterAll(async () => {
  await work?.close();
  await terminal?.close();
});

const ours = () => ({ POOLS_PORT: String(port), POOLS_TOKEN: TOKEN });
const theirs = (url: string, token = TOKEN) => ({ ATLAS_CONNS_POOLS_URL: url, ATLAS_CONNS_POOLS_TOKEN: token });
const url = () => `http://127.0.0.1:${port}`;

async function said(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const answer = await terminal.type(['pools', ...argv], env);
  expect(answer.out + answer.err).not.toContain(TOKEN);
  return answer;
}

/** Two processes of billing with a pool to each node, and web with one to a server elsewhere. */
async function reported(seq: number) {
  const counts = { open: 12, pending: 0, inUse: 3, waiting: 0 };
  const pool = (now: Partial<typeof counts> = {}) => ({
    now: { ...counts, ...now },
    max: { open: 40, inUse: 38, waiting: 6 },
    total: { created: 61, closed: 49, checkouts: 1_000 * seq, failed: 0, timeouts: 0, cleared: 1, waitMs: 100 * seq },
  });
  const process = (pid: number, app: string) => ({
    ...{ id: `${app}-${pid}`, pid, host: `${app}-${pid}`, app, startedAt: new Date().toISOString() },
    driver: { name: 'nodejs', version: '7.9.0' },
  });
  const options = { maxPoolSize: 100, minPoolSize: 0 };
  const own = Object.fromEntries(hosts.map((host) => [host, pool()]));
  const reports = [
    { process: process(1, 'billing'), clients: [{ n: 1, appName: 'billing', options, pools: own }] },
    { process: process(2, 'billing'), clients: [{ n: 1, appName: 'billing', options, pools: own }] },
    {
      process: process(3, 'web'),
      clients: [{ n: 1, options, pools: { 'db.example.net:27017': pool({ waiting: 2 }) } }],
    },
  ];
  for (const report of reports) {
    const put = await putReport({ port, token: TOKEN, report: poolReport({ seq, everyMs: 100_000, ...report }) });
    // 200 asks for another pace: this one keeps a process fresh for minutes, whatever the machine.
    expect([200, 204]).toContain(put.status);
  }
}

test('before any report, Slack and the terminal say how an application reports', async () => {
  expect((await command(work.slack, 'pools')).text).toContain('No application reports its connection pools yet.');
  const { code, out } = await said([], ours());
  expect([code, out]).toEqual([0, expect.stringContaining('No application reports its connection pools yet.')]);
});

test('Slack shows the reports by app and by process, beside what the nodes count', async () => {
  await reported(1);
  await command(work.slack, 'prod');
  const all = await command(work.slack, 'pools');
  const [, ...rows] = tableOf(all);
  expect(rows.map(([app, cluster]) => [app, cluster])).toEqual([
    ['web', 'not monitored: db.example.net:27017'],
    ['billing', 'prod'],
  ]);
  const rate = rows.map((row) => row[6]);
  expect(rate).toEqual(['–', '–']);
  const app = await press(work.slack, all, { actionId: 'pools', option: optionOf(all, 'billing') });
  expect(wordsIn(app.blocks)).toMatch(
    /The nodes of prod count \d+ pooled connections and \d+ heartbeats for appName "billing"/,
  );
  expect(wordsIn(app.blocks)).toContain('The reports have 72 open, and 12 heartbeats are expected.');
  expect(
    tableOf(app)
      .slice(1)
      .map(([host, pid]) => [host, pid]),
  ).toEqual([
    ['billing-1', '1'],
    ['billing-2', '2'],
  ]);
  await reported(2);
  const fresh = await press(work.slack, app, { actionId: 'refresh' });
  expect(wordsIn(fresh.blocks)).toMatch(/· [\d.,]+ checkouts\/s · mean wait 0\.1 ms/);
  const mention = await answerTo(work.slack, () =>
    work.slack.say({ user: ANNA.id, channel: OPS, text: `<@${work.slack.botUser}> pools web` }),
  );
  expect(wordsIn(mention.blocks)).toContain('db.example.net:27017 belongs to no monitored cluster');
});

test('the terminal shows the same, whichever settings name the bot', async () => {
  await reported(3);
  const { code, out, err } = await said([], ours());
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Pools {2}2 apps, 3 processes {2}http:\/\/127\.0\.0\.1:\d+\n/);
  expect(out).toMatch(/\nbilling +72 +18 +0 +/);
  const byReporters = await said(['billing'], theirs(`${url()}/v1/pools,https://other`));
  expect(byReporters).toMatchObject({ code: 0, err: `ATLAS_CONNS_POOLS_URL has 2 addresses: ${url()} is asked.\n` });
  expect(byReporters.out).toMatch(/^billing {2}prod {2}2 processes\n/);
  const byOption = await said(['web', '--url', url()], { POOLS_TOKEN: TOKEN });
  expect(byOption.out).toContain('db.example.net:27017 belongs to no monitored cluster');
});

test('--json is the answer of the bot, --csv has a row for each pool', async () => {
  await reported(4);
  const json = await said(['--json'], ours());
  const answer = await fetch(`${url()}/v1/pools`, { headers: { authorization: `Bearer ${TOKEN}` } });
  type Told = { readonly apps: readonly Readonly<Record<'app' | 'cluster' | 'now' | 'total', unknown>>[] };
  const told = (document: string) =>
    (JSON.parse(document) as Told).apps.map(({ app, cluster, now, total }) => ({ app, cluster, now, total }));
  expect(told(json.out)).toEqual(told(await answer.text()));
  const csv = await said(['--csv', '--cluster', 'prod'], ours());
  expect(csv.out.split('\r\n').filter(Boolean)).toHaveLength(1 + 2 * hosts.length);
});

test('a wrong token, no bot, another listener and no address each say what to do', async () => {
  expect(await said([], theirs(url(), 'a-token-of-nobody-at-all'))).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/refuses the token\.\nSet POOLS_TOKEN/),
  });
  const nowhere = await freePort();
  expect(await said(['--url', `http://127.0.0.1:${nowhere}`], ours())).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^No bot answers at .*\(ECONNREFUSED\)\.\nCheck that "atlas-conns serve" runs/),
  });
  expect(await said(['--url', `http://127.0.0.1:${health}`], ours())).toMatchObject({
    code: 1,
    err: expect.stringContaining('is not the pools of an atlas-conns bot'),
  });
  expect(await said([], {})).toMatchObject({ code: 2, err: expect.stringMatching(/^POOLS_PORT is missing\./) });
  expect(await said(['--url', url()], {})).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^POOLS_TOKEN is missing\./),
  });
  expect(await said([], { POOLS_PORT: String(port) })).toMatchObject({ code: 2 });
});

test('the bot still answers what it takes, as the client of the terminal reads it', async () => {
  await reported(5);
  const view = await fetchPools({ url: url(), token: TOKEN, signal: AbortSignal.timeout(30_000) });
  const billing = view.apps.find(({ app }) => app === 'billing');
  expect(billing).toMatchObject({ cluster: 'prod', seen: { expectedMonitors: 12 } });
});
