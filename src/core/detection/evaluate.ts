// Evaluates one reading of a cluster: state and snapshot → next state, decisions and notifications.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { DAY, MINUTE } from '../base/duration.ts';
import { count, joinWords, span } from '../base/format.ts';
import { type WallMoment, wallMoment, wallTimeAt } from '../base/time-zone.ts';
import { usualAt } from '../baseline/baseline.ts';
import type { NodeHistory } from '../baseline/node-history.ts';
import {
  absentHistory,
  FORGET_AFTER,
  forgetOld,
  isPassing,
  newHistory,
  type SourceHistory,
} from '../baseline/source-history.ts';
import { transferHistories } from '../baseline/source-transfer.ts';
import type { Elected } from '../diagnosis/past.ts';
import type { AlertEvidence } from '../evidence/evidence.ts';
import { isFarBelow } from '../evidence/evidence.ts';
import { createEvidence, isSaturated, nodeFindings } from '../evidence/gather.ts';
import type { Snapshot, SnapshotSource, UsualConnections } from '../snapshots/snapshot.ts';
import { type AlertKey, afterGap, keyOf, type RuleResult } from './alert-state.ts';
import { alertKeyOf, endTransferred, inheritedAlerts, orphanedAlerts } from './alert-transfer.ts';
import {
  atAcceptedLevels,
  type ClusterState,
  clampToNow,
  clockRegression,
  isStale,
  NO_READING,
} from './cluster-state.ts';
import { evaluateCluster, evaluateNode, evaluateSource, roundedUsual } from './evaluate-rules.ts';
import { type AlertTransition, applyResultsInChunks, type Decision, type Notification } from './findings.ts';
import { isAboutApp, isRuleName, type RuleBook, rulesFor } from './rules.ts';
import { clusterProblem } from './unreadable.ts';

export interface Evaluation {
  readonly decisions: readonly Decision[];
  readonly notifications: readonly Notification[];
  readonly transitions: readonly AlertTransition[];
  readonly state: ClusterState;
  /** Notes about the reading: a gap, an election, unread nodes. */
  readonly remarks: readonly string[];
}

export interface ReadingEvaluation extends Evaluation {
  /** The reading with what was usual at it, for the store. */
  readonly reading: Snapshot;
}

const CHUNK = 50;

/** @param state null before the first reading. A reading that is a little older than the last changes nothing. */
export function evaluate(state: ClusterState | null, snapshot: Snapshot, book: RuleBook): ReadingEvaluation {
  return runToEnd(evaluateInChunks(state, snapshot, book));
}

/** The same in chunks, so that thousands of sources do not block the event loop. */
export function* evaluateInChunks(
  state: ClusterState | null,
  read: Snapshot,
  book: RuleBook,
): Chunked<ReadingEvaluation> {
  if (state !== null && isStale(state, read.at))
    return {
      state,
      reading: read,
      decisions: [],
      notifications: [],
      transitions: [],
      remarks: ['not newer than the reading before: left out'],
    };
  const moment = wallMoment(read.at, book.timeZone);
  const { before: prepared, remarks } = prepareState(state, read);
  const before = atAcceptedLevels(prepared, moment);
  const { snapshot, remarks: left } = withoutUnreadNodes(read, before.nodes);
  const { histories, mergedInto, remarks: changes } = transferHistories(before.sources, snapshot);
  const isLarge = snapshot.sources.length > CHUNK;
  if (isLarge) yield;
  const foundSources = yield* evaluateSources({ before, histories, snapshot, book });
  const found = [...evaluateNodes(before, read, book), ...foundSources];
  const whole = rulesFor(book, { cluster: snapshot.cluster, source: [], node: null });
  const inherited = inheritedAlerts(mergedInto, before.alerts);
  const evaluated = [...evaluateCluster(read, whole), ...found.flatMap(({ results }) => results)].map((result) =>
    endTransferred(result, { mergedInto, histories }),
  );
  const ended = orphanedAlerts(evaluated, {
    alerts: before.alerts,
    before: before.sources,
    snapshot,
    mergedInto,
    histories,
  });
  if (isLarge) yield;
  const { alerts, transitions, ...outcome } = yield* applyResultsInChunks([...ended, ...evaluated], {
    at: snapshot.at,
    cluster: snapshot.cluster,
    alerts: before.alerts,
    inherited,
  });
  if (isLarge) yield;
  const nodes = { ...before.nodes };
  const sources = { ...histories };
  for (const result of found) {
    if ('node' in result) nodes[result.node] = result.past;
    else sources[result.source] = result.past;
  }
  const { histories: remembered, remarks: forgotten } = forgetOld(sources, snapshot);
  const usual = new Map(foundSources.map((found) => [found.source, found.usual]));
  const seen = { ...before, sources: histories, snapshot: read, usual, elected: electedOf(before), moment };
  const evidence = createEvidence(seen);
  const told = transitions.map((one) => ({ ...one, evidence: one.firing ? evidence(one) : null }));
  if (isLarge) yield;
  const next = {
    ...before,
    nodes: rememberedNodes(nodes, read),
    sources: remembered,
    alerts,
    findings: read.sources.length === 0 ? before.findings : nodeFindings(seen, evidence),
  };
  const reading = withUsual(read, foundSources);
  return {
    ...outcome,
    transitions: told,
    state: next,
    reading,
    remarks: [...remarks, ...left, ...changes, ...forgotten],
  };
}

/** An incomplete reading does not tell which sources are absent. */
function withUsual(read: Snapshot, found: readonly EvaluatedSource[]): Snapshot {
  const usual = new Map(found.flatMap(({ source, usual: known }) => (known === null ? [] : [[source, known]])));
  const sources = read.sources.map((source) => {
    const known = usual.get(source.id);
    usual.delete(source.id);
    return known === undefined ? source : { ...source, usual: known };
  });
  const absent = read.complete ? [...usual].map(([id, known]) => ({ id, usual: known })) : [];
  return { ...read, sources, ...(absent.length > 0 && { absent }) };
}

function evaluateNodes({ nodes, interval, ...before }: ClusterState, snapshot: Snapshot, book: RuleBook) {
  const isClusterUnread = clusterProblem(snapshot) !== null;
  const holders = holdersByNode(snapshot);
  const context = { elected: electedOf(before), interval, moment: wallMoment(snapshot.at, book.timeZone) };
  return snapshot.nodes.map((node) => {
    const { host } = node;
    const rules = rulesFor(book, { cluster: snapshot.cluster, source: [], node: host });
    const own = { node, past: nodes[host] ?? null, holders: holders.get(host) ?? [], rules };
    return { node: host, ...evaluateNode({ ...context, ...own, isClusterUnread }) };
  });
}

type EvaluatedSource = ReturnType<typeof evaluateSource> & { readonly source: string };

interface Sources {
  readonly before: ClusterState;
  readonly histories: Readonly<Record<string, SourceHistory>>;
  readonly snapshot: Snapshot;
  readonly book: RuleBook;
}

function* evaluateSources({ before, histories, snapshot, book }: Sources): Chunked<readonly EvaluatedSource[]> {
  const { interval, since: watchedSince } = before;
  const moment = wallMoment(snapshot.at, book.timeZone);
  const wall = wallTimeAt(snapshot.at, book.timeZone ?? 'UTC');
  const context = { snapshot, interval, watchedSince, elected: electedOf(before), moment, wall };
  const isFull = isSaturated({ snapshot, nodes: before.nodes });
  const present = new Set(snapshot.sources.map(({ id }) => id));
  const alerted = new Set(Object.keys(before.alerts).map((key) => alertKeyOf(key).source));
  const evaluated: EvaluatedSource[] = [];
  for (const [index, source] of sourcesOf(snapshot, histories).entries()) {
    if (isChunkEnd(index, CHUNK)) yield;
    const known = histories[source.id];
    if (known !== undefined && !present.has(source.id) && !alerted.has(source.id) && isAbsentAsUsual(known, moment)) {
      evaluated.push({
        source: source.id,
        results: [],
        past: absentHistory(known, snapshot),
        usual: usualOfAbsent(known, moment),
      });
      continue;
    }
    const rules = rulesFor(book, { cluster: snapshot.cluster, source: [source.id, source.name], node: null });
    const firingSince = (rule: string) => {
      const alert = isRuleName(rule) ? before.alerts[keyOf({ rule, source: source.id, node: null })] : undefined;
      return alert?.firing === true ? (alert.since ?? alert.toldAt) : null;
    };
    const past = known ?? newHistory(source, snapshot.at);
    const found = evaluateSource({ ...context, source, past, rules, firingSince });
    const isVictim = isFull && isFarBelow(source.active + source.dormant, found.usual?.pooled ?? 0);
    const results = isVictim ? found.results.map(heldBack) : found.results;
    evaluated.push({ ...found, source: source.id, results });
  }
  return evaluated;
}

/** A source that is shut out of a full node is a victim: it never alerts for what it holds elsewhere. */
function heldBack(result: RuleResult): RuleResult {
  return { ...result, suppressedBy: result.suppressedBy ?? 'it is shut out: a node of the cluster is at its limit' };
}

function electedOf({ electedAt, primary }: Pick<ClusterState, 'electedAt' | 'primary'>): Elected | null {
  return electedAt === null || primary === null ? null : { at: electedAt, primary };
}

/** The three largest sources on each node, in words. */
function holdersByNode({ sources }: Snapshot): ReadonlyMap<string, readonly string[]> {
  const rows = sources.flatMap(({ name: who, nodes }) =>
    nodes.map(({ name, active, dormant }) => ({ host: name ?? '', who, held: active + dormant })),
  );
  const words = (list: typeof rows) =>
    list
      .filter(({ held }) => held > 0)
      .toSorted((a, b) => b.held - a.held)
      .slice(0, 3)
      .map(({ who, held }) => `${who} (${count(held)})`);
  return new Map([...Map.groupBy(rows, ({ host }) => host)].map(([host, list]) => [host, words(list)]));
}

function prepareState(
  known: ClusterState | null,
  snapshot: Snapshot,
): { readonly before: ClusterState; readonly remarks: readonly string[] } {
  const { at } = snapshot;
  const primary = snapshot.nodes.find((node) => node.role === 'primary')?.host ?? null;
  const back = known === null ? 0 : clockRegression(known, at);
  const state = known === null || back === 0 ? known : clampToNow(known, at);
  if (state === null || state.at === 0) {
    return { before: { ...(state ?? NO_READING), since: at, at, primary }, remarks: [] };
  }
  const passed = at - state.at;
  const isGap = state.interval !== null && passed > Math.max(2.5 * state.interval, 3 * MINUTE);
  const isElected = primary !== null && state.primary !== null && primary !== state.primary;
  // A source can be new only after the first reading with sources.
  const isUnread = !snapshot.complete && Object.keys(state.sources).length === 0;
  const before = {
    ...state,
    since: isUnread ? at : state.since,
    at,
    interval: back > 0 || isGap ? state.interval : averageInterval(state.interval, passed),
    alerts: isGap ? afterReadingGap(state.alerts) : state.alerts,
    primary: primary ?? state.primary,
    electedAt: isElected ? at : state.electedAt,
  };
  const unread = snapshot.nodes.filter((node) => node.problem !== null);
  const remarks = [
    ...(back > 0 ? [`the clock was set back by ${span(back)}: readings are counted from here`] : []),
    ...(isGap ? [`a gap of ${span(passed)}: readings are counted from here`] : []),
    ...(isElected ? [`an election: ${primary} is primary now`] : []),
    ...unread.map(({ host, problem }) => `${host} was not read (${problem})`),
  ];
  return { before, remarks };
}

/** An app is not judged by readings. */
function afterReadingGap(alerts: ClusterState['alerts']): ClusterState['alerts'] {
  return Object.fromEntries(
    Object.entries(alerts).map(([key, alert]) => [key, isAboutApp(alertKeyOf(key).rule) ? alert : afterGap(alert)]),
  );
}

function averageInterval(known: number | null, passed: number): number {
  return known === null ? passed : 0.9 * known + 0.1 * passed;
}

/** Whether a source is absent as usual, so that it needs no evaluation and no learning. */
function isAbsentAsUsual(past: SourceHistory, moment: WallMoment): boolean {
  const isInRun = Object.values(past.habits).some(({ run }) => run !== null);
  if (isInRun) return false;
  if (isPassing(past)) return true;
  const usuals = [usualAt(past.dormant, moment), usualAt(past.pooled, moment)];
  return usuals.every((usual) => usual !== null && usual.value < 1);
}

/** Null for a passing source, because it does not return. */
function usualOfAbsent(past: SourceHistory, moment: WallMoment): UsualConnections | null {
  if (isPassing(past)) return null;
  return roundedUsual({ dormant: usualAt(past.dormant, moment), pooled: usualAt(past.pooled, moment) }, 1);
}

/** The sources of the reading, and known sources that are absent. */
function sourcesOf(snapshot: Snapshot, histories: Readonly<Record<string, SourceHistory>>): readonly SnapshotSource[] {
  const seen = new Set(snapshot.sources.map(({ id }) => id));
  const none = { class: null, active: 0, dormant: 0, monitors: null, clients: null, nodes: [], apps: [], hosts: [] };
  const absent = Object.entries(histories).filter(([id]) => !seen.has(id));
  return [...snapshot.sources, ...absent.map(([id, { name }]) => ({ ...none, id, name }))];
}

function rememberedNodes(nodes: ClusterState['nodes'], { at, nodes: listed }: Snapshot): ClusterState['nodes'] {
  const hosts = new Set(listed.map(({ host }) => host));
  return Object.fromEntries(
    Object.entries(nodes).filter(([host, past]) => hosts.has(host) || at - past.at <= FORGET_AFTER),
  );
}

/** The reading without the nodes that were not read for a day, and a remark about them. */
function withoutUnreadNodes(
  snapshot: Snapshot,
  histories: Readonly<Record<string, NodeHistory>>,
): { readonly snapshot: Snapshot; readonly remarks: readonly string[] } {
  const { at, nodes } = snapshot;
  const isLost = ({ host, problem }: Snapshot['nodes'][number]) =>
    problem !== null && at - (histories[host]?.at ?? at) >= DAY;
  const lost = nodes.filter(isLost).map(({ host }) => host);
  const rest = nodes.filter((node) => !isLost(node));
  if (lost.length === 0 || rest.length === 0) return { snapshot, remarks: [] };
  // Without an access list the reading stays incomplete.
  const complete = snapshot.untold !== true && rest.every(({ problem }) => problem === null);
  const remark = `not read for more than a day: ${joinWords(lost)}; the rest is judged as the whole`;
  return { snapshot: { ...snapshot, nodes: rest, complete }, remarks: [remark] };
}

/**
 * The evidence of an extra reading, by alert. It is for their messages alone: no rule is evaluated, and no state changes.
 * Refused connections are counted by readings and checks.
 */
export function evidenceOfExtra(
  state: ClusterState,
  snapshot: Snapshot,
  book: RuleBook,
): (alert: AlertKey) => AlertEvidence | null {
  const moment = wallMoment(snapshot.at, book.timeZone);
  const evidence = createEvidence({ ...state, snapshot, elected: electedOf(state), moment });
  return (alert) => {
    if (isAboutApp(alert.rule)) return null;
    const found = evidence(alert);
    return found && { ...found, node: found.node && { ...found.node, refused: null } };
  };
}

// The evaluation of one line of a saved history.

export interface ReplayedReading extends Omit<Evaluation, 'state'> {
  /** ISO 8601. */
  readonly at: string;
  readonly cluster: string;
  /** Names of the sources, by id. */
  readonly names: ReadonlyMap<string, string>;
}
