// A cluster that is watched no more, because it is paused or gone: its open alerts end, and say why; what this process
// remembers of it is let go.

import { type AlertRecord, isOpen } from '../../core/alerting/alert.ts';
import { planReading } from '../../core/alerting/plan.ts';
import { afterGap } from '../../core/detection/alert-state.ts';
import type { ClusterState } from '../../core/detection/cluster-state.ts';
import type { Standing } from '../../core/detection/findings.ts';
import type { Readings } from '../monitor/readings.ts';
import type { Claims } from '../monitor/slot-claims.ts';
import type { Memory } from '../monitor/state-cache.ts';
import { decided, standing } from '../monitor/transaction.ts';
import type { WatchInput } from '../monitor/types.ts';
import { headOf } from './head.ts';

export interface Leaving {
  readonly cluster: string;
  /** In words, e.g. `paused`. */
  readonly reason: string;
  readonly at: number;
}

interface Left extends Pick<WatchInput, 'store' | 'routing'> {
  readonly memory: Memory;
  readonly claims: Pick<Claims, 'forget'>;
  readonly readings: Pick<Readings, 'forget'>;
}

/** @returns whether anything ended. Rejects with UpstreamError where the store is away: then nothing is let go yet. */
export async function endAlerts(
  { store, routing, memory, claims, readings }: Left,
  leaving: Leaving,
): Promise<boolean> {
  const { cluster, at } = leaving;
  const isEnded = await decided(store, async () => {
    const { alerts, groups, silences } = await standing(store, cluster, at);
    const open = alerts.filter(isOpen);
    if (open.length === 0) return { change: null, result: false };
    const { state, version } = await memory.known(cluster);
    const told = open.map((alert) => endOf(alert, leaving));
    const seen = { cluster, at, standing: told, electedAt: null, known: alerts, groups, silences, routing };
    const planned = planReading(seen);
    const head = state === null ? null : headOf(calm(state, at), version + 1);
    return { change: { cluster, reading: null, head, ...planned }, result: true };
  });
  memory.forget(cluster);
  claims.forget(cluster);
  readings.forget(cluster);
  return isEnded;
}

function endOf(alert: AlertRecord, { reason }: Leaving): Standing {
  const { rule, source, node, who, value, usual, what, notes, severity, since, returns } = alert;
  const ending = `the cluster is read no more: ${reason}`;
  const told = { rule, source, node, who, value, usual, what, notes, severity, since, returns };
  return { ...told, app: null, reason: ending, ending, calmSince: null, firing: false, event: 'resolved' };
}

function calm(state: ClusterState, at: number): ClusterState {
  const alerts = Object.entries(state.alerts).map(
    ([key, alert]) => [key, alert.firing ? { ...afterGap(alert), firing: false, endedAt: at } : alert] as const,
  );
  return { ...state, alerts: Object.fromEntries(alerts) };
}
