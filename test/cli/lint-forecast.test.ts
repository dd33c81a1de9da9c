// The forecast of `atlas-conns lint`: what instances with the options of a string open on one node.

import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Commands } from '../../src/app/commands/types.ts';
import { run } from '../../src/cli/run.ts';
import { createInput } from '../../src/cli/terminal.ts';
import { node, report } from './sample.ts';
import { recordedTerminal, someCommands } from './some-commands.ts';

const STRING = 'mongodb+srv://u:p@cluster0.ab1cd.mongodb.net/?minPoolSize=5&maxPoolSize=50&appName=web';
/** The second one is the fullest. */
const watched = report({
  nodes: [
    node('a.example.com:27017', { role: 'primary', current: 600, limit: 3_000 }),
    node('b.example.com:27017', { role: 'secondary', current: 700, limit: 1_500 }),
  ],
});

async function linted(argv: readonly string[], given: { string?: string; commands?: Partial<Commands> } = {}) {
  const { terminal, said } = recordedTerminal(100);
  const silent = () => undefined;
  const { signal } = new AbortController();
  const nobody = { ask: silent, interrupt: silent, signal };
  const code = await run({
    argv: ['lint', ...argv],
    commands: someCommands(given.commands ?? {}),
    terminal,
    version: '1.2.3',
    log: { debug: silent, info: silent, warn: silent, error: silent, hide: silent },
    random: () => 0.5,
    signal,
    input: createInput(Readable.from([given.string ?? STRING]), nobody),
  });
  return { code, ...said() };
}

test('with a limit: one instance and all of them on a node, idle, used and full', async () => {
  const { code, out, err } = await linted(['--instances', '40', '--limit', '1500', '--reserved', '10', '--json']);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  const document = JSON.parse(out);
  expect(Object.keys(document).at(-1)).toBe('forecast');
  expect(document.forecast).toEqual({
    ...{ instances: 40, cluster: null, node: null, limit: 1_500, reserved: 10, others: 0 },
    perInstance: { monitors: 2, idle: 7, used: 7, full: 52 },
    fleet: { idle: 280, used: 280, full: 2_080 },
    instancesUntilLimit: { idle: 212, used: 212, full: 28 },
  });
  // (1,500 − 10) / 40 = 37.25, and two of them are heartbeats.
  const found = document.findings.find(({ id }: { readonly id: string }) => id === 'pool-over-limit');
  expect(found).toMatchObject({
    severity: 'error',
    text: 'Full pools are 40 × (50 + 2 heartbeats) = 2,080 connections on one node, and 1,490 fit there.',
    fix: 'Write maxPoolSize=35 or less.',
  });
  expect(document.repaired).toContain('maxPoolSize=35');
});

test('the same as text', async () => {
  const { out } = await linted(['--instances', '40', '--limit', '1500']);
  expect(out).toContain('On one node, which allows 1,500 connections:');
  expect(out).toMatch(/idle: minPoolSize +7 +280 +19 % +214/);
  expect(out).toMatch(/full: every pool full +52 +2,080 +139 % +28/);
});

test('with a cluster: its fullest node, and what is open there now', async () => {
  const commands = { report: async () => watched };
  const argv = ['--instances', '10', '--cluster', 'prod', '--reserved', '100'];
  const { code, out } = await linted([...argv, '--json'], { commands });
  const { forecast, findings } = JSON.parse(out);
  expect(forecast).toMatchObject({
    ...{ cluster: 'prod', node: 'b.example.com:27017', limit: 1_500, reserved: 100, others: 700 },
    fleet: { full: 520 },
    // (1,500 − 700 − 100) / 52
    instancesUntilLimit: { full: 13 },
  });
  expect(code).toBe(0);
  expect(findings.map(({ id }: { readonly id: string }) => id)).not.toContain('pool-over-limit');
  const { out: text } = await linted(argv, { commands });
  expect(text).toContain(
    'On one node, b.example.com:27017 of prod, where 700 of 1,500 are open, 100 of them reserved:',
  );
});

test.each([
  ['functions poll', ['--functions'], STRING, { monitors: 1, full: 51 }],
  ['the driver has no pool', ['--driver', 'php'], STRING, { monitors: 0, full: 1 }],
  ['a pool without a bound', [], 'mongodb://h/?maxPoolSize=0', { monitors: 2, full: null }],
  ['a load balancer', [], 'mongodb://h/?loadBalanced=true', { monitors: 0, full: 100 }],
])('of one instance: %s', async (_, argv, string, expected) => {
  const { out } = await linted([...argv, '--instances', '1', '--limit', '100', '--json'], { string });
  expect(JSON.parse(out).forecast.perInstance).toMatchObject(expected);
});

test('a string too broken has none, and a cluster without limits is refused', async () => {
  const broken = await linted(['--instances', '2', '--limit', '9', '--json'], { string: 'mongodb://u:pass' });
  expect(JSON.parse(broken.out).forecast).toBeNull();
  const flex = report({ nodes: [node('a:27017', { current: null, limit: null })] });
  const { code, out, err } = await linted(['--instances', '2', '--cluster', 'prod'], {
    commands: { report: async () => flex },
  });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('No node of prod shows its limit.');
});
