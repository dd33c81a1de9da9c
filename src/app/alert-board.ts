// Use case: what the store knows of alerts and silences, and how fresh that is.

import type { AlertRecord } from '../core/alerting/alert.ts';
import { isOpen } from '../core/alerting/alert.ts';
import type { Silence } from '../core/alerting/silence.ts';
import { isInForce } from '../core/alerting/silence.ts';
import type { Store } from '../core/ports/store.ts';
import { noHistory, storedCluster } from './stored-cluster.ts';

export interface AlertBoard {
  /** Milliseconds since 1970; `lastReading` is null before the first. */
  readonly at: number;
  readonly clusters: readonly { readonly name: string; readonly lastReading: number | null }[];
  /** Open ones: firing first, then acknowledged, then silenced; newest first. */
  readonly alerts: readonly AlertRecord[];
  /** In force. */
  readonly silences: readonly Silence[];
}

const ORDER = ['firing', 'acknowledged', 'silenced', 'ended'] as const;

/**
 * @param wanted as typed; null for all clusters
 * @throws UserError where there is no history, or none of the cluster
 */
export async function alertBoard(store: Store, wanted: string | null, now: Date): Promise<AlertBoard> {
  const at = now.getTime();
  const cluster = wanted === null ? null : await storedCluster(store, wanted);
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
      .toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state) || other.since - one.since),
    silences: silences.filter((silence) => isHere(silence) && isInForce(silence, at)),
  };
}
