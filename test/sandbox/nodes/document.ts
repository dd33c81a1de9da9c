// The shapes of `$currentOp` documents, one function per kind, after what a real server was recorded to say.

import { Binary, type Document, Long, ObjectId, Timestamp } from 'bson';
import { type ServerVersion, VERSIONS } from './version.ts';

/** What every document of one node and one moment has in common. */
export interface Shape {
  readonly version: ServerVersion;
  /** `host:port` as the process names itself. */
  readonly host: string;
  readonly at: Date;
}

/** One incoming connection. */
export interface Incoming {
  readonly connectionId: number;
  /** `address:port`, an IPv6 address in brackets. */
  readonly client: string;
  /** The handshake's client metadata; its application name is `appName` too. */
  readonly metadata: Document | null;
  /** Who is authenticated on it; null for nobody. */
  readonly user: { readonly user: string; readonly db: string } | null;
}

/** A running operation. */
export interface Operation {
  readonly opid: number;
  readonly op: string;
  readonly ns: string;
  readonly command: Document;
  readonly microsecs: number;
  readonly lsid?: Document;
  readonly planSummary?: string;
  readonly cursor?: Document;
  /** The latch that it waits for; told by 6.0 alone. */
  readonly latch?: string;
}

export const SYSTEM = { user: '__system', db: 'local' } as const;

/** A connection without an operation: a pooled one at rest, an RTT or polling monitor between two pings. */
export function idleConnection(shape: Shape, incoming: Incoming): Document {
  return connection(shape, incoming, null);
}

/** A connection that runs an operation. */
export function activeConnection(shape: Shape, incoming: Incoming, operation: Operation): Document {
  return connection(shape, incoming, operation);
}

/** A driver's streaming monitor: never authenticated, always waiting in `hello`. */
export function heartbeat(
  shape: Shape,
  incoming: Omit<Incoming, 'user'>,
  wait: { readonly opid: number; readonly microsecs: number; readonly topologyVersion: Document },
): Document {
  const since = Math.floor((shape.at.getTime() - wait.microsecs / 1000) / 1000);
  return connection(
    shape,
    { ...incoming, user: null },
    {
      opid: wait.opid,
      op: 'command',
      ns: 'admin.$cmd',
      microsecs: wait.microsecs,
      latch: 'AnonymousLockable',
      command: {
        hello: 1,
        maxAwaitTimeMS: 10_000,
        topologyVersion: wait.topologyVersion,
        $clusterTime: clusterTime(since),
        $db: 'admin',
      },
    },
  );
}

/** A transaction that its client left open: it has a `client`, and is no connection. */
export function idleSession(shape: Shape, incoming: Incoming): Document {
  return {
    type: 'idleSession',
    ...head(shape, { ...incoming, desc: 'inactive transaction' }),
    active: false,
    lsid: sessionId(incoming.connectionId),
    transaction: {
      parameters: { txnNumber: Long.fromNumber(1), autocommit: false, readConcern: { level: 'snapshot' } },
      startWallClockTime: isoWithOffset(shape.at),
      timeOpenMicros: Long.fromNumber(4_000_000),
    },
    waitingForLock: false,
  };
}

function connection(shape: Shape, incoming: Incoming, operation: Operation | null): Document {
  const facts = VERSIONS[shape.version];
  const document: Document = {
    type: 'op',
    ...head(shape, { ...incoming, desc: `conn${incoming.connectionId}` }),
    active: operation !== null,
    currentOpTime: isoWithOffset(shape.at),
  };
  if (incoming.user !== null && (operation !== null || facts.idleUsersTold))
    document['effectiveUsers'] = [incoming.user];
  if (facts.isFromUserConnection) document['isFromUserConnection'] = true;
  document['threaded'] = true;
  return operation === null ? document : Object.assign(document, running(shape, operation));
}

function head(shape: Shape, incoming: Incoming & { readonly desc: string }): Document {
  const app: unknown = incoming.metadata?.['application']?.name;
  return {
    host: shape.host,
    desc: incoming.desc,
    connectionId: incoming.connectionId,
    client: incoming.client,
    ...(typeof app === 'string' && app !== '' ? { appName: app } : {}),
    ...(incoming.metadata === null ? {} : { clientMetadata: incoming.metadata }),
  };
}

/** The fields that only a document with an operation has. */
function running(shape: Shape, operation: Operation): Document {
  const { lsid, planSummary, cursor, latch, microsecs } = operation;
  const waiting = latch !== undefined && VERSIONS[shape.version].waitingForLatch;
  return {
    opid: operation.opid,
    ...(lsid === undefined ? {} : { lsid }),
    secs_running: Math.floor(microsecs / 1e6),
    microsecs_running: microsecs,
    op: operation.op,
    ns: operation.ns,
    command: operation.command,
    ...(planSummary === undefined ? {} : { planSummary }),
    ...(cursor === undefined ? {} : { cursor }),
    numYields: 0,
    ...(waiting ? { waitingForLatch: latchOf(shape, latch, microsecs) } : {}),
    locks: {},
    waitingForLock: false,
    lockStats: {},
    waitingForFlowControl: false,
    flowControlStats: {},
  };
}

export function latchOf(shape: Shape, captureName: string, microsecs: number): Document {
  return { timestamp: new Date(shape.at.getTime() - microsecs / 1000), captureName };
}

/** As the server writes it: `2026-11-21T10:31:50.067+00:00`. */
export function isoWithOffset(at: Date): string {
  return at.toISOString().replace('Z', '+00:00');
}

/** A session id made from a number, so that two runs say the same. */
export function sessionId(seed: number): Document {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(seed >>> 0, 12);
  return { id: new Binary(id, Binary.SUBTYPE_UUID), uid: new Binary(Buffer.alloc(32, seed & 0xff)) };
}

export function clusterTime(seconds: number): Document {
  return {
    clusterTime: new Timestamp({ t: seconds, i: 1 }),
    signature: { hash: new Binary(Buffer.alloc(20)), keyId: Long.fromString('7710568135820050433') },
  };
}

export function topologyVersion(processId: string, counter: number): Document {
  return { processId: new ObjectId(processId), counter: Long.fromNumber(counter) };
}
