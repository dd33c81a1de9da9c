// What `why` prints: the ranking of a cluster, a source with its evidence, and the public form.

import { expect, test } from 'vitest';
import type { WhyAnswer, WhyQuery } from '../../src/app/commands/types.ts';
import { run } from '../../src/cli/run.ts';
import type { Why } from '../../src/core/diagnosis/diagnosis.ts';
import { BILLING, diagnosis, expected, NOTHING, whyOfBilling, whyOfProd } from '../slack/insight/why-sample.ts';
import { completeReport, report, source, unread } from './sample.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const billing = source(BILLING, { name: 'Billing API' });

async function ran(argv: readonly string[], answer: Partial<WhyAnswer> = {}, columns = 80) {
  const asked: WhyQuery[] = [];
  const { terminal, said } = recordedTerminal(columns);
  const silent = () => undefined;
  const commands = someCommands({
    async why(query) {
      asked.push(query);
      return { report: completeReport(), source: null, why: whyOfProd, ...answer };
    },
  });
  const log = { debug: silent, info: silent, warn: silent, hide: silent, error: silent };
  const signal = new AbortController().signal;
  const code = await run({
    argv: ['why', ...argv],
    ...{ commands, terminal, version: '1.2.3', log, random: () => 0.5, signal },
  });
  const [query] = asked;
  return { code, ...said(), query };
}

test('a cluster: the reasons by what they would free, and the first three in words', async () => {
  const { code, out, err } = await ran(['prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatchInlineSnapshot(`
    "prod  busiest shard-00-00 at 31 % (465 of 1,500)

    WHAT                                     SOURCE        WOULD FREE  ON
    One MongoClient for each request         Billing API         ~468  shard-00-00
    Pools larger than their use              Web EU               ~66  shard-00-01
    Connections without a name of their own  198.51.100.9           –

    Billing API: One MongoClient for each request, fits.
    240 clients hold 1.1 connections each on shard-00-00.
    One client for each of 6 hosts is expected.
    change: Create one MongoClient for each process.
    would free: about 468 connections on shard-00-00, about 468 MB: an estimate.

    Web EU: Pools larger than their use, likely.
    6 clients hold 16 connections each, and use at most 4.
    change: Set a smaller pool: maxPoolSize=5
    would free: about 66 connections on shard-00-01, about 66 MB: an estimate.

    198.51.100.9: Connections without a name of their own, fits.
    12 of 12 connections have no appName.
    change: Set appName.

    note: The store has no reading of prod yet.
    "
  `);
});

test('a source on a narrow terminal: evidence, change, estimate, then expected against seen', async () => {
  const { out } = await ran(['prod', 'Billing API'], { source: billing, why: whyOfBilling }, 60);
  expect(out).toMatchInlineSnapshot(`
    "Billing API  prod  4 active  412 dormant  12 clients

    One MongoClient for each request, fits.
    240 clients hold 1.1 connections each on shard-00-00.
    One client for each of 6 hosts is expected.
    change: Create one MongoClient for each process.
    would free: about 468 connections on shard-00-00, about
        468 MB: an estimate.

    NODE         HEARTBEATS  EXPECTED  POOLED  PER CLIENT
    shard-00-00          24        24      77         6.4
    shard-00-01          26        24      12           1
    all nodes            50        48      89           –

    For 12 clients at least 72 connections are expected; 139 are
    seen.
    67 more than expected: pools of 6.4 for each client.
    "
  `);
});

test('no line is wider than the terminal, whatever the names, and none controls it', async () => {
  const name = `${'Nightly job of the billing team '.repeat(6)}\u001b[2J`;
  const odd: Why = { ...whyOfProd, diagnoses: [diagnosis({ name, evidence: [name, name], advice: name })], expected };
  for (const columns of [60, 80])
    for (const answer of [{ why: odd }, { why: odd, source: { ...billing, name } }]) {
      const { out } = await ran(['prod'], answer, columns);
      expect(out.split('\n').filter((line) => line.length > columns)).toEqual([]);
      expect(out).not.toContain('\u001b');
    }
});

test('a node near its limit leads, with the command that tells the emergency', async () => {
  const [first, ...others] = completeReport().nodes;
  if (first === undefined || 'problem' in first) throw new Error('no node');
  const full = completeReport({ nodes: [{ ...first, current: 1_500, available: 0, limit: 1_500 }, ...others] });
  const { out } = await ran(['prod'], { report: full }, 200);
  expect(out.split('\n')[2]).toBe(
    'shard-00-00 is at 100 % of its limit. "atlas-conns alerts prod" tells what is open, and who is shut out.',
  );
});

test('when nothing is unusual, one line says so', async () => {
  const { code, out } = await ran(['prod'], { why: NOTHING });
  expect({ code, out }).toEqual({
    code: 0,
    out: 'prod  busiest shard-00-00 at 31 % (465 of 1,500)\n\nNothing unusual: what is held fits the clients, as far as can be told.\n',
  });
});

test('a source that holds more than its clients need is not called usual', async () => {
  const { out } = await ran(['prod', 'Billing API'], { source: billing, why: { ...NOTHING, expected } });
  expect(out).toContain('No known cause fits.');
  expect(out).not.toContain('Nothing unusual');
});

test('a source that no access list entry lets in is said to be one', async () => {
  const asked = async (of: typeof billing) => (await ran(['prod', 'x'], { source: of, why: NOTHING })).out;
  expect(await asked({ ...billing, class: 'unlisted' })).toContain('No access list entry lets it in:');
  expect(await asked(billing)).not.toContain('No access list entry');
});

test('a node that was not read: the rest is printed, with exit code 1; none read: the reason on standard error', async () => {
  const partly = await ran(['prod'], { report: report() });
  expect([partly.code, partly.out]).toEqual([1, expect.stringContaining('not read: analytics-2')]);
  const none = await ran(['prod'], { report: report({ nodes: [unread], sources: [] }), why: NOTHING });
  expect([none.code, none.out]).toEqual([1, '']);
  expect(none.err).toMatch(/^No node of prod could be read\.\nnot read: analytics-2/);
});

test('--json is the public form atlas-conns/why/1', async () => {
  const { out } = await ran(['--json', 'prod', 'Billing API'], { source: billing, why: whyOfBilling });
  const host = 'shard-00-00.abcde.mongodb.net:27017';
  expect(JSON.parse(out)).toEqual({
    schema: 'atlas-conns/why/1',
    cluster: 'prod',
    at: '2026-11-21T10:00:00.000Z',
    complete: true,
    source: { id: BILLING, name: 'Billing API' },
    busiest: { host, current: 465, limit: 1500 },
    diagnoses: [
      {
        id: 'client-per-request',
        source: BILLING,
        name: 'Billing API',
        title: 'One MongoClient for each request',
        severity: 'warning',
        confidence: 'fits',
        evidence: whyOfBilling.diagnoses[0]?.evidence,
        wouldFree: { node: host, connections: 468, megabytes: 468 },
        advice: 'Create one MongoClient for each process.',
        option: null,
      },
    ],
    expected: { ...expected },
    limits: [],
    unread: [],
    problems: [],
  });
  const cluster = JSON.parse((await ran(['--json'], { report: report() })).out);
  expect(cluster).toMatchObject({ source: null, expected: null, complete: false, limits: whyOfProd.limits });
  expect(cluster.diagnoses[2]).toMatchObject({ id: 'unnamed', wouldFree: null, option: null, severity: 'info' });
  expect(cluster.unread).toEqual([unread]);
});

const NONE = { cluster: null, source: null, word: null, saved: null };

test.each<[string, readonly string[], Partial<WhyQuery>]>([
  ['nothing', [], NONE],
  ['a word alone', ['Billing API'], { ...NONE, word: 'Billing API' }],
  ['a cluster and a source', ['prod', 'web'], { ...NONE, cluster: 'prod', source: 'web' }],
  ['a source with --cluster', ['web', '--cluster', 'prod'], { ...NONE, cluster: 'prod', source: 'web' }],
  [
    'a source of a saved reading',
    ['web', '--from', 'n0=a.json', '--access-list', 'l.json'],
    { ...NONE, word: 'web', saved: { readings: [{ host: 'n0', path: 'a.json' }], accessLists: ['l.json'] } },
  ],
])('%s is asked for as typed', async (_, argv, query) => {
  expect((await ran(argv)).query).toMatchObject(query);
});

test.each([
  [['prod', 'web', '--from', 'a.json'], /--from reads files, but "prod" is a cluster/],
  [['--access-list', 'a.json'], /--access-list needs --from/],
  [['a', 'b', 'c'], /too many arguments/],
])('%j is wrong input: exit code 2', async (argv, said) => {
  const { code, out, err } = await ran(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(said);
});

test('its help has examples and exit codes', async () => {
  const { code, out } = await ran(['--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/Examples:\n {2}atlas-conns why\n[\s\S]*Exit code: 0 success, 1 something could not be read/);
});
