// Files that people had, through the real command: `report --from`, `replay`, and what is no file.

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, openTerminal, type Terminal } from './terminal.ts';

const found = new URL('../fixtures/found/', import.meta.url).pathname;
const history = join(found, 'replay/short-history-utf8-bom.ndjson');
let terminal: Terminal;
let directory: string;
beforeAll(async () => {
  terminal = await openTerminal({ PATH: process.env['PATH'] ?? '' });
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-found-'));
});
afterAll(async () => {
  await terminal.close();
  await rm(directory, { recursive: true });
});

async function written(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** Connections, active, dormant, heartbeats, internal. */
const TOTALS: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'base-dump.json': [5, 1, 4, 0, 0],
  'base-dump.json.gz': [5, 1, 4, 0, 0],
  'legacy-mongo-shell-print-4.2.js.txt': [1, 1, 0, 0, 0],
  'mongos-client_s-with-clientMetadata.mongos.json': [2, 0, 1, 0, 1],
  'mongosh-JSON.stringify-with-clusterTime.json': [2, 1, 1, 0, 0],
  'mongosh-banner-then-json.txt': [1, 0, 1, 0, 0],
  'mongosh-print-inprog.js.txt': [1, 1, 0, 0, 0],
  'odd-client-addresses.json': [14, 0, 14, 0, 0],
  'powershell-redirect-utf16le-bom.json': [5, 1, 4, 0, 0],
  'pymongo-json_util-legacy.json': [1, 1, 0, 0, 0],
  'real-6.0.5-EJSON-relaxed.json': [6, 2, 2, 2, 0],
  'real-6.0.5-JSON.stringify.json': [6, 2, 2, 2, 0],
  'redacted-extended-json.json': [1, 1, 0, 0, 0],
  'runCommand-cursor-firstBatch.json': [1, 0, 1, 0, 0],
  'several-inprog-lines.json': [2, 0, 2, 0, 0],
  'utf8-bom.json': [5, 1, 4, 0, 0],
};

test.each(readdirSync(join(found, 'dumps')))('report --from %s has its figures', async (name) => {
  const { code, out, err } = await terminal.type(['report', '--json', '--from', join(found, 'dumps', name)]);
  expect(err).toBe('');
  const { totals, problems } = JSON.parse(out);
  const { connections, active, dormant, monitors, internal } = totals;
  expect([connections, active, dormant, monitors, internal]).toEqual(TOTALS[name]);
  const codes = problems.map((problem: { readonly code: string }) => problem.code);
  const isOfMongos = name.startsWith('mongos-');
  expect(codes).toEqual([...(isOfMongos ? ['saved-through-mongos'] : []), 'access-list-missing']);
  expect(code).toBe(isOfMongos ? 1 : 0);
});

test('a history is replayed with a byte order mark, as UTF-16 and packed, and as it would be without', async () => {
  const { code, out, err } = await terminal.type(['replay', history]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/readings: \d+ firing/);
  const text = (await readFile(history, 'utf8')).slice(1);
  for (const [name, bytes] of [
    ['plain', text],
    ['le', Buffer.from(text, 'utf16le')],
    ['gz', gzipSync(Buffer.from(`\uFEFF${text}`, 'utf16le'))],
    ['deep', text.replace('{', `{"more":${'['.repeat(50_000)}${']'.repeat(50_000)},`)],
  ] as const)
    expect(await terminal.type(['replay', await written(name, bytes)])).toEqual({ code: 0, err: '', out });
});

test('an error never contains the content of a file', async () => {
  const secret = 'Wq4Password9Zk';
  const broken = await written('broken', `{"a":1,"${secret}\n`);
  for (const argv of [
    ['replay', broken],
    ['report', '--from', broken],
    ['replay', history, '--rules', broken],
  ]) {
    const { code, err } = await terminal.type(argv);
    expect(code).toBe(2);
    expect(err).toContain(broken);
    expect(err).not.toContain(secret);
  }
});

test.each([
  ['a dump', ['report', '--from', '/dev/zero'], {}],
  ['an access list', ['report', '--from', join(found, 'dumps/base-dump.json'), '--access-list', '/dev/zero'], {}],
  ['a history', ['replay', '/dev/zero'], {}],
  ['rules', ['replay', history, '--rules', '/dev/zero'], {}],
  ['settings', ['report'], { ATLAS_CONNS_CONFIG: '/dev/zero' }],
])('%s without an end is an error', async (_, argv, env) => {
  const { code, err } = await terminal.type(argv, env);
  expect(code).toBe(2);
  expect(err).toContain('/dev/zero is a device, not a file.');
});

test.each([
  ['a dump', (path: string) => ['report', '--from', path], (_: string) => ({})],
  ['a history', (path: string) => ['replay', path], (_: string) => ({})],
  ['settings', (_: string) => ['report'], (path: string) => ({ ATLAS_CONNS_CONFIG: path })],
])('SIGTERM ends a command that waits for %s from a pipe', async (name, argv, env) => {
  const path = join(directory, `pipe of ${name}`);
  execFileSync('mkfifo', [path]);
  const child = terminal.start(argv(path), env(path));
  const over = ended(child);
  // Opened without a block only when the command has opened it: from then on it waits for more.
  const writer = await open(path, 'w');
  child.kill('SIGTERM');
  expect(await over).toEqual({ code: 143, out: '', err: '' });
  await writer.close();
});
