// Fleets of real drivers in processes of their own, and what of each is to be had on this machine.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';

const run = promisify(execFile);

export interface FleetProcess {
  /** Of its process, and of those that it forked. */
  readonly pid: number;
  close(): Promise<void>;
}

export interface FleetSpec {
  readonly uri: string;
  /** MongoClients of the process. */
  readonly clients: number;
  /** Operations at once of each client. */
  readonly primary: number;
  readonly secondary: number;
  /** Children of PyMongo's process that begin with the clients of their parent. */
  readonly forks?: number;
  /** Of Node.js: with operations that go on. */
  readonly busy?: boolean;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export type FleetDriver = 'node' | 'python' | 'php';

/** The command of a driver's fleet, or why it is not to be had. With its name in `ATLAS_CONNS_REQUIRE` it must be. */
export async function findDriver(driver: FleetDriver): Promise<readonly string[] | { readonly reason: string }> {
  const { name, find } = FLEETS[driver];
  try {
    return await find();
  } catch (error) {
    const reason = `no ${name} (${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)})`;
    if ((process.env['ATLAS_CONNS_REQUIRE'] ?? '').split(/[\s,]+/).includes(name)) throw new Error(reason);
    return { reason };
  }
}

const here = import.meta.dirname;

const FLEETS: Readonly<
  Record<FleetDriver, { readonly name: string; readonly find: () => Promise<readonly string[]> }>
> = {
  node: { name: 'node', find: async () => [process.execPath, join(here, 'node-fleet.ts')] },
  python: { name: 'pymongo', find: pymongo },
  php: { name: 'php', find: php },
};

/** In an environment of its own, because a machine's Python is not ours. */
async function pymongo(): Promise<readonly string[]> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'atlas-conns');
  const python = join(cache, 'pymongo', 'bin', 'python');
  const works = () => run(python, ['-c', 'import pymongo'], { timeout: 30_000 });
  try {
    await works();
  } catch {
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', join(cache, 'pymongo')], { timeout: 120_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'pymongo'], {
      timeout: 120_000,
    });
    await works();
  }
  return [python, join(here, 'pymongo-fleet.py')];
}

async function php(): Promise<readonly string[]> {
  await run('php', ['-r', "extension_loaded('mongodb') || exit(1);"], { timeout: 30_000 });
  return ['php', join(here, 'php-fleet.php')];
}

/** What the slow operations of a fleet look at: none is slow in an empty collection. */
export async function fillFor(uri: string): Promise<void> {
  const client = new MongoClient(uri);
  try {
    await client
      .db('fleet')
      .collection<{ _id: number }>('one')
      .updateOne({ _id: 1 }, { $set: { isHere: true } }, { upsert: true, writeConcern: { w: 'majority' } });
  } finally {
    await client.close();
  }
}

/** Resolves once all its operations are done. */
export async function startFleet(command: readonly string[], { env, ...spec }: FleetSpec): Promise<FleetProcess> {
  const [program = '', ...argv] = command;
  const child = spawn(program, [...argv, JSON.stringify({ forks: 0, ...spec })], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  child.once('exit', () => process.off('exit', orphan));
  await readyOf(child);
  const close = async () => {
    if (child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end('\n');
    await gone;
  };
  return { pid: child.pid ?? 0, close };
}

async function readyOf(child: ChildProcess): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text) => String(text).includes('ready') && resolve());
    child.once('exit', (code) => reject(new Error(`the fleet ended with ${code}: ${errors.slice(-2_000)}`)));
    child.once('error', reject);
  });
}
