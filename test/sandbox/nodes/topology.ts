// What a node says of itself and its set in `hello`, and the counter that tells waiting drivers that it changed.

import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Document, ObjectId, Timestamp } from 'bson';
import { clusterTime, topologyVersion } from './document.ts';
import { type ServerVersion, VERSIONS } from './version.ts';

export type NodeRole = 'primary' | 'secondary' | 'hidden' | 'arbiter' | 'mongos' | 'standalone';

/** A replica set as its members see it. */
export interface SetView {
  readonly setName: string;
  readonly term: number;
  readonly hosts: readonly string[];
  readonly arbiters: readonly string[];
  /** Null between a step-down and the next election. */
  readonly primary: string | null;
}

export interface Topology {
  readonly processId: string;
  counter(): number;
  role(): NodeRole;
  setRole(role: NodeRole): void;
  /** Something in `hello` is different now: who waits is answered. */
  changed(): void;
  /** Resolves when the counter has moved on from `seen`, after `maxAwaitMs`, or on abort. */
  waitForChange(seen: number, maxAwaitMs: number, signal: AbortSignal): Promise<void>;
}

export function createTopology(initial: NodeRole, processId: string): Topology {
  const emitter = new EventEmitter().setMaxListeners(0);
  let role = initial;
  let counter = initial === 'mongos' || initial === 'standalone' ? 0 : 6;
  const changed = () => {
    counter += 1;
    emitter.emit('changed');
  };
  return {
    processId,
    counter: () => counter,
    role: () => role,
    setRole: (next) => {
      role = next;
      changed();
    },
    changed,
    waitForChange: async (seen, maxAwaitMs, signal) => {
      if (counter !== seen) return;
      const done = new AbortController();
      const either = AbortSignal.any([signal, done.signal]);
      await Promise.race([
        once(emitter, 'changed', { signal: either }),
        delay(maxAwaitMs, undefined, { signal: either }),
      ]).catch(() => undefined);
      done.abort();
    },
  };
}

export interface HelloOptions {
  readonly topology: Topology;
  readonly version: ServerVersion;
  /** `host:port` as members know it. */
  readonly me: string;
  readonly set: SetView | null;
  readonly connectionId: number;
  readonly at: Date;
  /** `isMaster` is answered with `ismaster` instead of `isWritablePrimary`. */
  readonly legacy: boolean;
}

export function helloBody(options: HelloOptions): Document {
  const { topology, set, at } = options;
  const role = topology.role();
  const writable = role === 'primary' || role === 'mongos' || role === 'standalone';
  return {
    ...(options.legacy ? { helloOk: true } : {}),
    topologyVersion: topologyVersion(topology.processId, topology.counter()),
    ...(set === null ? {} : { hosts: set.hosts, ...(set.arbiters.length > 0 ? { arbiters: set.arbiters } : {}) }),
    ...(set === null ? {} : { setName: set.setName, setVersion: 1 }),
    [options.legacy ? 'ismaster' : 'isWritablePrimary']: writable,
    ...(set === null ? {} : memberFields({ role, set, me: options.me, at })),
    ...(role === 'mongos' ? { msg: 'isdbgrid' } : {}),
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: at,
    logicalSessionTimeoutMinutes: 30,
    connectionId: options.connectionId,
    minWireVersion: 0,
    maxWireVersion: VERSIONS[options.version].maxWireVersion,
    readOnly: false,
    ok: 1,
    ...gossip(role, at),
  };
}

interface MemberFields {
  readonly role: NodeRole;
  readonly set: SetView;
  readonly me: string;
  readonly at: Date;
}

function memberFields({ role, set, me, at }: MemberFields): Document {
  const opTime = { ts: timestamp(at), t: set.term };
  const wroteAt = new Date(Math.floor(at.getTime() / 1000) * 1000);
  return {
    secondary: role === 'secondary' || role === 'hidden',
    ...(set.primary === null ? {} : { primary: set.primary }),
    ...(role === 'arbiter' ? { arbiterOnly: true } : {}),
    ...(role === 'hidden' ? { passive: true, hidden: true } : {}),
    me,
    ...(role === 'primary' ? { electionId: new ObjectId(`7fffffff${set.term.toString(16).padStart(16, '0')}`) } : {}),
    lastWrite: { opTime, lastWriteDate: wroteAt, majorityOpTime: opTime, majorityWriteDate: wroteAt },
  };
}

/** The times that members of a cluster add to every answer. */
export function gossip(role: NodeRole, at: Date): Document {
  if (role === 'standalone' || role === 'arbiter') return {};
  return { $clusterTime: clusterTime(Math.floor(at.getTime() / 1000)), operationTime: timestamp(at) };
}

function timestamp(at: Date): Timestamp {
  return new Timestamp({ t: Math.floor(at.getTime() / 1000), i: 1 });
}
