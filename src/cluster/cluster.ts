// One monitored cluster: reads all nodes in parallel, each over its own connection that stays open between readings.

import { unlessAborted } from '../core/base/abort.ts';
import type { Problem } from '../core/base/problem.ts';
import type { NodeReading } from '../core/connections/reading.ts';
import type { AtlasProcess, OpenCluster } from '../core/ports/clusters.ts';
import { explain, UpstreamError } from '../errors.ts';
import { type ConnectionTarget, directUri, parseTarget, resolveSrv } from './connection-string.ts';
import type { Hello } from './decode.ts';
import { type NodeConnection, openNode } from './node.ts';
import { nodeProblem } from './problems.ts';
import { standIns, type Topology, topologyOf } from './topology.ts';

export interface ClusterOptions {
  readonly name: string;
  readonly uri: string;
  /** The setting of the connection string, e.g. `MONGODB_URI`; default: the cluster's name. */
  readonly setting?: string;
  readonly now: () => Date;
  /** Deadline of one node; 10 s by default. */
  readonly deadlineMs?: number;
  /** The project's processes from the Admin API, which also lists hidden members. */
  readonly processes?: (signal: AbortSignal) => Promise<readonly AtlasProcess[]>;
}

const DEADLINE_MS = 10_000;
/** Drivers query SRV records once a minute at most. Atlas's processes change as rarely, and are rate-limited. */
const STALE_MS = 60_000;
const PROCESSES_MS = 5_000;

/** The first reading opens the connections. Throws UserError for an unusable string. */
export function openCluster(options: ClusterOptions): OpenCluster {
  const { name, uri: given, setting } = options;
  const target = parseTarget({ uri: given, cluster: name, ...(setting !== undefined && { setting }) });
  const nodes = new Map<string, NodeConnection>();
  const outside = outsideOf(options, target);
  let topology: Topology & { readonly answered: boolean } = { hosts: [], leftOut: [], answered: false };
  const nodeOf = (host: string, authSource: string | null): NodeConnection => {
    const node =
      nodes.get(host) ??
      openNode({
        host,
        uri: directUri(target, { host, authSource }),
        user: target.user,
        ownFault: (failed) => target.ownFault(failed ? options.now() : null),
        deadlineMs: options.deadlineMs ?? DEADLINE_MS,
        now: options.now,
      });
    nodes.set(host, node);
    return node;
  };
  const forget = async (hosts: readonly string[]) => {
    const gone = [...nodes].filter(([host]) => !hosts.includes(host));
    for (const [host] of gone) nodes.delete(host);
    await Promise.all(gone.map(([, node]) => node.close()));
  };
  return {
    name: options.name,
    remarks: target.remarks,
    async read({ threads = false, signal }) {
      const began = options.now();
      const { seeds, authSource, processes, problems } = await outside(signal);
      const outsideFacts = { seeds, direct: target.direct, processes };
      const readings = await visitAll<NodeReading>({
        known: outsideFacts,
        start: topology.answered ? topology.hosts : knownAnd(seeds, topology),
        visit: (host, onHello) => nodeOf(host, authSource).read({ threads, signal, onHello }),
      });
      const hellos = [...readings.hellos.values()];
      const answered = hellos.length > 0;
      const found = topologyOf({ ...outsideFacts, hellos });
      const stand = standIns({ found, seeds, readings });
      // If no node answers, the known nodes stay: all are unread, none is gone.
      topology = {
        ...topology,
        ...(answered ? { ...found, hosts: stand.hosts } : { hosts: knownAnd(seeds, topology) }),
        answered,
      };
      await forget(topology.hosts);
      const nodesRead = topology.hosts.flatMap((host) => readings.results.get(host) ?? []);
      const tookMs = options.now().getTime() - began.getTime();
      const { leftOut } = topology;
      const { name: cluster } = options;
      const all = [...problems, ...stand.problems];
      return { cluster, at: began.toISOString(), tookMs, nodes: nodesRead, leftOut, problems: all };
    },
    async headroom({ signal }) {
      const { seeds, authSource } = await outside(signal);
      const hosts = topology.hosts.length > 0 ? topology.hosts : seeds;
      return Promise.all(hosts.map((host) => nodeOf(host, authSource).headroom(signal)));
    },
    close: () => forget([]),
  };
}

/** Known nodes and seeds: seeds find a set that was replaced as a whole. Known arbiters are left out. */
function knownAnd(seeds: readonly string[], { hosts, leftOut }: Topology): readonly string[] {
  return [...new Set([...hosts, ...seeds])].filter((host) => !leftOut.some((one) => one.host === host));
}

interface Visits<T> {
  readonly known: Omit<Parameters<typeof topologyOf>[0], 'hellos'>;
  readonly start: readonly string[];
  readonly visit: (host: string, onHello: (hello: Hello) => void) => Promise<T>;
}

/** Visits each node once, and newly discovered nodes immediately. */
async function visitAll<T>({ known, start, visit }: Visits<T>): Promise<{
  readonly results: ReadonlyMap<string, T>;
  readonly hellos: ReadonlyMap<string, Hello>;
}> {
  const visits = new Map<string, Promise<void>>();
  const results = new Map<string, T>();
  const hellos = new Map<string, Hello>();
  const failures: unknown[] = [];
  const begin = (host: string) => {
    if (visits.has(host)) return;
    const onHello = (hello: Hello) => {
      hellos.set(host, hello);
      for (const next of topologyOf({ ...known, hellos: [hello] }).hosts) begin(next);
    };
    const keep = (result: T) => void results.set(host, result);
    // Kept, not thrown: later visits would reject unhandled.
    visits.set(
      host,
      visit(host, onHello).then(keep, (error) => void failures.push(error)),
    );
  };
  for (const host of start) begin(host);
  for (let seen = -1; seen !== visits.size; ) {
    seen = visits.size;
    await Promise.all(visits.values());
  }
  if (failures.length > 0) throw failures[0];
  return { results, hellos };
}

interface Outside {
  readonly seeds: readonly string[];
  readonly authSource: string | null;
  readonly processes: readonly AtlasProcess[];
  readonly problems: readonly Problem[];
}

/** Answers of DNS and the Admin API, refreshed when stale. After a failure the last answers stay. */
function outsideOf(options: ClusterOptions, target: ConnectionTarget): (signal: AbortSignal) => Promise<Outside> {
  let last: Outside = { seeds: target.hosts, authSource: null, processes: [], problems: [] };
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const age = options.now().getTime() - toldAt;
    // Below 0 if the clock was set back.
    if (age >= 0 && age < STALE_MS) return last;
    const [srv, processes] = await Promise.all([seedsOf(target, signal), processesOf(options, signal)]);
    last = {
      seeds: srv.value?.hosts ?? last.seeds,
      authSource: srv.value?.authSource ?? last.authSource,
      processes: processes.value ?? last.processes,
      problems: [...srv.problems, ...processes.problems],
    };
    if (last.problems.length === 0) toldAt = options.now().getTime();
    return last;
  };
}

interface Lookup<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
}

type Srv = Awaited<ReturnType<typeof resolveSrv>>;

async function seedsOf(target: ConnectionTarget, signal: AbortSignal): Promise<Lookup<Srv>> {
  if (!target.srv) return { value: null, problems: [] };
  try {
    return { value: await unlessAborted(resolveSrv(target), signal), problems: [] };
  } catch (error) {
    signal.throwIfAborted();
    return { value: null, problems: [nodeProblem(error, { host: target.string.hosts.join(','), user: target.user })] };
  }
}

async function processesOf(options: ClusterOptions, signal: AbortSignal): Promise<Lookup<readonly AtlasProcess[]>> {
  if (options.processes === undefined) return { value: null, problems: [] };
  try {
    // The nodes wait for this, and most clusters have no hidden members.
    const within = AbortSignal.any([signal, AbortSignal.timeout(PROCESSES_MS)]);
    return { value: await options.processes(within), problems: [] };
  } catch (error) {
    if (error instanceof UpstreamError) return { value: null, problems: [explain(error, '')] };
    throw error;
  }
}
