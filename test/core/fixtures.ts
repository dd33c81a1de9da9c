// Small readings written by hand, for tests of one rule at a time.

import type { AccessListEntry, Label, ProjectNetworks } from '../../src/core/connections/access-list.ts';
import type { ConnectionGroup } from '../../src/core/connections/reading.ts';
import { buildReport, type ConnectionReport } from '../../src/core/connections/report.ts';
import { readNode } from './arbitrary.ts';

export const now = new Date('2026-11-21T10:00:00Z');

export function range(cidrBlock: string, comment: string | null = null, deleteAfterDate: string | null = null) {
  return { kind: 'range', cidrBlock, comment, deleteAfterDate } as const;
}

/** Ten dormant connections of an app of one user, unless told otherwise. */
export function connections(client: string, facts: Partial<ConnectionGroup> = {}): ConnectionGroup {
  const driver = { name: 'nodejs', version: '7.9.0', platform: 'Node.js v24' };
  return { client, app: 'billing', driver, user: 'app@admin', activity: 'idle', count: 10, ...facts };
}

export interface Facts {
  readonly groups?: readonly ConnectionGroup[];
  readonly entries?: readonly AccessListEntry[];
  readonly labels?: readonly Label[];
  readonly networks?: Partial<ProjectNetworks>;
  readonly complete?: boolean;
  readonly redact?: (value: string) => string;
}

/** A report on one node, `a:27017`. */
export function reportOn({
  groups = [],
  entries = [],
  labels = [],
  networks = {},
  complete = true,
  redact,
}: Facts): ConnectionReport {
  const at = now.toISOString();
  return buildReport({
    reading: {
      cluster: 'prod',
      at,
      tookMs: 12,
      nodes: [{ ...readNode('a:27017'), groups }],
      leftOut: [],
      problems: [],
    },
    accessList: { entries, complete, readAt: at, problems: [] },
    networks: { peers: [], containers: [], privateEndpointServices: [], problems: [], ...networks },
    labels,
    problems: [],
    redact,
    now,
  });
}

export const names = (facts: Facts): readonly string[] => reportOn(facts).sources.map(({ name }) => name);
export const ids = (facts: Facts): readonly string[] => reportOn(facts).sources.map(({ id }) => id);
