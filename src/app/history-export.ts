// Use case: the readings of the store as they are, oldest first, one at a time.

import type { Store } from '../core/ports/store.ts';
import { encodeSnapshot } from '../core/snapshots/from-report.ts';
import type { Snapshot } from '../core/snapshots/snapshot.ts';
import { noHistory, storedCluster } from './stored-cluster.ts';

export interface StoredRange {
  /** As typed; null for all clusters. */
  readonly cluster: string | null;
  /** Milliseconds since 1970, excluded and included. */
  readonly after: number;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** @throws UserError where there is no history at all, or none of the cluster */
export async function* storedSnapshots(store: Store, range: StoredRange): AsyncGenerator<Snapshot> {
  const { after, until, signal } = range;
  const cluster = range.cluster === null ? null : await storedCluster(store, range.cluster);
  if (cluster === null && (await store.clusters()).length === 0) throw noHistory(store);
  for await (const snapshot of store.snapshots({ cluster, after, until })) {
    signal.throwIfAborted();
    yield snapshot;
  }
}

/** As the lines of a file: a history is replayed the same, wherever it comes from. */
export async function* storedLines(store: Store, range: StoredRange): AsyncGenerator<string> {
  for await (const snapshot of storedSnapshots(store, range)) yield JSON.stringify(encodeSnapshot(snapshot));
}
