// Two real bots on one real replica set: applications report to any of them, and both show one view of all processes.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PoolsView } from '../../src/core/pools/view.ts';
import { realSet } from '../cluster/real.ts';
import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import { freePorts } from '../sandbox/free-port.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { PATIENT_MS, startSlack } from '../sandbox/slack/server.ts';
import type { Slack } from '../slack/bot-fixture.ts';
import { botSettings, type Fleet, poolsNow, removeSettings, startFleetOf, urlOf } from './real-pools.ts';

const SIZE = 3;

let set: ReplicaSet | { readonly reason: string };
let slack: Slack;
let fleet: Fleet;
let ports: readonly number[];
let start: (port: number) => Promise<RunningBot>;
const bots = new Map<number, RunningBot>();

beforeAll(async () => {
  const found = await realSet({ members: 1 });
  set = found;
  if ('reason' in found) return;
  ports = await freePorts(2);
  slack = await startSlack({ ackMs: PATIENT_MS });
  start = async (port) =>
    startBot({
      slack,
      env: {
        ...(await botSettings({ set: found, port })),
        ANALYSIS_URI: found.uri('app').replace('/?', '/conns?'),
      },
    });
  for (const port of ports) bots.set(port, await start(port));
  fleet = await startFleetOf({ set: found, urls: ports.map(urlOf), options: () => `minPoolSize=${SIZE}` });
  // A client of Node.js connects with its first operation.
  for (const app of fleet.apps) {
    await app.hold(1, 0);
    await app.settle();
  }
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  await Promise.all((fleet?.apps ?? []).map((app) => app.end()));
  await Promise.all([...bots.values()].map((bot) => bot.close()));
  await slack?.close();
  if ('close' in set) await set.close();
  await removeSettings();
});

/** App, pid, open connections, checkouts since its start: of each process that reports. */
type Line = readonly [app: string, pid: number, open: number, checkouts: number];

function linesOf(view: PoolsView | null): readonly Line[] {
  const rows = view?.apps ?? [];
  const lines = rows.flatMap(({ app, processes }) =>
    processes
      .filter(({ isStale }) => !isStale)
      .map(({ process, now, total }): Line => [app, process.pid, now.open, total.checkouts]),
  );
  return lines.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

const linesAt = async (port: number) => linesOf(await poolsNow(port));

test('a bot that dies loses nothing: the other one shows every process once, and so do both when it is back', async () => {
  const [first = 0, second = 0] = ports;
  const isQuiet = async () => {
    const rows = (await poolsNow(first))?.apps ?? [];
    return rows.map(({ app, now, checkoutsPerSecond }) => [app, now.open, checkoutsPerSecond]).toSorted();
  };
  await expect.poll(isQuiet).toEqual(fleet.apps.map(({ name }) => [name, SIZE, 0]));
  const before = await linesAt(first);
  expect(before.map(([, pid]) => pid)).toEqual(fleet.apps.map(({ pid }) => pid));
  await expect.poll(() => linesAt(second)).toEqual(before);

  await bots.get(first)?.kill();
  for (const app of fleet.apps) {
    await app.hold(2, 0);
    await app.settle();
  }
  const more = (many: number) => before.map(([app, pid, open, checkouts]) => [app, pid, open, checkouts + many]);
  await expect.poll(() => linesAt(second)).toEqual(more(2));
  // Every process, also those that are not fresh: none is there twice.
  const all = (await poolsNow(second))?.apps.flatMap(({ processes }) => processes.map(({ process }) => process.id));
  expect(all).toHaveLength(fleet.apps.length);

  bots.set(first, await start(first));
  for (const app of fleet.apps) {
    await app.hold(1, 0);
    await app.settle();
  }
  for (const port of ports) await expect.poll(() => linesAt(port)).toEqual(more(3));
});
