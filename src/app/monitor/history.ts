// Past values from the store's series; the usual now from the monitor's baselines.

import { unlessAborted } from '../../core/base/abort.ts';
import { DAY } from '../../core/base/duration.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { wallMoment } from '../../core/base/time-zone.ts';
import { type Baseline, usualAt } from '../../core/baseline/baseline.ts';
import type { SourceHistory } from '../../core/baseline/source-history.ts';
import { type ClusterUse, LONG_ENOUGH } from '../../core/connections/entry-use.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import { type ClusterPast, NO_PAST } from '../../core/diagnosis/past.ts';
import { GROWTH_WINDOW, growthOf, type NodeGrowth } from '../../core/forecast/growth.ts';
import type { BaselineComparison, History, HistoryRequest } from '../../core/ports/monitor.ts';
import type { SeriesBucket, SeriesRequest, Store } from '../../core/ports/store.ts';
import { ALL_NODES, type Snapshot } from '../../core/snapshots/snapshot.ts';
import { LONGEST_WINDOW, piecesOf } from '../../core/snapshots/time-window.ts';
import { UserError } from '../../errors.ts';
import type { StateCache } from './state-cache.ts';

interface Asking {
  readonly store: Store;
  readonly memory: StateCache;
  readonly book: RuleBook;
  readonly now: () => Date;
}

export const MOST_POINTS = 400;

/** Known data of a cluster, shared by queries for its sources. */
export interface Learned {
  readonly state: ClusterState | null;
  /** The newest reading, also an extra one; null before the first. */
  readonly last: Snapshot | null;
}

export async function learnedOf(
  { store, memory, now }: Asking,
  { cluster, signal }: Pick<HistoryRequest, 'cluster' | 'signal'>,
): Promise<Learned> {
  const { state } = await unlessAborted(memory.known(cluster), signal);
  if (state === null) return { state, last: null };
  const since = { after: state.at - 1, until: Math.max(state.at, now().getTime()) };
  return { state, last: await lastReading(store, { cluster, ...since }) };
}

export async function historyOf(asking: Asking, request: HistoryRequest): Promise<History> {
  const { cluster, source: id, signal } = request;
  const source = id === null ? null : known(await asking.store.sources(cluster), id);
  signal.throwIfAborted();
  return historyWith(asking, request, { source, learned: await learnedOf(asking, request) });
}

/** The same, for a query of many sources of one cluster. */
export async function historyWith(
  { store, book, now }: Asking,
  request: Omit<HistoryRequest, 'source'>,
  given: { readonly source: KnownSource | null; readonly learned: Learned },
): Promise<History> {
  const { cluster, node = null, signal } = request;
  const { source, learned } = given;
  const id = source?.id ?? null;
  const newest = learned.last?.at ?? null;
  const { from, to, count } = timesOf(request, { newest, now: now().getTime() });
  const asked = { cluster, from, to, buckets: count };
  const series = await store.series({ ...asked, source: id, node });
  signal.throwIfAborted();
  const totals = await totalsOf(store, { ...asked, source: id, node }, series);
  signal.throwIfAborted();
  const buckets = totals ?? series;
  const figure = node === null && totals === null ? 'dormant' : 'connections';
  const past = id === null ? undefined : learned.state?.sources[id];
  return {
    ...{ cluster, source, node, figure, from, to, newest, buckets },
    usualNow: usualOf(past?.dormant, now().getTime(), book),
    now: node === null ? nowOf(learned.last, id) : null,
    connections: figure === 'dormant' ? null : connectionsOf(learned.last, node ?? ALL_NODES),
    max: highest(buckets, figure),
  };
}

function timesOf(
  { window, points, end }: Pick<HistoryRequest, 'window' | 'points' | 'end'>,
  { newest, now }: { readonly newest: number | null; readonly now: number },
): ReturnType<typeof piecesOf> {
  if (end === undefined) return piecesOf({ window, now, most: Math.min(MOST_POINTS, points) });
  const to = (end === 'newest' ? (newest ?? now) : end) + 1;
  return { from: to - window, to, count: points };
}

/** The series of all nodes together, for a cluster without a known source in this time; null for all else. */
async function totalsOf(
  store: Store,
  request: SeriesRequest,
  series: readonly SeriesBucket[],
): Promise<readonly SeriesBucket[] | null> {
  const hasSources = series.some(({ dormant }) => dormant !== null);
  if (request.source !== null || request.node !== null || hasSources) return null;
  const totals = await store.series({ ...request, node: ALL_NODES });
  return totals.some(({ connections }) => connections !== null) ? totals : null;
}

function known(sources: readonly KnownSource[], id: string): KnownSource {
  const found = sources.find((source) => source.id === id);
  if (found !== undefined) return found;
  const meant = nearest(id, [...sources.map((source) => source.id), ...sources.map(({ name }) => name)]);
  const remedy = meant === null ? 'The report names the sources that were seen.' : `Did you mean ${meant}?`;
  throw new UserError(`No source "${id}" was ever seen.`, remedy);
}

function usualOf(figure: Baseline | undefined, at: number, { timeZone }: RuleBook): number | null {
  const usual = figure === undefined ? null : usualAt(figure, wallMoment(at, timeZone));
  return usual === null ? null : tenth(usual.value);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** By cluster; without those that have none. */
export async function lastReadings(
  store: Pick<Store, 'head' | 'snapshots'>,
  clusters: readonly string[],
): Promise<ReadonlyMap<string, Snapshot>> {
  const found = clusters.map(async (cluster) => {
    const head = await store.head(cluster);
    const last = head === null ? null : await lastReading(store, { cluster, after: head.at - 1, until: head.at });
    return last === null ? [] : [[cluster, last] as const];
  });
  return new Map((await Promise.all(found)).flat());
}

async function lastReading(
  store: Pick<Store, 'snapshots'>,
  range: Parameters<Store['snapshots']>[0],
): Promise<Snapshot | null> {
  let last: Snapshot | null = null;
  for await (const snapshot of store.snapshots(range)) last = snapshot;
  return last;
}

/** Null if the last reading did not find the source. That is not zero if the reading was incomplete. */
function nowOf(snapshot: Snapshot | null, id: string | null): History['now'] {
  if (snapshot === null || snapshot.problem !== null) return null;
  const sources = snapshot.sources.filter((source) => id === null || source.id === id);
  if (sources.length === 0 && (id !== null || !snapshot.complete)) return null;
  return {
    active: sources.reduce((sum, { active }) => sum + active, 0),
    dormant: sources.reduce((sum, { dormant }) => sum + dormant, 0),
  };
}

/** Null if the last reading did not reach the node, or any node. */
function connectionsOf(snapshot: Snapshot | null, node: string): History['connections'] {
  const read = (snapshot?.nodes ?? [])
    .filter(({ host }) => node === ALL_NODES || host === node)
    .flatMap(({ current, limit }) => (current === null ? [] : [{ current, limit }]));
  return read.reduce<History['connections']>(
    (sum, { current, limit }) => ({
      current: current + (sum?.current ?? 0),
      limit: limit === null || (sum !== null && sum.limit === null) ? null : limit + (sum?.limit ?? 0),
    }),
    null,
  );
}

function highest(buckets: readonly SeriesBucket[], figure: History['figure']): History['max'] {
  return buckets.reduce<History['max']>((most, { [figure]: spread, peakAt }) => {
    if (spread === null || peakAt === null || (most !== null && spread.max <= most.value)) return most;
    return { value: spread.max, at: peakAt };
  }, null);
}

/** By source id, at this time of day and week. */
export function againstUsual(
  state: ClusterState | null,
  { now, book }: { readonly now: number; readonly book: RuleBook },
): ReadonlyMap<string, BaselineComparison> {
  if (state === null) return new Map();
  const isNew = ({ firstSeen, inherits }: SourceHistory) =>
    inherits === null && firstSeen - state.since >= DAY && now - firstSeen < DAY;
  // Its clients are expected under another id.
  const handedOver = new Set(Object.values(state.sources).map(({ inherits }) => inherits));
  return new Map(
    Object.entries(state.sources).map(([id, past]) => {
      const usual = usualOf(past.dormant, now, book);
      const pooled = handedOver.has(id) ? null : usualOf(past.pooled, now, book);
      return [id, { name: past.name, usual, pooled, isNew: isNew(past) }];
    }),
  );
}

/** What diagnoses know of the past, by reference. */
export function pastOf(
  state: ClusterState | null,
  { now, book }: { readonly now: number; readonly book: RuleBook },
): ClusterPast {
  if (state === null) return NO_PAST;
  const { sources, nodes, primary, electedAt } = state;
  const elected = electedAt === null || primary === null ? null : { at: electedAt, primary };
  return { sources, nodes, elected, moment: wallMoment(now, book.timeZone) };
}

/** The sources of a cluster in the whole history, and since when it knows them. */
export async function useOf(
  store: Pick<Store, 'sources' | 'series'>,
  cluster: string,
  now: number,
): Promise<ClusterUse> {
  const days = {
    cluster,
    source: null,
    node: null,
    from: now - LONGEST_WINDOW,
    to: now,
    buckets: LONGEST_WINDOW / DAY,
  };
  const [sources, buckets] = await Promise.all([store.sources(cluster), store.series(days)]);
  const first = buckets.find(({ readings }) => readings > 0);
  // One day more: its reading may be at its end.
  const lately = buckets.slice(-1 - LONG_ENOUGH / DAY);
  return {
    sources,
    // The end of its first day: nothing is said about a time before the first reading.
    since: first === undefined ? null : Math.min(now, first.from + DAY),
    isLong: lately.every(({ readings, incomplete }) => readings > incomplete),
  };
}

// The growth of nodes.

/** @param host of a node @param to the end of the last whole day, in milliseconds since 1970 */
type GrowthKey = { readonly cluster: string; readonly host: string; readonly to: number };

/** @returns the growth of a node over the last four weeks */
async function nodeGrowth(store: Pick<Store, 'series'>, { cluster, host, to }: GrowthKey): Promise<NodeGrowth> {
  const from = to - GROWTH_WINDOW;
  const days = await store.series({ cluster, source: null, node: host, from, to, buckets: GROWTH_WINDOW / DAY });
  return growthOf(
    days.flatMap(({ from: at, connections }) => (connections === null ? [] : [{ at, value: connections.max }])),
  );
}

export interface GrowthMemory {
  /** @param isAway the store cannot be asked */
  of(
    asked: { readonly cluster: string; readonly hosts: readonly string[]; readonly now: number },
    isAway: boolean,
  ): Promise<ReadonlyMap<string, NodeGrowth>>;
}

/** Whole days change once a day, so each node is asked for once a day. */
export function createGrowthMemory(store: Pick<Store, 'series'>): GrowthMemory {
  const known = new Map<string, Promise<NodeGrowth>>();
  let day = 0;
  const ask = (key: GrowthKey): Promise<NodeGrowth> => {
    const name = JSON.stringify([key.cluster, key.host]);
    const asked = known.get(name) ?? nodeGrowth(store, key);
    known.set(name, asked);
    asked.catch(() => known.delete(name));
    return asked;
  };
  return {
    async of({ cluster, hosts, now }, isAway) {
      const to = Math.floor(now / DAY) * DAY;
      if (to !== day) known.clear();
      day = to;
      const asked = hosts.filter((host) => !isAway || known.has(JSON.stringify([cluster, host])));
      const found = asked.map(async (host) => [host, await ask({ cluster, host, to })] as const);
      return new Map(await Promise.all(found));
    },
  };
}
