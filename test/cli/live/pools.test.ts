// What `pools` prints: all apps, one by process, on wide and narrow terminals, and the forms for programs.

import { expect, test } from 'vitest';
import type { PoolsAnswer, PoolsRequest } from '../../../src/app/commands/types.ts';
import { addPools } from '../../../src/cli/live/pools.ts';
import { run } from '../../../src/cli/run.ts';
import { poolsOfJson } from '../../../src/core/pools/json.ts';
import { UpstreamError } from '../../../src/errors.ts';
import { client, NOW, pool, record, viewOf } from '../../core/pools/sample.ts';
import { recordedTerminal, someCommands } from '../some-commands.ts';

const before = {
  at: NOW - 9_000,
  isPartial: false,
  pools: { '1 a:27017': { checkouts: 81_183, failed: 2, waitMs: 5_020 } },
};
const failing = { created: 9, closed: 0, checkouts: 50, failed: 3, timeouts: 3, cleared: 0, waitMs: 9_000 };
const web = client({ appName: 'web', pools: [pool({ address: 'x.example.net:27017', waiting: 4, total: failing })] });
const RECORDS = [
  record({ before }),
  record({ host: 'web-8', pid: 12, ageMs: 40_000 }),
  record({ app: 'web', clients: [web] }),
];
const seenOf = () => ({ at: NOW - 60_000, pooled: 10, monitors: 6, expectedMonitors: 6 });
const VIEW = viewOf(RECORDS, ({ cluster }) => (cluster === null ? null : seenOf()));

async function ran(argv: readonly string[], answer: Partial<PoolsAnswer> | Error = {}, columns = 80) {
  const asked: PoolsRequest[] = [];
  const { terminal, said } = recordedTerminal(columns);
  const commands = someCommands({
    async pools(request) {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      return { view: VIEW, url: 'http://127.0.0.1:8086', remarks: [], ...answer };
    },
  });
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, hide: silent, error: silent };
  const signal = new AbortController().signal;
  const code = await run({
    argv: ['pools', ...argv],
    ...{ commands, terminal, version: '1.2.3', log, random: () => 0.5, signal, more: [addPools] },
  });
  return { code, ...said(), url: asked[0]?.url };
}

test('all apps at 80 columns', async () => {
  const { code, out, err, url } = await ran([]);
  expect({ code, err, url }).toEqual({ code: 0, err: '', url: null });
  expect(out).toMatchInlineSnapshot(`
    "Pools  2 apps, 3 processes  http://127.0.0.1:8086

    APP      OPEN  IN USE  WAITING  PER S  MOST USED  CLUSTER               TIMEOUTS
    web        10       3        4      –  38 of 100  not monitored…:27017         3
    billing    10       3        0     10  38 of 100  prod                         0

    web (not monitored: x.example.net:27017): 4 checkouts wait now, 3 checkouts
      timed out since the processes started.
    billing (prod): 1 process is stale: the last report of web-8 (pid 12) is 40 s
      old. Stale processes are in no sum.

    PER S: checkouts a second. MOST USED: connections in use at once in one pool,
      of maxPoolSize.
    – is unknown yet: checkouts a second and waits are worked out between two
      reports of a process.
    "
  `);
});

test('all apps at 30 columns: what waits stays, the columns to the right are left out', async () => {
  const { out } = await ran([], {}, 30);
  expect(out).toMatchInlineSnapshot(`
    "Pools  2 apps, 3 processes
      http://127.0.0.1:8086

    APP      OPEN  IN USE  WAITING
    web        10       3        4
    billing    10       3        0

    web (not monitored:
      x.example.net:27017): 4
      checkouts wait now, 3
      checkouts timed out since
      the processes started.
    billing (prod): 1 process is
      stale: the last report of
      web-8 (pid 12) is 40 s old.
      Stale processes are in no
      sum.

    – is unknown yet: checkouts
      a second and waits are
      worked out between two
      reports of a process.
    "
  `);
});

test('all apps where there is room', async () => {
  const { out } = await ran([], {}, 160);
  expect(out.split('\n').slice(2, 5).join('\n')).toMatchInlineSnapshot(`
    "APP      OPEN  IN USE  WAITING  PER S  MOST USED  CLUSTER                             TIMEOUTS   PROCESSES  SEEN
    web        10       3        4      –  38 of 100  not monitored: x.example.net:27017         3           1     ?
    billing    10       3        0     10  38 of 100  prod                                       0  2, 1 stale    10"
  `);
});

test('an app by process', async () => {
  const { out } = await ran(['billing'], {}, 110);
  expect(out.replace(/Times are in .*/, 'Times are in ZONE.')).toMatchInlineSnapshot(`
    "billing  prod  2 processes
    1 client  10 open  3 in use  0 waiting  10 checkouts/s  mean wait 2 ms

    1 process is stale: the last report of web-8 (pid 12) is 40 s old. Stale processes are in no sum.
    The nodes of prod count 10 pooled connections and 6 heartbeats for appName "billing", read 1 min ago. The
      reports have 10 open, and 6 heartbeats are expected. That fits.

    NODE  OPEN  IN USE  WAITING
    a       10       3        0

    HOST    PID  OPEN  IN USE  WAITING  MOST USED  MEAN WAIT  FAILED  STATE    DRIVER        SINCE
    web-7  4711    10       3        0  38 of 100       2 ms       2  reports  nodejs 7.9.0  2026-11-21 09:00
    web-8    12    10       3        0  38 of 100          –       2  stale    nodejs 7.9.0  2026-11-21 09:00

    Times are in ZONE.
    "
  `);
});

test('an app to a server of no monitored cluster, on a narrow terminal', async () => {
  const { out } = await ran(['WEB'], {}, 30);
  expect(out.replace(/Times are in .*/, 'Times are in ZONE.')).toMatchInlineSnapshot(`
    "web  not monitored:
      x.example.net:27017  1
      process
    1 client  10 open  3 in use
      4 waiting  – checkouts/s
      mean wait –

    4 checkouts wait now, 3
      checkouts timed out since
      the processes started.
    x.example.net:27017 belongs
      to no monitored cluster: no
      node can be compared, and no
      alert watches it.

    NODE  OPEN  IN USE  WAITING
    x       10       3        4

    HOST    PID  OPEN  IN USE
    web-7  4711    10       3

    – is unknown yet: checkouts
      a second and waits are
      worked out between two
      reports of a process.
    Times are in ZONE.
    "
  `);
});

test('no line is wider than the terminal, whatever the names, and none controls it', async () => {
  const odd = `\u001b[2J${'wide 漢字 '.repeat(20)}\u202e`;
  const driver = { name: odd, version: odd };
  const clients = [client({ appName: odd, pools: [pool({ address: odd, waiting: 9 }), pool()] })];
  const view = viewOf([
    record({ app: odd, host: odd, driver, clients, ageMs: 60_000 }),
    record({ app: odd, clients, pid: 2 }),
  ]);
  for (const columns of [30, 80, 120])
    for (const argv of [[], [odd]]) {
      const { out, code } = await ran(argv, { view }, columns);
      expect(code).toBe(0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not come out
      expect(out).not.toMatch(/[\u001b\u202e]/);
      expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
    }
});

test('an app with pools to two clusters is shown for each; --cluster chooses one', async () => {
  const both = client({ pools: [pool(), pool({ address: 'x:1' })] });
  const view = viewOf([record({ clients: [both] })]);
  const titles = async (argv: readonly string[]) =>
    (await ran(argv, { view })).out.split('\n').filter((line) => line.startsWith('billing  '));
  expect(await titles(['billing'])).toEqual(['billing  not monitored: x:1  1 process', 'billing  prod  1 process']);
  expect(await titles(['billing', '--cluster', 'PROD'])).toEqual(['billing  prod  1 process']);
});

test('a part of a name that several apps have lists them', async () => {
  const view = viewOf(['billing', 'billing-worker', 'web'].map((app) => record({ app })));
  const { out } = await ran(['bill'], { view });
  expect(out).toMatch(/^Pools {2}2 apps, 2 processes/);
});

test('what is named wrongly is answered with the nearest name, exit code 2', async () => {
  expect(await ran(['biling'])).toMatchObject({
    code: 2,
    out: '',
    err: 'No app "biling" reports pools.\nDid you mean "billing"? These apps report: web, billing.\n',
  });
  expect(await ran(['--cluster', 'prdo'])).toMatchObject({
    code: 2,
    err: 'No app reports pools to "prdo".\nDid you mean "prod"? Apps report pools to prod.\n',
  });
});

test('where no application reports, the text says how one does', async () => {
  const { code, out } = await ran([], { view: viewOf([]) });
  expect(code).toBe(0);
  expect(out).toContain('http://127.0.0.1:8086: No application reports its connection pools yet.');
  expect(out.replaceAll(/\s+/g, ' ')).toContain('set ATLAS_CONNS_POOLS_URL and ATLAS_CONNS_POOLS_TOKEN');
});

test('--json is what the bot answers, for what was asked', async () => {
  const { out } = await ran(['--json', 'billing']);
  const document = JSON.parse(out);
  expect(document).toMatchObject({ schema: 'atlas-conns/pools/1', at: '2026-11-21T10:00:04.000Z' });
  expect(poolsOfJson(document)).toEqual({ ...VIEW, apps: VIEW.apps.filter(({ app }) => app === 'billing') });
});

test('--csv has one row for each pool, and no cell is a formula', async () => {
  const view = viewOf([
    record({ app: '=cmd()', clients: [client({ pools: [pool(), pool({ address: 'b:27017', open: 0 })] })] }),
  ]);
  const { out } = await ran(['--csv'], { view });
  expect(out.split('\r\n')).toEqual([
    'app,cluster,host,pid,process,driver,driver_version,started_at,age_ms,stale,client,app_name,address,open,pending,in_use,waiting,max_open,max_in_use,max_waiting,max_pool_size,min_pool_size,max_idle_time_ms,created,closed,checkouts,failed,timeouts,cleared,wait_ms',
    "'=cmd(),prod,web-7,4711,'=cmd() web-7 4711,nodejs,7.9.0,2026-11-21T09:00:00.000Z,4000,false,1,billing,a:27017,10,0,3,0,40,38,6,100,0,,61,51,81233,2,0,1,5120",
    "'=cmd(),prod,web-7,4711,'=cmd() web-7 4711,nodejs,7.9.0,2026-11-21T09:00:00.000Z,4000,false,1,billing,b:27017,0,0,3,0,40,38,6,100,0,,61,51,81233,2,0,1,5120",
    '',
  ]);
});

test('--url goes to the command, remarks to standard error, and an answer that fails is exit code 1', async () => {
  const said = await ran(['--url', 'http://bot:8086'], {
    remarks: ['The token goes to bot in plain text: use https.'],
  });
  expect(said).toMatchObject({
    code: 0,
    url: 'http://bot:8086',
    err: 'The token goes to bot in plain text: use https.\n',
  });
  const away = new UpstreamError({ code: 'pools-unreachable', text: 'No bot answers.', remedy: 'Start it.' });
  expect(await ran([], away)).toMatchObject({ code: 1, out: '', err: 'No bot answers.\nStart it.\n' });
  expect(await ran(['--json', '--csv'])).toMatchObject({ code: 2 });
  expect(await ran(['--token', 'x'])).toMatchObject({ code: 2 });
});
