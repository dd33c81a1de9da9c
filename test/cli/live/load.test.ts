// `atlas-conns load`: its options and their errors, what it prints, its JSON and exit codes, with a run that is made up.

import { expect, test } from 'vitest';
import { addLoad } from '../../../src/cli/live/load.ts';
import { run } from '../../../src/cli/run.ts';
import { PATTERN_NAMES } from '../../../src/core/load/patterns.ts';
import { type LoadEvent, type LoadResult, type NodeLoad, planLoad } from '../../../src/core/load/run.ts';
import { UpstreamError, UserError } from '../../../src/errors.ts';
import type { LoadRequest } from '../../../src/load/load.ts';
import { recordedTerminal, someCommands } from '../some-commands.ts';

const SECRET = 'hunter7788';

interface Given {
  readonly events?: (request: LoadRequest) => readonly LoadEvent[];
  readonly error?: Error;
  readonly env?: Readonly<Record<string, string>>;
}

async function typed(argv: readonly string[], { events = played, error, env = {} }: Given = {}) {
  const { terminal, said } = recordedTerminal();
  const asked: LoadRequest[] = [];
  const commands = someCommands({
    async *load(request) {
      asked.push(request);
      if (error !== undefined) throw error;
      yield* events(request);
    },
  });
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent, hide: silent };
  const { signal } = new AbortController();
  const edges = { terminal, version: '0.0.0', log, random: () => 0.5, signal, env, more: [addLoad] };
  const code = await run({ argv: ['load', ...argv], commands, ...edges });
  const { out, err } = said();
  expect(out + err).not.toMatch(/hunt|nter7|7788/);
  return { code, out, err, asked };
}

function nodeAt(current: number, over: Partial<NodeLoad> = {}): NodeLoad {
  return {
    ...{ host: 'atlas-node-00.some-private-network.internal:27017', role: 'primary', version: '8.0.4' },
    ...{
      current,
      available: 1_500 - current,
      totalCreated: 1_000 + current,
      active: 3,
      residentMegabytes: 400 + current / 10,
    },
    ...over,
  };
}

function played({ ask }: LoadRequest): readonly LoadEvent[] {
  const before = nodeAt(20);
  const planned = planLoad(ask, { nodes: [before], arbiters: [], isDirect: false, openFiles: null });
  if ('problem' in planned) throw new UserError(planned.problem.text, planned.problem.remedy);
  const { plan } = planned;
  const peak = nodeAt(144);
  const node = { ...{ host: before.host, role: before.role, before, peak, forecast: plan.forecast[before.host] ?? 0 } };
  const result: LoadResult = {
    ...{ plan, end: 'time', problem: null, lasted: ask.lasts },
    nodes: [{ ...node, after: nodeAt(20, { totalCreated: 1_144 }), remaining: 0 }],
  };
  return [
    { kind: 'begin', plan, nodes: [before], remarks: plan.remarks },
    { kind: 'progress', at: 2_000, clients: 2, pooled: 14, nodes: [nodeAt(38)] },
    { kind: 'progress', at: 64_000, clients: 2, pooled: 120, nodes: [peak] },
    { kind: 'closing', end: 'time' },
    { kind: 'end', result },
  ];
}

const LOCAL = ['--uri', 'mongodb://127.0.0.1:27017'];

test('what is typed reaches the run, with the defaults of the pattern', async () => {
  const plain = await typed(LOCAL);
  expect(plain.code).toBe(0);
  expect(plain.asked[0]).toMatchObject({
    ...{ uri: 'mongodb://127.0.0.1:27017', setting: '--uri', consent: { hosts: [], clusters: [] } },
    ask: { pattern: 'idle', clients: null, connections: null, lasts: 60_000, perSecond: 10 },
  });
  const env = { DB: `mongodb://anna:${SECRET}@10.0.0.1` };
  const words = '--uri-env DB --pattern BURST --clients 20 --connections 7 --for 5m --ramp 2/min';
  const consent = ['--yes-this-host', 'a', '--yes-this-host', 'b', '--i-own-this-cluster', 'c0'];
  const full = await typed([...words.split(' '), ...consent], { env });
  expect(full.code).toBe(0);
  expect(full.asked[0]).toMatchObject({
    ...{ uri: env.DB, setting: 'DB', consent: { hosts: ['a', 'b'], clusters: ['c0'] } },
    ask: { pattern: 'burst', clients: 20, connections: 7, lasts: 300_000, perSecond: 2 / 60 },
  });
});

test.each([
  [[], /^No connection string is given\.\nAdd --uri/],
  [['--uri', 'x', '--uri-env', 'Y'], /^--uri and --uri-env are two connection strings/],
  [['--uri-env', 'NOPE'], /^The environment has no NOPE\./],
  [['--uri-env', `mongodb://a:${SECRET}@h`], /^The name of an environment variable is missing/],
  [[`mongodb://a:${SECRET}@h`], /^load takes only options\./],
  [[...LOCAL, `--${SECRET}`], /^load does not know one of the options\.\nIt knows --uri/],
  [[...LOCAL, '--clints', SECRET], /^load does not know one of the options\.\nDid you mean --clients\?/],
  [
    [...LOCAL, '--pattern', 'churm'],
    /^The value of --pattern is not valid\.\nExpected one of idle.* Did you mean churn\?/,
  ],
  [[...LOCAL, '--pattern', SECRET], /^The value of --pattern is not valid\./],
  [[...LOCAL, '--clients', '0'], /^The value of --clients is not valid\.\nExpected a whole number from 1 to 1,000\./],
  [[...LOCAL, '--clients', '1001'], /1 to 1,000/],
  [
    [...LOCAL, '--connections', '201'],
    /^The value of --connections is not valid\.\nExpected a whole number from 1 to 200\./,
  ],
  [[...LOCAL, '--for', '7h'], /^The value of --for is not valid\.\nExpected a duration from 1s to 6h/],
  [[...LOCAL, '--for', '0s'], /from 1s to 6h/],
  [[...LOCAL, '--for', SECRET], /from 1s to 6h/],
  [
    [...LOCAL, '--ramp', '101/s'],
    /^The value of --ramp is not valid\.\nExpected a rate up to 100\/s, such as 10\/s or 2\/min\./,
  ],
  [[...LOCAL, '--ramp', '0'], /rate up to/],
  [
    [...LOCAL, '--pattern', 'min-pool', '--ramp', '9/s'],
    /^--ramp is less than 10\/s, which the pattern min-pool cannot keep: .*\nUse --ramp 10\/s or more/,
  ],
  [[...LOCAL, '--pattern', 'leak', '--connections', '5'], /^--connections does not fit the pattern leak/],
] as const)('%j is refused in words, before anything is opened', async (argv, words) => {
  const { code, out, err, asked } = await typed(argv);
  expect([code, out, asked]).toEqual([2, '', []]);
  expect(err).toMatch(words);
});

test('a typed password is remarked on, and not repeated', async () => {
  const { err } = await typed(['--uri', `mongodb://anna:${SECRET}@127.0.0.1`]);
  expect(err).toBe('The shell keeps this password in its history. Next time use --uri-env NAME.\n');
});

test('a run on 80 columns: before, meanwhile, after', async () => {
  const { out } = await typed(LOCAL);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(out).toContain('2 clients with 60 pooled connections each, 10 new connections a second on each');
  expect(out).toMatch(/\n2 clients.*\n {2}node, for 1 min\. Their appName is atlas-conns-load\.\n/);
  expect(out).toMatch(
    /NODE +CURRENT +AVAILABLE +CREATED +ACTIVE +MEMORY +FORECAST\natlas\S+ +20 +1,480 +1,020 +3 +402 MB +\+124\n/,
  );
  expect(out).toMatch(/\n +0:02 +2 +14 +38 +1,462 +1,038 +3 +404 MB atlas\S+\n +1:04 +2 +120 +144 +1,356/);
  expect(out).toMatch(/After 1 min\nNODE.*\natlas\S+ +\+124 +\+124 +3 +\+124 +\+12 MB +20 +1,480\n/);
  expect(out).toContain('The time was over.\n');
  expect(out.replace(/\s+/g, ' ')).toContain(
    ':27017: 12 MB more memory at the peak, about 102 KB for each connection.',
  );
  expect(out).toMatch(/\nEverything is closed: each node has as few connections as before\.\n$/);
});

test.each(PATTERN_NAMES)('the pattern %s says what it opens and which diagnosis it shows', async (pattern) => {
  const { out } = await typed([...LOCAL, '--pattern', pattern]);
  expect(out).toMatch(new RegExp(`^${pattern}  Each `));
  expect(out).toMatch(/The diagnosis of this pattern is [a-z-]+; it needs /);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the help explains each pattern, and which of them take --connections', async () => {
  const { code, out } = await typed(['--help']);
  expect(code).toBe(0);
  for (const name of PATTERN_NAMES) expect(out).toMatch(new RegExp(`\\n *${name}: Each `));
  expect(out).toContain('--connections fits idle, min-pool, burst, functions');
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

/** The made-up run with another end. */
function ending(over: Partial<LoadResult>, node: Partial<LoadResult['nodes'][number]> = {}): Given {
  return {
    events: (request) =>
      played(request).map((event) =>
        event.kind === 'end'
          ? {
              ...event,
              result: { ...event.result, ...over, nodes: event.result.nodes.map((one) => ({ ...one, ...node })) },
            }
          : event,
      ),
  };
}

test('fewer connections than forecast have their reason', async () => {
  const { out } = await typed(LOCAL, ending({}, { peak: nodeAt(30) }));
  expect(out.replace(/\s+/g, ' ')).toContain(
    'Fewer than forecast: the run ended before all clients and pools were there, or',
  );
  const polling = await typed([...LOCAL, '--pattern', 'functions', '--clients', '50']);
  expect(polling.out).toContain('Fewer than forecast: the run ended before all clients and pools were there.');
});

test('a signal is a good end', async () => {
  const { code, out } = await typed(LOCAL, ending({ end: 'stopped' }));
  expect(code).toBe(0);
  expect(out).toContain('A signal ended the run.\n');
});

test('an early end has its reason, and exit code 1', async () => {
  const problem = { code: 'load-full', text: 'n0 has only 19 % of its connections left.', remedy: 'Leave it.' };
  const { code, out } = await typed(LOCAL, ending({ end: 'full', problem }));
  expect(code).toBe(1);
  expect(out).toContain('n0 has only 19 % of its connections left. Leave it.\n');
});

test.each([
  [3, 1, '3 with the appName atlas-conns-load'],
  [null, 1, 'of other clients, or of the run and not closed yet'],
  [0, 0, 'none of them is of the run'],
] as const)(
  'a count that stayed higher, with %s of the run listed: exit code %s',
  async (remaining, expected, words) => {
    const { code, out } = await typed(LOCAL, ending({}, { after: nodeAt(26), remaining }));
    expect(code).toBe(expected);
    expect(out.replace(/\s+/g, ' ')).toContain(`has 6 connections more than before the run: ${words}.`);
  },
);

test('connections of the run that are still open are named, also where the count fell back', async () => {
  const { code, out } = await typed(LOCAL, ending({}, { after: nodeAt(18), remaining: 2 }));
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, ' ')).toContain('still lists 2 connections with the appName atlas-conns-load.');
  expect(out).not.toContain('Everything is closed');
});

test('a node that is silent after the run is named', async () => {
  const { code, out } = await typed(LOCAL, ending({}, { after: null, remaining: null }));
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, ' ')).toContain('did not answer after the run: its connections are unknown.');
});

test('--json prints one object at the end, and remarks elsewhere', async () => {
  const { code, out, err } = await typed([...LOCAL, '--json', '--clients', '900']);
  expect(code).toBe(0);
  expect(err.replace(/\s+/g, ' ')).toContain('The run is smaller than asked: 11 clients in place of 900.');
  const figures = { current: 20, available: 1_480, totalCreated: 1_144, active: 3, residentMegabytes: 402 };
  expect(JSON.parse(out)).toMatchObject({
    ...{ schema: 'atlas-conns/load/1', pattern: 'idle', diagnosis: 'pool-too-large', clients: 11, connections: 60 },
    ...{ perSecond: 10, seconds: { asked: 60, lasted: 60 }, end: 'time', problem: null },
    nodes: [{ role: 'primary', forecast: 682, seen: 124, after: figures, moreThanBefore: 0, remaining: 0 }],
  });
});

test('a refusal has exit code 2, an unreadable node 1', async () => {
  const refused = await typed(LOCAL, { error: new UserError('Not there.', 'Repeat it.') });
  expect([refused.code, refused.err]).toEqual([2, 'Not there.\nRepeat it.\n']);
  const unread = await typed(LOCAL, { error: new UpstreamError({ code: 'x', text: 'It is away.', remedy: 'Wait.' }) });
  expect([unread.code, unread.err]).toEqual([1, 'It is away.\nWait.\n']);
});
