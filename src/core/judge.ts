// Judging one reading of a cluster: state and snapshot in, state, decisions with reasons and notifications out.

import { type Alert, afterGap, keyOf } from './alert.ts';
import { DAY, durationText, MINUTE } from './duration.ts';
import { type Outcome, settle, type Verdict } from './judged.ts';
import { judgeNode, type NodePast } from './node-rules.ts';
import { type RuleBook, rulesFor } from './rule.ts';
import type { Snapshot, SnapshotSource } from './snapshot.ts';
import { newPast, type SourcePast } from './source-past.ts';
import { judgeSource } from './source-rules.ts';
import { successionOf } from './succession.ts';

/** Plain data, bounded by the number of sources and nodes: what judging the next reading needs of all before. */
export interface ClusterState {
  readonly since: number;
  readonly at: number;
  /** The usual time between readings, in milliseconds; null before the second. */
  readonly interval: number | null;
  readonly primary: string | null;
  readonly electedAt: number | null;
  readonly sources: Readonly<Record<string, SourcePast>>;
  readonly nodes: Readonly<Record<string, NodePast>>;
  readonly alerts: Readonly<Record<string, Alert>>;
}

export interface Judged extends Omit<Outcome, 'alerts'> {
  readonly state: ClusterState;
  /** What else a reader should know of the reading: a gap, an election, unread nodes. */
  readonly remarks: readonly string[];
}

/** A source or node not seen for so long is forgotten. */
const FORGET = 35 * DAY;

/** @param state null before the first reading of the cluster. A reading not newer than the last changes nothing. */
export function judge(state: ClusterState | null, snapshot: Snapshot, book: RuleBook): Judged {
  if (state !== null && snapshot.at <= state.at)
    return {
      state,
      decisions: [],
      notifications: [],
      standing: [],
      remarks: ['not newer than the reading before: left out'],
    };
  const { before, remarks } = prepared(state, snapshot);
  const { pasts, succeeded } = successionOf(before.sources, snapshot);
  const nodes = { ...before.nodes };
  const sources = { ...pasts };
  const verdicts: Verdict[] = [];
  for (const node of snapshot.nodes) {
    const rules = rulesFor(book, { cluster: snapshot.cluster, source: [], node: node.host });
    const found = judgeNode({ node, past: nodes[node.host] ?? null, at: snapshot.at, rules });
    nodes[node.host] = found.past;
    verdicts.push(...found.verdicts);
  }
  for (const source of sourcesOf(snapshot, sources)) {
    const rules = rulesFor(book, { cluster: snapshot.cluster, source: [source.id, source.name], node: null });
    const found = judgeSource({
      source,
      past: sources[source.id] ?? newPast(source, snapshot.at),
      snapshot,
      rules,
      watchedSince: before.since,
      electedAt: before.electedAt,
      isFiring: (rule) => before.alerts[keyOf({ rule, source: source.id, node: null })]?.firing === true,
    });
    sources[source.id] = found.past;
    verdicts.push(...found.verdicts);
  }
  verdicts.push(...gone(verdicts, before.alerts));
  const { alerts, decisions, notifications, standing } = settle(verdicts, {
    at: snapshot.at,
    cluster: snapshot.cluster,
    alerts: before.alerts,
  });
  const next = {
    ...before,
    nodes: kept(nodes, snapshot.at, (node) => node.at),
    sources: kept(sources, snapshot.at, (past) => past.lastSeen),
    alerts,
  };
  return { state: next, decisions, notifications, standing, remarks: [...remarks, ...succeeded] };
}

function prepared(
  state: ClusterState | null,
  snapshot: Snapshot,
): { readonly before: ClusterState; readonly remarks: readonly string[] } {
  const { at } = snapshot;
  const primary = snapshot.nodes.find((node) => node.role === 'primary')?.host ?? null;
  if (state === null) {
    const before = { since: at, at, interval: null, primary, electedAt: null, sources: {}, nodes: {}, alerts: {} };
    return { before, remarks: [] };
  }
  const passed = at - state.at;
  const isGap = state.interval !== null && passed > Math.max(2.5 * state.interval, 3 * MINUTE);
  const isElected = primary !== null && state.primary !== null && primary !== state.primary;
  const unread = snapshot.nodes.filter((node) => node.problem !== null);
  const interval = state.interval === null || isGap ? (state.interval ?? passed) : 0.9 * state.interval + 0.1 * passed;
  const alerts = isGap
    ? Object.fromEntries(Object.entries(state.alerts).map(([key, alert]) => [key, afterGap(alert)]))
    : state.alerts;
  const before = {
    ...state,
    at,
    interval,
    alerts,
    primary: primary ?? state.primary,
    electedAt: isElected ? at : state.electedAt,
  };
  const remarks = [
    ...(isGap ? [`a gap of ${durationText(passed)}: readings are counted from here`] : []),
    ...(isElected ? [`an election: ${primary} is primary now`] : []),
    ...unread.map(({ host, problem }) => `${host} was not read (${problem})`),
  ];
  return { before, remarks };
}

/** The sources of the reading, and those known that hold nothing any more. */
function sourcesOf(snapshot: Snapshot, pasts: Readonly<Record<string, SourcePast>>): readonly SnapshotSource[] {
  const seen = new Set(snapshot.sources.map(({ id }) => id));
  const none = { class: null, active: 0, dormant: 0, monitors: null, clients: null, nodes: [], apps: [], hosts: [] };
  const absent = Object.entries(pasts).filter(([id]) => !seen.has(id));
  return [...snapshot.sources, ...absent.map(([id, { name }]) => ({ ...none, id, name }))];
}

/** Alerts whose rule was switched off, or whose subject is no more, end. */
function gone(verdicts: readonly Verdict[], alerts: Readonly<Record<string, Alert>>): readonly Verdict[] {
  const judged = new Set(verdicts.map(keyOf));
  return Object.entries(alerts).flatMap(([key, alert]) => {
    if (!alert.firing || judged.has(key)) return [];
    const [rule, source, node]: [Verdict['rule'], string | null, string | null] = JSON.parse(key);
    const ending = 'it is judged no more';
    const base = {
      rule,
      source,
      node,
      who: source ?? node ?? rule,
      standing: 'below',
      isSlow: false,
      value: 0,
      usual: null,
    } as const;
    const counts = {
      readings: { needed: 1, of: 1 },
      slowReadings: null,
      heldBack: null,
      repeat: Number.POSITIVE_INFINITY,
    };
    return [{ ...base, ...counts, severity: alert.severity, ending, what: ending, reason: ending, notes: [] }];
  });
}

function kept<Past>(
  pasts: Readonly<Record<string, Past>>,
  at: number,
  seen: (past: Past) => number,
): Readonly<Record<string, Past>> {
  return Object.fromEntries(Object.entries(pasts).filter(([, past]) => at - seen(past) <= FORGET));
}
