// What a node lists beside its clients: its own threads, the other members of its set, Atlas's agents.

import { type Document, Long, Timestamp } from 'bson';
import {
  activeConnection,
  clusterTime,
  idleConnection,
  isoWithOffset,
  latchOf,
  type Shape,
  SYSTEM,
  topologyVersion,
} from './document.ts';
import { VERSIONS } from './version.ts';

export interface BackgroundOptions {
  readonly role: 'primary' | 'secondary' | 'other';
  readonly processId: string;
  readonly counter: number;
  /** Addresses of the other members and mongos: internal connections come from there. */
  readonly members: readonly string[];
  /** The address of Atlas's agents; none on a node of one's own. */
  readonly agents?: string;
}

interface Thread {
  readonly desc: string;
  readonly system?: true;
  readonly runs?: true;
  readonly latch?: string;
}

/** Threads as recorded; those without a role are on both. */
const THREADS: readonly Thread[] = [
  ...['SyncSourceFeedback', 'ftdc', 'clientcursormon', 'WaitForMajorityServiceWaiter', 'ReplCoord-6'],
  ...['abortExpiredTransactions', 'WaitForMajorityServiceCanceler', 'WTIdleSessionSweeper', 'initandlisten'],
  ...['LogicalSessionCacheRefresh', 'LogicalSessionCacheReap', 'FlowControlRefresher', 'ReplNodeDbWorker-0'],
  ...['SessionKiller', 'ReplCoord-1', 'OCSPManagerHTTP-0', 'ApplyBatchFinalizerForJournal', 'OplogVisibilityThread'],
  ...['CertificateExpirationMonitor', 'TimestampMonitor', 'ReplBatcher'],
]
  .map((desc): Thread => ({ desc }))
  .concat(
    ['BackgroundSync', 'TTLMonitor', 'ReplCoordExtern-0', 'ShardSplitDonorService-0'].map((desc) => ({
      desc,
      system: true,
    })),
    ['Checkpointer', 'JournalFlusher', 'OplogCapMaintainerThread-local.oplog.rs'].map((desc) => ({ desc, runs: true })),
    { desc: 'OplogApplier-0', system: true, runs: true },
    { desc: 'monitoring-keys-for-HMAC', latch: 'PeriodicRunner::_mutex' },
    { desc: 'TopologyVersionObserver', latch: 'AnonymousLockable' },
  );

const OS = {
  type: 'Linux',
  name: 'CentOS Linux release 8.6 (Core)',
  architecture: 'x86_64',
  version: 'Kernel 6.1.0-27-amd64',
};

const AGENTS: readonly { readonly app: string; readonly user: string; readonly connections: number }[] = [
  { app: 'MongoDB Automation Agent v13.41.0.9751 (git: 4c2d9f1)', user: 'mms-automation', connections: 4 },
  { app: 'MongoDB Monitoring Module v13.41.0.9751 (git: 4c2d9f1)', user: 'mms-monitoring-agent', connections: 3 },
  { app: 'MongoDB CPS Module v13.41.0.9751 (git: 4c2d9f1)', user: 'mms-backup-agent', connections: 1 },
];

/** Documents without a client: never connections. */
export function threads(shape: Shape, options: BackgroundOptions): readonly Document[] {
  const own: Thread = { desc: options.role === 'primary' ? 'NoopWriter' : 'ReplWriterWorker-5', runs: true };
  return [...THREADS, own].map((thread, i) => threadDocument(shape, thread, 150 + i));
}

/** Connections of the other members and of Atlas's agents. */
export function internalConnections(shape: Shape, options: BackgroundOptions): readonly Document[] {
  const members = options.members.flatMap((address, i) =>
    memberConnections(shape, { ...options, address, id: 2 + i * 8 }),
  );
  const agents = options.agents;
  if (agents === undefined) return members;
  let id = 60;
  const ofAgents = AGENTS.flatMap(({ app, user, connections }) =>
    Array.from({ length: connections }, () => {
      id += 1;
      const metadata = {
        application: { name: app },
        driver: { name: 'mongo-go-driver', version: '1.17.6' },
        os: { type: 'linux', architecture: 'amd64' },
        platform: 'go1.24.9',
      };
      return idleConnection(shape, {
        connectionId: id,
        client: `${agents}:${42_000 + id}`,
        metadata,
        user: { user, db: 'admin' },
      });
    }),
  );
  return [...members, ...ofAgents];
}

interface Member extends BackgroundOptions {
  readonly address: string;
  readonly id: number;
}

function memberConnections(shape: Shape, member: Member): readonly Document[] {
  const incoming = (i: number, driver: string, app?: string) => ({
    connectionId: member.id + i,
    client: `${member.address}:${36_700 + member.id + i}`,
    metadata: {
      ...(app === undefined ? {} : { application: { name: app } }),
      driver: { name: driver, version: VERSIONS[shape.version].full },
      os: OS,
    },
    user: SYSTEM,
  });
  const monitor = 'NetworkInterfaceTL-ReplicaSetMonitor-TaskExecutor';
  return [
    activeConnection(shape, incoming(0, monitor), memberHello(shape, member)),
    idleConnection(shape, incoming(1, monitor)),
    idleConnection(shape, incoming(2, 'NetworkInterfaceTL-ReplNetwork')),
    idleConnection(shape, incoming(3, 'NetworkInterfaceTL-ReplNetwork')),
    idleConnection(shape, incoming(4, 'NetworkInterfaceTL-ReplCoordExternNetwork')),
    ...(member.role === 'primary'
      ? [
          activeConnection(
            shape,
            incoming(5, 'MongoDB Internal Client', 'OplogFetcher'),
            oplogGetMore(shape, member.id),
          ),
        ]
      : []),
  ];
}

function memberHello(shape: Shape, member: Member) {
  const wire = VERSIONS[shape.version].maxWireVersion;
  return {
    opid: 96_000 + member.id,
    op: 'command',
    ns: 'admin.$cmd',
    microsecs: 8_134_137,
    latch: 'AnonymousLockable',
    command: {
      isMaster: 1,
      maxAwaitTimeMS: 10_000,
      topologyVersion: topologyVersion(member.processId, member.counter),
      internalClient: { minWireVersion: wire, maxWireVersion: wire },
      maxTimeMSOpOnly: 20_000,
      $db: 'admin',
    },
  };
}

function oplogGetMore(shape: Shape, id: number) {
  const cursorId = Long.fromString('6801945840317829121');
  const seconds = Math.floor(shape.at.getTime() / 1000);
  const read = {
    $replData: 1,
    $oplogQueryData: 1,
    $readPreference: { mode: 'secondaryPreferred' },
    $clusterTime: clusterTime(seconds),
  };
  const opTime = { ts: new Timestamp({ t: seconds, i: 2 }), t: Long.fromNumber(4) };
  return {
    opid: 96_600 + id,
    op: 'getmore',
    ns: 'local.oplog.rs',
    microsecs: 4_021_054,
    planSummary: 'COLLSCAN',
    command: {
      getMore: cursorId,
      collection: 'oplog.rs',
      batchSize: 13_981_010,
      maxTimeMS: 5000,
      term: 5,
      lastKnownCommittedOpTime: opTime,
      $db: 'local',
      ...read,
    },
    cursor: {
      cursorId,
      createdDate: shape.at,
      lastAccessDate: shape.at,
      nDocsReturned: 9127,
      nBatchesReturned: 18_260,
      noCursorTimeout: false,
      tailable: true,
      awaitData: true,
      originatingCommand: { find: 'oplog.rs', filter: { ts: { $gte: opTime.ts } }, $db: 'local', ...read },
      operationUsingCursorId: 96_600 + id,
      lastKnownCommittedOpTime: opTime,
    },
  };
}

function threadDocument(shape: Shape, thread: Thread, opid: number): Document {
  const facts = VERSIONS[shape.version];
  const working = thread.runs === true || thread.latch !== undefined;
  const document: Document = {
    type: 'op',
    host: shape.host,
    desc: thread.desc,
    active: thread.runs === true,
    currentOpTime: isoWithOffset(shape.at),
  };
  if (thread.system === true && (working || facts.idleUsersTold)) document['effectiveUsers'] = [SYSTEM];
  if (facts.isFromUserConnection) document['isFromUserConnection'] = false;
  if (!working) return document;
  Object.assign(document, { opid, op: 'none', ns: '', command: {}, numYields: 0 });
  if (thread.latch !== undefined && facts.waitingForLatch) {
    document['waitingForLatch'] = latchOf(shape, thread.latch, 268_000_000);
  }
  const lockStats = { locks: {}, waitingForLock: false, lockStats: {} };
  return Object.assign(document, lockStats, { waitingForFlowControl: false, flowControlStats: {} });
}
