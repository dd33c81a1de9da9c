// What a button below an alert, a group or a source is about.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import { matchesKey, readTarget, recordKey } from '../blockkit/action-values.ts';
import { type Looked, targetAt } from '../requests/clusters.ts';

export type AlertTarget =
  /** One alert, or those of a group; ended ones too. */
  | { readonly kind: 'alerts'; readonly alerts: readonly Alert[] }
  /** A source, with its open alerts. */
  | {
      readonly kind: 'source';
      readonly cluster: string;
      readonly id: string;
      readonly name: string;
      readonly alerts: readonly Alert[];
    };

/** Null for what is not there any more. */
export async function subjectOf(value: string, monitor: Monitor, looked: Looked): Promise<AlertTarget | null> {
  const { signal } = looked;
  if (value.startsWith('#')) return fromBoard(value, monitor, looked);
  if (readTarget(value) !== null) return sourceOf(value, monitor, looked);
  const alert = await monitor.alert(value, signal);
  if (alert !== null) return { kind: 'alerts', alerts: [alert] };
  const group = await monitor.group(value, signal);
  return group === null ? null : { kind: 'alerts', alerts: await alertsOf(group.alerts, monitor, signal) };
}

async function alertsOf(ids: readonly string[], monitor: Monitor, signal: AbortSignal) {
  const found = await Promise.all(ids.map((id) => monitor.alert(id, signal)));
  return found.filter((alert) => alert !== null);
}

/** A key stands for an alert, or for the group of some. */
async function fromBoard(key: string, monitor: Monitor, { signal }: Looked): Promise<AlertTarget | null> {
  const { alerts } = await monitor.board(signal);
  const alert = alerts.find(({ id }) => recordKey(id) === key);
  if (alert !== undefined) return { kind: 'alerts', alerts: [alert] };
  const grouped = alerts.filter(({ group }) => group !== null && recordKey(group) === key);
  return grouped.length === 0 ? null : { kind: 'alerts', alerts: grouped };
}

async function sourceOf(value: string, monitor: Monitor, looked: Looked): Promise<AlertTarget | null> {
  const target = await targetAt(value, looked);
  const key = target?.source ?? null;
  if (target === null || key === null) return null;
  const { cluster } = target;
  const last = looked.reports.last(cluster)?.report.sources ?? [];
  const known = [...(await monitor.sources(cluster, looked.signal)), ...last];
  const source = known.find(({ id }) => matchesKey(id, key));
  if (source === undefined) return null;
  const { alerts } = await monitor.board(looked.signal);
  const mine = alerts.filter(
    (alert) => alert.cluster === cluster && alert.source === source.id && alert.state !== 'ended',
  );
  return { kind: 'source', cluster, id: source.id, name: source.name, alerts: mine };
}
