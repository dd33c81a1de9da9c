// Use case: answers many people at once. Requests share a running reading and reuse a recent one.

import { unlessAborted } from '../../core/base/abort.ts';
import type { Problem } from '../../core/base/problem.ts';
import { type Label, NAMES_UNKNOWN } from '../../core/connections/access-list.ts';
import type { ClusterUse } from '../../core/connections/entry-use.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import { projectHygiene, type UnreadCluster } from '../../core/connections/project-access-list.ts';
import type { NodeHeadroom, NodeUnread } from '../../core/connections/reading.ts';
import { type Redact, redactedNames, redactedNode } from '../../core/connections/redaction.ts';
import { type ConnectionReport, reportInChunks } from '../../core/connections/report.ts';
import type { OpenCluster } from '../../core/ports/clusters.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { PoolService } from '../../core/ports/pools.ts';
import type { BotStatus, ClusterStatus, ReportAnswer, ReportService, ShownReadings } from '../../core/ports/reports.ts';
import type { Observer } from '../../core/ports/telemetry.ts';
import { UpstreamError, UserError } from '../../errors.ts';
import { runInChunks } from '../scheduler/timers.ts';
import type { ClusterRegistry, RegisteredCluster } from './registry.ts';
import type { SourceNamesReader } from './source-names.ts';

export interface ReportServiceInput {
  readonly registry: ClusterRegistry;
  readonly labels: readonly Label[];
  readonly defaultCluster: string | null;
  readonly version: string;
  readonly instance: string;
  readonly now: () => Date;
  /** Removes secrets from external names. */
  readonly redact?: Redact | undefined;
  /** Problems found by Slack or the terminal, e.g. missing Slack scopes. */
  readonly problems: () => readonly Problem[];
  /** The monitor; it is created after this service, because it reads through it. Null without a store. */
  readonly monitor: () => Monitor | null;
  /** The pools of the applications. Default: none. */
  readonly pools?: PoolService | null;
  /** What the history says about the use of entries. Default: the monitor's. */
  readonly use?: (cluster: string, signal: AbortSignal) => Promise<ClusterUse>;
  readonly shown: ShownReadings;
  /** Receives every reading, for metrics. */
  readonly observer?: Pick<Observer, 'reading'>;
  /** Ends readings when the bot stops. */
  readonly signal: AbortSignal;
}

/** A report service that the monitor reads through. */
export interface ReadingService extends ReportService {
  /** Current usage of the nodes, from serverStatus only. Rejects as `report` does. */
  headroom(cluster: string, signal: AbortSignal): Promise<readonly (NodeHeadroom | NodeUnread)[]>;
}

interface Kept {
  readonly report: ConnectionReport;
  /** When the reading finished. Its figures are from that time. */
  readonly doneAt: number;
}

/** A reading of a cluster, and whether the cluster is closed. */
interface Past {
  readonly latest: Kept;
  readonly lastGood: Kept | null;
  readonly closed: AbortSignal;
}

const REUSED_FOR_MS = 10_000;
/** Nodes and Atlas have their own deadlines; this is the backstop. */
const READING_MS = 120_000;
const LOOK_MS = 30_000;

export function createReportService(input: ReportServiceInput): ReadingService {
  const { registry, now } = input;
  const startedAt = now().toISOString();
  const running = new Map<string, Promise<Kept>>();
  const pasts = new Map<string, Past>();

  const list = async (signal: AbortSignal) => {
    const found = await registry.list(signal);
    const isLeft = (name: string) => found.left.some((one) => one.name === name);
    // The last reading of a paused cluster remains available.
    for (const [name, { closed }] of pasts) if (closed.aborted && !isLeft(name)) pasts.delete(name);
    return found;
  };
  const read = async (name: string): Promise<Kept> => {
    const signal = AbortSignal.any([input.signal, AbortSignal.timeout(READING_MS)]);
    const { report, closed } = await observed(input, name, () =>
      through(registry, { name, signal }, async ({ closed, ...member }, within) => {
        const { labels, redact } = input;
        return { report: await analyze({ ...member, labels, signal: within, redact, now }), closed };
      }),
    );
    const latest = { report, doneAt: now().getTime() };
    const past = pasts.get(name);
    const before = past?.closed === closed ? past.lastGood : null;
    pasts.set(name, { latest, lastGood: nodesRead(report).length > 0 ? latest : before, closed });
    return latest;
  };
  const shared = (name: string): Promise<Kept> => {
    const reading = running.get(name) ?? read(name).finally(() => running.delete(name));
    running.set(name, reading);
    return reading;
  };
  const report: ReportService['report'] = async (name, { fresh = false, signal }) => {
    const past = pasts.get(name);
    if (past !== undefined && isYoung(past, now()) && !fresh) return answer(past.latest);
    // When one caller gives up, the reading continues for the others.
    return answer(await unlessAborted(shared(name), signal));
  };
  const answer = ({ report, doneAt }: Kept): ReportAnswer => ({ report, ageMs: Math.max(0, now().getTime() - doneAt) });

  return {
    async clusters(signal) {
      const { names, left, projects, problems } = await list(signal);
      const only = names.length === 1 ? (names[0] ?? null) : null;
      return { names, left, projects, problems, defaultCluster: input.defaultCluster ?? only };
    },
    report,
    async hygiene(name, { fresh = false, signal }) {
      const within = AbortSignal.any([input.signal, signal, AbortSignal.timeout(READING_MS)]);
      const { projects } = await list(within);
      const { naming } = await registry.open(name, within);
      const project = projects.find(({ names }) => names.includes(name)) ?? { names: [name], unread: [UNLISTED] };
      const use = input.use ?? input.monitor()?.use;
      const known = [...project.names, ...project.unread.flatMap((one) => one.name ?? [])];
      const [{ accessList, problems }, histories, ...read] = await Promise.all([
        naming.read(within),
        use === undefined ? NO_STORE : historiesOf(known, (one) => use(one, within)),
        ...project.names.map((one) => readOr(one, report(one, { fresh, signal }), signal)),
      ]);
      const { redact = (value: string) => value } = input;
      return runInChunks(
        projectHygiene({
          reports: read.flatMap((one) => ('report' in one ? one.report : [])),
          unread: [...read.flatMap((one) => ('report' in one ? [] : one)), ...project.unread],
          histories: histories.known,
          accessList: redactedNames({ accessList, networks: null, labels: [] }, redact).accessList,
          problems: [...problems.filter(({ code }) => code !== NAMES_UNKNOWN.code), ...histories.problems],
          now: now(),
        }),
      );
    },
    async headroom(name, signal) {
      const within = AbortSignal.any([input.signal, signal, AbortSignal.timeout(LOOK_MS)]);
      const { redact = (host: string) => host } = input;
      return through(registry, { name, signal: within }, async ({ cluster }, inTime) => {
        const nodes = await cluster.headroom({ signal: inTime });
        return nodes.map((node) => redactedNode(node, redact));
      });
    },
    last(name) {
      const good = pasts.get(name)?.lastGood ?? null;
      return good === null ? null : answer(good);
    },
    shown: input.shown,
    async status(signal): Promise<BotStatus> {
      const { names, left, problems } = await list(signal);
      const { version, instance } = input;
      const clusters = names.map((name) => statusOf(name, pasts.get(name)?.latest));
      const watch = (await input.monitor()?.status()) ?? null;
      return { version, instance, startedAt, clusters, left, problems: [...problems, ...input.problems()], watch };
    },
    pools: input.pools ?? null,
    get monitor() {
      return input.monitor();
    },
  };
}

/** A cluster that Atlas does not list now, although it is open. */
const UNLISTED: UnreadCluster = { name: null, reason: 'the project does not list this cluster' };

interface Histories {
  readonly known: ReadonlyMap<string, ClusterUse>;
  readonly problems: readonly Problem[];
}

const NO_STORE: Histories = { known: new Map(), problems: [] };

/** Without the store there is no history: then no entry is called unused. */
async function historiesOf(names: readonly string[], use: (name: string) => Promise<ClusterUse>): Promise<Histories> {
  try {
    return {
      known: new Map(await Promise.all(names.map(async (name) => [name, await use(name)] as const))),
      problems: [],
    };
  } catch (error) {
    if (error instanceof UpstreamError) return { known: new Map(), problems: [error.problem] };
    throw error;
  }
}

/** A failure of one cluster does not affect the others. */
async function readOr(
  name: string,
  reading: Promise<ReportAnswer>,
  signal: AbortSignal,
): Promise<ReportAnswer | UnreadCluster> {
  try {
    return await reading;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError || error instanceof UpstreamError) return { name, reason: error.message };
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return { name, reason: 'it did not answer in time' };
    throw error;
  }
}

/** A report from the future is not fresh: the clock was ahead and was set back. */
function isYoung({ latest, closed }: Past, now: Date): boolean {
  const age = now.getTime() - latest.doneAt;
  return !closed.aborted && age >= 0 && age < REUSED_FOR_MS;
}

/**
 * Reads a cluster that is open now. If it closes meanwhile, the registry is asked again: the cluster moved, or it no
 * longer exists and the registry throws. The signal must abort by itself.
 */
async function through<Result>(
  registry: ClusterRegistry,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
  read: (member: RegisteredCluster, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const member = await registry.open(name, signal);
    try {
      const result = await read(member, AbortSignal.any([signal, member.closed]));
      if (!member.closed.aborted) return result;
    } catch (error) {
      if (!member.closed.aborted || signal.aborted) throw error;
    }
  }
}

/** An unknown or excluded cluster name is not a failed reading. */
async function observed<Result extends { readonly report: ConnectionReport }>(
  { observer, now }: Pick<ReportServiceInput, 'observer' | 'now'>,
  cluster: string,
  read: () => Promise<Result>,
): Promise<Result> {
  const began = now().getTime();
  const tookMs = () => Math.max(0, now().getTime() - began);
  try {
    const result = await read();
    observer?.reading({ cluster, report: result.report, tookMs: tookMs() });
    return result;
  } catch (error) {
    if (!(error instanceof UserError)) observer?.reading({ cluster, report: null, tookMs: tookMs() });
    throw error;
  }
}

function statusOf(name: string, kept: Kept | undefined): ClusterStatus {
  if (kept === undefined) return { name, lastReadAt: null, tookMs: null, nodesRead: null, nodesKnown: null };
  const { at, tookMs, nodes } = kept.report;
  return { name, lastReadAt: at, tookMs, nodesRead: nodesRead(kept.report).length, nodesKnown: nodes.length };
}

// Use case: reads one cluster and the names of its clients in parallel, and reports who holds its connections.

export interface AnalyzeInput {
  readonly cluster: OpenCluster;
  readonly naming: SourceNamesReader;
  readonly labels: readonly Label[];
  /** Whether server threads are listed by name. */
  readonly threads?: boolean;
  readonly signal: AbortSignal;
  readonly redact?: Redact | undefined;
  readonly now: () => Date;
}

/** Never rejects because of failed reads: the report lists them as problems. */
export async function analyze(input: AnalyzeInput): Promise<ConnectionReport> {
  const { cluster, naming, labels, signal, redact } = input;
  const [reading, names] = await Promise.all([
    cluster.read({ threads: input.threads ?? false, signal }),
    naming.read(signal),
  ]);
  return runInChunks(reportInChunks({ reading, ...names, labels, redact, now: input.now() }));
}
