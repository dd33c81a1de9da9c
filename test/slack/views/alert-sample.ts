// Alerts for tests of their views: one source, from its first firing to its end.

import type { Alert, AlertGroup } from '../../../src/core/alerting/alert.ts';
import type { AlertEvidence, Culprit, NodeImpact } from '../../../src/core/evidence/evidence.ts';
import type { AlertShown } from '../../../src/slack/views/alert-card.ts';
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

// An evening in which Billing API fills the primary, refuses connections and shuts out Reports.

export const evening = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);
const PRIMARY = 'atlas-x1y2z3-shard-00-00.ab1cd.mongodb.net:27017';

const GREW: Culprit = {
  source: '203.0.113.0/24',
  name: 'Billing API',
  now: 1_903,
  usual: 61,
  more: 1_842,
  grown: [
    { kind: 'app', name: 'billing', now: 1_890, usual: 50, more: 1_840 },
    { kind: 'address', name: '203.0.113.9', now: 1_010, usual: 30, more: 980 },
    { kind: 'address', name: '203.0.113.14', now: 880, usual: 20, more: 860 },
    { kind: 'driver', name: 'nodejs 7.8.0', now: 1_903, usual: 61, more: 1_842 },
    { kind: 'node', name: 'shard-00-00', now: 1_900, usual: 41, more: 1_859 },
  ],
  clients: { now: '40', usual: '12' },
};

export const ON_PRIMARY: NodeImpact = {
  host: PRIMARY,
  short: 'shard-00-00',
  role: 'primary',
  current: 3_000,
  limit: 3_000,
  at: evening('14:46'),
  perMinute: 40,
  refused: { count: 1_068, since: evening('14:39'), last: evening('14:46') },
};

export const EVIDENCE: AlertEvidence = {
  readAt: evening('14:41'),
  node: ON_PRIMARY,
  culprits: [
    GREW,
    {
      ...{ source: '198.51.100.7', name: '198.51.100.7', now: 60, usual: null, more: 60 },
      ...{ grown: [], clients: null },
    },
  ],
  changed: ['An election made shard-00-00 the primary 12 min before this reading.'],
  shutOut: [{ source: '198.51.100.128/28', name: '198.51.100.128/28', now: 0, usual: 24 }],
  hurt: [
    { source: '198.51.100.128/28', name: '198.51.100.128/28', now: 0, usual: 24 },
    { source: 'reports', name: 'Reports', now: 3, usual: 40 },
  ],
  doNow: [
    'Restart or scale down the processes of app "billing" on 203.0.113.9 and 203.0.113.14.',
    'Roll back the last deploy of app "billing".',
  ],
  thenFix: ['Billing API: one MongoClient for each process, made once and closed when it ends.'],
};

const onPrimary: Partial<Alert> = {
  ...{ source: null, node: PRIMARY, who: `Node ${PRIMARY}`, usual: null, severity: 'critical', notes: [] },
  ...{ since: evening('14:36'), judgedAt: evening('14:46'), evidence: EVIDENCE },
};

export const FULL: Alert = sampleAlert({
  ...onPrimary,
  rule: 'node-headroom',
  value: 3_000,
  peak: 3_000,
  what: '3,000 of 3,000 connections, 100 % of its limit',
  reason: '3,000 of 3,000 connections, 100 % of its limit (warning at 80 %, critical at 90 %)',
});

export const REFUSING: Alert = sampleAlert({
  ...onPrimary,
  rule: 'rejected',
  since: evening('14:39'),
  value: 150,
  peak: 412,
  what: '150 connections refused in the last 1 min',
  reason: '150 connections refused in the last 1 min (the line is 1)',
});

/** The source that fills the node. */
export const FILLING: Alert = sampleAlert({
  ...{ since: evening('14:31'), judgedAt: evening('14:41'), value: 1_842, peak: 1_842, usual: 61, notes: [] },
  what: '1,842 dormant connections, usually 61',
  reason:
    '30.2 × its usual for Saturday 14:41 (61 ± 8, the median of 4 Saturdays; the line is 2.5 ×), 1,781 more (at least 30)',
  evidence: { ...EVIDENCE, culprits: [GREW], shutOut: [], hurt: [] },
});

/** An app that waits for its own pools, as the look of 14:46 found it. */
export const WAITING: Alert = sampleAlert({
  ...{ rule: 'pool-exhausted', source: 'app:billing', who: 'billing', usual: null, notes: [] },
  ...{ since: evening('14:44'), judgedAt: evening('14:46'), value: 3, peak: 5 },
  what: '3 of 12 processes wait for connections: 300 of 300 in use, 17 waiting, mean wait 450 ms',
  reason: '3 full pools with a mean wait above 100 ms',
  evidence: {
    ...{ readAt: evening('14:46'), culprits: [], changed: [], shutOut: [], hurt: [] },
    node: { ...ON_PRIMARY, role: null, current: 930, perMinute: null, refused: null },
    doNow: ['Look for long operations of billing: db.currentOp() on the nodes, or Real-Time in Atlas.'],
    thenFix: ['Look for slow operations first: explain, indexes. If they are short, set maxPoolSize=150.'],
    pools: {
      ...{ app: 'billing', processes: 12, exhausted: 3, inUse: 300, capacity: 300, waiting: 17 },
      ...{ checkouts: 1_204, meanWaitMs: 450, timeouts: 0, at: evening('14:46'), since: evening('14:45') },
      cause: 'The pool is the limit, not the server. shard-00-00 is at 31 % of its 3,000 connections.',
      worst: [
        { host: 'web-7', pid: 4711, inUse: 100, capacity: 100, waiting: 9, meanWaitMs: 2_100, timeouts: 0 },
        { host: 'web-8', pid: 12, inUse: 100, capacity: 100, waiting: 8, meanWaitMs: 300, timeouts: 0 },
      ],
    },
  },
});

export function shownAs(alert: Alert, parts: Partial<AlertShown> = {}): AlertShown {
  return {
    alert,
    command: '/conns',
    owner: null,
    runbook: null,
    links: { cluster: null, accessList: null },
    previous: null,
    related: [],
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
