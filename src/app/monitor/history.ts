// Past values from the store's series; the usual now from the monitor's baselines.

import { unlessAborted } from '../../core/base/abort.ts';
import { DAY } from '../../core/base/duration.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { wallMoment } from '../../core/base/time-zone.ts';
import { usualAt } from '../../core/baseline/baseline.ts';
import type { SourceHistory } from '../../core/baseline/source-history.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { BaselineComparison, History, HistoryRequest } from '../../core/ports/monitor.ts';
import type { SeriesBucket, Store } from '../../core/ports/store.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { piecesOf } from '../../core/snapshots/time-window.ts';
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
  /** The last reading; null before the first. */
  readonly last: Snapshot | null;
}

export async function learnedOf(
  { store, memory }: Asking,
  { cluster, signal }: Pick<HistoryRequest, 'cluster' | 'signal'>,
): Promise<Learned> {
  const { state } = await unlessAborted(memory.known(cluster), signal);
  return { state, last: state === null ? null : await lastReading(store, cluster, state.at) };
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
  const { cluster, window, points, signal } = request;
  const { source, learned } = given;
  const id = source?.id ?? null;
  const { from, to, count } = piecesOf({ window, now: now().getTime(), most: Math.min(MOST_POINTS, points) });
  const buckets = await store.series({ cluster, source: id, from, to, buckets: count });
  signal.throwIfAborted();
  const past = id === null ? undefined : learned.state?.sources[id];
  return {
    cluster,
    source,
    from,
    to,
    buckets,
    usualNow: usualOf(past, now().getTime(), book),
    now: nowOf(learned.last, id),
    max: highest(buckets),
  };
}

function known(sources: readonly KnownSource[], id: string): KnownSource {
  const found = sources.find((source) => source.id === id);
  if (found !== undefined) return found;
  const meant = nearest(id, [...sources.map((source) => source.id), ...sources.map(({ name }) => name)]);
  const remedy = meant === null ? 'The report names the sources that were seen.' : `Did you mean ${meant}?`;
  throw new UserError(`No source "${id}" was ever seen.`, remedy);
}

function usualOf(past: SourceHistory | undefined, at: number, { timeZone }: RuleBook): number | null {
  const usual = past === undefined ? null : usualAt(past.dormant, wallMoment(at, timeZone));
  return usual === null ? null : tenth(usual.value);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

async function lastReading(store: Store, cluster: string, at: number): Promise<Snapshot | null> {
  let last: Snapshot | null = null;
  for await (const snapshot of store.snapshots({ cluster, after: at - 1, until: at })) last = snapshot;
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

function highest(buckets: readonly SeriesBucket[]): History['max'] {
  return buckets.reduce<History['max']>((most, { dormant, peakAt }) => {
    if (dormant === null || peakAt === null || (most !== null && dormant.max <= most.dormant)) return most;
    return { dormant: dormant.max, at: peakAt };
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
  return new Map(
    Object.entries(state.sources).map(([id, past]) => [id, { usual: usualOf(past, now, book), isNew: isNew(past) }]),
  );
}
