// What is in the image, run as a container would be run: nothing inherited, another user, nothing writable but /data.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, copyFile, link, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Image } from './dockerfile.ts';

type Environment = Readonly<Record<string, string>>;

export interface Container {
  /** Whether it runs as the user of the image: only root can arrange that. */
  readonly isOtherUser: boolean;
  /** `argv` as the image has them, e.g. `["node", "/app/dist/main.js", "help"]`. */
  start(argv: readonly string[], env?: Environment): ChildProcess;
  /** Every file outside /data, with its size and the time of its last change. */
  tree(): Promise<readonly string[]>;
}

export async function containerOf(image: Image): Promise<Container> {
  const { root } = image;
  const bin = join(root, 'usr/local/bin');
  await Promise.all([mkdir(bin, { recursive: true }), mkdir(join(root, 'tmp'))]);
  // The base image brings its own; where the same disk holds both, this costs nothing.
  await link(process.execPath, join(bin, 'node')).catch(() => copyFile(process.execPath, join(bin, 'node')));
  await promisify(execFile)('chmod', ['-R', 'a-w,a+rX', root]);
  await chmod(join(root, 'data'), 0o755);
  const isOtherUser = process.getuid?.() === 0;
  const [user = '', group = user] = image.user.split(':');
  const become = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs', '--'];
  const within = (path: string) => (path.startsWith('/') ? join(root, path) : path);
  return {
    isOtherUser,
    start(argv, env = {}) {
      const own = Object.entries(image.env).map(([name, value]) => [name, within(value)]);
      const all = { PATH: bin, TMPDIR: join(root, 'tmp'), ...Object.fromEntries(own), ...env };
      const [command = '', ...rest] = [...argv.map(within)];
      const clean = ['env', '-i', ...Object.entries(all).map(([name, value]) => `${name}=${value}`)];
      const [first = '', ...others] = [...(isOtherUser ? become : []), ...clean, join(bin, command), ...rest];
      return spawn(first, others, { cwd: join(root, 'app'), stdio: ['ignore', 'pipe', 'pipe'] });
    },
    async tree() {
      const names = await readdir(root, { recursive: true });
      const outside = names.filter((name) => !/^data($|\/)/.test(name)).sort();
      return Promise.all(outside.map(async (name) => told(name, await stat(join(root, name)))));
    },
  };
}

function told(name: string, { size, mtimeMs, mode }: { size: number; mtimeMs: number; mode: number }): string {
  return `${name} ${size} ${mtimeMs} ${mode.toString(8)}`;
}
