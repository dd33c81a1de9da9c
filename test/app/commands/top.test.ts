// What `top` reads: over connections that stay open, at a pace that spares the nodes, from the store, beside the pools.

import { expect, onTestFinished, test } from 'vitest';
import { analyze } from '../../../src/app/clusters/report-service.ts';
import { liveReadings, storedReadings, top } from '../../../src/app/commands/top.ts';
import type { TopUpdate } from '../../../src/app/commands/types.ts';
import type { PoolsView } from '../../../src/core/pools/view.ts';
import { readingOfReport } from '../../../src/core/top/of-report.ts';
import { CLUSTER_VIEWS, type TopReading } from '../../../src/core/top/row.ts';
import { ConfigError, UpstreamError, UserError } from '../../../src/errors.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { completeReport } from '../../cli/sample.ts';
import { record, viewOf } from '../../core/pools/sample.ts';
import { KEEP, readingOf, T0 } from '../../store/sample.ts';
import { projectDesk } from '../clusters/project-desk.ts';

const POOLS_OFF = { code: 'setting', text: 'POOLS_PORT is missing.', remedy: '' };
const noPools = () => Promise.reject(new ConfigError([POOLS_OFF]));

const AT = Date.parse('2026-11-21T10:00:00Z');

/** A clock that only waiting moves, and what it was asked to wait for. */
function world(more: Partial<Parameters<typeof top>[0]> = {}) {
  let now = AT;
  const clock = {
    now: () => new Date(now),
    wait: async (ms: number) => {
      now += ms;
    },
  };
  return { ...clock, redact: (value: string) => value, progress: () => undefined, pools: noPools, ...more };
}

async function take(updates: AsyncIterable<TopUpdate>, many: number): Promise<readonly TopUpdate[]> {
  const taken: TopUpdate[] = [];
  for await (const update of updates) if (taken.push(update) === many) break;
  return taken;
}

const never = new AbortController().signal;
const every = (ms: number) => ({ everyMs: () => ms, showsPools: () => false, signal: never });
const withPools = (ms: number) => ({ ...every(ms), showsPools: () => true });
const reading = readingOfReport(completeReport(), null);
const attempt = (busyMs = 10) => ({ cluster: 'prod', reading, failure: null, busyMs });

test('the rows are those of the report, over connections that stay open, and the access list is read once', async () => {
  const now = () => new Date(AT);
  const { registry, project } = await projectDesk({ now, wanted: ['prod'] });
  const live = liveReadings({ ...world(), now, registry, labels: [] }, 'PROD');
  const updates = top({ ...world(), now }, every(1), live)[Symbol.asyncIterator]();
  const next = async () => (await updates.next()).value as TopUpdate;
  const first = await next();
  const { nodes } = project.scenario.cluster('prod').set;
  const created = nodes.map((node) => node.counts().totalCreated);
  const second = await next();
  expect(nodes.map((node) => node.counts().totalCreated)).toEqual(created);
  expect(project.atlas.requests.filter(({ target }) => target.includes('/accessList'))).toHaveLength(1);
  const { cluster, naming } = await registry.open('prod', never);
  const report = readingOfReport(await analyze({ cluster, naming, labels: [], signal: never, now }), null);
  const figures = (of: TopReading | null, view: (typeof CLUSTER_VIEWS)[number]) =>
    of?.rows[view].map(({ name, now: all, active, dormant, heartbeats }) => [name, all, active, dormant, heartbeats]);
  for (const view of CLUSTER_VIEWS) {
    expect(figures(second.reading, view)).toEqual(figures(report, view));
    expect(figures(first.reading, view)?.length).toBeGreaterThan(1);
  }
  expect(second.reading?.totals).toEqual(report.totals);
  await updates.return?.(undefined);
});

test('a node that cannot be read is named, the others are shown, and no node at all is a failure', async () => {
  const now = () => new Date(AT);
  const { registry, project } = await projectDesk({ now, wanted: ['prod'] });
  const live = liveReadings({ ...world(), now, registry, labels: [] }, 'prod');
  const before = await live(null, never);
  expect(before).toMatchObject({ cluster: 'prod', failure: null });
  expect(before.busyMs).toBeGreaterThanOrEqual(0);
  const { set } = project.scenario.cluster('prod');
  const [, second] = set.nodes;
  if (second === undefined) throw new Error('prod has three nodes');
  await second.refuse();
  const part = await live(before.reading, never);
  expect(part.reading?.nodes.flatMap(({ host, problem }) => (problem === null ? [] : [host]))).toEqual([second.host]);
  expect(part.failure).toBeNull();
  for (const node of set.nodes) if (node !== second) await node.refuse();
  expect((await live(part.reading, never)).failure?.problem.text).toContain('127.0.0.1');
});

test('a reading that takes a node long is followed by a longer pause', async () => {
  const began: number[] = [];
  const here = world();
  const updates = top(here, every(2_000), async () => {
    began.push(here.now().getTime());
    return attempt(began.length === 1 ? 400 : 10);
  });
  await take(updates, 3);
  expect(began.map((at) => at - AT)).toEqual([0, 8_000, 10_000]);
});

test('a clock that is set back during a reading does not stop the readings', async () => {
  let now = AT;
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  const updates = top(world({ now: () => new Date(now), wait }), every(1_000), async () => {
    now -= 3_600_000;
    return attempt();
  });
  await take(updates, 2);
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
});

test('a new pace holds for the pause that runs', async () => {
  let wanted = 60_000;
  const here = world();
  const began: number[] = [];
  const wait = async (ms: number, signal: AbortSignal) => {
    await here.wait(ms, signal);
    if (here.now().getTime() >= AT + 4_000 && !signal.aborted) wanted = 5_000;
  };
  const request = { everyMs: () => wanted, showsPools: () => false, signal: never };
  await take(
    top({ ...here, wait }, request, async () => {
      began.push(here.now().getTime());
      return attempt();
    }),
    2,
  );
  expect(began.map((at) => at - AT)).toEqual([0, 5_000]);
});

test('readings never overlap, however long one takes', async () => {
  const here = world();
  let running = 0;
  const updates = top(here, every(1_000), async () => {
    expect(running++).toBe(0);
    await here.wait(7_000, never);
    running--;
    return attempt();
  });
  expect(await take(updates, 4)).toHaveLength(4);
});

test('a first reading that fails is an error, and a later one is told', async () => {
  const problem = { code: 'x', text: 'Atlas did not answer.', remedy: 'Try again.' };
  const failing = (after: number, error: Error) => {
    let readings = 0;
    return top(world(), every(1_000), async () => {
      if (readings++ < after) return attempt();
      throw error;
    });
  };
  await expect(take(failing(0, new UserError('Unknown.', '')), 1)).rejects.toThrow('Unknown.');
  const told = await take(failing(1, new UpstreamError(problem)), 3);
  expect(told.map(({ reading: read, failure }) => [read === null, failure?.problem ?? null])).toEqual([
    [false, null],
    [true, problem],
    [true, problem],
  ]);
  await expect(take(failing(1, new TypeError('a fault of ours')), 2)).rejects.toThrow('a fault of ours');
});

const NO_APPS: PoolsView = { at: AT, apps: [] };

test('pools come beside the readings, and their problem is told', async () => {
  const problem = { code: 'pools-unreachable', text: 'No bot answers.', remedy: '' };
  let asked = 0;
  const pools = async () => {
    asked += 1;
    if (asked === 2) throw new UpstreamError(problem);
    return NO_APPS;
  };
  const updates = await take(
    top(world({ pools }), withPools(5_000), async () => attempt()),
    3,
  );
  expect(updates.map((update) => update.pools)).toEqual([
    { rows: [], problem: null },
    { rows: null, problem },
    { rows: [], problem: null },
  ]);
  const [off] = await take(
    top(world(), withPools(1_000), async () => attempt()),
    1,
  );
  expect(off?.pools).toEqual({ rows: null, problem: POOLS_OFF });
});

test('the age of a report goes by the bot, whose clock may be another', async () => {
  const view = viewOf([record({ ageMs: 3_000 })]);
  const desk = world({ pools: async () => view });
  expect(view.at).not.toBe(desk.now().getTime());
  const [first] = await take(
    top(desk, withPools(1_000), async () => attempt()),
    1,
  );
  expect(first?.pools.rows?.map(({ at }) => at)).toEqual([AT - 3_000]);
});

test('a bot that answers slowly holds up no reading', async () => {
  let asked = 0;
  const pools = () => {
    asked += 1;
    return asked === 1 ? Promise.resolve(NO_APPS) : new Promise<PoolsView>(() => undefined);
  };
  const updates = await take(
    top(world({ pools }), withPools(5_000), async () => attempt()),
    4,
  );
  expect(updates.map((update) => update.pools.rows)).toEqual([[], null, null, null]);
  expect(asked).toBe(2);
});

test('pools are asked for only while they are shown, at once when they are opened, and at most every 5 seconds', async () => {
  let isShown = false;
  const asked: number[] = [];
  const here = world({
    pools: async () => {
      asked.push(here.now().getTime() - AT);
      return NO_APPS;
    },
  });
  const told: (readonly unknown[])[] = [];
  const request = { everyMs: () => 2_000, showsPools: () => isShown, signal: never };
  for await (const update of top(here, request, async () => attempt())) {
    const at = here.now().getTime() - AT;
    told.push([at, update.reading !== null, update.pools.rows]);
    // It is opened right after the third reading, closed at 12 seconds, and opened again.
    isShown = at >= 4_000 && at !== 12_000;
    if (at >= 16_000) break;
  }
  expect(asked).toEqual([4_200, 9_200, 14_200]);
  expect(told.filter(([, , rows]) => rows !== null).map(([at, isReading]) => [at, isReading])).toEqual([
    [4_400, false],
    [9_400, false],
    [14_400, false],
  ]);
});

test('with the store, the newest reading comes first, and then each new one', async () => {
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now: () => new Date(T0) });
  onTestFinished(() => store.close());
  const write = (minutes: number, dormant: number) => {
    const slot = T0 + minutes * 60_000;
    return store.write(readingOf({ cluster: 'prod', slot, holding: { '203.0.113.0/24': [1, dormant] } }));
  };
  await write(-10, 5);
  await write(-5, 7);
  let now = T0;
  const wait = async (ms: number) => {
    now += ms;
  };
  const here = world({ now: () => new Date(now), wait });
  const read = storedReadings(here, { store, requested: 'PROD', defaultCluster: null });
  const updates = top(here, every(1_000), read)[Symbol.asyncIterator]();
  const dormant = async () => {
    const { value } = await updates.next();
    return (value as TopUpdate).reading?.rows.source.map((row) => row.dormant) ?? null;
  };
  expect(await dormant()).toEqual([7]);
  expect(await dormant()).toBeNull();
  await write(0, 9);
  expect(await dormant()).toEqual([9]);
  expect(await dormant()).toBeNull();
  const failure = async () => ((await updates.next()).value as TopUpdate).failure?.problem.text ?? null;
  await store.write(readingOf({ cluster: 'prod', slot: T0 + 60_000, nodes: {}, problem: 'Atlas did not answer.' }));
  now = T0 + 65_000;
  expect(await failure()).toBe('Atlas did not answer.');
  expect(await failure()).toBe('Atlas did not answer.');
  await write(2, 4);
  now = T0 + 125_000;
  expect(await failure()).toBeNull();
  await updates.return?.(undefined);
  const unknown = storedReadings(here, { store, requested: 'prdo', defaultCluster: null });
  await expect(unknown(null, never)).rejects.toThrow('There is no history of a cluster "prdo".');
});

test('what people see is redacted', async () => {
  const now = () => new Date(AT);
  const { registry } = await projectDesk({ now, wanted: ['prod'] });
  const redact = (value: string) => value.replaceAll('billing', '[redacted]');
  const { reading: read } = await liveReadings({ ...world({ redact }), now, registry, labels: [] }, null)(null, never);
  const names = CLUSTER_VIEWS.flatMap((view) => read?.rows[view].map(({ name }) => name) ?? []);
  expect(names).toContain('[redacted]');
  expect(names.join()).not.toContain('billing');
});
