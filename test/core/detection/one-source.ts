// Readings of one or a few sources on a few nodes, every five minutes or as given: what they tell, and what stays known.

import type { Baseline } from '../../../src/core/baseline/baseline.ts';
import { valueAt } from '../../../src/core/baseline/memory.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate, type ReadingEvaluation } from '../../../src/core/detection/evaluate.ts';
import { DEFAULT_BOOK, type RuleBook } from '../../../src/core/detection/rules.ts';
import type { Snapshot, SnapshotNode, SnapshotSource } from '../../../src/core/snapshots/snapshot.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A Monday. */
export const START = Date.parse('2026-10-05T00:00:00Z');

/** Dormant connections alone, evenly on these nodes. */
export function sourceOf(id: string, dormant: number, told: Partial<SnapshotSource> = {}): SnapshotSource {
  const base = { class: 'unlisted', active: 0, monitors: null, clients: null, apps: [], hosts: [] };
  return { ...base, id, name: id, dormant, nodes: [{ name: 'a:27017', active: 0, dormant }], ...told };
}

export function nodeOf(host: string, told: Partial<SnapshotNode> = {}): SnapshotNode {
  const role = host.startsWith('a') ? 'primary' : 'secondary';
  return { ...{ host, problem: null, role, current: 300, limit: 15_000, totalCreated: null, rejected: 0 }, ...told };
}

export function readingOf(
  at: number,
  sources: readonly SnapshotSource[],
  nodes: readonly SnapshotNode[] = [nodeOf('a:27017')],
): Snapshot {
  const complete = nodes.every(({ problem }) => problem === null);
  return { cluster: 'prod', at, complete, problem: null, nodes, sources };
}

interface Heard {
  readonly state: ClusterState;
  /** `2026-10-05T00:05 id rule event` */
  readonly told: readonly string[];
  readonly last: ReadingEvaluation;
}

export function heard(snapshots: Iterable<Snapshot>, from: ClusterState | null = null, book: RuleBook = DEFAULT_BOOK) {
  let state = from;
  let last: ReadingEvaluation | null = null;
  const told: string[] = [];
  for (const snapshot of snapshots) {
    last = evaluate(state, snapshot, book);
    state = last.state;
    told.push(
      ...last.notifications.map(
        ({ at, source, node, rule, event }) => `${at.slice(0, 16)} ${source ?? node} ${rule} ${event}`,
      ),
    );
  }
  if (state === null || last === null) throw new Error('a history is needed');
  const found: Heard = { state, told, last };
  return found;
}

/** What a baseline remembers, the oldest first. */
export function valuesOf({ memory }: Baseline): readonly number[] {
  return memory.flatMap(({ number }) =>
    times(number * DAY, (number + 1) * DAY).flatMap((wall) => valueAt(memory, wall) ?? []),
  );
}

/** Times from one to before the other. */
export function times(from: number, until: number, step = 5 * MINUTE): readonly number[] {
  return Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step);
}
