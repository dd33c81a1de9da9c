// The reporter inside real drivers, from mongodb 4 on Node.js 18 to the newest: its figures are what the application
// does and what the server counts.

import { MongoClient } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { useRealSet } from '../cluster/real.ts';
import { fillFor } from '../sandbox/drivers/fleet.ts';
import { cachedPackage, oldestNode } from '../sandbox/drivers/packages.ts';
import { until } from '../sandbox/mongod/until.ts';
import { poolOf, reporterFile, startApplication } from './application.ts';
import { type DaemonStandIn, startDaemon } from './daemon.ts';
import { startLine } from './line.ts';

const { real, closers } = useRealSet({ members: 1 });
const old = await oldestNode();
const newest = { path: process.execPath, version: process.version };

const CASES = [
  ...['4', '5', '6'].map((driver) => ({ driver, node: old, name: old.version })),
  ...['4', '5', '6', '7'].map((driver) => ({ driver, node: newest, name: newest.version })),
];
/** The two heartbeats of a client that streams: the driver reports no pool events about them. */
const MONITORS = 2;

test.for(CASES)('mongodb $driver on Node.js $name: the figures are those of the application', async (one) => {
  const { app, daemon, host, appName, uri } = await begin(one);
  await app.act('open', { uri: uri('maxPoolSize=4&minPoolSize=1&maxIdleTimeMS=70000') });

  // Three operations at once, and nothing waits.
  await app.act('hold', { count: 3, ms: 3_000 });
  await reported(daemon, 'three in use', (pool) => pool.now.inUse === 3);
  expect(daemon.last()?.clients[0]).toMatchObject({
    n: 1,
    appName,
    options: { maxPoolSize: 4, minPoolSize: 1, maxIdleTimeMS: 70_000 },
  });
  expect(Object.keys(daemon.last()?.clients[0]?.pools ?? {})).toEqual([host]);
  expect(poolOf(daemon)).toMatchObject({ now: { open: 3, pending: 0, inUse: 3, waiting: 0 } });
  await until('the server counts the same', async () => (await seenOf(appName)) === 3 + MONITORS);
  expect(await app.act('settle')).toEqual(['done', 'done', 'done']);

  // Seven at once with a pool of four: three wait for at least as long as an operation takes.
  const before = poolOf(daemon)?.total ?? { checkouts: 0, waitMs: 0 };
  await app.act('hold', { count: 7, ms: 2_000 });
  await reported(daemon, 'three wait', (pool) => pool.now.waiting === 3);
  expect(poolOf(daemon)?.now).toEqual({ open: 4, pending: 0, inUse: 4, waiting: 3 });
  await app.act('settle');
  await reported(daemon, 'all is quiet', (pool) => pool.now.inUse === 0);
  const { max, total } = poolOf(daemon) ?? {};
  expect(max).toMatchObject({ open: 4, inUse: 4 });
  expect(max?.waiting).toBeGreaterThanOrEqual(3);
  expect(total).toMatchObject({ created: 4, closed: 0, checkouts: before.checkouts + 7, failed: 0, timeouts: 0 });
  expect((total?.waitMs ?? 0) - before.waitMs).toBeGreaterThan(3 * 1_900);
  expect(Number.isInteger(total?.waitMs)).toBe(true);

  // A second client on the same node, with checkouts that wait for too long.
  await app.act('open', { uri: uri('maxPoolSize=1&waitQueueTimeoutMS=300') });
  await app.act('hold', { client: 1, count: 3, ms: 3_000 });
  const outcomes = (await app.act('settle')) as string[];
  expect(outcomes.toSorted()).toEqual(['MongoWaitQueueTimeoutError', 'MongoWaitQueueTimeoutError', 'done']);
  await reported(daemon, 'two timeouts', ({ now, total }) => total.timeouts === 2 && now.inUse === 0, 2);
  expect(poolOf(daemon, 2)).toMatchObject({
    now: { open: 1, pending: 0, inUse: 0, waiting: 0 },
    total: { created: 1, checkouts: 1, failed: 2, timeouts: 2 },
  });
  expect(poolOf(daemon, 2)?.total.waitMs).toBeGreaterThan(2 * 280);
  expect(poolOf(daemon, 1)?.total).toEqual(total);

  // A closed client has nothing open, and its totals stay. The last that stops says farewell.
  await app.act('close', { client: 0 });
  await reported(daemon, 'nothing is open', (pool) => pool.now.open === 0);
  // Older drivers end their sessions with one more operation.
  const left = poolOf(daemon)?.total;
  expect(left).toMatchObject({ ...total, closed: 4, checkouts: expect.any(Number), waitMs: expect.any(Number) });
  expect(poolOf(daemon, 2)?.now.open).toBe(1);
  const count = daemon.reports.length;
  await until('more reports', async () => daemon.reports.length > count + 1);
  expect(poolOf(daemon)?.total).toEqual(left);
  await app.act('stop', { client: 0 });
  await until('one client is left', async () => daemon.last()?.clients.length === 1);
  expect(daemon.last()?.bye).toBe(false);
  await app.act('stop', { client: 1 });
  expect(daemon.last()).toMatchObject({ bye: true, clients: [{ n: 2 }], reporter: { failed: 0 } });
  expect(new Set(daemon.reports.map(({ process: { id } }) => id)).size).toBe(1);
  expect(daemon.reports.map(({ seq }) => seq)).toEqual(daemon.reports.map((_, index) => index + 1));
  expect(daemon.last()?.process).toMatchObject({
    ...{ pid: app.pid, app: appName },
    driver: { name: 'nodejs', version: expect.stringMatching(new RegExp(`^${one.driver}\\.`)) },
  });
  expect(await app.end()).toBe(0);
});

test.for(CASES)('mongodb $driver on Node.js $name: a lost server leaves no drift', async (one) => {
  const { app, daemon, line, uri, appName } = await begin(one);
  // Without a timeout, old drivers leave a checkout in the queue of a cleared pool until the server is back.
  await app.act('open', { uri: uri('maxPoolSize=6&serverSelectionTimeoutMS=2000&waitQueueTimeoutMS=3000') });
  await app.act('hold', { count: 4, ms: 1_000 });
  await app.act('settle');
  await reported(daemon, 'four are open', (pool) => pool.now.open === 4 && pool.now.inUse === 0);

  // In use when the server goes, and while it is away: set-ups fail, and checkouts with them.
  await app.act('hold', { count: 4, ms: 2_000 });
  await reported(daemon, 'four are in use', (pool) => pool.now.inUse === 4);
  line.isRefusing = true;
  line.cut();
  await app.act('hold', { count: 6, ms: 10 });
  await app.act('settle');
  await reported(daemon, 'the pool is cleared', (pool) => pool.total.cleared > 0 && pool.now.inUse === 0);
  expect(poolOf(daemon)?.now).toMatchObject({ pending: 0, inUse: 0, waiting: 0 });

  line.isRefusing = false;
  await until('operations work again', async () => {
    await app.act('hold', { count: 6, ms: 500 });
    return ((await app.act('settle')) as string[]).every((outcome) => outcome === 'done');
  });
  await reported(daemon, 'it is quiet', ({ now }) => now.open > 0 && now.inUse + now.waiting + now.pending === 0);
  await until('the server counts the same', async () => (await seenOf(appName)) === openIn(daemon) + MONITORS);
  const { now, total } = poolOf(daemon) ?? {};
  expect((total?.created ?? 0) - (total?.closed ?? 0)).toBe(now?.open);
  expect(await app.end()).toBe(0);
});

test('mongodb 7: a checkout that the application aborts waits no longer', async () => {
  const { app, daemon, uri } = await begin({ driver: '7', node: newest });
  await app.act('open', { uri: uri('maxPoolSize=1') });
  await app.act('hold', { count: 1, ms: 3_000 });
  await reported(daemon, 'one is in use', (pool) => pool.now.inUse === 1);
  expect(await app.act('abort', { count: 3 })).toEqual(['AbortError', 'AbortError', 'AbortError']);
  await app.act('settle');
  await reported(daemon, 'nothing waits', (pool) => pool.now.inUse === 0 && pool.now.waiting === 0);
  await app.act('hold', { count: 2, ms: 2_500 });
  await reported(daemon, 'one waits', (pool) => pool.now.inUse === 1);
  expect(poolOf(daemon)?.now).toMatchObject({ waiting: 1 });
  await app.act('settle');
  expect(await app.end()).toBe(0);
});

interface Case {
  readonly driver: string;
  readonly node: { readonly path: string };
}

let started = 0;

async function begin({ driver, node }: Case) {
  const folder =
    driver === '7'
      ? new URL('../../node_modules/mongodb', import.meta.url).pathname
      : await cachedPackage('mongodb', driver);
  const daemon = await startDaemon();
  daemon.answer = () => ({ status: 200, body: '{"everyMs":1000}' });
  const line = await startLine(real().hosts[0] ?? '');
  const app = startApplication({ node: node.path, driver: folder, reporter: await reporterFile(), urls: [daemon.url] });
  onTestFinished(async () => {
    await app.end();
    await line.close();
    await daemon.close();
  });
  await fillFor(real().uri('app'));
  const appName = `reporter-${started++}`;
  const uri = (options: string) =>
    `${real().uri('app', line.host)}&directConnection=true&heartbeatFrequencyMS=500&appName=${appName}&${options}`;
  return { app, daemon, line, host: line.host, appName, uri };
}

/** Waits for a report in which this holds of a client's pool. */
function reported(
  daemon: DaemonStandIn,
  what: string,
  holds: (pool: NonNullable<ReturnType<typeof poolOf>>) => boolean,
  n = 1,
): Promise<void> {
  const last = () => poolOf(daemon, n);
  return until(`a report says: ${what}`, async () => {
    const pool = last();
    return pool !== undefined && holds(pool);
  }).catch((error) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last())}`);
  });
}

const openIn = (daemon: DaemonStandIn) => poolOf(daemon)?.now.open ?? 0;

let watcher: MongoClient | undefined;

/** Connections of an application, as the server tells it. */
async function seenOf(appName: string): Promise<number> {
  if (watcher === undefined) {
    const client = new MongoClient(real().uri('watcher'));
    watcher = client;
    closers.push(() => client.close());
  }
  const match = { appName };
  const stages = [{ $currentOp: { allUsers: true, idleConnections: true } }, { $match: match }, { $count: 'n' }];
  const [row] = await watcher.db('admin').aggregate(stages).toArray();
  return row?.['n'] ?? 0;
}
