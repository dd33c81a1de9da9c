// `replay` as a person types it: the real command on files.

import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dayOf } from '../core/detection/days.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let terminal: Terminal;
const file = (name: string) => join(tmpdir(), `atlas-conns-replay-${process.pid}-${name}`);

beforeAll(async () => {
  terminal = await openTerminal({ PATH: process.env['PATH'] ?? '' });
  const { snapshots } = dayOf(
    {
      days: 2,
      shape: (source, at, shape) => {
        if (source === 1 && at >= 400 && at < 420) shape.dormant *= 4;
      },
    },
    1,
  );
  const lines = snapshots.map((snapshot) =>
    JSON.stringify({
      ...snapshot,
      at: new Date(snapshot.at).toISOString(),
      nodes: snapshot.nodes.map(({ problem: _, ...node }) => node),
      sources: snapshot.sources.map(({ nodes, hosts: _, ...source }) => ({
        ...source,
        nodes: nodes.map(({ name, ...held }) => ({ host: name, ...held })),
      })),
    }),
  );
  await writeFile(file('history'), `${lines.join('\n')}\n`);
  await writeFile(file('broken'), `${lines[0]}\n{"cluster":"prod"}\n`);
  await writeFile(file('off.yaml'), 'rules:\n  overrides:\n    - { source: "10.40*", dormant-spike: off }\n');
  await writeFile(
    file('wrong.yaml'),
    'rules:\n  dormant-spike: { ratoi: 3 }\n  churn: { minimum: -1 }\n  dormant-spikes: off\n',
  );
});
afterAll(async () => {
  await terminal.close();
  await Promise.all(['history', 'broken', 'off.yaml', 'wrong.yaml'].map((name) => rm(file(name))));
});

test('JSON has one line a notification, in the published form', async () => {
  const { code, out, err } = await terminal.type(['replay', file('history'), '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const told: readonly Record<string, unknown>[] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ source, rule, event }) => [source, rule, event])).toEqual([
    ['10.40.0.0/16', 'dormant-spike', 'firing'],
    ['10.40.0.0/16', 'dormant-spike', 'resolved'],
  ]);
  const keys = ['at', 'cluster', 'event', 'node', 'rule', 'severity', 'source', 'text', 'usual', 'value'];
  expect(Object.keys(told[0] ?? {}).toSorted()).toEqual(keys);
});

test('people read a timeline, and with --explain every reason', async () => {
  const { out } = await terminal.type(['replay', file('history')]);
  expect(out.split('\n')).toHaveLength(4);
  expect(out).toContain('576 readings: 1 firing, 0 worse, 0 repeated, 1 resolved.');
  const explained = await terminal.type(['replay', file('history'), '--explain']);
  expect(explained.out).toMatch(
    /quiet {5}10\.40\.0\.0\/16 .*dormant-spike: .* its usual .*1 of 3 readings above \(needs 2\)/,
  );
  expect(explained.out).toContain('waits: less than a day of history');
});

test('rules of a file are obeyed, and every wrong one is named', async () => {
  const quiet = await terminal.type(['replay', file('history'), '--json', '--rules', file('off.yaml')]);
  expect(quiet).toMatchObject({ code: 0, out: '' });
  const { code, err } = await terminal.type(['replay', file('history'), '--rules', file('wrong.yaml')]);
  expect(code).toBe(2);
  for (const word of [
    'rules.dormant-spike.ratoi',
    'Did you mean ratio?',
    'rules.churn.minimum',
    'rules.dormant-spikes',
  ])
    expect(err).toContain(word);
});

test('a bad line is named with its number and what was expected, with exit code 2', async () => {
  const { code, err } = await terminal.type(['replay', file('broken')]);
  expect(code).toBe(2);
  expect(err).toContain('line 2 is not a snapshot.');
  expect(err).toContain('at: a time such as');
  expect(await terminal.type(['replay', file('nowhere')])).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no file'),
  });
});
