// What the bot holds in memory for each source and for each open alert: a cluster's state after eight days of readings.

import type { ClusterState } from '../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK } from '../../src/core/detection/rules.ts';
import type { Snapshot, SnapshotSource } from '../../src/core/snapshots/snapshot.ts';
import type { Row } from './row.ts';

const SOURCES = 50;
const MINUTE = 60_000;
const STEP = 5 * MINUTE;
const START = Date.parse('2026-10-05T00:00:00Z');
const END = START + 8 * 24 * 60 * MINUTE;
const KB = 1024;

export async function benchState(): Promise<Row[]> {
  // What the rules themselves take once they are compiled is no part of it.
  learned(1);
  const empty = heapInUse();
  const known = { state: learned(SOURCES) };
  const quiet = heapInUse();
  for (let reading = 0; reading < 6; reading++)
    known.state = evaluate(
      known.state,
      readingOf(END + reading * STEP, { sources: SOURCES, factor: 6 }),
      DEFAULT_BOOK,
    ).state;
  const alerted = heapInUse();
  const open = Object.keys(known.state.alerts).length;
  if (open < SOURCES) throw new Error(`only ${open} alerts are open`);
  const ofSource = (quiet - empty) / SOURCES / KB;
  const ofAlert = (alerted - quiet) / open / KB;
  return [
    { what: 'held for a source after a week', value: ofSource, unit: 'KB', reach: '≤ 48', ok: ofSource <= 48 },
    { what: 'held for an open alert', value: ofAlert, unit: 'KB', reach: '≤ 20', ok: ofAlert <= 20 },
  ];
}

function learned(sources: number): ClusterState {
  let state: ClusterState | null = null;
  for (let at = START; at < END; at += STEP)
    ({ state } = evaluate(state, readingOf(at, { sources, factor: 1 }), DEFAULT_BOOK));
  if (state === null) throw new Error('nothing was learned');
  return state;
}

/** Of V8's heap and of what stands beside it. */
function heapInUse(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function readingOf(
  at: number,
  { sources: many, factor }: { readonly sources: number; readonly factor: number },
): Snapshot {
  const hosts = ['a:27017', 'b:27017', 'c:27017'];
  const nodes = hosts.map((host, index) => ({
    ...{ host, problem: null, role: index === 0 ? ('primary' as const) : ('secondary' as const) },
    ...{ current: 1_000, limit: 100_000, totalCreated: null, rejected: 0 },
  }));
  const sources = Array.from({ length: many }, (_, index) => sourceOf(index, { at, factor, hosts }));
  return { cluster: 'prod', at, complete: true, problem: null, nodes, sources };
}

function sourceOf(
  index: number,
  { at, factor, hosts }: { readonly at: number; readonly factor: number; readonly hosts: readonly string[] },
): SnapshotSource {
  const each = Math.round((20 + (index % 7)) * factor * (1 + 0.2 * Math.sin(at / (180 * MINUTE))));
  const active = 3 + (index % 3);
  const rows = (name: string, rows: number) =>
    Array.from({ length: rows }, (_, row) => ({ name: `${name}-${index}-${row}`, active: 1, dormant: each }));
  const total = { active: active * hosts.length, dormant: each * hosts.length };
  return {
    ...{ id: `203.0.${index}.0/24`, name: `Service ${index}`, class: 'listed', monitors: 12, clients: 6, ...total },
    nodes: hosts.map((name) => ({ name, active, dormant: each })),
    apps: rows('app', 2),
    hosts: rows('10.0.0', 5),
    drivers: rows('nodejs', 1),
  };
}
