// A real replica set with authentication on loopback, for as long as a test file needs it.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, MongoClient } from 'mongodb';
import { freePorts } from '../free-port.ts';
import type { Mongod } from './binary.ts';
import { until } from './until.ts';

export interface ReplicaSet {
  /** `127.0.0.1:port` of every member that holds data, then of the arbiter, then of the hidden member. */
  readonly hosts: readonly string[];
  /** Connection string with a user's name and password; users are `root`, `watcher` (clusterMonitor), `nobody`, `app`. */
  uri(user: string, host?: string): string;
  /** Path of the Unix socket of a member. */
  socket(host: string): string;
  /** Ends one member at once, as a machine that dies does. */
  kill(host: string): Promise<void>;
  close(): Promise<void>;
}

export interface ReplicaSetOptions {
  readonly mongod: Mongod;
  /** Members that hold data, and that clients see. */
  readonly members: number;
  readonly arbiter?: boolean;
  /** One more that holds data and is hidden from clients; the last of the hosts. */
  readonly hidden?: boolean;
  /** Connections that each member accepts; default: what its files allow. */
  readonly maxConns?: number;
}

/** The password of every user of a set, to look for where it must not be. */
export const password = 'correct-horse';

const users = {
  watcher: [{ role: 'clusterMonitor', db: 'admin' }],
  app: [{ role: 'readWriteAnyDatabase', db: 'admin' }],
  nobody: [],
};

export async function startReplicaSet(options: ReplicaSetOptions): Promise<ReplicaSet> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-mongod-'));
  const keyFile = join(directory, 'key');
  await writeFile(keyFile, randomBytes(96).toString('base64'), { mode: 0o400 });
  const ports = await freePorts(options.members + (options.arbiter ? 1 : 0) + (options.hidden ? 1 : 0));
  const members = new Map<string, ChildProcess>();
  const close = async () => {
    await Promise.all([...members.values()].map(end));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const port of ports) {
      const child = await launch(options.mongod.path, {
        directory: join(directory, `${port}`),
        sockets: directory,
        keyFile,
        port,
        maxConns: options.maxConns,
      });
      members.set(`127.0.0.1:${port}`, child);
    }
    const hosts = [...members.keys()];
    await initiate(hosts, options);
    const uri = (user: string, host = hosts.slice(0, options.members).join(',')) =>
      `mongodb://${user}:${password}@${host}/?authSource=admin${host.includes(',') ? '&replicaSet=rs0' : ''}`;
    const kill = async (host: string) => {
      const child = members.get(host);
      if (child === undefined) throw new Error(`${host} is no member`);
      await end(child);
    };
    const socket = (host: string) => join(directory, `mongodb-${host.split(':')[1]}.sock`);
    return { hosts, uri, socket, kill, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Launch {
  readonly directory: string;
  readonly sockets: string;
  readonly keyFile: string;
  readonly port: number;
  readonly maxConns: number | undefined;
}

async function launch(binary: string, { directory, sockets, keyFile, port, maxConns }: Launch): Promise<ChildProcess> {
  await mkdir(directory);
  const log = join(directory, 'log');
  const argv = ['--replSet', 'rs0', '--port', `${port}`, '--dbpath', directory, '--keyFile', keyFile];
  argv.push('--bind_ip', '127.0.0.1,::1', '--ipv6', '--oplogSize', '16', '--wiredTigerCacheSizeGB', '0.25');
  argv.push('--unixSocketPrefix', sockets);
  if (maxConns !== undefined) argv.push('--maxConns', `${maxConns}`);
  argv.push('--setParameter', 'diagnosticDataCollectionEnabled=false', '--logpath', log);
  const child = spawn(binary, argv, { stdio: 'ignore' });
  // A test process that ends early must not leave servers behind.
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  child.once('exit', () => process.off('exit', orphan));
  await until(`mongod on port ${port} listens`, async () => {
    const text = await readFile(log, 'utf8').catch(() => '');
    if (child.exitCode !== null) throw new Error(`mongod ended with ${child.exitCode}: ${text.slice(-2_000)}`);
    return text.includes('Waiting for connections');
  });
  return child;
}

/** Over the localhost exception: it lasts until the first user is there. */
async function initiate(hosts: readonly string[], { members: data, hidden = false }: ReplicaSetOptions): Promise<void> {
  const shapeOf = (id: number) => {
    if (id < data) return { priority: id === 0 ? 2 : 1 };
    return hidden && id === hosts.length - 1 ? { priority: 0, hidden: true } : { arbiterOnly: true };
  };
  const members = hosts.map((host, _id) => ({
    _id,
    host,
    ...shapeOf(_id),
  }));
  const config = { _id: 'rs0', members, settings: { electionTimeoutMillis: 2_000, heartbeatIntervalMillis: 500 } };
  await admin(`mongodb://${hosts[0]}/?directConnection=true`, async (command) => {
    await command({ replSetInitiate: config });
    await until('a primary is elected', async () => (await command({ hello: 1 }))['isWritablePrimary'] === true);
    await command({ createUser: 'root', pwd: password, roles: ['root'] });
  });
  await admin(`mongodb://root:${password}@${hosts[0]}/?directConnection=true`, async (command) => {
    // On every member that holds data, before anybody logs in there.
    const writeConcern = { w: data + (hidden ? 1 : 0) };
    for (const [name, roles] of Object.entries(users)) {
      await command({ createUser: name, pwd: password, roles, writeConcern });
    }
    await until('all members are in sync', async () => {
      const states = ((await command({ replSetGetStatus: 1 }))['members'] as Document[]).map(({ state }) => state);
      return states.every((state) => state === 1 || state === 2 || state === 7);
    });
    // Short for the first election alone: a busy machine is late with heartbeats, and that must end no primary.
    const settings = { ...config.settings, electionTimeoutMillis: 10_000 };
    await command({
      replSetReconfig: { ...(await command({ replSetGetConfig: 1 }))['config'], settings, version: 99 },
    });
  });
}

type Command = (document: Document) => Promise<Document>;

async function admin(uri: string, work: (command: Command) => Promise<void>): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await work((document) => client.db('admin').command(document));
  } finally {
    await client.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
