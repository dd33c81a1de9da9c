// The state of a cluster after all its readings.

import { DAY, MINUTE } from '../base/duration.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { BurstHabit } from '../baseline/bursts.ts';
import { dayOf } from '../baseline/memory.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import type { TopHolder } from '../baseline/top-holders.ts';
import type { Findings } from '../evidence/evidence.ts';
import { afterGap, type RuleState } from './alert-state.ts';

/** The input of the next evaluation. Plain data, bounded by the number of sources and nodes. */
export interface ClusterState {
  readonly since: number;
  /** The time of the last reading; 0 before the first, with node checks only. */
  readonly at: number;
  /** The usual time between readings, in milliseconds; null before the second. */
  readonly interval: number | null;
  readonly primary: string | null;
  readonly electedAt: number | null;
  readonly sources: Readonly<Record<string, SourceHistory>>;
  readonly nodes: Readonly<Record<string, NodeHistory>>;
  readonly alerts: Readonly<Record<string, RuleState>>;
  /** By host: what the last reading with sources found about a node that is half full. For alerts of node checks. */
  readonly findings?: Readonly<Record<string, Findings>> | undefined;
}

// After a clock that was ahead was corrected, times in the future count as now.

/** A reading that is older by less than this was only slow. */
const CLOCK_TOLERANCE = 10 * MINUTE;

type Known = Pick<ClusterState, 'at' | 'interval' | 'nodes'>;

/** Whether a reading is older than the last one. Such a reading is left out. */
export function isStale(state: Known, at: number): boolean {
  return at <= state.at && !isClockAhead(state, at);
}

/** Whether the last reading or node check is so far ahead that the clock was wrong then. */
export function isClockAhead(state: Known, at: number): boolean {
  return latestTime(state) - at > Math.max(2 * (state.interval ?? 0), CLOCK_TOLERANCE);
}

/** How far the clock was ahead, in milliseconds; 0 if it was not. */
export function clockRegression(state: Known, at: number): number {
  return isClockAhead(state, at) ? latestTime(state) - at : 0;
}

function latestTime({ at, nodes }: Known): number {
  return Object.values(nodes).reduce((latest, { rejectedAt }) => Math.max(latest, rejectedAt), at);
}

/** The state with no time after `at`, and without counted readings. Baselines stay. */
export function clampToNow(state: ClusterState, at: number): ClusterState {
  const until = clampTime(at);
  return {
    ...state,
    since: until(state.since),
    at: until(state.at),
    electedAt: until(state.electedAt),
    sources: mapValues(state.sources, (past) => clampSource(past, at)),
    nodes: mapValues(state.nodes, (node) => ({
      ...node,
      churn: clampBaseline(node.churn, at),
      at: until(node.at),
      rejectedAt: until(node.rejectedAt),
      recent: [],
    })),
    alerts: mapValues(state.alerts, (alert) => ({
      ...afterGap(alert),
      since: until(alert.since),
      endedAt: until(alert.endedAt),
      toldAt: until(alert.toldAt),
    })),
    findings: {},
  };
}

function clampTime(at: number) {
  return <Time extends number | null>(time: Time) => (time === null ? time : Math.min(time, at)) as Time;
}

function clampSource(past: SourceHistory, at: number): SourceHistory {
  const until = clampTime(at);
  const rows = (list: readonly TopHolder[]) => list.map((row) => ({ ...row, since: until(row.since) }));
  return {
    ...past,
    firstSeen: until(past.firstSeen),
    lastSeen: until(past.lastSeen),
    dormant: clampBaseline(past.dormant, at),
    pooled: clampBaseline(past.pooled, at),
    clients: past.clients && clampBaseline(past.clients, at),
    clientsTurnedAt: until(past.clientsTurnedAt ?? null),
    habits: mapValues(past.habits, (habit) => clampHabit(habit, at)),
    shares: mapValues(past.shares, (share) => ({ ...share, since: until(share.since) })),
    last: { ...past.last, at: until(past.last.at) },
    apps: rows(past.apps),
    hosts: rows(past.hosts),
    drivers: rows(past.drivers),
    touched: past.touched && { ...past.touched, at: until(past.touched.at) },
  };
}

function clampBaseline(baseline: Baseline, at: number): Baseline {
  const { since, memory, newestAt, level } = baseline;
  const until = clampTime(at);
  return {
    ...baseline,
    since: until(since),
    // Local time is at most a day ahead.
    memory: memory.filter(({ number }) => number <= dayOf(at + DAY)),
    newestAt: until(newestAt),
    level: level && { ...level, at: until(level.at) },
  };
}

function clampHabit({ run, past }: BurstHabit, at: number): BurstHabit {
  const until = clampTime(at);
  const clamped = <Burst extends { readonly at: number }>(burst: Burst) => ({ ...burst, at: until(burst.at) });
  return { run: run && clamped(run), past: past.map(clamped) };
}

export function mapValues<Key extends string, Value>(
  values: Readonly<Record<Key, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<Key, Value>> {
  const entries = Object.entries<Value>(values).map(([key, value]) => [key, change(value)] as const);
  return Object.fromEntries(entries) as Record<Key, Value>;
}
