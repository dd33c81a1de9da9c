// Packages that only some tests need, such as older drivers: npm installs each once, in a cache beside the checkout's own.

import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npmEnvironment } from '../../image/npm.ts';

const run = promisify(execFile);

/** The folder of a package, e.g. of `mongodb` 4. */
export async function cachedPackage(name: string, version: string): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'atlas-conns');
  const kept = join(cache, `npm-${name}-${version}`);
  const folder = join(kept, 'node_modules', name);
  if (await isThere(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, 'npm-'));
  try {
    await writeFile(join(half, 'package.json'), '{ "private": true }');
    const argv = ['install', '--prefix', half, '--no-fund', '--loglevel=error', `${name}@${version}`];
    await run('npm', argv, { cwd: half, env: npmEnvironment(), timeout: 240_000 });
    // Another test process may have been faster.
    await rename(half, kept).catch((error) =>
      isThere(folder).then((isDone) => (isDone ? null : Promise.reject(error))),
    );
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return folder;
}

export interface OldNode {
  readonly path: string;
  /** E.g. `v18.20.8`. */
  readonly version: string;
}

/** Node.js 18; the one of the PATH where npm cannot install it, which the caller has to say. */
export async function oldestNode(): Promise<OldNode> {
  const path = await cachedPackage('node', '18').then(
    (folder) => join(folder, 'bin', 'node'),
    () => 'node',
  );
  const { stdout } = await run(path, ['--version'], { env: { ...npmEnvironment(), PATH: process.env['PATH'] ?? '' } });
  return { path, version: stdout.trim() };
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
