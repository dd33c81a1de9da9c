// From arguments to output and exit code, with use cases that answer what the test says.

import { expect, test } from 'vitest';
import type { CheckFinding } from '../../src/app/commands/types.ts';
import { run } from '../../src/cli/run.ts';
import type { ConnectionReport } from '../../src/core/connections/report.ts';
import { ConfigError, UpstreamError, UserError } from '../../src/errors.ts';
import { completeReport, report, unread } from './sample.ts';
import { someCommands } from './some-commands.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly logged: readonly object[];
  readonly asked: readonly object[];
  readonly isForPrograms: boolean;
}

interface World {
  readonly answer?: ConnectionReport | Error;
  readonly checks?: readonly CheckFinding[];
  readonly signal?: AbortSignal;
}

async function ran(argv: readonly string[], world: World = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: object[] = [];
  const logged: object[] = [];
  const reply = (request: object) => {
    asked.push(request);
    const { answer = completeReport() } = world;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const commands = someCommands({
    report: reply,
    savedReport: reply,
    async *check(request) {
      asked.push(request);
      yield* world.checks ?? [];
    },
  });
  const silent = () => undefined;
  let isForPrograms = false;
  const code = await run({
    argv,
    commands,
    terminal: {
      columns: 80,
      colors: false,
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      forPrograms: () => {
        isForPrograms = true;
      },
    },
    version: '1.2.3',
    log: { debug: silent, info: silent, warn: silent, hide: silent, error: (fields) => void logged.push(fields) },
    random: () => 0.5,
    signal: world.signal ?? new AbortController().signal,
  });
  return { code, out: out.join(''), err: err.join(''), logged, asked, isForPrograms };
}

test('a report of all nodes is printed with exit code 0', async () => {
  const { code, out, err, asked } = await ran(['report', 'prod']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Billing API');
  expect(asked).toEqual([expect.objectContaining({ cluster: 'prod', threads: false })]);
});

test.each([
  ['a node that was not read', report()],
  ['an access list read in part', completeReport({ complete: false })],
])('%s: the rest is printed, with exit code 1', async (_, answer) => {
  const { code, out } = await ran(['report'], { answer });
  expect(code).toBe(1);
  expect(out).toContain('Billing API');
});

test.each([
  ['text', []],
  ['CSV', ['--csv']],
])('no node read, as %s: the problems on standard error, no table, exit code 1', async (_, options) => {
  const { code, out, err } = await ran(['report', ...options], { answer: report({ nodes: [unread], sources: [] }) });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(`No node of prod could be read.
not read: analytics-2.abcde.mongodb.net:27017 timed out after 10 s. Is 27017 open to this address?
`);
});

test('--json prints the public form with its threads, and labels what was not read', async () => {
  const { code, out, asked } = await ran(['report', '--json'], { answer: report() });
  expect(code).toBe(1);
  expect(JSON.parse(out).nodes.at(-1)).toEqual(unread);
  expect(asked).toEqual([expect.objectContaining({ threads: true })]);
});

test('--csv leaves unread nodes out of the rows and names them on standard error', async () => {
  const { out, err } = await ran(['report', '--csv', '--by', 'host'], { answer: report() });
  expect(out.startsWith('host,')).toBe(true);
  expect(out).not.toContain('not read');
  expect(err).toMatch(/^not read: analytics-2/);
});

test('--from takes files, with the node they came from, and pages of an access list', async () => {
  const argv = ['report', '--from', 'a.json', '--from', 'node-1:27017=dir/b=c.json', '--from', './x=y.json'];
  const { asked } = await ran([...argv, '--access-list', '1.json', '--access-list', '2.json']);
  expect(asked).toEqual([
    expect.objectContaining({
      readings: [
        { host: null, path: 'a.json' },
        { host: 'node-1:27017', path: 'dir/b=c.json' },
        { host: null, path: './x=y.json' },
      ],
      accessLists: ['1.json', '2.json'],
    }),
  ]);
});

test.each([
  [['reprt'], /unknown command 'reprt'.*report/s],
  [['report', '--jsn'], /unknown option '--jsn'.*--json/s],
  [['report', '--by', 'usr'], /Expected one of source, app, user.*Did you mean user\?/s],
  [['report', '--json', '--csv'], /--json.*cannot be used with.*--csv/],
  [['report', '--json', '--by', 'app'], /--json already contains every dimension\.\nLeave --by out/],
  [['report', 'prod', '--from', 'a.json'], /--from reads files, but "prod" is a cluster/],
  [['report', '--access-list', 'a.json'], /--access-list needs --from/],
  [['report', '--source', 'Biling API'], /No source "Biling API".*\nDid you mean "Billing API"\?/],
  [['report', 'a', 'b'], /too many arguments/],
  [['history', '--window', '30m'], /Expected a duration from 1h to 400d, such as 24h or 7d/],
  [['history', '--window', '401d'], /Expected a duration from 1h to 400d/],
  [['history', '--window', 'week'], /Expected a duration from 1h to 400d/],
  [['history', '--json', '--csv'], /cannot be used with/],
  [['history', '--export', '--json'], /cannot be used with/],
  [['history', 'prod', 'Billing API', '--export'], /--export prints whole snapshots, but "Billing API" is one source/],
  [['replay'], /replay needs a history/],
  [['replay', 'a', '--json', '--explain'], /cannot be used with/],
  [[], /Usage: atlas-conns/],
])('%j is wrong input: exit code 2, nothing on standard output', async (argv, expected) => {
  const { code, out, err } = await ran(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(expected);
});

test.each([
  [['--help'], /^Usage: atlas-conns/],
  [['report', '--help'], /Examples:\n {2}atlas-conns report\n/],
  [['help', 'report'], /Examples:/],
  [['check', '--help'], /Examples:\n {2}atlas-conns check\n/],
  [['history', '--help'], /Examples:\n {2}atlas-conns history\n/],
  [['alerts', '--help'], /Examples:\n {2}atlas-conns alerts\n/],
  [['watch', '--help'], /Examples:\n {2}atlas-conns watch\n/],
  [['--version'], /^1\.2\.3\n$/],
])('%j prints on standard output with exit code 0', async (argv, expected) => {
  const { code, out, err } = await ran(argv);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(expected);
});

test('an unknown cluster: the error of the command is printed', async () => {
  const answer = new UserError('There is no cluster "prdo".', 'Did you mean "prod"?');
  expect(await ran(['report', 'prdo'], { answer })).toMatchObject({
    code: 2,
    err: 'There is no cluster "prdo".\nDid you mean "prod"?\n',
  });
});

test('wrong settings: every problem on its line, exit code 2', async () => {
  const problem = (name: string) => ({ code: 'setting', text: `${name} is missing.`, remedy: 'Set it.' });
  const answer = new ConfigError([problem('A'), problem('B')]);
  expect(await ran(['report'], { answer })).toMatchObject({
    code: 2,
    err: 'A is missing. Set it.\nB is missing. Set it.\n',
  });
});

test('an error of Atlas is printed with its remedy, exit code 1', async () => {
  const answer = new UpstreamError({ code: 'x', text: 'Atlas refused the secret.', remedy: 'Make a new one.' });
  expect(await ran(['report'], { answer })).toMatchObject({
    code: 1,
    err: 'Atlas refused the secret.\nMake a new one.\n',
  });
});

test('an unknown error prints a reference that the log has too, and not its message', async () => {
  const answer = new Error('undefined is not a function');
  const { code, err, logged } = await ran(['report'], { answer });
  const reference = /reference (\w{5})/.exec(err)?.[1];
  expect(code).toBe(1);
  expect(err).not.toContain('undefined');
  expect(logged).toEqual([{ reference, err: answer }]);
});

test('outside text in an error cannot act on the terminal', async () => {
  const { err } = await ran(['report'], { answer: new UserError('No cluster "\u001b[2J".', 'x') });
  expect(err).toContain('\\u{1b}[2J');
});

test('an aborted command prints nothing more', async () => {
  const signal = AbortSignal.abort();
  const { out, err, logged } = await ran(['report'], { answer: new Error('aborted'), signal });
  expect({ out, err, logged }).toEqual({ out: '', err: '', logged: [] });
});

test('check: a line for each finding, with how to grant what is missing; exit code 1 when anything failed or is missing', async () => {
  const fine = { ok: true, what: 'project 64b0: access list' };
  const remedy = 'Run:\ndb.grantRolesToUser("u", ["clusterMonitor"])';
  const bad = {
    ok: false,
    what: 'node a:27017',
    problem: { code: 'privilege', text: 'Not allowed to inprog.', remedy },
  };
  expect(await ran(['check'], { checks: [fine] })).toMatchObject({
    code: 0,
    out: 'ok       project 64b0: access list\n',
  });
  expect(await ran(['check'], { checks: [fine, bad] })).toMatchObject({
    code: 1,
    out: `ok       project 64b0: access list
failed   node a:27017
         Not allowed to inprog.
         Run:
         db.grantRolesToUser("u", ["clusterMonitor"])
`,
  });
});

test('check: what is not there is missing, and what was refused has failed', async () => {
  const problem = { code: 'slack-scope', text: 'The scope is missing.', remedy: 'Add it.' };
  const checks = [{ ok: false, isMissing: true, what: 'Slack', problem }] as const;
  expect(await ran(['check'], { checks })).toMatchObject({
    code: 1,
    out: 'missing  Slack\n         The scope is missing.\n         Add it.\n',
  });
});

test('check: a remark on a good finding is a warning, and the exit code stays 0', async () => {
  const problem = { code: 'store-in-cluster', text: 'History lives in prod.', remedy: 'Use another.' };
  expect(await ran(['check'], { checks: [{ ok: true, what: 'store', problem }] })).toMatchObject({
    code: 0,
    out: 'warning  store\n         History lives in prod.\n         Use another.\n',
  });
});

test('a test alert is posted only with --alert', async () => {
  expect((await ran(['check'])).asked).toEqual([expect.objectContaining({ alert: false })]);
  expect((await ran(['check', '--alert'])).asked).toEqual([expect.objectContaining({ alert: true })]);
});

test.each([
  [['report', '--json'], true],
  [['report', '--by', 'app', '--csv'], true],
  [['report'], false],
  [['report', '--source', '--json'], false],
  [['report', '--', '--json'], false],
])('%j: output for programs is %s', async (argv, isForPrograms) => {
  expect(await ran(argv)).toMatchObject({ isForPrograms });
});
