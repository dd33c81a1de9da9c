// The entry as a real process: exit codes, a pipe that closes early, signals, .env, an old Node.js.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../e2e/terminal.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-'));
});
afterAll(() => rm(directory, { recursive: true }));

function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [MAIN, ...argv], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const ran = (argv: readonly string[], env?: Readonly<Record<string, string>>) => ended(start(argv, env));

test('--version prints the version of the package', async () => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  expect(await ran(['--version'])).toEqual({ code: 0, out: `${JSON.parse(text).version}\n`, err: '' });
});

test('wrong input ends with exit code 2 and the nearest right word', async () => {
  const { code, out, err } = await ran(['reprt']);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('report');
});

test('wrong settings end with exit code 2 and every problem, .env included', async () => {
  await writeFile(join(directory, '.env'), 'MONGODB_ATLAS_PROJECT_ID=nonsense\nMONGODB_PASSWORD=hunter22\n');
  try {
    const { code, out, err } = await ran(['report'], { MONGODB_ATLAS_CLIENT_ID: 'half' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^MONGODB_ATLAS_PROJECT_ID is "nonsense"\. Expected the 24/m);
    expect(err).toMatch(/^MONGODB_ATLAS_CLIENT_SECRET is missing\./m);
    expect(err).toMatch(/^MONGODB_USERNAME is missing\./m);
    expect(err).not.toContain('hunter22');
  } finally {
    await rm(join(directory, '.env'));
  }
});

test('an older Node.js gets a sentence, before anything is imported that it does not know', async () => {
  const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } });`;
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(versions)}`, MAIN]);
  expect(await ended(child)).toEqual({
    code: 2,
    out: '',
    err: 'atlas-conns needs Node.js 24 or newer, and this is 20.11.0.\n',
  });
});

test('a closed pipe ends the command quietly', async () => {
  const path = join(directory, 'current-op.json');
  const rows = Array.from({ length: 5_000 }, (_, index) => ({
    type: 'op',
    host: 'a:27017',
    client: `198.51.${index >> 8}.${index & 255}:40000`,
    active: false,
  }));
  await writeFile(path, JSON.stringify(rows));
  const child = start(['report', '--from', path, '--json']);
  // More than a pipe holds is written after the reader has gone.
  child.stdout?.destroy();
  expect(await ended(child)).toMatchObject({ code: 0, err: '' });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the command with its connections closed and exit code %i', async (signal, expected) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    // A server that accepts and never answers.
    const child = start(['report'], { MONGODB_URI: `mongodb://127.0.0.1:${port}/` });
    const connected = once(server, 'connection').then(() => true);
    const end = ended(child);
    expect(await Promise.race([connected, end])).toBe(true);
    child.kill(signal);
    const { code, out } = await end;
    expect({ code, out }).toEqual({ code: expected, out: '' });
    await Promise.all([...sockets].map((socket) => once(socket, 'close')));
    expect(sockets.size).toBe(0);
  } finally {
    server.close();
  }
});
