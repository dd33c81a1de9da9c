// `atlas-conns forecast` for a plan: the worked cases, options, text, JSON, and what is wrong.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { ended } from '../e2e/terminal.ts';
import worked from '../fixtures/found/plans/worked.json' with { type: 'json' };
import { recordedTerminal, someCommands } from './some-commands.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function ran(argv: readonly string[], env: Readonly<Record<string, string>> = {}, input = '', colors = false) {
  const { terminal, said } = recordedTerminal(100);
  const silent = () => undefined;
  const code = await run({
    argv: ['forecast', ...argv],
    commands: someCommands({}),
    terminal: { ...terminal, colors },
    version: '1.2.3',
    log: { debug: silent, info: silent, warn: silent, error: silent, hide: silent },
    random: () => 0.5,
    signal: new AbortController().signal,
    input: { isTerminal: false, askHidden: async () => '', readAll: async () => input },
    env,
  });
  return { code, ...said() };
}

async function saved(plan: unknown): Promise<string> {
  const path = join(directory, 'plan.json');
  await writeFile(path, JSON.stringify(plan));
  return path;
}

test.each(worked.cases)('$id: $why', async ({ input, expect: wanted }) => {
  const { code, out, err } = await ran(['--plan', await saved(input), '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { schema, scenarios, assumptions, ...figures } = JSON.parse(out);
  expect(figures).toEqual(wanted);
  expect(schema).toBe('atlas-conns/forecast/1');
  expect(scenarios).toHaveLength(5);
  expect(assumptions).not.toEqual([]);
});

test('the fields of the JSON document, in their order', async () => {
  const argv = ['--driver', 'node', '--instances', '2', '--limit', '500', '--per-second', '15', '--json'];
  const document = JSON.parse((await ran(argv)).out);
  expect(Object.keys(document)).toEqual([
    'schema',
    'clients',
    'perNode',
    'total',
    'monitorsTotal',
    'sizing',
    'instancesUntilLimit',
    'busiestShareOfLimit',
    'secondsToConnectAll',
    'scenarios',
    'assumptions',
  ]);
  expect(document.scenarios[4]).toEqual({
    name: 'election',
    busiest: 4,
    share: 0.008,
    instancesUntilLimit: 250,
    perNode: { primary: 4, 'secondary-1': 4, 'secondary-2': 4 },
  });
});

test('the text has a table of nodes, one of scenarios, and the assumptions', async () => {
  const argv = '--driver go --instances 40 --processes 2 --operations 8 --limit 1500 --reserved 10 --per-second 15';
  const { code, out } = await ran(argv.split(' '));
  expect(code).toBe(0);
  expect(out).toBe(`80 clients (Go): 40 instances × 2 processes

NODE         KIND       HEARTBEATS  IDLE  USED   FULL  DEPLOY  ELECTION
primary      primary           160   160   800  8,160   1,000       800
secondary-1  secondary         160   160   160  8,160     200       800
secondary-2  secondary         160   160   160  8,160     200       800

SCENARIO                       BUSIEST NODE  OF LIMIT  INSTANCES THAT FIT
idle: minPoolSize                       160      11 %                 372
used: operations at once                800      53 %                  74
full: every pool full                 8,160     544 %                   7
deploy: used, old and new             1,000      67 %                  59
election: used, roles changed           800      53 %                  74

Connecting all takes 54 s at 15 a second and node.

Assumptions:
- The cluster is a replica set of 3 nodes, because no nodes are given.
- Each client has two heartbeat connections to each visible node, because it streams.
- The server is 4.4 or later: with an older one, clients poll.
- maxPoolSize is 100, the default of the Go driver.
- Without maxIdleTimeMS, connections that a burst opened stay open.
- Of the 1,500 connections of a node, Atlas reserves 10, and others hold none.
- To connect all at once takes longer than connectTimeoutMS (30 s by default): start instances in
  groups.
- Deploy: 25 % more instances for a while, old and new ones together.
- Election: the former primary keeps its pool, and the new one grows its own.
`);
});

test('the share of the limit counts others, and red is what does not fit beside them', async () => {
  const argv = '--driver node --instances 40 --operations 8 --limit 1500 --others 1400'.split(' ');
  const { out } = await ran(argv);
  expect(out).toContain('- A share of the limit is that of all connections, with those of others.');
  // 1,400 and 400 of 1,500; 100 ÷ 10.
  expect(out).toMatch(/used: operations at once +400 +120 % +10\n/);
  const document = await figuresOf(argv);
  expect(document.busiestShareOfLimit).toBe(0.2667);
  expect(document.scenarios[1]).toMatchObject({ share: 1.2, instancesUntilLimit: 10 });
  const red = async (reserved: string) =>
    (await ran([...argv.slice(0, -1), '0', '--reserved', reserved], {}, '', true)).out;
  expect(await red('1100')).not.toContain('\u001b[31mused');
  expect(await red('1101')).toContain('\u001b[31mused');
});

test('what is left out by others is said: two limits, and parts of a limit that is missing', async () => {
  const plan = ['--driver', 'node', '--instances', '2'];
  for (const [more, words] of [
    [['--tier', 'M30', '--limit', '5'], '--tier and --limit are two limits.'],
    [['--others', '5'], '--others needs a limit.'],
    [['--sizing', 'ceiling'], '--sizing needs a limit.'],
  ] as const) {
    const { code, err } = await ran([...plan, ...more]);
    expect(code).toBe(2);
    expect(err).toContain(words);
  }
  expect((await ran(['--limit', '5'])).err).toContain('driver is missing.');
});

test('an unlimited pool has no bound in the text', async () => {
  const { out } = await ran('--driver node --instances 1 --max-pool-size 0 --limit 500'.split(' '));
  expect(out).toMatch(/full: every pool full +no bound +no bound +\?/);
});

const figuresOf = async (argv: readonly string[], env?: Readonly<Record<string, string>>, input?: string) => {
  const { code, out, err } = await ran([...argv, '--json'], env, input);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
};

test('nodes by number or by kind, operations by kind or by name', async () => {
  const set = await figuresOf(['--driver', 'node', '--instances', '1', '--nodes', '1', '--operations', '3']);
  expect(set.perNode).toEqual({ primary: { monitors: 2, idle: 2, used: 5, ceiling: 102 } });
  const nodes = 'primary, 2 secondary, Arbiter';
  const kinds = ['--driver', 'node', '--instances', '1', '--nodes', nodes, '--operations', 'secondary=2,secondary-2=4'];
  expect((await figuresOf(kinds)).perNode).toMatchObject({
    primary: { used: 2 },
    'secondary-1': { used: 4 },
    'secondary-2': { used: 6 },
    arbiter: { used: 2, ceiling: 2 },
  });
  const routers = ['--driver', 'java', '--instances', '9', '--nodes', '3 mongos', '--srv-max-hosts', '1'];
  expect((await figuresOf([...routers, '--operations', '2'])).perNode['mongos-3']).toMatchObject({ used: 12 });
  const balanced = ['--driver', 'java', '--instances', '1', '--load-balanced', '--operations', '4'];
  expect((await figuresOf(balanced)).perNode).toEqual({ lb: { monitors: 0, idle: 0, used: 4, ceiling: 100 } });
});

test('every option is a field of the plan', async () => {
  const functions = await figuresOf(['--driver', 'node', '--instances', '1', '--functions']);
  expect(functions.monitorsTotal).toBe(3);
  const single = await figuresOf('--driver c --instances 1 --mode single'.split(' '));
  expect(single.monitorsTotal).toBe(0);
  const old = await figuresOf('--driver go --instances 1 --server 4.2 --clients 2'.split(' '));
  expect(old.monitorsTotal).toBe(6);
  const pools = '--driver node --instances 1 --min-pool-size 2 --max-pool-size 4 --monitoring-mode poll';
  expect((await figuresOf(pools.split(' '))).total).toEqual({ idle: 9, used: 9, ceiling: 15 });
  const direct = await figuresOf('--driver node --instances 1 --direct-connection --max-idle-time-ms 60000'.split(' '));
  expect(direct.total).toEqual({ idle: 2, used: 2, ceiling: 102 });
  expect(direct.assumptions).toContain('Connections that a burst opened close after 1 min without work.');
  const limit = '--driver node --instances 5 --limit 1000 --others 300 --reserved 10 --sizing ceiling';
  expect(await figuresOf(limit.split(' '))).toMatchObject({ instancesUntilLimit: 6, busiestShareOfLimit: 0.51 });
});

test('a tier of Atlas has a limit, a rate, and connections that Atlas reserves', async () => {
  const argv = ['--driver', 'node', '--instances', '100', '--operations', '8', '--tier'];
  // (1,500 − 10) ÷ 10; 1,000 ÷ 15.
  const small = await figuresOf([...argv, 'm10']);
  expect(small).toMatchObject({ instancesUntilLimit: 149, busiestShareOfLimit: 0.6667, secondsToConnectAll: 67 });
  expect(small.assumptions.at(-1)).toBe("M10 accepts 1,500 connections a node, by Atlas's table of November 2026.");
  expect(await figuresOf([...argv, 'M30'])).not.toHaveProperty('secondsToConnectAll');
  expect(await figuresOf([...argv, 'M80 on aws', '--reserved', '0'])).toMatchObject({ instancesUntilLimit: 9_600 });
  expect(await figuresOf([...argv, 'flex'])).toMatchObject({ instancesUntilLimit: 49 });
});

test('a plan on standard input; options win over it', async () => {
  const plan = JSON.stringify({
    ...worked.cases[0]?.input,
    driver: 'node',
    options: { minPoolSize: 3, maxPoolSize: 9 },
  });
  const both = await figuresOf(['--plan', '-', '--instances', '10', '--min-pool-size', '1'], {}, plan);
  expect(both).toMatchObject({ clients: 10, perNode: { primary0: { idle: 30, ceiling: 110 } } });
});

test('a fleet over the limit ends with exit code 0', async () => {
  const { code, out } = await ran('--driver node --instances 500 --operations 8 --limit 500'.split(' '));
  expect(code).toBe(0);
  expect(out).toMatch(/used: operations at once +5,000 +1000 % +50/);
});

const SECRET = 'pQ7xZ2vW';

test.each<[readonly string[], string]>([
  [['--plan', '/nowhere/plan.json'], 'There is no file /nowhere/plan.json.\nCheck its name.\n'],
  [['--driver', 'nod', '--instances', '1'], 'driver is "nod". Did you mean node?\n'],
  [['--driver', 'node'], 'instances is missing. Expected a whole number from 1.\n'],
  [
    ['--driver', 'node', '--instances', '0', '--sizing', 'all', '--operations', 'primarie=1'],
    'instances is 0. Expected a whole number from 1.\n' +
      'operations.primarie is neither a node of the plan nor a kind of node. Did you mean primary?\n' +
      'sizing is "all". Expected one of used, ceiling.\n',
  ],
  [
    ['--uri-env', 'NO_SUCH', '--driver', 'go', '--instances', '1'],
    'The environment has no NO_SUCH.\nSet it to the connection string, or correct the name.\n',
  ],
  [
    ['--uri-env', `mongodb://u:${SECRET}@h`, '--driver', 'go', '--instances', '1'],
    'The name of an environment variable is missing.\n' +
      'Give the name of the variable that has the connection string, not the string.\n',
  ],
  [
    ['--uri-env', 'BROKEN', '--driver', 'go', '--instances', '1'],
    'BROKEN cannot be used here. It is not a usable connection string.\natlas-conns lint --env BROKEN says what is wrong.\n',
  ],
])('%j is wrong', async (argv, sentence) => {
  const { code, out, err } = await ran(argv, { BROKEN: `postgres://u:${SECRET}@h/db` });
  expect({ code, out, err }).toEqual({ code: 2, out: '', err: sentence });
});

test.each([
  [['--instances', 'many'], 'Expected a whole number.'],
  [['--nodes', 'primry'], 'Did you mean primary?'],
  [['--nodes', '0'], 'Expected 1 to 1,000 nodes.'],
  [['--nodes', '5000'], 'Expected 1 to 1,000 nodes.'],
  [['--operations', 'primary'], 'Expected a number, or such as primary=8,secondary=2.'],
  [['--tier', 'M80'], 'Expected "M80 on AWS" or "M80 on Azure or Google Cloud".'],
  [['--tier', 'M31'], 'Expected one of M0, M10, M20, M30,'],
  [['--instance', '4'], '--instances'],
])('%j is no option of it', async (argv, sentence) => {
  const { code, out, err } = await ran(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(sentence);
});

test('a file that is no plan', async () => {
  expect(await ran(['--plan', '-'], {}, 'driver: node')).toMatchObject({ code: 2, out: '' });
  expect((await ran(['--plan', '-'], {}, 'driver: node')).err).toContain('Standard input is not JSON.');
  expect((await ran(['--plan', '-'], {}, '[]')).err).toContain('Standard input has no plan.');
  expect((await ran(['--plan', await saved({ ...worked.cases[0]?.input, options: 5 })])).err).toBe(
    'options is 5. Expected an object.\n',
  );
});

test('options from a connection string, of which nothing else is printed', async () => {
  const env = { URI: `mongodb://anna:${SECRET}@h1,h2/shop?maxPoolSize=7&minPoolSize=2&appName=${SECRET}s&w=majority` };
  const argv = ['--uri-env', 'URI', '--driver', 'go', '--instances', '3'];
  for (const all of [[...argv, '--json'], argv]) {
    const { code, out, err } = await ran(all, env);
    expect(code).toBe(0);
    expect(out + err).not.toContain(SECRET);
  }
  expect((await figuresOf(argv, env)).perNode.primary).toEqual({ monitors: 6, idle: 12, used: 12, ceiling: 27 });
  const raised = await figuresOf([...argv, '--max-pool-size', '20'], env);
  expect(raised.perNode.primary.ceiling).toBe(66);
});

test('the hosts that a connection string lists are the nodes, as an assumption says', async () => {
  const env = { URI: 'mongodb://h1,h2,h3,h4,h5/?replicaSet=rs0', SRV: 'mongodb+srv://c.example.com/', LB: '' };
  const argv = ['--driver', 'go', '--instances', '3', '--uri-env'];
  const five = await figuresOf([...argv, 'URI'], env);
  expect(Object.keys(five.perNode)).toHaveLength(5);
  expect(five.assumptions).toContain('The connection string lists 5 hosts: they are the nodes of one replica set.');
  const usual = await figuresOf([...argv, 'SRV'], env);
  expect(Object.keys(usual.perNode)).toHaveLength(3);
  expect(usual.assumptions).toContain('The cluster is a replica set of 3 nodes, because no nodes are given.');
  const given = await figuresOf([...argv, 'URI', '--nodes', '2'], env);
  expect(Object.keys(given.perNode)).toHaveLength(2);
  expect(given.assumptions.join(' ')).not.toMatch(/lists|no nodes/);
  const balanced = await figuresOf([...argv, 'LB'], { LB: 'mongodb://h/?loadBalanced=true' });
  expect(Object.keys(balanced.perNode)).toEqual(['lb']);
});

test.each([
  ['maxPoolSize=5s', 'The option maxPoolSize is not a whole number.'],
  ['maxPoolSize=5&maxPoolSize=7', 'The option maxPoolSize is there more than once.'],
  ['loadBalanced=yes', 'The option loadBalanced is neither true nor false.'],
])('%s in a connection string is no default: drivers differ in it', async (option, words) => {
  const env = { URI: `mongodb://anna:${SECRET}@h/?${option}&appName=${SECRET}` };
  const { code, out, err } = await ran(['--uri-env', 'URI', '--driver', 'node', '--instances', '1'], env);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`URI cannot be used here. ${words}`);
  expect(err).not.toContain(SECRET);
});

test('the plan and the answer in the README', async () => {
  const readme = await readFile(new URL('../../src/cli/README.md', import.meta.url), 'utf8');
  const [plan = '', answer = ''] = readme.slice(readme.indexOf('## A planned fleet')).match(/^\{[^`]+^.*\}$/gm) ?? [];
  const figures = await figuresOf(['--plan', await saved(JSON.parse(plan))]);
  const pairs = answer.match(/"\w+": [\d.]+/g) ?? [];
  expect(pairs.length).toBeGreaterThan(10);
  for (const pair of pairs) expect(JSON.stringify(figures)).toContain(pair.replace(' ', ''));
});

test('the process reads standard input and .env, and needs no settings', async () => {
  await writeFile(join(directory, '.env'), `APP_URI=mongodb+srv://u:${SECRET}@c.example.com/?maxPoolSize=4\n`);
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const argv = ['forecast', '--plan', '-', '--uri-env', 'APP_URI', '--json'];
  const child = spawn(process.execPath, [main, ...argv], { cwd: directory, env: {}, stdio: 'pipe' });
  child.stdin.end(JSON.stringify(worked.cases[3]?.input));
  const { code, out, err } = await ended(child);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out).total).toEqual({ idle: 6, used: 9, ceiling: 18 });
  expect(out).not.toContain(SECRET);
});
