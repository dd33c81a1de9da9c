// `top` without a screen: tables, CSV, exit codes, wrong options.

import { expect, test } from 'vitest';
import type { Commands, TopRequest, TopUpdate } from '../../../src/app/commands/types.ts';
import { run } from '../../../src/cli/run.ts';
import { addTop } from '../../../src/cli/top/command.ts';
import { silentLog } from '../../recorded-log.ts';
import { report, source } from '../sample.ts';
import { recordedTerminal, someCommands } from '../some-commands.ts';
import { NOW, twoReadings, updateOf } from './sample.ts';

async function typed(argv: readonly string[], updates: readonly TopUpdate[]) {
  const asked: TopRequest[] = [];
  const top: Commands['top'] = async function* (request) {
    asked.push(request);
    yield* updates;
  };
  const { terminal, said } = recordedTerminal(120);
  const code = await run({
    argv: ['top', ...argv],
    commands: someCommands({ top }),
    terminal,
    version: '1.2.3',
    log: await silentLog(),
    random: Math.random,
    signal: new AbortController().signal,
    more: [(program, context) => addTop(program, { ...context, screen: null, now: () => new Date(NOW + 2_000) })],
  });
  return { code, ...said(), asked };
}

const both = twoReadings().map((given) => updateOf(given));

test('a table for each reading, and an empty line between them', async () => {
  const { code, out, err } = await typed(['prod'], both);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.match(/^SOURCE/gm)).toHaveLength(2);
  expect(out).toContain('\n\nprod  855 connections, max 855, on 3 nodes  read 0 s ago\n');
  expect(out).toMatch(/^anyone: app "etl" .* gone 2 s 0\.0\.0\.0\/0$/m);
});

test('-n ends it after so many readings', async () => {
  const { out } = await typed(['prod', '-n', '1'], both);
  expect(out.match(/^SOURCE/gm)).toHaveLength(1);
});

test('an update without anything new prints nothing', async () => {
  const [first] = both;
  if (first === undefined) throw new Error('no update');
  const { out } = await typed(['prod'], [first, { ...first, reading: null }]);
  expect(out.match(/^SOURCE/gm)).toHaveLength(1);
});

test('with the store, an answer about pools prints no reading again, and a failure once', async () => {
  const [first] = both;
  if (first === undefined) throw new Error('no update');
  const pools = { rows: [], problem: null };
  const failure = { at: NOW, problem: { code: 'x', text: 'Atlas did not answer.', remedy: '' } };
  const failed = { ...first, reading: null, failure, pools };
  const quiet = { ...first, reading: null, pools };
  const { out } = await typed(['prod', '--from-store'], [first, quiet, quiet, failed, failed]);
  expect(out.match(/^SOURCE/gm)).toHaveLength(2);
  expect(out.match(/Atlas did not answer/g)).toHaveLength(1);
});

test('the problem of pools is that of their view: on standard error, and in the exit code', async () => {
  const [first] = both;
  if (first === undefined) throw new Error('no update');
  const none = await typed(['--by', 'pools', '--csv'], [first]);
  expect(none).toMatchObject({ code: 1, err: 'No bot is known. Set POOLS_PORT.\n' });
  const failure = { at: NOW, problem: { code: 'x', text: 'Atlas did not answer.', remedy: '' } };
  const there = { ...first, reading: null, failure, pools: { rows: [], problem: null } };
  expect(await typed(['--by', 'pools', '--csv'], [there])).toMatchObject({ code: 0, err: '' });
});

test('--csv prints one line a row and reading, and no formula', async () => {
  const [first] = twoReadings();
  if (first === undefined) throw new Error('no reading');
  const hostile = { ...first, sources: [...first.sources, source('=1+1', { name: '=cmd|x' })] };
  const { code, out } = await typed(['--csv'], [updateOf(hostile)]);
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\r\n');
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe(
    'at,cluster,view,id,name,now,max,active,dormant,monitors,clients,clients_at_least,new_per_second,new_at_least,' +
      'change,read_at,state,origin,in_use,waiting,processes,checkouts_per_second,timeouts',
  );
  expect(lines).toContain(
    '2026-11-21T10:00:00.000Z,prod,source,203.0.113.64/26,Web EU,153,153,21,96,36,6,false,,,0,2026-11-21T10:00:00.000Z,here,203.0.113.64/26,,,,,',
  );
  expect(out).toContain("'=cmd|x");
});

test('an incomplete reading ends with exit code 1, and names what is missing', async () => {
  const { code, out } = await typed([], [updateOf(report())]);
  expect(code).toBe(1);
  expect(out).toContain('not read: analytics-2:');
});

test('a failed reading has no line of CSV, and standard error says why', async () => {
  const failure = { at: NOW, problem: { code: 'x', text: 'Atlas did not answer.', remedy: 'Try again.' } };
  const [first] = both;
  if (first === undefined) throw new Error('no update');
  const { code, out, err } = await typed(['--csv'], [first, { ...first, reading: null, failure }]);
  expect({ code, err }).toEqual({ code: 1, err: 'Atlas did not answer. Try again.\n' });
  expect(out.trimEnd().split('\r\n')).toHaveLength(5);
});

test('options reach the reading', async () => {
  const { asked, out } = await typed(
    ['prod', '--every', '5s', '--from-store', '--by', 'app', '--filter', 'bill'],
    both,
  );
  expect(asked[0]).toMatchObject({ cluster: 'prod', fromStore: true, poolsUrl: null });
  expect(asked[0]?.everyMs()).toBe(5_000);
  expect(out).toMatch(/^by app, sort: now ▼, filter "bill", the store is asked every 5 s$/m);
});

test.each([
  [['--every', '0'], '1s to 1h'],
  [['--every', '2h'], '1s to 1h'],
  [['--every', 'fast'], 'such as 2s'],
  [['-n', '0'], 'whole number'],
  [['--by', 'nodes'], 'Did you mean node?'],
  [['prod', '--cluster', 'staging'], 'name two clusters'],
])('wrong options end with exit code 2: %j', async (argv, words) => {
  const { code, out, err } = await typed(argv, both);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});
