// A person at the terminal: the real command as a process of its own, in an empty directory, with a stand-in project's environment.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  /** Undefined takes a variable away. */
  start(argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): ChildProcess;
  /** Checks, too, that no secret of the environment is in what was said. */
  type(argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<Said>;
  close(): Promise<void>;
}

const SECRETS = ['MONGODB_ATLAS_CLIENT_SECRET', 'MONGODB_PASSWORD'];

export async function openTerminal(given: Readonly<Record<string, string>>): Promise<Terminal> {
  const cwd = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
  const start: Terminal['start'] = (argv, env = {}) =>
    spawn(process.execPath, [MAIN, ...argv], { cwd, env: { ...given, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    start,
    async type(argv, env = {}) {
      const said = await ended(start(argv, env));
      for (const name of SECRETS) {
        const secret = env[name] ?? given[name];
        if (secret !== undefined) expect(said.out + said.err).not.toContain(secret);
      }
      return said;
    },
    close: () => rm(cwd, { recursive: true }),
  };
}

/** Resolves with the first line that fits; rejects when the process has ended without one. */
export async function lineOf(child: ChildProcess, stream: 'stdout' | 'stderr', fits: RegExp): Promise<string> {
  const from = child[stream];
  if (from === null) throw new Error('no pipe');
  for await (const line of createInterface({ input: from })) if (fits.test(line)) return line;
  throw new Error(`ended without ${fits}`);
}

export async function ended(child: ChildProcess): Promise<Said> {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...said };
}
