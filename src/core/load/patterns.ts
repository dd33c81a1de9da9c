// The patterns of `atlas-conns load`: each makes one mistake of applications on purpose, and shows one diagnosis.

import type { DiagnosisId } from '../diagnosis/diagnosis.ts';

/** The appName of every connection that a run opens, so that each report names it. */
export const LOAD_APP = 'atlas-conns-load';

export type PatternName = 'idle' | 'client-per-request' | 'leak' | 'churn' | 'min-pool' | 'burst' | 'functions';

export interface LoadPattern {
  /** What a run of it opens, as one sentence with its subject. */
  readonly opens: string;
  readonly shows: DiagnosisId;
  /** What `why` needs to name the diagnosis; null if it needs one reading. */
  readonly needs: string | null;
  /** Defaults. */
  readonly clients: number;
  /** Pooled connections of each client; null if a client of this pattern has one. */
  readonly connections: number | null;
  /** Where a client holds its pool: on each node of its operations, or on every node. */
  readonly pool: 'used' | 'minimum';
  /** `poll` has one heartbeat connection on each node, `stream` a second one after ten seconds. */
  readonly monitoring: 'stream' | 'poll';
  /** Clients or connections come and go: the plan is the most at once. */
  readonly renews: boolean;
}

const HISTORY = 'a day of history (serve or watch)';

export const PATTERNS: Readonly<Record<PatternName, LoadPattern>> = {
  idle: {
    opens: 'Each client fills a pool once, and leaves it dormant.',
    shows: 'pool-too-large',
    needs: `pools of 50 or more, or of 20 with ${HISTORY}`,
    ...{ clients: 2, connections: 60, pool: 'used', monitoring: 'stream', renews: false },
  },
  'client-per-request': {
    opens: 'Each request makes a client, runs one command, and closes the client after a second.',
    shows: 'client-per-request',
    needs: 'a replica set, and three readings of serve or watch during the run',
    ...{ clients: 10, connections: null, pool: 'used', monitoring: 'stream', renews: true },
  },
  leak: {
    opens: 'Each client runs one command, and is never closed.',
    shows: 'client-leak',
    needs: 'hours of history: use --for 6h --ramp 2/min',
    ...{ clients: 40, connections: null, pool: 'used', monitoring: 'stream', renews: false },
  },
  churn: {
    opens: 'Each client closes its connection after a second (maxIdleTimeMS), just before it needs it again.',
    shows: 'churn',
    needs: 'three readings of serve or watch during the run',
    ...{ clients: 20, connections: null, pool: 'used', monitoring: 'stream', renews: true },
  },
  'min-pool': {
    opens: 'Each client has a minPoolSize, which the driver opens on every node.',
    shows: 'min-pool',
    needs: 'a replica set of two or more nodes that hold data',
    ...{ clients: 10, connections: 10, pool: 'minimum', monitoring: 'stream', renews: false },
  },
  burst: {
    opens: 'Each client has one connection for a third of the time, then fills a pool once, and leaves it dormant.',
    shows: 'no-idle-limit',
    needs: 'history of the run: use --for 6h, and ask after five hours',
    ...{ clients: 2, connections: 60, pool: 'used', monitoring: 'stream', renews: false },
  },
  functions: {
    opens:
      'Each client polls, as drivers do in serverless functions, and holds more connections than one request needs.',
    shows: 'functions',
    needs: 'at least 20 clients, and pools of two or more',
    ...{ clients: 24, connections: 4, pool: 'used', monitoring: 'poll', renews: false },
  },
};

export const PATTERN_NAMES = Object.keys(PATTERNS) as readonly PatternName[];
