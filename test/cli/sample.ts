// A report by hand: three nodes of four read, four sources of different kinds.

import type { ConnectionReport, ReportNode } from '../../src/core/connections/report.ts';
import type { ConnectionSource } from '../../src/core/connections/source.ts';

export function node(host: string, more: Partial<ReportNode> = {}): ReportNode {
  return {
    host,
    role: 'secondary',
    version: '8.0.29',
    connections: 160,
    current: 162,
    available: 1338,
    limit: 1500,
    totalCreated: 91_822,
    rejected: 0,
    clients: 20,
    threads: [{ name: 'JournalFlusher', count: 1 }],
    ...more,
  };
}

/** A source whose rows all hold the whole of its figures. */
export function source(id: string, more: Partial<ConnectionSource> = {}): ConnectionSource {
  const { active = 4, dormant = 412, monitors = 72, clients = 12 } = more;
  const counts = { active, dormant, monitors };
  return {
    id,
    name: id,
    class: 'listed',
    entry: { cidrBlock: id, comment: more.name ?? null, deleteAfterDate: null },
    ...counts,
    clients,
    share: 0.67,
    estimated: [],
    nodes: [{ host: 'shard-00-00.abcde.mongodb.net:27017', ...counts }],
    apps: [{ name: 'billing', ...counts }],
    hosts: [{ address: '203.0.113.9', clients, ...counts }],
    drivers: [{ name: 'nodejs', version: '7.8.0', platform: 'Node.js v22', ...counts }],
    users: [{ name: 'app@admin', ...counts }],
    combinations: {
      largest: [
        {
          app: 'billing',
          address: '203.0.113.9',
          driver: 'nodejs',
          node: 'shard-00-00.abcde.mongodb.net:27017',
          ...counts,
        },
      ],
      more: 31,
    },
    ...more,
  };
}

export const unread = {
  host: 'analytics-2.abcde.mongodb.net:27017',
  problem: {
    code: 'timeout',
    text: 'analytics-2.abcde.mongodb.net:27017 timed out after 10 s.',
    remedy: 'Is 27017 open to this address?',
  },
};

export function report(more: Partial<ConnectionReport> = {}): ConnectionReport {
  return {
    cluster: 'prod',
    at: '2026-11-21T10:00:00.000Z',
    tookMs: 212,
    complete: false,
    totals: { connections: 785, active: 27, dormant: 580, monitors: 126, internal: 46, own: 6, threads: 81 },
    nodes: [
      node('shard-00-00.abcde.mongodb.net:27017', { role: 'primary', current: 465, available: 1035 }),
      node('shard-00-01.abcde.mongodb.net:27017'),
      node('shard-00-02.abcde.mongodb.net:27017'),
      unread,
    ],
    leftOut: [{ host: 'arbiter.abcde.mongodb.net:27017', reason: 'an arbiter serves no clients' }],
    sources: [
      source('203.0.113.0/24', { name: 'Billing API' }),
      source('203.0.113.64/26', { name: 'Web EU', active: 21, dormant: 96, monitors: 36, clients: 6, share: 0.21 }),
      source('0.0.0.0/0 app:etl', {
        name: 'anyone: app "etl"',
        class: 'catch-all',
        entry: { cidrBlock: '0.0.0.0/0', comment: null, deleteAfterDate: null },
        active: 2,
        dormant: 60,
        monitors: 12,
        clients: 2,
        share: 0.1,
      }),
      source('198.51.100.9', {
        class: 'unlisted',
        entry: null,
        active: 0,
        dormant: 12,
        monitors: 6,
        clients: 1,
        share: 0.02,
        hosts: [{ address: '198.51.100.9', clients: 1, active: 0, dormant: 12, monitors: 6 }],
      }),
    ],
    findings: [
      {
        kind: 'unlisted-client',
        entry: '198.51.100.9',
        severity: 'warning',
        text: '198.51.100.9 is connected but matches no access list entry',
      },
      { kind: 'no-comment', entry: '0.0.0.0/0', severity: 'notice', text: '0.0.0.0/0 has no comment' },
    ],
    problems: [],
    accessList: { readAt: '2026-11-21T10:00:00.000Z', entries: 41, complete: true },
    ...more,
  };
}

/** The same, with every node read. */
export function completeReport(more: Partial<ConnectionReport> = {}): ConnectionReport {
  return report({ complete: true, nodes: report().nodes.slice(0, 3), ...more });
}
