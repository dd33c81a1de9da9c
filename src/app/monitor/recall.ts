// Alerts known without a query, copied as they pass between the store, the monitor and the notifier.

import { type Alert, type AlertGroup, isOpen } from '../../core/alerting/alert.ts';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { DAY } from '../../core/base/duration.ts';
import type { LeasedDelivery, Store } from '../../core/ports/store.ts';
import { UpstreamError } from '../../errors.ts';

interface Recalled {
  /** Open, or resolved within a day. */
  readonly alerts: readonly Alert[];
  /** The groups of these alerts. */
  readonly groups: readonly AlertGroup[];
  /** Not ended, as far as known. */
  readonly silences: readonly Silence[];
  /** Message positions in Slack, by alert or group. */
  readonly places: ReadonlyMap<string, MessageRef>;
}

export interface KnownAlerts {
  /** The store, with its calls observed. */
  readonly store: Store;
  of(cluster: string): Recalled;
  /**
   * Asks the store for the messages of open alerts posted before this process started. Never rejects because of the
   * store.
   */
  learn(cluster: string): Promise<void>;
}

export function createKnownAlerts(store: Store, now: () => Date): KnownAlerts {
  const alerts = new Map<string, Alert>();
  const groups = new Map<string, AlertGroup>();
  const places = new Map<string, MessageRef>();
  let silences: readonly Silence[] = [];

  const isKept = ({ state, endedAt, judgedAt }: Alert) =>
    state !== 'ended' || now().getTime() - (endedAt ?? judgedAt) <= DAY;
  const forget = (id: string) => {
    alerts.delete(id);
    places.delete(id);
  };
  const prune = () => {
    for (const alert of alerts.values()) if (!isKept(alert)) alerts.delete(alert.id);
    const used = new Set([...alerts.values()].flatMap(({ id, group, lead }) => [id, group, lead]));
    // A lead may have ended long before the others of its incident.
    for (const about of places.keys()) if (!used.has(about)) places.delete(about);
    for (const id of [...groups.keys()].filter((one) => !used.has(one))) {
      groups.delete(id);
      places.delete(id);
    }
  };
  const stands = ({ kind, about }: LeasedDelivery, place: MessageRef | null) => {
    if (kind === 'message' && about !== null && place !== null) places.set(about, place);
  };

  return {
    store: {
      ...store,
      async alerts(query) {
        const before = [...alerts.values()].filter(
          ({ cluster }) => query.cluster === null || cluster === query.cluster,
        );
        const found = await store.alerts(query);
        const ids = new Set(found.map(({ id }) => id));
        // The list has every open alert: a missing one was resolved long ago.
        for (const one of before.filter(isOpen)) if (!ids.has(one.id) && alerts.get(one.id) === one) forget(one.id);
        put(alerts, found);
        prune();
        return found;
      },
      async group(id) {
        const found = await store.group(id);
        if (found !== null) put(groups, [found]);
        return found;
      },
      async silences() {
        silences = await store.silences();
        return silences;
      },
      async write(change) {
        const isWritten = await store.write(change);
        if (!isWritten) return isWritten;
        put(alerts, change.alerts);
        put(groups, change.groups);
        const changed = new Set(change.silences.map(({ id }) => id));
        silences = [...silences.filter(({ id }) => !changed.has(id)), ...change.silences];
        return isWritten;
      },
      async sent(taken, place) {
        // The message is in Slack, even if the store does not learn of it.
        stands(taken, place);
        await store.sent(taken, place);
      },
      async place(about) {
        const found = await store.place(about);
        const isKnown =
          alerts.has(about) || groups.has(about) || [...alerts.values()].some(({ lead }) => lead === about);
        if (found !== null && isKnown) places.set(about, found);
        return found;
      },
      async forget(about) {
        places.delete(about);
        await store.forget(about);
      },
    },
    of(cluster) {
      const own = [...alerts.values()].filter((alert) => alert.cluster === cluster && isKept(alert));
      const mine = [...groups.values()].filter((group) => group.cluster === cluster);
      const ids = new Set([...own, ...mine].map(({ id }) => id).concat(own.flatMap(messagesAbove)));
      return {
        alerts: own,
        groups: mine,
        silences: silences.filter(({ endedAt }) => endedAt === null),
        places: new Map([...places].filter(([about]) => ids.has(about))),
      };
    },
    async learn(cluster) {
      const open = [...alerts.values()].filter((one) => one.cluster === cluster && isOpen(one));
      const ids = new Set(open.flatMap((alert) => [...(hasMessage(alert) ? [alert.id] : []), ...messagesAbove(alert)]));
      try {
        for (const id of [...ids].filter((one) => !places.has(one))) {
          const place = await store.place(id);
          if (place !== null) places.set(id, place);
        }
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
      }
    },
  };
}

/** The message with the alert's row or above its own: of its incident's lead, or of a group of the version before. */
function messagesAbove({ group, lead }: Alert): readonly string[] {
  return lead === null ? (group === null ? [] : [group]) : [lead];
}

/** The alert has a message or will get one. Another alert's message shows a member of an incident. */
export function hasMessage({ id, lead, shown, channel }: Alert): boolean {
  return shown !== null && channel !== null && (lead === null || lead === id);
}

function put<Record extends { readonly id: string; readonly version: number }>(
  known: Map<string, Record>,
  found: readonly Record[],
): void {
  for (const record of found) if (record.version >= (known.get(record.id)?.version ?? 0)) known.set(record.id, record);
}
