// The embedded store with all that the settings keep of 200 sources: 35 days of readings, and hours up to 400 days.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../src/core/ports/store.ts';
import type { ConnectionCount, Snapshot } from '../../src/core/snapshots/snapshot.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { medianOf, type Row } from './row.ts';

const SOURCES = 200;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const RAW_DAYS = 35;
const HOUR_DAYS = 365;
const KEEP = { readings: RAW_DAYS * DAY, hours: 400 * DAY };
const START = Date.parse('2025-10-01T00:00:00Z');
const END = START + (HOUR_DAYS + RAW_DAYS) * DAY;

const MOST_MB = 500;
const MOST_CHART_MS = 300;
const MOST_WRITE_MS = 50;

export async function benchStore(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-bench-'));
  try {
    await fill(directory);
    const { size } = await stat(join(directory, 'atlas-conns.sqlite'));
    const begun = performance.now();
    const store = await open(directory);
    const openMs = performance.now() - begun;
    try {
      const chart = await chartMs(store);
      const write = await writeMs(store);
      const tidying = await during(() => store.tidy(END + 60 * MINUTE));
      const of = `${SOURCES} sources, ${RAW_DAYS} days raw and ${HOUR_DAYS} days of hours before them`;
      return [
        row({ what: `store: the file with ${of}`, value: size / 1e6, unit: 'MB', most: MOST_MB }),
        row({
          what: 'store: slowest chart of a year, of a source or of all',
          value: chart,
          unit: 'ms',
          most: MOST_CHART_MS,
        }),
        row({ what: 'store: writing a reading into it', value: write, unit: 'ms', most: MOST_WRITE_MS }),
        row({ what: 'store: opening it, all pages checked', value: openMs, unit: 'ms', most: 10_000 }),
        row({ what: 'store: tidying it for an hour', value: tidying, unit: 'ms', most: 1_000 }),
      ];
    } finally {
      await store.close();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

function row({ most, ...measured }: { what: string; value: number; unit: string; most: number }): Row {
  return { ...measured, reach: `≤ ${most}`, ok: measured.value <= most };
}

function open(directory: string, keep = KEEP): Promise<Store> {
  return openSqliteStore({ directory, keep, now: () => new Date(END) });
}

/** Two days through the store itself, one of them rolled up; the others are copies, in the order in which they would come. */
async function fill(directory: string): Promise<void> {
  const store = await open(directory, { ...KEEP, readings: 0 });
  const raw = START + HOUR_DAYS * DAY;
  for (let at = START; at < START + DAY; at += 5 * MINUTE) await writeAt(store, at);
  await store.tidy(START + DAY);
  for (let at = raw; at < raw + DAY; at += 5 * MINUTE) await writeAt(store, at);
  await store.close();
  const file = new DatabaseSync(join(directory, 'atlas-conns.sqlite'));
  const first = file.prepare('SELECT min(id) AS id FROM reading').get()?.['id'] ?? 0;
  file.exec('PRAGMA synchronous = OFF');
  for (let day = 1; day < HOUR_DAYS; day++) {
    const hours = (table: string) => `SELECT * FROM ${table} WHERE hour < ${START / DAY} * 24 + 24`;
    file.exec(`
      INSERT INTO cluster_hour SELECT cluster, hour + 24 * ${day}, readings, incomplete, dormant_min, dormant_median,
        dormant_max, pooled_min, pooled_median, pooled_max FROM (${hours('cluster_hour')});
      INSERT INTO source_hour SELECT source, hour + 24 * ${day}, dormant_min, dormant_median, dormant_max, pooled_min,
        pooled_median, pooled_max, usual_dormant, usual_pooled FROM (${hours('source_hour')} ORDER BY hour)`);
  }
  for (let day = 1; day < RAW_DAYS; day++) {
    const [ids, time, of] = [288 * day, DAY * day, `BETWEEN ${first} AND ${first} + 287`];
    file.exec(`
      INSERT INTO reading SELECT id + ${ids}, cluster, slot + ${time}, at + ${time}, complete, active, dormant
        FROM reading WHERE id ${of};
      INSERT INTO snapshot SELECT reading + ${ids}, body FROM snapshot WHERE reading ${of};
      INSERT INTO figure SELECT source, reading + ${ids}, active, dormant, usual_dormant, usual_pooled FROM figure
        WHERE reading ${of} ORDER BY reading`);
  }
  file.close();
}

/** The slowest of the first charts after opening. */
async function chartMs(store: Store): Promise<number> {
  const taken: number[] = [];
  for (const source of ['10.7.0.0/16', '10.150.0.0/16', null]) {
    for (const buckets of [20, 400]) {
      const request = { cluster: 'prod', source, node: null, from: END - 365 * DAY, to: END, buckets };
      taken.push(await during(async () => checked(await store.series(request))));
    }
  }
  return Math.max(...taken);
}

function checked(buckets: Awaited<ReturnType<Store['series']>>): void {
  if (buckets.some(({ dormant }) => dormant === null)) throw new Error('the chart has holes');
}

async function writeMs(store: Store): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index < 25; index++) taken.push(await during(() => writeAt(store, END + index * 5 * MINUTE)));
  return medianOf(taken);
}

async function writeAt(store: Store, at: number): Promise<void> {
  const reading = { slot: at, snapshot: snapshotAt(at) };
  const change = { cluster: 'prod', reading, head: null, alerts: [], groups: [], silences: [], deliveries: [] };
  if (!(await store.write(change))) throw new Error('the reading was refused');
}

async function during(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const HOSTS = ['a', 'b', 'c'].map((name) => `cluster0-shard-00-00${name}.ab12c.mongodb.net:27017`);

/** As full as a reading gets: three nodes, three apps, five hosts and two drivers a source. */
function snapshotAt(at: number): Snapshot {
  const random = numbers(at / MINUTE);
  const day = (2 * Math.PI * (at % DAY)) / DAY;
  const problem = null;
  const nodes = HOSTS.map((host, index) => ({
    ...{ host, problem, role: index === 0 ? 'primary' : 'secondary', current: 800 + random(100), limit: 3_000 },
    ...{ totalCreated: 100_000 + random(1_000), rejected: 0 },
  }));
  const sources = Array.from({ length: SOURCES }, (_, index) => {
    const level = 10 + ((index * 37) % 400);
    const dormant = Math.max(0, Math.round(level * (1 + 0.3 * Math.sin(day + index))) + random(10) - 5);
    const split = (names: readonly (string | null)[]): readonly ConnectionCount[] =>
      names.map((name) => ({ name, active: random(4), dormant: Math.round(dormant / names.length) + random(6) }));
    return {
      ...{ id: `10.${index}.0.0/16`, name: `Service ${index} of team ${index % 17}`, class: 'listed' },
      ...{ active: random(10), dormant, monitors: 3 * (index % 20), clients: 12 + random(2) },
      nodes: split(HOSTS),
      apps: split([`app-${index}`, `worker-${index}`, null]),
      hosts: split([1, 2, 3, 4, 5].map((host) => `10.${index}.3.${host * 7}`)),
      drivers: split(['nodejs 6.8.0', 'PyMongo 4.6.1']),
      usual: { dormant: level, pooled: level + 5 },
    };
  });
  return { cluster: 'prod', at, complete: true, problem, nodes, sources };
}

/** Whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_647) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
