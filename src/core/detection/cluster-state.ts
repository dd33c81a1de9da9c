// The state of a cluster after all its readings.

import { DAY, HOUR, MINUTE } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { BurstHabit } from '../baseline/bursts.ts';
import { acceptLevel } from '../baseline/level.ts';
import { dayOf } from '../baseline/memory.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import { FORGET_AFTER, type SourceHistory } from '../baseline/source-history.ts';
import type { TopHolder } from '../baseline/top-holders.ts';
import type { Findings } from '../evidence/evidence.ts';
import { afterGap, endedState, type RuleState } from './alert-state.ts';
import { alertKeyOf } from './alert-transfer.ts';
import { isAcceptable } from './rules.ts';

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
  /** In the order in which they were accepted; left out without any. */
  readonly accepted?: readonly AcceptedLevel[];
}

/** Of a cluster without a reading. */
export const NO_READING: ClusterState = {
  since: 0,
  at: 0,
  interval: null,
  primary: null,
  electedAt: null,
  sources: {},
  nodes: {},
  alerts: {},
};

/** A level of a source that a person called normal. It counts from the first reading at `at` or later. */
export interface AcceptedLevel {
  /** Id of the source. */
  readonly source: string;
  readonly at: number;
  /** When the alerts about it began. */
  readonly since: number;
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
    ...(state.accepted && {
      accepted: state.accepted.map((level) => ({ ...level, at: until(level.at), since: until(level.since) })),
    }),
  };
}

function clampTime(at: number) {
  return <Time extends number | null>(time: Time) => (time === null ? time : Math.min(time, at)) as Time;
}

function clampSource(past: SourceHistory, at: number): SourceHistory {
  const until = clampTime(at);
  const rows = (list: readonly TopHolder[]) =>
    list.map((row) => ({
      ...row,
      since: until(row.since),
      ...(row.heldSince !== undefined && { heldSince: until(row.heldSince) }),
      ...(row.activeAt !== undefined && { activeAt: until(row.activeAt) }),
    }));
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
    ...(past.acceptedAt !== undefined && { acceptedAt: until(past.acceptedAt) }),
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

// "This is normal now": a person accepts the level of a source. Its alerts about a rise over the usual end, and the
// usual begins at the level of the last hours. The state keeps what was accepted, so that the same state comes out again
// wherever its readings are evaluated once more.

/** The last hours, and with slow schedules the last readings. */
const LAST = 3 * HOUR;
const LAST_READINGS = 3;

/** The state after the act of a person. `since` is when the source's alerts began, in milliseconds since 1970. */
export function withAccepted(
  state: ClusterState,
  sources: readonly { readonly source: string; readonly since: number }[],
): ClusterState {
  // Not the time of the act: a reading that runs now is evaluated after it.
  const levels = sources.map((one) => ({ ...one, at: state.at + 1 }));
  const calm = levels.reduce(withoutAlerts, state);
  return { ...calm, accepted: [...(state.accepted ?? []), ...levels] };
}

/** The state before a reading, with the baselines of accepted sources at their new level. */
export function atAcceptedLevels(state: ClusterState, moment: WallMoment): ClusterState {
  const { accepted, ...rest } = state;
  const kept = accepted?.filter(({ at }) => moment.at - at <= FORGET_AFTER) ?? [];
  const next = kept.reduce((before, level) => settled(before, level, moment), rest);
  return kept.length === 0 ? next : { ...next, accepted: kept };
}

function settled(state: ClusterState, level: AcceptedLevel, moment: WallMoment): ClusterState {
  const past = state.sources[level.source];
  const isDone = past?.acceptedAt !== undefined && past.acceptedAt >= level.at;
  if (past === undefined || isDone || moment.at < level.at) return state;
  const next = historyAt(past, level, { moment, interval: state.interval });
  return { ...withoutAlerts(state, level), sources: { ...state.sources, [level.source]: next } };
}

/** Without any reading of the level, the next reading tries again. */
function historyAt(
  past: SourceHistory,
  { at, since: onset }: AcceptedLevel,
  { moment, interval }: { readonly moment: WallMoment; readonly interval: number | null },
): SourceHistory {
  const since = Math.max(onset, at - Math.max(LAST, LAST_READINGS * (interval ?? 0)));
  const accepted = (baseline: Baseline) => acceptLevel(baseline, { onset, since }, moment);
  const { dormant, pooled, clients } = past;
  const [isLevel, nextPooled] = [accepted(dormant), accepted(pooled)];
  // A history that began later has no other level.
  if (isLevel === null && dormant.since < at) return past;
  return {
    ...past,
    dormant: isLevel ?? dormant,
    pooled: nextPooled ?? pooled,
    clients: clients && (accepted(clients) ?? clients),
    acceptedAt: at,
  };
}

function withoutAlerts(state: ClusterState, { source, at }: AcceptedLevel): ClusterState {
  const alerts = Object.entries(state.alerts).map(([key, alert]) => {
    const found = alertKeyOf(key);
    const isOver = found.source === source && isAcceptable(found.rule);
    return [key, isOver ? afterGap(endedState(alert, at)) : alert] as const;
  });
  return { ...state, alerts: Object.fromEntries(alerts) };
}
