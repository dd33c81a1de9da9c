// Starts applications with a driver and the reporter in processes of their own, under any Node.js.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type DaemonStandIn, type PoolFigures, TOKEN } from './daemon.ts';

const source = new URL('../../src/reporter/reporter.ts', import.meta.url);

/** The reporter as it is in the sources, for a Node.js that knows no types. */
export async function reporterFile(): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'atlas-conns-reporter-')), 'reporter.mjs');
  await writeFile(path, stripTypeScriptTypes(await readFile(source, 'utf8')));
  return path;
}

export interface Application {
  readonly pid: number;
  /** Resolves with the answer of the act. */
  act(act: string, fields?: object): Promise<unknown>;
  /** Ends its input, and waits for its end. */
  end(): Promise<number | null>;
}

export interface ApplicationSpec {
  readonly node: string;
  readonly driver: string;
  readonly reporter: string;
  readonly urls: readonly string[];
}

export function startApplication({ node, driver, reporter, urls }: ApplicationSpec): Application {
  const main = new URL('application.mjs', import.meta.url).pathname;
  const child = spawn(node, [main, JSON.stringify({ driver, reporter })], {
    env: { PATH: process.env['PATH'], ...environmentFor(urls) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    act: async (act, fields = {}) => {
      child.stdin.write(`${JSON.stringify({ act, ...fields })}\n`);
      const { value } = await Promise.race([lines.next(), late(act)]);
      if (value === undefined) throw new Error(`the application ended at ${act}`);
      return JSON.parse(value);
    },
    end: async () => {
      child.stdin.end();
      return Promise.race([ended, late('end').finally(() => child.kill('SIGKILL'))]);
    },
  };
}

export interface PythonApplication extends Pick<Application, 'pid' | 'end'> {
  /** Resolves with the answer of the step. */
  step(line: string): Promise<string>;
}

/** With PyMongo and the listener that an application copies. */
export function startPython(spec: {
  readonly python: string;
  readonly uri: string;
  readonly app: string;
  readonly urls: readonly string[];
  readonly seconds?: number;
}): PythonApplication {
  const { python, uri, app, urls, seconds = 5 } = spec;
  const main = new URL('application.py', import.meta.url).pathname;
  const folder = new URL('../../src/reporter', import.meta.url).pathname;
  const child = spawn(python, ['-W', 'ignore', '-B', main, uri, folder, app, `${seconds}`], {
    env: { PATH: process.env['PATH'], ...environmentFor(urls) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = endOf(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    step: async (line) => {
      child.stdin.write(`${line}\n`);
      const { value } = await Promise.race([lines.next(), late(line)]);
      if (value === undefined) throw new Error(`the application ended at ${line}`);
      return value;
    },
    end: async () => {
      child.stdin.end();
      return Promise.race([ended, late('end').finally(() => child.kill('SIGKILL'))]);
    },
  };
}

async function late(what: string): Promise<never> {
  await pause(90_000, null, { ref: false });
  throw new Error(`the application did not answer: ${what}`);
}

export const environmentFor = (urls: readonly string[]) => ({
  ATLAS_CONNS_POOLS_URL: urls.join(','),
  ATLAS_CONNS_POOLS_TOKEN: TOKEN,
});

/** The exit code. A test process that ends early leaves no application behind. */
export async function endOf(child: ChildProcess): Promise<number | null> {
  const orphan = () => child.kill('SIGKILL');
  process.once('exit', orphan);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  process.off('exit', orphan);
  return code;
}

/** Of the last report: the pool of a client on the only server that it uses. */
export function poolOf(daemon: DaemonStandIn, n = 1): PoolFigures | undefined {
  const client = daemon.last()?.clients.find((one) => one.n === n);
  return Object.values(client?.pools ?? {})[0];
}
