// Use case: the stored history of a cluster and its sources, without a running monitor.

import { isOpen } from '../../core/alerting/alert.ts';
import { isInForce, type Silence } from '../../core/alerting/silence.ts';
import { joinWords } from '../../core/base/format.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import { findSource } from '../../core/connections/find-source.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { RuleBook } from '../../core/detection/rules.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { Store } from '../../core/ports/store.ts';
import { encodeSnapshot } from '../../core/snapshots/from-report.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { NoHistoryError, UserError } from '../../errors.ts';
import { historyWith, learnedOf, MOST_POINTS } from '../monitor/history.ts';
import { createStateCache } from '../monitor/state-cache.ts';
import type { AlertBoard, HistoryQuery } from './types.ts';

interface HistoryInput extends HistoryQuery {
  readonly store: Store;
  readonly book: RuleBook;
  readonly defaultCluster: string | null;
  readonly now: Date;
}

/**
 * One source; or the cluster and then its sources in this time, largest first.
 * @throws UserError if there is no history
 */
export async function history(query: HistoryInput): Promise<readonly History[]> {
  const { store, book, signal } = query;
  const { cluster, source: chosen } = await meantBy(query);
  const asking = { store, memory: createStateCache({ store, book, readOnly: true }), book, now: () => query.now };
  const learned = await learnedOf(asking, { cluster, signal });
  const asked = { cluster, window: query.window, points: MOST_POINTS, signal };
  const ask = (source: KnownSource | null) => historyWith(asking, asked, { source, learned });
  if (chosen !== null) return [await ask(chosen)];
  const whole = await ask(null);
  const histories = [];
  for (const source of (await store.sources(cluster)).filter(({ lastSeen }) => lastSeen >= whole.from))
    histories.push(await ask(source));
  return [whole, ...histories.toSorted(bySize)];
}

/** By current connections, then by maximum. Unknown sorts last. */
function bySize(one: History, other: History): number {
  return (
    (other.now?.dormant ?? -1) - (one.now?.dormant ?? -1) ||
    (other.max?.value ?? -1) - (one.max?.value ?? -1) ||
    ((one.source?.id ?? '') < (other.source?.id ?? '') ? -1 : 1)
  );
}

interface Meant {
  readonly cluster: string;
  readonly source: KnownSource | null;
}

/** A word alone is a cluster, or else a source. */
async function meantBy(query: HistoryInput): Promise<Meant> {
  const { store, word, source, defaultCluster, find } = query;
  const known = await store.clusters();
  if (word !== null && known.length > 0) {
    const named = known.find((name) => name.toLowerCase() === word.toLowerCase());
    return named === undefined ? lookedUp(word, query, known) : { cluster: named, source: null };
  }
  const cluster = await storedCluster(store, query.cluster, defaultCluster);
  return { cluster, source: source === null ? null : find(source, await store.sources(cluster), cluster) };
}

/** A source of the default cluster, or of the only cluster that has it. */
async function lookedUp(
  word: string,
  { store, defaultCluster, find }: HistoryInput,
  known: readonly string[],
): Promise<Meant> {
  const among = defaultCluster === null ? known : [await storedCluster(store, null, defaultCluster)];
  const sources = new Map<string, readonly KnownSource[]>();
  for (const cluster of among) sources.set(cluster, await store.sources(cluster));
  const having = among.filter((cluster) => findSource(sources.get(cluster) ?? [], word).kind !== 'none');
  const none = `No cluster and no source "${word}" is in the history.`;
  const near = having.length > 0 ? null : nearest(word, known);
  if (near !== null) throw new UserError(none, `Did you mean the cluster ${near}?`);
  // In a single cluster, the error of the source says what is near.
  const [cluster, ...others] = having.length > 0 || among.length > 1 ? having : among;
  if (cluster === undefined) throw new UserError(none, `There is a history of ${joinWords(known)}.`);
  if (others.length > 0) {
    const remedy = `Name the cluster first: atlas-conns history ${cluster} "${word}".`;
    throw new UserError(`"${word}" is in the history of ${joinWords(having)}.`, remedy);
  }
  return { cluster, source: find(word, sources.get(cluster) ?? [], cluster) };
}

// Selects the cluster of a history query, among those with stored readings.

/**
 * @param requested as typed; null for the default, or the only one
 * @throws UserError if it has no history, or one of several must be chosen
 * @internal
 */
export async function storedCluster(
  store: Store,
  requested: string | null,
  defaultCluster: string | null = null,
): Promise<string> {
  const known = await store.clusters();
  if (known.length === 0) throw noHistory(store);
  const meant = requested ?? defaultCluster;
  const only = known.length === 1 ? known[0] : undefined;
  const found = meant === null ? only : known.find((name) => name.toLowerCase() === meant.toLowerCase());
  if (found !== undefined) return found;
  const there = `There is a history of ${known.join(', ')}.`;
  if (meant === null)
    throw new UserError('Which cluster?', `${there} Name one of them, as in "atlas-conns history ${known[0]}".`);
  const near = nearest(meant, known);
  const remedy = near === null ? there : `Did you mean ${near}? ${there}`;
  throw new UserError(`There is no history of a cluster "${meant}".`, remedy);
}

function noHistory({ about }: Pick<Store, 'about'>): NoHistoryError {
  return new NoHistoryError(
    `There is no history in ${about.where} yet.`,
    '`atlas-conns serve` and `atlas-conns watch` write it, a reading at a time.',
  );
}

// Use case: the stored readings unchanged, oldest first, one at a time.

export interface StoredRange {
  /** As typed; null for all clusters. */
  readonly cluster: string | null;
  /** Milliseconds since 1970, exclusive and inclusive. */
  readonly after: number;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** @throws UserError if there is no history, or none of the cluster */
export async function* storedSnapshots(store: Store, range: StoredRange): AsyncGenerator<Snapshot> {
  const { after, until, signal } = range;
  const cluster = range.cluster === null ? null : await storedCluster(store, range.cluster);
  if (cluster === null && (await store.clusters()).length === 0) throw noHistory(store);
  for await (const snapshot of store.snapshots({ cluster, after, until })) {
    signal.throwIfAborted();
    yield snapshot;
  }
}

/** As the lines of a file, so that a replay reads both the same way. */
export async function* storedLines(store: Store, range: StoredRange): AsyncGenerator<string> {
  for await (const snapshot of storedSnapshots(store, range)) yield JSON.stringify(encodeSnapshot(snapshot));
}

// Use case: stored alerts and silences, and the age of the data.

const ORDER = ['firing', 'acknowledged', 'silenced', 'ended'] as const;

/**
 * @param requested as typed; null for all clusters
 * @throws UserError if there is no history, or none of the cluster
 */
export async function alertBoard(store: Store, requested: string | null, now: Date): Promise<AlertBoard> {
  const at = now.getTime();
  const cluster = requested === null ? null : await storedCluster(store, requested);
  const names = cluster === null ? await store.clusters() : [cluster];
  if (names.length === 0) throw noHistory(store);
  const [alerts, silences, heads] = await Promise.all([
    store.alerts({ cluster, endedSince: at }),
    store.silences(),
    Promise.all(names.map((name) => store.head(name))),
  ]);
  const isHere = (silence: Silence) => cluster === null || silence.cluster === null || silence.cluster === cluster;
  return {
    at,
    clusters: names.map((name, index) => ({ name, lastReading: heads[index]?.at ?? null })),
    alerts: alerts
      .filter(isOpen)
      .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.since - a.since),
    silences: silences.filter((silence) => isHere(silence) && isInForce(silence, at)),
  };
}
