// serverStatus: connection counts by server version, and the bulk that a careful reader asks to leave out.

import { type Document, Long } from 'bson';
import { type ServerVersion, VERSIONS } from './version.ts';

export interface ConnectionCounts {
  readonly current: number;
  readonly limit: number;
  readonly totalCreated: number;
  readonly active: number;
  readonly exhaustHello: number;
  readonly exhaustIsMaster: number;
  /** Refused because the limit was reached. */
  readonly rejected: number;
  /** Refused because they came too fast. */
  readonly rateLimited: number;
}

export interface ServerStatusOptions {
  readonly command: Document;
  readonly version: ServerVersion;
  readonly host: string;
  readonly mongos: boolean;
  /** M0 and Flex tell three figures and no more. */
  readonly trimmedByAtlas: boolean;
  readonly counts: ConnectionCounts;
  readonly at: Date;
}

export function serverStatusBody(options: ServerStatusOptions): Document {
  const { command, version, at } = options;
  const none = Boolean(command['none']);
  const wanted = ([name]: [string, Document]) => (command[name] === undefined ? !none : Boolean(command[name]));
  return {
    host: options.host,
    version: VERSIONS[version].full,
    process: options.mongos ? 'mongos' : 'mongod',
    pid: Long.fromNumber(4242),
    uptime: 86_400,
    uptimeMillis: Long.fromNumber(86_400_000),
    uptimeEstimate: Long.fromNumber(86_400),
    localTime: at,
    ...(options.trimmedByAtlas
      ? { connections: threeFigures(options.counts) }
      : Object.fromEntries(Object.entries(sections(options)).filter(wanted))),
    ok: 1,
  };
}

function sections(options: ServerStatusOptions): Record<string, Document> {
  return {
    asserts: { regular: 0, warning: 0, msg: 0, user: 12, tripwire: 0, rollovers: 0 },
    connections: connections(options),
    locks: figures(['Global', 'Database', 'Collection', 'Mutex', 'oplog'], 8),
    metrics: figures(['aggStageCounters', 'commands', 'cursor', 'operatorCounters', 'query', 'repl', 'ttl'], 60),
    network: { bytesIn: Long.fromNumber(1_200_000), bytesOut: Long.fromNumber(9_800_000), numRequests: Long.ONE },
    opcounters: { insert: 12, query: 9182, update: 71, delete: 3, getmore: 44, command: 10_233 },
    wiredTiger: figures(['block-manager', 'cache', 'concurrentTransactions', 'connection', 'log', 'transaction'], 60),
  };
}

function connections({ counts, version }: ServerStatusOptions): Document {
  const facts = VERSIONS[version];
  const { current, totalCreated, ...rest } = threeFigures(counts);
  return {
    current,
    ...rest,
    totalCreated,
    ...(facts.rejected ? { rejected: counts.rejected } : {}),
    active: counts.active,
    threaded: current,
    exhaustIsMaster: counts.exhaustIsMaster,
    exhaustHello: counts.exhaustHello,
    awaitingTopologyChanges: counts.exhaustHello + counts.exhaustIsMaster,
    ...(facts.rejected ? { loadBalanced: 0 } : {}),
    ...(facts.rateLimit
      ? {
          queuedForEstablishment: 0,
          establishmentRateLimit: {
            rejected: counts.rateLimited,
            exempted: 0,
            interruptedDueToClientDisconnect: 0,
          },
        }
      : {}),
  };
}

function threeFigures({ current, limit, totalCreated }: ConnectionCounts) {
  return { current, available: Math.max(0, limit - current), totalCreated };
}

function figures(names: readonly string[], each: number): Document {
  const values = Object.fromEntries(Array.from({ length: each }, (_, i) => [`counter${i}`, Long.fromNumber(i)]));
  return Object.fromEntries(names.map((name) => [name, values]));
}
