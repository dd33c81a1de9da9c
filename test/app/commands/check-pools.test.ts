// `check` says where reports of pools are taken: a free port, a bot that runs there, and who may reach it.

import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { checkPools } from '../../../src/app/commands/check-pools.ts';
import type { CheckFinding } from '../../../src/app/commands/types.ts';
import { openPools } from '../../../src/app/pools/pools.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';
import { pool, poolReport, putReport } from '../../http/pools-fixture.ts';
import { silentLog } from '../../recorded-log.ts';
import { freePort } from '../../sandbox/free-port.ts';

const TOKEN = '0123456789abcdef';

async function checked(settings: {
  readonly host?: string;
  readonly port: number | null;
  readonly tokens?: readonly string[];
}) {
  const signal = AbortSignal.timeout(60_000);
  const findings: CheckFinding[] = [];
  const found = checkPools({ settings: { host: '127.0.0.1', tokens: [TOKEN], ...settings }, signal });
  for await (const finding of found) findings.push(finding);
  return findings;
}

test('nothing where no reports are taken, and a free port is said', async () => {
  expect(await checked({ port: null })).toEqual([]);
  const port = await freePort();
  expect(await checked({ port })).toEqual([{ ok: true, what: `pools: 127.0.0.1 port ${port} is free` }]);
});

test('a bot that runs answers, and one with another token is a problem', async () => {
  const port = await freePort();
  const pools = await openPools({
    settings: { host: '127.0.0.1', port, tokens: [TOKEN] },
    ...{ clusters: () => [], reports: () => null, monitor: () => null, now: () => new Date(), log: await silentLog() },
  });
  onTestFinished(async () => pools?.close());
  expect(await checked({ port })).toEqual([
    { ok: true, what: `pools: 127.0.0.1 port ${port}: a bot that runs answers, with 0 reports of pools` },
  ]);
  expect(await checked({ port, tokens: ['another-token-of-16'] })).toMatchObject([
    { ok: false, problem: { code: 'pools-token' } },
  ]);
});

test('a process with pools to two clusters is one report', async () => {
  const port = await freePort();
  const pools = await openPools({
    settings: { host: '127.0.0.1', port, tokens: [TOKEN] },
    ...{ clusters: () => ['prod'], reports: () => null, now: () => new Date(), log: await silentLog() },
    monitor: () => ({ lastReadings: async () => new Map([['prod', readingOf('a:1')]]) }),
  });
  onTestFinished(async () => pools?.close());
  const report = poolReport({ clients: [{ n: 1, pools: { 'a:1': pool(), 'b:1': pool() } }] });
  expect((await putReport({ port, token: TOKEN, report })).status).toBe(204);
  const view = await pools?.service.view(AbortSignal.timeout(60_000));
  expect(view?.apps.map(({ cluster }) => cluster).toSorted()).toEqual(['prod', null].toSorted());
  expect(await checked({ port })).toMatchObject([{ what: expect.stringMatching(/with 1 report of pools$/) }]);
});

function readingOf(host: string): Snapshot {
  const node = { host, problem: null, role: 'primary', current: 30, limit: 1_000, totalCreated: 0, rejected: 0 };
  return { cluster: 'prod', at: 0, complete: true, problem: null, nodes: [node], sources: [] };
}

test('another program on the port is named', async () => {
  const port = await freePort();
  const other = createServer((_, response) => response.end('hello')).listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  expect(await checked({ port })).toMatchObject([{ ok: false, problem: { code: 'pools-foreign' } }]);
});

test.each([['0.0.0.0'], ['::']])(
  'all addresses, %s, are remarked on: right in a container, to be kept closed',
  async (host) => {
    const [finding] = await checked({ host, port: await freePort() });
    expect(finding).toMatchObject({
      ok: true,
      problem: { code: 'pools-exposed', remedy: expect.stringMatching(/container.*POOLS_HOST/s) },
    });
  },
);

test('an address that is not of this machine says which setting to change', async () => {
  const [finding] = await checked({ host: '203.0.113.7', port: await freePort() });
  expect(finding).toMatchObject({
    ok: false,
    problem: { code: 'pools-port', remedy: expect.stringMatching(/^Set POOLS_HOST/) },
  });
});

test.each([['127.0.0.1'], ['localhost']])('%s is no remark', async (host) => {
  const [finding] = await checked({ host, port: await freePort() });
  expect(finding).not.toHaveProperty('problem');
});
