// The store's contract on plain maps: for tests that need thousands of readings, and for stores that fail on demand.

import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { Delivery } from '../../../src/core/alerting/delivery.ts';
import type { Silence } from '../../../src/core/alerting/silence.ts';
import type { Change, Checkpoint, ClusterHead, Store } from '../../../src/core/ports/store.ts';
import type { Snapshot } from '../../../src/core/snapshots/snapshot.ts';

export interface MemoryStore extends Store {
  /** All that was ever put into the outbox, in order. */
  readonly delivered: readonly Delivery[];
  readonly claims: ReadonlyMap<string, string>;
}

/** Everything is copied as JSON, as a store would. */
const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value));

export function memoryStore(kind: 'sqlite' | 'mongodb' = 'mongodb'): MemoryStore {
  const claims = new Map<string, string>();
  const last = new Map<string, { slot: number; instance: string }>();
  const readings = new Map<string, Snapshot>();
  const heads = new Map<string, ClusterHead>();
  const checkpoints = new Map<string, Checkpoint>();
  const alerts = new Map<string, Alert>();
  const groups = new Map<string, AlertGroup>();
  const silences = new Map<string, Silence>();
  const delivered: Delivery[] = [];
  const isNext = (known: { version: number } | undefined, next: { version: number }) =>
    next.version === (known?.version ?? 0) + 1;
  const allNext = ({ cluster, reading, head, ...change }: Change) =>
    (reading === null || !readings.has(`${cluster} ${reading.slot}`)) &&
    (head === null || isNext(heads.get(cluster), head)) &&
    change.alerts.every((alert) => isNext(alerts.get(alert.id), alert)) &&
    change.groups.every((group) => isNext(groups.get(group.id), group)) &&
    change.silences.every((silence) => isNext(silences.get(silence.id), silence));
  const later = <T>(value: T): Promise<T> => Promise.resolve().then(() => value);
  const unused = () => Promise.reject(new Error('not part of this stand-in'));

  return {
    about: { kind, where: 'memory' },
    delivered,
    claims,
    claim: ({ cluster, slot, instance }) => {
      const key = `${cluster} ${slot}`;
      const isFree = !claims.has(key);
      if (isFree) claims.set(key, instance);
      if (isFree && slot >= (last.get(cluster)?.slot ?? 0)) last.set(cluster, { slot, instance });
      return later(isFree);
    },
    lastClaim: (cluster) => later(last.get(cluster) ?? null),
    write(given) {
      const change = copied(given);
      if (!allNext(change)) return later(false);
      const { cluster, reading, head } = change;
      if (reading !== null) readings.set(`${cluster} ${reading.slot}`, reading.snapshot);
      if (head !== null) heads.set(cluster, head);
      for (const alert of change.alerts) alerts.set(alert.id, alert);
      for (const group of change.groups) groups.set(group.id, group);
      for (const silence of change.silences) silences.set(silence.id, silence);
      delivered.push(...change.deliveries);
      return later(true);
    },
    keepShown: unused,
    shown: unused,
    hasReading: ({ cluster, slot }) => later(readings.has(`${cluster} ${slot}`)),
    head: (cluster) => later(copied(heads.get(cluster) ?? null)),
    checkpoint: (cluster) => later(copied(checkpoints.get(cluster) ?? null)),
    saveCheckpoint: (cluster, { replaces = null, ...checkpoint }) => {
      const kept = checkpoints.get(cluster);
      const isNewest = kept === undefined || kept.at <= checkpoint.at || kept.head === replaces;
      return later(isNewest ? void checkpoints.set(cluster, copied(checkpoint)) : undefined);
    },
    async *snapshots({ cluster, after, until }) {
      const found = [...readings.values()].filter(
        (one) => (cluster === null || one.cluster === cluster) && one.at > after && one.at <= until,
      );
      yield* found.toSorted((a, b) => a.at - b.at).map(copied);
    },
    series: unused,
    sources: unused,
    clusters: () => later([...heads.keys()]),
    alerts: ({ cluster, endedSince }) =>
      later(
        copied(
          [...alerts.values()].filter(
            (alert) =>
              (cluster === null || alert.cluster === cluster) &&
              (alert.state !== 'ended' || (alert.endedAt ?? 0) >= endedSince),
          ),
        ),
      ),
    alert: (id) => later(copied(alerts.get(id) ?? null)),
    group: (id) => later(copied(groups.get(id) ?? null)),
    silences: () => later(copied([...silences.values()].filter(({ endedAt }) => endedAt === null))),
    tidy: () => later(undefined),
    close: () => later(undefined),
    take: unused,
    sent: unused,
    postponed: unused,
    doubted: unused,
    dropped: unused,
    adopt: unused,
    place: () => later(null),
    forget: unused,
    waiting: () => later({ count: delivered.length, oldest: null }),
  };
}
