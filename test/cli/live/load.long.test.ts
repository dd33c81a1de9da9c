// `atlas-conns load` as a real process on a real mongod: a signal closes everything, and no password is shown.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCluster } from '../../../src/cluster/cluster.ts';
import { LOAD_APP } from '../../../src/core/load/patterns.ts';
import { countOf, nodeOf, now, patience, useRealSet } from '../../cluster/real.ts';
import { as, standInNode } from '../../cluster/stand-in.ts';
import { ended } from '../../e2e/terminal.ts';
import { password } from '../../sandbox/mongod/replica-set.ts';
import { until } from '../../sandbox/mongod/until.ts';

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname;
const { real } = useRealSet({ members: 1 });

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
});
afterAll(() => rm(directory, { recursive: true }));

function start(argv: readonly string[], uri: string): ChildProcess {
  const env = { MONGO: uri };
  return spawn(process.execPath, [MAIN, 'load', '--uri-env', 'MONGO', ...argv], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function crowdOn(): Promise<number> {
  const cluster = openCluster({ name: 'prod', uri: real().uri('watcher'), now });
  try {
    return countOf(nodeOf(await cluster.read({ signal: patience() }), real().hosts[0] ?? ''), { app: LOAD_APP });
  } finally {
    await cluster.close();
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes everything, and the run says what it saw', async (signal) => {
  const child = start(
    ['--clients', '2', '--connections', '15', '--ramp', '50/s', '--for', '1h'],
    real().uri('watcher'),
  );
  const said = ended(child);
  await until('the pools are full', async () => (await crowdOn()) >= 30);
  child.kill(signal);
  const { code, out, err } = await said;
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('Closing everything…\n');
  expect(out).toContain('A signal ended the run.\n');
  // The looks of this test may still be closing.
  expect(out.replace(/\s+/g, ' ')).toMatch(/Everything is closed: each node|none of them is of the run/);
  expect(await crowdOn()).toBe(0);
});

test('a node that hangs at the end does not hold up the result, and the exit code is 1', async () => {
  const node = await standInNode();
  const uri = as('watcher', `mongodb://${node.host}/?directConnection=true`);
  const child = start(['--pattern', 'leak', '--clients', '1', '--for', '1h'], uri);
  const said = ended(child);
  await until('a client is there', async () => node.received().some(({ appName }) => appName === LOAD_APP));
  node.trouble.slow(Number.POSITIVE_INFINITY);
  child.kill('SIGINT');
  const { code, out, err } = await said;
  // Nor was it cut: that is a warning.
  expect([code, err]).toEqual([1, '']);
  expect(out.replace(/\s+/g, ' ')).toContain('did not answer after the run');
});

test('with --json a signal still gives the whole object', async () => {
  const child = start(['--pattern', 'churn', '--clients', '5', '--json', '--for', '1h'], real().uri('watcher'));
  const said = ended(child);
  await until('clients are there', async () => (await crowdOn()) > 0);
  child.kill('SIGINT');
  const { code, out } = await said;
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ schema: 'atlas-conns/load/1', end: 'stopped', nodes: [{ remaining: 0 }] });
});

test('a run ends by itself with exit code 0', async () => {
  const { code, out } = await ended(
    start(['--clients', '1', '--connections', '2', '--for', '1s'], real().uri('watcher')),
  );
  expect(code).toBe(0);
  expect(out).toContain('The time was over.\n');
});

test.each([
  [
    'a wrong password',
    () => real().uri('watcher').replace(password, 'wrong-horse'),
    1,
    /unknown user or wrong password/,
  ],
  ['nothing that listens', (): string => `mongodb://watcher:${password}@127.0.0.1:1`, 1, /nothing listens there/],
  ['a public address', (): string => `mongodb://watcher:${password}@203.0.113.9`, 2, /--yes-this-host 203\.0\.113\.9/],
  ['another text', (): string => `watcher:${password}`, 2, /^MONGO is not a usable connection string/],
] as const)('%s is told without the password', async (_, uri, expected, words) => {
  const { code, out, err } = await ended(start([], uri()));
  expect([code, out]).toEqual([expected, '']);
  expect(err).toMatch(words);
  expect(err).not.toMatch(/horse/);
});
