// Alerts in the log: a store that says what its writes make of them, whoever decided it. A replay writes nothing.

import { type AlertRecord, isOpen } from '../../core/alerting/alert.ts';
import type { Store } from '../../core/ports/store.ts';
import type { WatchLog } from '../monitor/types.ts';

type Seen = Pick<AlertRecord, 'state' | 'severity'>;

/** Every decision reads the alerts that it changes, and is refused where they were changed meanwhile: what was seen is what was. */
export function tellingAlerts(store: Store, log: Pick<WatchLog, 'info'>): Store {
  /** Those that are open; by id. */
  const seen = new Map<string, Seen>();
  const see = (alert: AlertRecord) => {
    if (isOpen(alert)) seen.set(alert.id, { state: alert.state, severity: alert.severity });
    else seen.delete(alert.id);
  };
  return {
    ...store,
    async alerts(query) {
      const alerts = await store.alerts(query);
      alerts.forEach(see);
      return alerts;
    },
    async alert(id) {
      const alert = await store.alert(id);
      if (alert !== null) see(alert);
      return alert;
    },
    async write(change) {
      const before = change.alerts.map(({ id }) => seen.get(id) ?? null);
      const isWritten = await store.write(change);
      if (!isWritten) return isWritten;
      for (const [index, alert] of change.alerts.entries()) {
        const said = saidOf(before[index] ?? null, alert);
        if (said !== null) log.info(fieldsOf(alert), said);
        see(alert);
      }
      return isWritten;
    },
  };
}

/** Null where it only goes on. */
function saidOf(before: Seen | null, { version, state, severity }: AlertRecord): string | null {
  if (state === 'ended') return 'an alert ended';
  if (before === null) return version === 1 ? 'an alert began' : 'an alert began again';
  if (severity === 'critical' && before.severity !== 'critical') return 'an alert became critical';
  if (state === before.state) return null;
  if (state === 'firing') return 'an alert is silenced no more';
  return state === 'silenced' ? 'an alert was silenced' : 'an alert was acknowledged';
}

function fieldsOf({ id, cluster, rule, source, node, severity, state, what, handling, ending }: AlertRecord): object {
  const about = source === null ? { node } : { source };
  const by = handling === null ? {} : { by: handling.by };
  return { alert: id, cluster, rule, ...about, severity, state, what, ...by, ...(ending !== null && { ending }) };
}
