// The target of a button below an alert, a group or a source.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import { matchesKey, readView, recordKey } from '../blockkit/action-values.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import { type ViewDependencies, viewAt } from './lookup.ts';

export type AlertTarget =
  /** One alert, or the alerts of a group, ended ones included. */
  | { readonly kind: 'alerts'; readonly alerts: readonly Alert[] }
  /** A source, with its open alerts. */
  | {
      readonly kind: 'source';
      readonly cluster: string;
      readonly id: string;
      readonly name: string;
      readonly alerts: readonly Alert[];
    };

type Lookup = Pick<ViewDependencies, 'reports'> & Pick<RequestContext, 'signal'>;

/** Null when it no longer exists. */
export async function subjectOf(
  value: string,
  monitor: Monitor,
  { reports, signal }: Lookup,
): Promise<AlertTarget | null> {
  if (value.startsWith('#')) return fromBoard(value, monitor, signal);
  if (readView(value) !== null) return sourceOf(value, monitor, { reports, signal });
  const alert = await monitor.alert(value, signal);
  if (alert !== null) return { kind: 'alerts', alerts: [alert] };
  const group = await monitor.group(value, signal);
  return group === null ? null : { kind: 'alerts', alerts: await alertsOf(group.alerts, monitor, signal) };
}

async function alertsOf(ids: readonly string[], monitor: Monitor, signal: AbortSignal) {
  const found = await Promise.all(ids.map((id) => monitor.alert(id, signal)));
  return found.filter((alert) => alert !== null);
}

/** The key of an alert or of a group. */
async function fromBoard(key: string, monitor: Monitor, signal: AbortSignal): Promise<AlertTarget | null> {
  const { alerts } = await monitor.board(signal);
  const alert = alerts.find(({ id }) => recordKey(id) === key);
  if (alert !== undefined) return { kind: 'alerts', alerts: [alert] };
  const grouped = alerts.filter(({ group }) => group !== null && recordKey(group) === key);
  return grouped.length === 0 ? null : { kind: 'alerts', alerts: grouped };
}

async function sourceOf(value: string, monitor: Monitor, lookup: Lookup): Promise<AlertTarget | null> {
  const request = await viewAt(value, lookup, lookup);
  if (request?.view !== 'source') return null;
  const { cluster } = request;
  const last = lookup.reports.last(cluster)?.report.sources ?? [];
  const known = [...(await monitor.sources(cluster, lookup.signal)), ...last];
  const source = known.find(({ id }) => matchesKey(id, request.source.key));
  if (source === undefined) return null;
  const { alerts } = await monitor.board(lookup.signal);
  const mine = alerts.filter(
    (alert) => alert.cluster === cluster && alert.source === source.id && alert.state !== 'ended',
  );
  return { kind: 'source', cluster, id: source.id, name: source.name, alerts: mine };
}
