// The pools of real applications end to end: five drivers report to the real bot, and everyone who asks sees what each
// application has checked out and what the nodes count.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { poolsOfJson } from '../../src/core/pools/json.ts';
import { realSet } from '../cluster/real.ts';
import { figures as metricsOf, parseExposition } from '../http/exposition.ts';
import { ask } from '../http/fixture.ts';
import { type RunningBot, startBot } from '../sandbox/demo/bot.ts';
import { freePort } from '../sandbox/free-port.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { PATIENT_MS, startSlack } from '../sandbox/slack/server.ts';
import type { Slack } from '../slack/bot-fixture.ts';
import { FALSE_PROCESSES, floodOf, MOST_PROCESSES } from './real-flood.ts';
import {
  botSettings,
  countsOn,
  type Fleet,
  killOperations,
  poolsAt,
  poolsNow,
  type RealApp,
  removeSettings,
  rowOf,
  startFleetOf,
  urlOf,
} from './real-pools.ts';
import { askIn, tableOf, wordsIn } from './slack.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const MEMBERS = 2;
/** Of one client on one node: one that streams, and one that measures its time. */
const HEARTBEATS = 2;

interface Holding {
  readonly app: RealApp;
  /** Connections in use. */
  readonly held: number;
  /** Its minPoolSize, which it has on every node. */
  readonly size: number;
}

let set: ReplicaSet | { readonly reason: string };
let holding: readonly Holding[] = [];
let port: number;
let health: number;
let env: Readonly<Record<string, string>>;
let slack: Slack;
let bot: RunningBot;
let terminal: Terminal;
let fleet: Fleet;

beforeAll(async () => {
  set = await realSet({ members: MEMBERS });
  if ('reason' in set) return;
  [port, health] = [await freePort(), await freePort()];
  env = { ...(await botSettings({ set, port })), HEALTH_PORT: String(health) };
  slack = await startSlack({ ackMs: PATIENT_MS });
  bot = await startBot({ slack, env });
  terminal = await openTerminal(env);
  const size = (index: number) => 4 + index;
  fleet = await startFleetOf({
    ...{ set, urls: [urlOf(port)] },
    options: (index) => `minPoolSize=${size(index)}&maxPoolSize=20`,
  });
  holding = fleet.apps.map((app, index) => ({ app, held: 2 + index, size: size(index) }));
});
beforeEach((context) => {
  if ('reason' in set) context.skip(set.reason);
});
afterAll(async () => {
  if ('reason' in set) return;
  await killOperations(set, holding.map(nameOf));
  await Promise.all(holding.map(({ app }) => app.end()));
  await bot?.close();
  await slack?.close();
  await terminal?.close();
  await set.close();
  await removeSettings();
});

const real = () => {
  if ('reason' in set) throw new Error(set.reason);
  return set;
};
const nameOf = ({ app }: Holding) => app.name;
const openOf = ({ size }: Holding) => MEMBERS * size;

test('PyMongo is one of the applications', (context) => {
  if (fleet.missing !== null) context.skip(fleet.missing);
  expect(holding.map(nameOf)).toEqual(['mongodb-4', 'mongodb-5', 'mongodb-6', 'mongodb-7', 'pymongo']);
});

test('the daemon, the terminal, top, Slack and the nodes have the figures of what each application holds', async () => {
  await Promise.all(holding.map(({ app, held }) => app.hold(held, 600_000)));
  const expected = holding.map((one) => [nameOf(one), 'prod', openOf(one), one.held, 0]);
  const figures = (view: Awaited<ReturnType<typeof poolsNow>>) =>
    view?.apps.map(({ app, cluster, now }) => [app, cluster, now.open, now.inUse, now.waiting]).toSorted(byName);
  await expect.poll(async () => figures(await poolsNow(port))).toEqual(expected);

  const json = await terminal.type(['pools', '--json']);
  expect(json).toMatchObject({ code: 0, err: '' });
  expect(figures(poolsOfJson(JSON.parse(json.out)))).toEqual(expected);
  const top = await terminal.type(['top', 'prod', '--by', 'pools', '--csv', '-n', '1']);
  expect(top).toMatchObject({ code: 0, err: '' });
  const [head = [], ...rows] = top.out.trimEnd().split('\r\n').map(cellsOf);
  const cells = (row: readonly string[], titles: readonly string[]) => titles.map((title) => row[head.indexOf(title)]);
  expect(rows.map((row) => cells(row, ['name', 'now', 'in_use', 'waiting', 'processes'])).toSorted(byName)).toEqual(
    holding.map((one) => [nameOf(one), `${openOf(one)}`, `${one.held}`, '0', '1']),
  );

  // The nodes count what the application reports, and the heartbeats that its driver should have.
  const monitors = MEMBERS * HEARTBEATS;
  await expect
    .poll(async () =>
      [...(await countsOn(real()))].filter(([name]) => expected.some(([one]) => one === name)).toSorted(byName),
    )
    .toEqual(holding.map((one) => [nameOf(one), openOf(one) + monitors]));
  const report = await terminal.type(['report', '--json']);
  const { sources } = JSON.parse(report.out);
  const counted = sources.flatMap(({ apps }: { readonly apps: readonly Record<string, unknown>[] }) => apps);
  for (const one of holding)
    expect(counted).toContainEqual({
      name: nameOf(one),
      active: one.held,
      dormant: openOf(one) - one.held,
      monitors,
    });
  await expect
    .poll(async () =>
      (await poolsNow(port))?.apps
        .map(({ app, seen }) => [app, seen?.pooled, seen?.monitors, seen?.expectedMonitors])
        .toSorted(byName),
    )
    .toEqual(holding.map((one) => [nameOf(one), openOf(one), monitors, monitors]));

  const list = tableOf(await askIn(slack, 'pools'));
  for (const one of holding) {
    const row = list.find(([name]) => name === nameOf(one)) ?? [];
    expect(row.slice(0, 6)).toEqual([nameOf(one), 'prod', '1', `${openOf(one)}`, `${one.held}`, '0']);
    expect(row.at(-1)).toBe(`${openOf(one)}`);
    const detail = await terminal.type(['pools', nameOf(one)]);
    expect(detail.out.replaceAll(/\s+/g, ' ')).toContain('That fits.');
    expect(wordsIn((await askIn(slack, `pools ${nameOf(one)}`)).blocks)).toContain('That fits.');
  }
  await killOperations(real(), holding.map(nameOf));
  await Promise.all(holding.map(({ app }) => app.settle()));
});

test('a bot that is killed and starts again misses nothing: each report is complete', async () => {
  const idle = async () => {
    const view = await poolsNow(port);
    return holding.map((one) => rowOf(view, nameOf(one))?.now.inUse);
  };
  await expect.poll(idle).toEqual(holding.map(() => 0));
  const before = await poolsNow(port);
  await bot.kill();
  for (const { app } of holding) {
    await app.hold(3, 0);
    await app.settle();
  }
  bot = await startBot({ slack, env });
  const totals = (view: typeof before, more: number) =>
    holding.map((one) => {
      const row = rowOf(view, nameOf(one));
      const { created, closed, checkouts = 0, failed } = row?.total ?? {};
      return [nameOf(one), row?.processes.map(({ process }) => process.id), created, closed, checkouts + more, failed];
    });
  await expect.poll(async () => totals(await poolsNow(port), 0)).toEqual(totals(before, 3));
});

test('a flood is refused in plain words and stays bounded, and the real applications go on', async () => {
  const before = await poolsNow(port);
  const flood = await floodOf({
    port,
    every: 4_000,
    pause: async (index) => {
      for (const one of holding) {
        const row = rowOf(await poolsAt(port), nameOf(one));
        expect(row?.processes, `${nameOf(one)} after ${index} false processes`).toHaveLength(1);
        await one.app.hold(1, 0);
        await one.app.settle();
      }
    },
  });
  const { accepted, full, strange } = flood;
  console.log(`false processes: ${accepted} taken, ${full} refused (${flood.rated} of them for their rate)`);
  expect(strange).toEqual([]);
  expect(accepted + full).toBe(FALSE_PROCESSES);
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThanOrEqual(MOST_PROCESSES - holding.length);

  // Their next reports come, and nothing of what they did meanwhile is missing.
  const done = flood.pauses;
  await expect
    .poll(async () => {
      const view = await poolsNow(port);
      return holding.map((one) => [rowOf(view, nameOf(one))?.stale, rowOf(view, nameOf(one))?.total.checkouts]);
    })
    .toEqual(holding.map((one) => [0, (rowOf(before, nameOf(one))?.total.checkouts ?? 0) + done]));
  const view = await poolsAt(port);
  expect(view.apps.flatMap(({ processes }) => processes).length).toBeLessThanOrEqual(MOST_PROCESSES);
  expect(wordsIn((await askIn(slack, 'pools mongodb-7')).blocks)).toContain('nodejs 7.');

  const families = parseExposition((await ask({ port: health }, '/metrics')).body);
  const metric = (name: string) => metricsOf(families, `atlas_conns_pool_${name}`);
  expect(Object.keys(metric('processes')).length).toBeLessThanOrEqual(60);
  expect(metric('requests_total')).toMatchObject({ 'status=401': flood.wrongTokens, 'status=413': flood.huge });
});

function byName(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1;
}

function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare = '']) => quoted ?? bare);
}
