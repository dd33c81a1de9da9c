// What is known of a cluster from all its readings.

import { MINUTE } from '../base/duration.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { BurstHabit } from '../baseline/bursts.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import type { TopHolder } from '../baseline/top-holders.ts';
import { afterGap, type RuleState } from './alert-state.ts';

/** Plain data, bounded by the number of sources and nodes: what judging the next reading needs of all before. */
export interface ClusterState {
  readonly since: number;
  /** Of the last reading; 0 where there was none yet, only looks between readings. */
  readonly at: number;
  /** The usual time between readings, in milliseconds; null before the second. */
  readonly interval: number | null;
  readonly primary: string | null;
  readonly electedAt: number | null;
  readonly sources: Readonly<Record<string, SourceHistory>>;
  readonly nodes: Readonly<Record<string, NodeHistory>>;
  readonly alerts: Readonly<Record<string, RuleState>>;
}

// A clock that was ahead and was set right: what a state remembers of times that have not come yet is taken for now.

/** A reading that is no older than this may just have taken long. */
const LEAST = 10 * MINUTE;

type Known = Pick<ClusterState, 'at' | 'interval' | 'nodes'>;

/** Older than what was judged last, and left out. */
export function isStale(state: Known, at: number): boolean {
  return at <= state.at && !isClockAhead(state, at);
}

/** So much older than what was judged or looked at last that the clock was ahead then. */
export function isClockAhead(state: Known, at: number): boolean {
  return newest(state) - at > Math.max(2 * (state.interval ?? 0), LEAST);
}

/** By how much, in milliseconds; 0 where it was not. */
export function clockRegression(state: Known, at: number): number {
  return isClockAhead(state, at) ? newest(state) - at : 0;
}

function newest({ at, nodes }: Known): number {
  return Object.values(nodes).reduce((latest, { rejectedAt }) => Math.max(latest, rejectedAt), at);
}

/** The state as of `at`, with the counts of a gap. What was learned stays learned. */
export function clampToNow(state: ClusterState, at: number): ClusterState {
  const until = untilOf(at);
  return {
    ...state,
    since: until(state.since),
    at: until(state.at),
    electedAt: until(state.electedAt),
    sources: mapped(state.sources, (past) => sourceUntil(past, at)),
    nodes: mapped(state.nodes, (node) => ({
      ...node,
      churn: baselineUntil(node.churn, at),
      at: until(node.at),
      rejectedAt: until(node.rejectedAt),
    })),
    alerts: mapped(state.alerts, (alert) => ({
      ...afterGap(alert),
      since: until(alert.since),
      endedAt: until(alert.endedAt),
      toldAt: until(alert.toldAt),
    })),
  };
}

function untilOf(at: number) {
  return <Time extends number | null>(time: Time) => (time === null ? time : Math.min(time, at)) as Time;
}

function sourceUntil(past: SourceHistory, at: number): SourceHistory {
  const until = untilOf(at);
  const rows = (list: readonly TopHolder[]) => list.map((row) => ({ ...row, since: until(row.since) }));
  return {
    ...past,
    firstSeen: until(past.firstSeen),
    lastSeen: until(past.lastSeen),
    dormant: baselineUntil(past.dormant, at),
    pooled: baselineUntil(past.pooled, at),
    clients: past.clients && baselineUntil(past.clients, at),
    clientsTurnedAt: until(past.clientsTurnedAt ?? null),
    habits: mapped(past.habits, (habit) => habitUntil(habit, at)),
    shares: mapped(past.shares, (share) => ({ ...share, since: until(share.since) })),
    last: { ...past.last, at: until(past.last.at) },
    apps: rows(past.apps),
    hosts: rows(past.hosts),
    drivers: rows(past.drivers),
    touched: past.touched && { ...past.touched, at: until(past.touched.at) },
  };
}

function baselineUntil(baseline: Baseline, at: number): Baseline {
  const { since, markedAt, pending } = baseline;
  return {
    ...baseline,
    since: Math.min(since, at),
    markedAt: Math.min(markedAt, at),
    // Of times that have not come yet nothing more is learned.
    pending: pending.filter((lesson) => lesson.at < at),
  };
}

function habitUntil({ run, past }: BurstHabit, at: number): BurstHabit {
  const until = untilOf(at);
  const episode = <Lived extends { readonly at: number }>(one: Lived) => ({ ...one, at: until(one.at) });
  return { run: run && episode(run), past: past.map(episode) };
}

export function mapped<Key extends string, Value>(
  values: Readonly<Record<Key, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<Key, Value>> {
  const entries = Object.entries<Value>(values).map(([key, value]) => [key, change(value)] as const);
  return Object.fromEntries(entries) as Record<Key, Value>;
}
