// Copies records from the store to the stand-in at its start, and from the stand-in to the store at its end.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import type { Delivery } from '../../core/alerting/delivery.ts';
import { messageOf } from '../../core/alerting/notifications.ts';
import { destinationOf } from '../../core/alerting/routing.ts';
import type { Adopted, Change, Store } from '../../core/ports/store.ts';
import { headOf } from './checkpoint.ts';
import { hasMessage, type KnownAlerts } from './recall.ts';
import type { StateCache } from './state-cache.ts';
import type { MonitorInput } from './types.ts';

const NOT_FOUND = 'the store is back, and its history does not have this alert';

/** A delivery that the stand-in posted in Slack. */
export interface PostedDelivery extends Adopted {
  readonly delivery: Delivery;
}

export interface Inner {
  readonly store: Store;
  readonly memory: StateCache;
}

/** @returns ids of messages without a known position: those of firing alerts are posted now, and all may be in Slack */
export async function seed(
  { store, memory }: Inner,
  clusters: readonly string[],
  known: Pick<MonitorInput, 'routing' | 'now'> & {
    readonly recall: Pick<KnownAlerts, 'of'>;
    readonly memory: Pick<StateCache, 'last'>;
  },
): Promise<readonly string[]> {
  const at = known.now().getTime();
  const recalled = clusters.map((cluster) => known.recall.of(cluster));
  const places = new Map(recalled.flatMap((one) => [...one.places]));
  const alerts = recalled.flatMap((one) => one.alerts);
  const groups = recalled.flatMap((one) => one.groups);
  const posted = groups.filter(({ lead }) => lead === null);
  const untraced = alerts.filter((one) => hasMessage(one) && !places.has(one.id));
  const unplaced = untraced.filter(({ state }) => state === 'firing');
  const above = posted.filter(({ id }) => !places.has(id) && unplaced.some(({ group }) => group === id));
  const deliveries = [
    ...above.map(({ id: about, cluster, alerts: ids }) => {
      const channel = unplaced.find(({ id }) => ids.includes(id))?.channel ?? null;
      return messageOf({ about, cluster, channel, mentions: [], at });
    }),
    ...unplaced.map((alert) => {
      const { id: about, cluster, channel } = alert;
      return messageOf({ about, cluster, channel, mentions: destinationOf(alert, known.routing).mentions, at });
    }),
  ];
  await put(store, { alerts: fresh(alerts), groups: fresh(groups), silences: fresh(recalled[0]?.silences ?? []) });
  for (const cluster of clusters) {
    const state = known.memory.last(cluster);
    if (state === null) continue;
    await put(store, { cluster, head: headOf(state, 1) });
    memory.keep(cluster, { state, version: 1 });
  }
  await store.adopt(
    [...places].map(([about, place]) => ({ id: `${about}/message`, kind: 'message', about, at, place })),
  );
  await put(store, { deliveries });
  return [...untraced, ...posted.filter(({ id }) => !places.has(id))].map(({ id }) => `${id}/message`);
}

function fresh<Record extends { readonly version: number }>(records: readonly Record[]): readonly Record[] {
  return records.map((record) => ({ ...record, version: 1 }));
}

async function put(store: Pick<Store, 'write'>, part: Partial<Change>): Promise<void> {
  const nothing = { cluster: '', reading: null, head: null, alerts: [], groups: [], silences: [], deliveries: [] };
  if (!(await store.write({ ...nothing, ...part }))) throw new Error('what is known could not be written down');
}

interface TakeOver {
  readonly store: Store;
  readonly from: Store;
  readonly at: number;
  /** Deliveries in Slack, by id. */
  readonly inSlack: ReadonlyMap<string, unknown>;
}

/**
 * From now on the message is drawn from the store's record. An alert that the store does not have is written as
 * resolved.
 */
export async function takeOver({ delivery }: PostedDelivery, { store, from, at, inSlack }: TakeOver): Promise<void> {
  const { about, cluster } = delivery;
  if (about === null) return;
  const [alert, group] = await Promise.all([store.alert(about), store.group(about)]);
  const known = alert ?? group;
  const mine = known === null ? await from.alert(about) : null;
  const above = known !== null ? null : await from.group(mine?.group ?? about);
  const members = await missing(above?.alerts ?? (mine === null ? [] : [mine.id]), { store, from });
  const mentions = alert?.state === 'firing' ? delivery.mentions : [];
  const nothing = { cluster, reading: null, head: null, silences: [] };
  await store.write({
    ...nothing,
    alerts: fresh((mine === null ? [] : members).map((member) => withoutUnsent(ended(member, at), inSlack))),
    groups: above === null ? [] : fresh([above]),
    deliveries: [{ ...delivery, refresh: null, mentions, at }],
  });
}

/** The alerts of an incident that the store does not have. */
async function missing(ids: readonly string[], { store, from }: Pick<TakeOver, 'store' | 'from'>) {
  const found = await Promise.all(ids.map(async (id) => ((await store.alert(id)) === null ? from.alert(id) : null)));
  return found.filter((alert) => alert !== null);
}

function ended(alert: Alert, at: number): Alert {
  return isOpen(alert) ? { ...alert, state: 'ended', endedAt: at, endReason: NOT_FOUND } : alert;
}

/** Drops replies that the stand-in decided but did not send: the record keeps only those in Slack. */
function withoutUnsent(alert: Alert, inSlack: TakeOver['inSlack']): Alert {
  const sent = Array.from({ length: alert.replies }, (_, index) => index + 1).filter((number) =>
    inSlack.has(`${alert.id}/reply/${number}`),
  );
  return { ...alert, replies: Math.max(0, ...sent) };
}
