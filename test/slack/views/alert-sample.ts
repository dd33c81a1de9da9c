// Alerts for tests of their views: one source, from its first firing to its end.

import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { AlertShown } from '../../../src/slack/views/alert.ts';
import { alertOf as sampleAlert } from '../../store/sample.ts';

const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);

export const BILLING: Alert = sampleAlert({
  since: at('09:55'),
  judgedAt: at('10:00'),
  value: 412,
  peak: 412,
  usual: 61,
  what: '412 dormant connections, usually 61',
  reason: '6.8 × its usual for Saturday 10:00; threshold 3 ×, at least 50 more',
  notes: ['Grew most: app billing on 203.0.113.9 (+212).', 'Try: maxIdleTimeMS lets them go.'],
});

export function shownAs(alert: Alert, parts: Partial<AlertShown> = {}): AlertShown {
  return {
    alert,
    owner: null,
    runbook: null,
    links: { cluster: null, accessList: null },
    previous: null,
    chart: null,
    mentions: [],
    late: null,
    hasButtons: true,
    ...parts,
  };
}

export function groupOf(alerts: readonly Alert[], cause: string | null = null): AlertGroup {
  return {
    id: 'group',
    version: 1,
    cluster: 'prod',
    since: at('09:55'),
    lead: null,
    alerts: alerts.map(({ id }) => id),
    cause,
  };
}
