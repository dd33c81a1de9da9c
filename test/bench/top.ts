// What a frame of `top` costs: a new reading or a key, to the bytes for the terminal.

import { frameOf } from '../../src/cli/top/frame.ts';
import { changedLines } from '../../src/cli/top/screen.ts';
import { nextState, startOf, type TopEvent } from '../../src/cli/top/state.ts';
import type { ConnectionGroup, NodeRead } from '../../src/core/connections/reading.ts';
import { buildReport } from '../../src/core/connections/report.ts';
import { readingOfReport } from '../../src/core/top/of-report.ts';
import type { TopReading } from '../../src/core/top/row.ts';
import { medianOf, type Row } from './row.ts';

const SOURCES = 2_000;
const SIZE = { columns: 120, rows: 40 };
const FRAMES = 60;
const NOW = Date.parse('2026-11-26T14:00:00Z');

export async function benchTop(): Promise<Row[]> {
  const readings = [0, 1, 2, 3].map(readingOf);
  const update = frames((index) => {
    const reading = readings[index % readings.length] ?? null;
    const pools = { rows: null, problem: null };
    return { kind: 'update', update: { cluster: 'prod', reading, failure: null, pools, busyMs: 1 } };
  }, readings);
  const keys = ['down', 'pagedown', 'right', 'r', 'h', 's', 'up', 'end', 'home', 'i', 'i'];
  const key = frames((index) => ({ kind: 'key', key: keys[index % keys.length] ?? 'down' }), readings);
  const of = `of ${SOURCES.toLocaleString('en')} sources at ${SIZE.columns} × ${SIZE.rows}`;
  return [
    { what: `top: a frame ${of} after a key`, value: key, unit: 'ms', reach: '≤ 10', ok: key <= 10 },
    { what: `top: a frame ${of} with a new reading`, value: update, unit: 'ms', reach: '≤ 10', ok: update <= 10 },
  ];
}

/** Milliseconds of this thread, the median of many frames; the first ones are for the compiler. */
function frames(eventOf: (index: number) => TopEvent, readings: readonly TopReading[]): number {
  const start = { cluster: 'prod', isFromStore: false, view: 'source', filter: '', everyMs: 2_000 } as const;
  let state = startOf({ ...start, size: SIZE, now: NOW });
  let drawn: readonly string[] | null = null;
  for (const reading of readings) {
    const update = { cluster: 'prod', reading, failure: null, pools: { rows: null, problem: null }, busyMs: 1 };
    state = nextState(state, { kind: 'update', update }, NOW);
  }
  const took: number[] = [];
  for (let index = 0; index < 2 * FRAMES; index++) {
    const began = used();
    state = nextState(state, eventOf(index), NOW + index * 1_000);
    const lines = frameOf(state, { colors: true });
    const text = changedLines(drawn, lines);
    if (index >= FRAMES) took.push(used() - began);
    if (lines.length !== SIZE.rows || text.includes('\n')) throw new Error('that is no frame');
    drawn = lines;
  }
  return medianOf(took);
}

function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function readingOf(index: number): TopReading {
  const now = new Date(NOW + index * 2_000);
  const nodes = ['a:27017', 'b:27017', 'c:27017'].map((host): NodeRead => {
    const groups = Array.from({ length: SOURCES }, (_, source) => groupsOf(source, index)).flat();
    const known = { current: 40_000, available: 60_000, limit: 100_000, totalCreated: 90_000 + index, rejected: 0 };
    return {
      kind: 'read',
      host,
      role: 'primary',
      version: '8.0.4',
      ...known,
      groups,
      threads: [],
      idleUsersTold: true,
    };
  });
  const accessList = { entries: [], complete: true, readAt: now.toISOString(), problems: [] };
  const reading = { cluster: 'prod', at: now.toISOString(), tookMs: 12, nodes, leftOut: [], problems: [] };
  const report = buildReport({ reading, accessList, networks: null, labels: [], problems: [], now });
  return readingOfReport(report, null);
}

function groupsOf(source: number, index: number): readonly ConnectionGroup[] {
  const driver = { name: 'nodejs', version: '7.9.0', platform: 'Node.js v24' };
  const of = { client: `198.51.${Math.floor(source / 250)}.${source % 250}`, app: `app-${source}`, driver };
  return [
    { ...of, user: null, activity: 'heartbeat', count: 1 + (source % 3) },
    { ...of, user: 'app@admin', activity: 'idle', count: 10 + ((source * (index + 7)) % 40) },
    { ...of, user: 'app@admin', activity: 'operation', count: 1 },
  ];
}
