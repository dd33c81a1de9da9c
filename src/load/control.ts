// The connection that watches one node during a run: it is of this program, not of the crowd.

import { MongoClient } from 'mongodb';
import { unlessAborted, withTimeout } from '../core/base/abort.ts';
import { fieldsOf, listOf, numberOf, textOf } from '../core/base/json.ts';
import { OWN_APP } from '../core/connections/internal.ts';
import type { NodeRole } from '../core/connections/reading.ts';
import { LOAD_APP } from '../core/load/patterns.ts';
import type { NodeLoad } from '../core/load/run.ts';
import type { LoadTarget } from './target.ts';

export interface Greeting {
  readonly role: NodeRole;
  readonly setName: string | null;
  /** Visible members that hold data, and arbiters; none outside a set. */
  readonly members: readonly string[];
  readonly arbiters: readonly string[];
}

export interface Control {
  readonly host: string;
  /** Rejects with the error of the driver. */
  greet(): Promise<Greeting>;
  /** Rejects with the error of the driver. */
  status(): Promise<NodeLoad>;
  /** Connections of the run that the node lists; null if it refuses to list them. */
  remaining(): Promise<number | null>;
  close(): Promise<void>;
}

const DEADLINE_MS = 5_000;
const CLOSE_MS = 1_000;

/** Sections that a run does not use cost the node time. The memory is in the tree of `metrics`. */
const OFF = ['repl', 'locks', 'wiredTiger', 'opLatencies', 'tcmalloc', 'transactions', 'security']
  .concat(['logicalSessionRecordCache', 'mirroredReads', 'opcounters', 'network', 'asserts', 'flowControl'])
  .concat(['globalLock', 'sharding', 'extra_info', 'electionMetrics', 'indexBulkBuilder', 'oplogTruncation']);
const SERVER_STATUS = { serverStatus: 1, ...Object.fromEntries(OFF.map((section) => [section, 0])) };

export function openControl(target: LoadTarget, host: string): Control {
  const client = new MongoClient(target.uriOf(host), {
    ...{ appName: OWN_APP, maxPoolSize: 1, serverMonitoringMode: 'poll', readPreference: 'secondaryPreferred' },
    ...{ connectTimeoutMS: DEADLINE_MS, serverSelectionTimeoutMS: DEADLINE_MS, lookup: target.lookup },
  });
  const command = async (document: object) => {
    const ended = new AbortController();
    const within = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), ended.signal]);
    // The driver retries until the deadline, but the first failed heartbeat shows that the node is unreachable.
    const giveUp = ({ failure }: { readonly failure: Error }) => ended.abort(failure);
    client.once('serverHeartbeatFailed', giveUp);
    try {
      return fieldsOf(await unlessAborted(client.db('admin').command({ ...document }, { signal: within }), within));
    } finally {
      client.off('serverHeartbeatFailed', giveUp);
    }
  };
  const greet = async (): Promise<Greeting> => {
    const hello = await command({ hello: 1 });
    const hosts = (field: string) => listOf(hello[field]).flatMap((one) => textOf(one) ?? []);
    const setName = textOf(hello['setName']);
    return {
      role: roleOf(hello),
      setName,
      members: [...hosts('hosts'), ...hosts('passives')],
      arbiters: hosts('arbiters'),
    };
  };
  return {
    host,
    greet,
    async status() {
      const { role } = await greet();
      const status = await command(SERVER_STATUS);
      const connections = fieldsOf(status['connections']);
      return {
        ...{ host, role, version: textOf(status['version']) },
        current: numberOf(connections['current']) ?? 0,
        available: numberOf(connections['available']) ?? 0,
        totalCreated: numberOf(connections['totalCreated']),
        active: numberOf(connections['active']),
        residentMegabytes: numberOf(fieldsOf(status['mem'])['resident']),
      };
    },
    async remaining() {
      const pipeline = [
        // Without localOps, a mongos lists its own connections to the shards.
        { $currentOp: { allUsers: true, idleConnections: true, localOps: true } },
        { $match: { appName: LOAD_APP } },
        { $count: 'open' },
      ];
      try {
        const answer = await command({ aggregate: 1, pipeline, cursor: {} });
        const [row] = listOf(fieldsOf(answer['cursor'])['firstBatch']);
        return numberOf(fieldsOf(row)['open']) ?? 0;
      } catch {
        return null;
      }
    },
    close: () => withTimeout(client.close(true), { ms: CLOSE_MS }),
  };
}

function roleOf(hello: Readonly<Record<string, unknown>>): NodeRole {
  if (hello['msg'] === 'isdbgrid') return 'mongos';
  const isPrimary = hello['isWritablePrimary'] === true;
  if (hello['setName'] === undefined) return isPrimary ? 'standalone' : 'other';
  if (isPrimary) return 'primary';
  return hello['secondary'] === true ? 'secondary' : 'other';
}
