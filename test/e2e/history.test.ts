// The past as a person types for it: the real command on a real store, while a bot has it open.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../../src/core/ports/store.ts';
import { decodeSnapshot, type Snapshot } from '../../src/core/snapshots/snapshot.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { snapshotsUntil, writeHistory } from './stored-history.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const DAY = 86_400_000;
let directory: string;
let store: Store;
let terminal: Terminal;
let snapshots: readonly Snapshot[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-history-'));
  terminal = await openTerminal({ PATH: process.env['PATH'] ?? '', ATLAS_CONNS_DATA_DIR: join(directory, 'data') });
  // It stays open, as a bot has it, while the terminal reads.
  store = await openSqliteStore({
    directory: join(directory, 'data'),
    keep: { readings: 35 * DAY, hours: 400 * DAY },
    now: () => new Date(),
  });
  snapshots = snapshotsUntil(Date.now(), {
    days: 2,
    shape: (source, at, shape) => {
      if (source === 1 && at >= 400 && at < 420) shape.dormant *= 4;
    },
  });
  await writeHistory(store, snapshots);
});
afterAll(async () => {
  await store?.close();
  await terminal?.close();
  await rm(directory, { recursive: true });
});

const lines = (text: string) => text.trimEnd().split('\n');

test('a cluster: a chart, and its sources, largest first, within 80 columns', async () => {
  const { code, out, err } = await terminal.type(['history', '--window', '48h']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(Math.max(...lines(out).map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  const table = lines(out).slice(lines(out).findIndex((line) => line.startsWith('SOURCE')));
  expect(table.slice(1, 4).map((line) => line.split(' ')[0])).toEqual([
    '10.40.0.0/16',
    '203.0.113.0/26',
    '192.0.2.16/28',
  ]);
  const [, , usual, most] = (table[1] ?? '').split(/ +/);
  expect(Number(usual)).toBeGreaterThan(400);
  expect(Number(usual)).toBeLessThan(600);
  expect(Number(most?.replace(',', ''))).toBeGreaterThan(1_800);
});

test('a source is found by id, by address, by a part of its name; an unknown one is named with the nearest', async () => {
  for (const wanted of ['10.40.7.7', '10.40']) {
    const { code, out } = await terminal.type(['history', wanted, '--window', '48h']);
    expect(code).toBe(0);
    expect(out).toMatch(/^10\.40\.0\.0\/16 {2}prod {2}dormant connections, last 2d\n/);
    expect(out).toMatch(/usual \d{3} /);
  }
  expect(await terminal.type(['history', '10.41.0.0/16'])).toEqual({
    code: 2,
    out: '',
    err: 'No source "10.41.0.0/16" is in the history of prod.\nDid you mean "10.40.0.0/16"?\n',
  });
});

test('JSON and CSV have the same series as the readings', async () => {
  const { out } = await terminal.type(['history', '10.40.0.0/16', '--window', '48h', '--json']);
  const { series } = JSON.parse(out);
  const highest = Math.max(...snapshots.map(({ sources }) => sources[1]?.dormant ?? 0));
  expect(series[0].max.dormant).toBe(highest);
  const points: readonly { at: string; dormant: { max: number } | null; usual: number | null }[] = series[0].points;
  expect(Math.max(...points.map(({ dormant }) => dormant?.max ?? 0))).toBe(highest);
  expect(points.every(({ at }) => Date.parse(at) % (5 * 60_000) === 0)).toBe(true);
  // What was usual then: nothing on the first day; on the second it is not raised by the spike.
  const [early, late] = [points.filter((_, index) => index < points.length / 2 - 6), points.slice(-6)];
  expect(new Set(early.map(({ usual }) => usual))).toEqual(new Set([null]));
  const spike = points.filter(({ dormant }) => (dormant?.max ?? 0) > 1_500);
  for (const { usual } of [...late, ...spike]) expect(Math.abs((usual ?? 0) - 500)).toBeLessThan(100);
  const last = snapshots.at(-1)?.sources[1];
  expect(series[0].now).toEqual({ active: last?.active, dormant: last?.dormant });
  const csv = await terminal.type(['history', '--window', '48h', '--csv']);
  const rows = csv.out.trimEnd().split('\r\n').slice(1);
  expect(rows).toHaveLength(4 * points.length);
  const ours = rows.filter((row) => row.startsWith('prod,10.40.0.0/16,')).map((row) => row.split(','));
  const inCsv = new Map(ours.map(([, , , at = '', , , most]) => [at, most]));
  // Between the two commands a new piece may have begun.
  const shared = points.filter(({ at }) => inCsv.has(at));
  expect(shared.length).toBeGreaterThanOrEqual(points.length - 1);
  expect(shared.map(({ at }) => inCsv.get(at))).toEqual(shared.map(({ dormant }) => String(dormant?.max ?? '')));
});

test('an export is every reading, oldest first, and replay of it, with what was usual or without, gives the same bytes as replay of the store', async () => {
  const { code, out } = await terminal.type(['history', '--export']);
  expect(code).toBe(0);
  const decoded = lines(out).map((line) => decodeSnapshot(JSON.parse(line)));
  expect(decoded).toEqual(snapshots.map((snapshot) => ({ snapshot })));
  const [file, bare] = [join(directory, 'history.ndjson'), join(directory, 'bare.ndjson')];
  await writeFile(file, out);
  expect(out).toMatch(/"usual":\{"dormant":\d+,"pooled":\d+\}/);
  await writeFile(bare, out.replaceAll(/,"usual":\{[^}]*\}/g, ''));
  for (const option of ['--json', '--explain']) {
    const ofStore = await terminal.type(['replay', '--from-store', option]);
    const ofFile = await terminal.type(['replay', file, option]);
    expect(ofStore).toEqual(ofFile);
    expect(await terminal.type(['replay', bare, option])).toEqual(ofFile);
    expect(ofStore.code).toBe(0);
    expect(ofStore.out).toContain('dormant-spike');
  }
  const { out: hour } = await terminal.type(['history', '--export', '--cluster', 'PROD', '--window', '1h']);
  expect(lines(hour)).toEqual(lines(out).slice(-lines(hour).length));
  expect(lines(hour).length).toBeGreaterThan(10);
});

test('rules of a file are obeyed in a replay of the store too', async () => {
  const file = join(directory, 'off.yaml');
  await writeFile(file, 'rules:\n  dormant-spike: off\n  pooled-spike: off\n');
  expect(await terminal.type(['replay', '--from-store', '--json', '--rules', file])).toMatchObject({
    code: 0,
    out: '',
  });
});

test('an unknown cluster is reported with the known ones', async () => {
  for (const argv of [
    ['history', '--cluster', 'prdo'],
    ['replay', '--from-store', 'prdo'],
    ['replay', '--from-store', '--cluster', 'prdo'],
    ['alerts', '--cluster', 'prdo'],
    ['alerts', 'prdo'],
  ])
    expect(await terminal.type(argv)).toEqual({
      code: 2,
      out: '',
      err: 'There is no history of a cluster "prdo".\nDid you mean prod? There is a history of prod.\n',
    });
});

test('the cluster is an argument, before a source or alone; times are in the zone of the machine, named once', async () => {
  const [source] = JSON.parse((await terminal.type(['history', '--json'])).out).series.slice(1);
  const { name } = source.source;
  const both = await terminal.type(['history', 'prod', name]);
  expect(both.out).toMatch(new RegExp(`^${name} .* prod {2}dormant connections`));
  for (const argv of [
    ['history', name],
    ['history', name, '--cluster', 'PROD'],
  ])
    expect(await terminal.type(argv)).toEqual(both);
  expect(await terminal.type(['history', 'prod'])).toEqual(await terminal.type(['history']));
  expect(await terminal.type(['alerts', 'PROD'])).toMatchObject({ code: 0 });
  expect(await terminal.type(['history', 'prod', name, '--cluster', 'other'])).toEqual({
    code: 2,
    out: '',
    err: '"prod" and --cluster other name two clusters.\nName one of them.\n',
  });
  const abroad = await terminal.type(['alerts'], { TZ: 'Asia/Kolkata' });
  const [, shown = ''] = /last read (\S+ \S+),/.exec(abroad.out) ?? [];
  const there = Date.parse(`${shown.replace(' ', 'T')}:00+05:30`);
  expect(Math.abs(there - Date.now())).toBeLessThan(3_600_000);
  expect(abroad.out.match(/Asia\/(?:Kolkata|Calcutta)/g)).toHaveLength(1);
});

test.each(['silence', 'unsilence', 'acknowledge'])(
  '%s is for Slack: the error says why, and what to do',
  async (name) => {
    const { code, out, err } = await terminal.type([name, 'Billing', '--hold', '4h']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(new RegExp(`^${name} works only in Slack: it needs a person.*\\n.* in Slack\\.\\n$`));
  },
);

test('an invalid window is an error, with what was expected', async () => {
  const { code, err } = await terminal.type(['history', '--window', '2 weeks']);
  expect(code).toBe(2);
  expect(err).toContain('Expected a duration from 1h to 400d');
});

test('without alerts the text says so, with the age of the last reading', async () => {
  const { code, out } = await terminal.type(['alerts']);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^Nothing is firing\.\n\nprod: last read \d{4}-\d\d-\d\d \d\d:\d\d, .* ago\n\nTimes are in \S+\.\n$/,
  );
});

test('without a history a list is empty and says how to get one; a named source is an error; nothing is made', async () => {
  const env = { ATLAS_CONNS_DATA_DIR: join(directory, 'nowhere') };
  const expected = [
    { argv: ['history'], code: 0, out: '' },
    { argv: ['history', '--export'], code: 0, out: '' },
    { argv: ['history', '--json'], code: 0, out: expect.stringContaining('"series": []') },
    { argv: ['alerts'], code: 0, out: 'Nothing was read yet, so no alert is known.\n' },
    { argv: ['alerts', '--json'], code: 0, out: expect.stringContaining('"alerts": []') },
    { argv: ['history', 'billing'], code: 2, out: '' },
    { argv: ['alerts', '--cluster', 'prod'], code: 2, out: '' },
    { argv: ['replay', '--from-store'], code: 2, out: '' },
  ];
  for (const { argv, code, out } of expected) {
    const said = await terminal.type(argv, env);
    expect(said, argv.join(' ')).toMatchObject({ code, out });
    expect(said.err).toContain(join(directory, 'nowhere'));
    expect(said.err).toMatch(/serve.*watch/);
  }
  await expect(rm(join(directory, 'nowhere'), { recursive: true })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file that is no store is named, and stays as it is', async () => {
  const broken = join(directory, 'broken');
  await mkdir(broken);
  const [name] = store.about.where.split('/').slice(-1);
  const file = join(broken, name ?? '');
  await writeFile(file, 'not a database, but long enough to be looked at as one '.repeat(100));
  const { code, out, err } = await terminal.type(['history'], { ATLAS_CONNS_DATA_DIR: broken });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(file);
});

test('a closed pipe ends an export quietly', async () => {
  const child = terminal.start(['history', '--export']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const err: string[] = [];
  child.stderr?.on('data', (text) => void err.push(String(text)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, err: err.join('') }).toEqual({ code: 0, err: '' });
});

test('top follows the readings of the store: the newest one, without the cluster', async () => {
  const { code, out, err } = await terminal.type(['top', '--from-store', '-n', '1']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const last = snapshots.at(-1);
  const largest = last?.sources.toSorted((a, b) => b.active + b.dormant - a.active - a.dormant)[0];
  expect(out).toMatch(/ last reading \d+ (?:s|min) ago$/m);
  expect(out).toContain('the store is asked every 2 s');
  const [name = ''] = /^10\.40\S*/m.exec(out) ?? [];
  expect(name).toBe(largest?.name);
});
