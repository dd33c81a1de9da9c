// The applications' pools in a scrape: bounded, whatever the applications call themselves.

import { expect, test } from 'vitest';
import { decodePoolReport } from '../../src/core/pools/decode.ts';
import type { PoolRecord } from '../../src/core/pools/report.ts';
import { poolsView } from '../../src/core/pools/view.ts';
import { figures, parseExposition } from './exposition.ts';
import { ask, serveHealth, someBot } from './fixture.ts';
import { pool, poolReport } from './pools-fixture.ts';

const AT = Date.parse('2026-11-21T10:00:00Z');

function recordOf(app: string, more: { readonly open?: number; readonly ageMs?: number; readonly host?: string } = {}) {
  const { open = 12, ageMs = 0, host = 'shard-00-00.example.net' } = more;
  const one = { ...pool({ timeouts: 2 }), now: { open, pending: 0, inUse: 3, waiting: 1 } };
  const decoded = decodePoolReport(
    poolReport({
      process: { id: `${encodeURIComponent(app)} ${ageMs} ${host}`, app },
      clients: [{ n: 1, options: { maxPoolSize: 100 }, pools: { [`${host}:27017`]: one } }],
    }),
  );
  if (!decoded.ok) throw new Error(decoded.field);
  const before = {
    at: AT - ageMs - 5_000,
    isPartial: false,
    pools: { [`1 ${host}:27017`]: { checkouts: 81_183, failed: 0, waitMs: 0 } },
  };
  return { report: decoded.report, at: AT - ageMs, firstAt: AT - ageMs, before } satisfies PoolRecord;
}

async function scraped(records: readonly PoolRecord[]) {
  const view = poolsView(records, {
    now: AT,
    clusterOf: (address) => (address.startsWith('shard') ? 'prod' : null),
    seenOf: () => null,
  });
  const answers = new Map([
    [204, 7],
    [401, 2],
  ]);
  const health = await serveHealth(someBot(), {
    pools: () => ({ service: { view: async () => view }, answers: () => answers }),
  });
  const families = parseExposition((await ask(health, '/metrics')).body);
  return (name: string) => figures(families, `atlas_conns_pool_${name}`);
}

test('each app and cluster has its figures; stale processes are in a figure of their own', async () => {
  const told = await scraped([
    recordOf('billing'),
    recordOf('billing', { ageMs: 60_000 }),
    recordOf('mail', { host: 'x' }),
  ]);
  expect(told('processes')).toEqual({ 'app=billing cluster=prod': 1, 'app=mail cluster=': 1 });
  expect(told('processes_stale')).toEqual({ 'app=billing cluster=prod': 1, 'app=mail cluster=': 0 });
  expect(told('connections')['app=billing cluster=prod']).toBe(12);
  expect(told('connections_in_use')['app=billing cluster=prod']).toBe(3);
  expect(told('connections_limit')['app=billing cluster=prod']).toBe(100);
  expect(told('checkouts_waiting')['app=billing cluster=prod']).toBe(1);
  expect(told('checkouts_per_second')['app=billing cluster=prod']).toBe(10);
  expect(told('timeouts')['app=billing cluster=prod']).toBe(2);
  expect(told('requests_total')).toEqual({ 'status=204': 7, 'status=401': 2 });
});

test('the 50 largest apps have a name, and all others are added up, however many there are', async () => {
  const told = await scraped([
    ...Array.from({ length: 1_000 }, (_, index) => recordOf(`"}\\ 1\nfalse ${index}`, { open: 1 })),
    ...Array.from({ length: 49 }, (_, index) => recordOf(`large ${index}`, { open: 50 })),
    recordOf('other', { open: 90 }),
  ]);
  const open = told('connections');
  expect(Object.keys(open)).toHaveLength(50);
  expect(open['app=large 7 cluster=prod']).toBe(50);
  expect(open['app=other cluster=prod'], 'an app may have this name itself').toBe(1_090);
});

test('without a daemon, or while its reports cannot be read, there is no figure and the scrape is complete', async () => {
  const none = parseExposition((await ask(await serveHealth(someBot()), '/metrics')).body);
  expect(figures(none, 'atlas_conns_pool_connections')).toEqual({});
  const health = await serveHealth(someBot(), {
    deadlineMs: 50,
    pools: () => ({ service: { view: () => new Promise(() => undefined) }, answers: () => new Map([[204, 1]]) }),
  });
  const late = parseExposition((await ask(health, '/metrics')).body);
  expect(figures(late, 'atlas_conns_pool_connections')).toEqual({});
  expect(figures(late, 'atlas_conns_pool_requests_total')).toEqual({ 'status=204': 1 });
  expect(figures(late, 'atlas_conns_slack_up')).toEqual({ '': 1 });
});
