// Real applications beside the real bot: five drivers in processes of their own, each with the reporter of its language.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { AppPools, PoolsView } from '../../src/core/pools/view.ts';
import { fetchPools } from '../../src/http/pools-client.ts';
import { reporterFile, startApplication, startPython } from '../reporter/application.ts';
import { TOKEN } from '../reporter/daemon.ts';
import { fillFor, findDriver } from '../sandbox/drivers/fleet.ts';
import { cachedPackage } from '../sandbox/drivers/packages.ts';
import type { ReplicaSet } from '../sandbox/mongod/replica-set.ts';
import { until } from '../sandbox/mongod/until.ts';
import { OPS } from '../slack/bot-fixture.ts';

/** An application with one client, and its reports each second. */
export interface RealApp {
  /** Of the app, and of its client. */
  readonly name: string;
  readonly pid: number;
  /** So many operations at once, which go on for so long. */
  hold(count: number, ms: number): Promise<void>;
  /** Waits for their ends. */
  settle(): Promise<void>;
  /** Cursors that keep a connection each, and that nobody reads to their end; null where a driver has no such cursors. */
  readonly leak: { open(count: number): Promise<void>; close(): Promise<void> } | null;
  end(): Promise<unknown>;
  /** At once, as when it runs out of memory. */
  kill(): void;
}

export interface RealAppSpec {
  /** A version of the Node.js driver, or PyMongo. */
  readonly driver: '4' | '5' | '6' | '7' | 'pymongo';
  readonly set: ReplicaSet;
  /** Of the bots. */
  readonly urls: readonly string[];
  /** Options of the connection string. */
  readonly options: string;
  readonly name?: string;
}

const DRIVERS = ['4', '5', '6', '7', 'pymongo'] as const;
const EVERY_MS = 1_000;

/** Or why there is none. */
export async function startApp(spec: RealAppSpec): Promise<RealApp | { readonly reason: string }> {
  const { driver, set, urls, options } = spec;
  const { name = driver === 'pymongo' ? driver : `mongodb-${driver}` } = spec;
  await fillFor(set.uri('app'));
  // Heartbeats often, so that the sockets that measure their time are open soon.
  const uri = `${set.uri('app')}&heartbeatFrequencyMS=500&appName=${name}`;
  if (driver === 'pymongo') {
    const found = await findDriver('python');
    if ('reason' in found) return found;
    const app = startPython({ python: found[0] ?? '', uri, urls, app: name, seconds: EVERY_MS / 1_000 });
    await app.step(`open &${options}`);
    return {
      ...{ name, pid: app.pid, end: app.end, kill: () => void process.kill(app.pid, 'SIGKILL') },
      hold: async (count, ms) => void (await app.step(`hold 0 ${count} ${ms / 1_000}`)),
      settle: async () => void (await app.step('settle')),
      leak: {
        open: async (count) => void (await app.step(`leak 0 ${count}`)),
        close: async () => void (await app.step('return')),
      },
    };
  }
  const folder =
    driver === '7'
      ? new URL('../../node_modules/mongodb', import.meta.url).pathname
      : await cachedPackage('mongodb', driver);
  const app = startApplication({ node: process.execPath, driver: folder, reporter: await reporterFile(), urls });
  await app.act('open', { uri: `${uri}&${options}`, everyMs: EVERY_MS });
  return {
    ...{ name, pid: app.pid, end: app.end, kill: () => void process.kill(app.pid, 'SIGKILL') },
    hold: async (count, ms) => void (await app.act('hold', { count, ms })),
    settle: async () => void (await app.act('settle')),
    leak: null,
  };
}

export interface Fleet {
  /** One of each driver, as the drivers are listed. */
  readonly apps: readonly RealApp[];
  /** Why PyMongo is not among them. */
  readonly missing: string | null;
}

/** @param input.options of the connection string of each, by its place */
export async function startFleetOf(
  input: Pick<RealAppSpec, 'set' | 'urls'> & { readonly options: (index: number) => string },
): Promise<Fleet> {
  const { set, urls, options } = input;
  const apps: RealApp[] = [];
  let missing: string | null = null;
  for (const [index, driver] of DRIVERS.entries()) {
    const app = await startApp({ driver, set, urls, options: options(index) });
    if ('reason' in app) missing = app.reason;
    else apps.push(app);
  }
  return { apps, missing };
}

const directories: string[] = [];

/** The settings and data of every bot of this file of tests. */
export async function removeSettings(): Promise<void> {
  await Promise.all(directories.splice(0).map((directory) => rm(directory, { recursive: true, force: true })));
}

/** The settings of a bot that monitors the set as `prod`, and takes reports at this port. */
export async function botSettings(input: {
  readonly set: ReplicaSet;
  readonly port: number;
  /** Of the readings. */
  readonly schedule?: string;
  readonly more?: string;
}): Promise<Readonly<Record<string, string>>> {
  const { set, port, schedule = '*/5 * * * * *', more = '' } = input;
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-real-pools-'));
  directories.push(directory);
  const file = join(directory, 'settings.yaml');
  const settings = `
schedule: "${schedule}"
projects:
  - clusters: [{ name: prod, uri: "\${MONGODB_URI}" }]
slack:
  channel: ${OPS}
${more}`;
  await writeFile(file, settings);
  return {
    ATLAS_CONNS_CONFIG: file,
    ATLAS_CONNS_DATA_DIR: join(directory, 'data'),
    MONGODB_URI: set.uri('watcher'),
    POOLS_PORT: String(port),
    POOLS_TOKEN: TOKEN,
    TZ: 'UTC',
  };
}

export const urlOf = (port: number) => `http://127.0.0.1:${port}`;

/** Null while no bot answers: for those who ask again. */
export function poolsNow(port: number): Promise<PoolsView | null> {
  return fetchPools({ url: urlOf(port), token: TOKEN, signal: AbortSignal.timeout(30_000) }).catch(() => null);
}

/** The view of the moment in which a bot answers. */
export async function poolsAt(port: number): Promise<PoolsView> {
  const found: PoolsView[] = [];
  await until('a bot shows the pools', async () => {
    const view = await poolsNow(port);
    if (view !== null) found.push(view);
    return view !== null;
  });
  const [view] = found;
  if (view === undefined) throw new Error('no view');
  return view;
}

export function rowOf(view: PoolsView | null, name: string): AppPools | undefined {
  return view?.apps.find(({ app }) => app === name);
}

/** Ends the held operations of these apps on the server: each fails in its application, and keeps its connection. */
export async function killOperations(set: ReplicaSet, names: readonly string[]): Promise<void> {
  await asRoot(set, async (client) => {
    const admin = client.db('admin');
    const running = await admin
      .aggregate([
        { $currentOp: { allUsers: true } },
        { $match: { appName: { $in: names }, ns: 'fleet.one', active: true } },
      ])
      .toArray();
    for (const { opid } of running) await admin.command({ killOp: 1, op: opid });
  });
}

/** Connections of each app, as the nodes themselves tell it, without our own code between. */
export async function countsOn(set: ReplicaSet): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const host of set.hosts) {
    await asRoot(
      set,
      async (client) => {
        const stages = [{ $currentOp: { allUsers: true, idleConnections: true } }, { $sortByCount: '$appName' }];
        for (const { _id, count } of await client.db('admin').aggregate(stages).toArray())
          counts.set(String(_id), (counts.get(String(_id)) ?? 0) + Number(count));
      },
      host,
    );
  }
  return counts;
}

async function asRoot(set: ReplicaSet, work: (client: MongoClient) => Promise<void>, host?: string): Promise<void> {
  const client = new MongoClient(set.uri('root', host), host === undefined ? {} : { directConnection: true });
  try {
    await work(client);
  } finally {
    await client.close();
  }
}
