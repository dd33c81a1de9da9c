// Look-ups for the features: clusters, the cluster of a button, and the context of a reading.

import { isOpen } from '../../core/alerting/alert.ts';
import { type Standing, standingOf } from '../../core/alerting/standing.ts';
import { unlessAborted, withTimeout } from '../../core/base/abort.ts';
import { DAY } from '../../core/base/duration.ts';
import { percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { BareSource } from '../../core/commands/grammar.ts';
import { findSource } from '../../core/connections/find-source.ts';
import { nodesRead } from '../../core/connections/node-usage.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { NodeGrowth } from '../../core/forecast/growth.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import type { History, Monitor } from '../../core/ports/monitor.ts';
import type { ClusterList, ReportService } from '../../core/ports/reports.ts';
import { snapshotOf } from '../../core/snapshots/from-report.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import { UpstreamError, UserError } from '../../errors.ts';
import { matchesKey, type PressedView, readView } from '../blockkit/action-values.ts';
import type { Timing } from '../client/settings.ts';
import type { RequestContext } from '../requests/handle-request.ts';
import type { ReportContext } from '../views/alert-status.ts';

/** The dependencies of every view. */
export interface ViewDependencies {
  readonly reports: ReportService;
  /** The slash command's name. */
  readonly command: string;
  readonly timing: Timing;
  readonly now: () => Date;
  /** For times of day as text; null for the machine's own. */
  readonly timeZone: string | null;
  /** Removes secrets from typed text before other people see it. */
  readonly redact: Redact;
}

export const NO_WATCH: Problem = {
  code: 'no-watch',
  text: "Alerts, silences and history need the bot's store, and this bot runs without one.",
  remedy: 'Start it with a data directory or with ANALYSIS_URI.',
};

type Lookup = Pick<ViewDependencies, 'reports'>;
type Signal = Pick<RequestContext, 'signal'>;

/** The monitored clusters if Atlas does not list the clusters. Rejects with Atlas's problem if there are none. */
export async function clusterNames({ reports }: Lookup, { signal }: Signal): Promise<ClusterList> {
  const list = await reports.clusters(signal);
  const [problem] = list.problems;
  if (list.names.length > 0 || problem === undefined) return list;
  const names = (await reports.monitor?.status())?.clusters.map(({ name }) => name) ?? [];
  if (names.length === 0) throw new UpstreamError(problem);
  return { ...list, names, defaultCluster: list.defaultCluster ?? (names.length === 1 ? (names[0] ?? null) : null) };
}

/** A button's view, with the cluster's name. Null when the cluster is no longer monitored. */
export async function viewAt(value: string, lookup: Lookup, context: Signal): Promise<PressedView | null> {
  const request = readView(value);
  if (request === null) return null;
  const { names } = await clusterNames(lookup, context);
  const cluster = names.find((known) => matchesKey(known, request.cluster));
  return cluster === undefined ? null : { ...request, cluster };
}

/** The clusters with a source that a bare text names, and the name of a source that is spelled alike. */
export interface FoundSource {
  readonly clusters: readonly string[];
  /** Null when there is none. */
  readonly nearest: string | null;
}

/** Finds nothing when the store does not answer. */
export async function findBareSource(
  { name, cluster, isNear }: BareSource,
  { names, reports }: Lookup & { readonly names: readonly string[] },
  { signal }: Signal,
): Promise<FoundSource> {
  const searched = names.filter((one) => cluster === null || one === cluster);
  const found = await Promise.all(
    searched.map(async (one) => {
      const last = reports.last(one)?.report.sources ?? [];
      // Without the store the text is answered as an unknown word.
      const kept = (await reports.monitor?.sources(one, signal).catch(() => null)) ?? [];
      const known = [...last, ...kept];
      const isNamed = known.some((source) => [source.id, source.name].some((text) => same(text, name)));
      const match = findSource(known, name);
      if (isNamed || (!isNear && match.kind !== 'none')) return { cluster: one, nearest: null };
      return { cluster: null, nearest: match.kind === 'none' ? match.nearest : null };
    }),
  );
  const clusters = found.flatMap((one) => (one.cluster === null ? [] : [one.cluster]));
  return { clusters, nearest: found.find((one) => one.nearest !== null)?.nearest ?? null };
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** How long an answer waits for what only the store knows. */
export const STORE_MS = 5_000;
/** Points of a chart. */
export const POINTS = 20;

/** Null without a monitor. Never rejects: a failure becomes the context's problem, and the report is still shown. */
export async function reportContextOf(
  { monitor }: ReportService,
  { cluster, source }: { readonly cluster: string; readonly source: string | null },
  context: RequestContext,
): Promise<ReportContext | null> {
  if (monitor === null) return null;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  const gathered = async (): Promise<ReportContext> => {
    const [usual, board, history] = await Promise.all([
      monitor.usual(cluster, signal),
      monitor.board(signal),
      source === null ? null : lastDay(monitor, { cluster, source, signal }),
    ]);
    const alerts = board.alerts.filter((alert) => alert.cluster === cluster && isOpen(alert));
    const silences = board.silences.filter((silence) => silence.cluster === null || silence.cluster === cluster);
    return { usual, alerts, silences, history, problem: null };
  };
  try {
    return await unlessAborted(gathered(), signal);
  } catch (error) {
    const { code, text, remedy } = signal.aborted ? tooSlow(monitor, cluster) : context.explain(error);
    const problem = { code, text: `Alerts and usual values are missing here: ${text}`, remedy };
    return { usual: new Map(), alerts: [], silences: [], history: null, problem };
  }
}

function tooSlow(monitor: Monitor, cluster: string): Problem {
  const remedy = 'Ask again in a minute.';
  const progress = monitor.catchingUp(cluster);
  if (progress === null) return { code: 'watch-slow', text: 'the store did not answer in time.', remedy };
  const done = percent((progress.at - progress.from) / Math.max(1, progress.to - progress.from));
  const text = `the history of ${cluster} is being evaluated again, ${done} of it is done.`;
  return { code: 'watch-catching-up', text, remedy };
}

/** A sentence of a view that needs no history waits no longer for the store. */
const AT_HAND_MS = 500;

/** Null where no reports are taken, and while they cannot be read at once. Never rejects. */
export async function poolsAtHand({ pools }: ReportService, { signal }: Signal): Promise<PoolsView | null> {
  if (pools === null) return null;
  return (
    (await withTimeout(
      pools.view(signal).catch(() => null),
      { ms: AT_HAND_MS },
    )) ?? null
  );
}

/** The growth of the nodes, by host. Empty without a monitor, and while the store does not answer at once. */
export async function growthAtHand(
  { monitor }: ReportService,
  report: ConnectionReport,
  { signal }: Signal,
): Promise<ReadonlyMap<string, NodeGrowth>> {
  if (monitor === null) return new Map();
  const hosts = nodesRead(report).map(({ host }) => host);
  try {
    const growth = withTimeout(monitor.growth(report.cluster, hosts, signal), { ms: AT_HAND_MS });
    return (await growth) ?? new Map();
  } catch (error) {
    if (error instanceof UpstreamError) return new Map();
    throw error;
  }
}

async function lastDay(
  monitor: Monitor,
  of: { readonly cluster: string; readonly source: string; readonly signal: AbortSignal },
): Promise<History | null> {
  try {
    return await monitor.history({ ...of, window: DAY, points: POINTS });
  } catch (error) {
    // The source appeared after the last scheduled reading.
    if (error instanceof UserError) return null;
    throw error;
  }
}

// Every cluster at a glance.

/** Never rejects: without the store, the standings are made from this process's own readings, and `problem` says why. */
export async function standingsOf(
  reports: ReportService,
  names: readonly string[],
  context: Pick<RequestContext, 'signal' | 'explain'>,
): Promise<{ readonly standings: readonly Standing[]; readonly problem: Problem | null }> {
  const { monitor } = reports;
  if (monitor === null) return { standings: names.map((cluster) => ownStanding(reports, cluster)), problem: null };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(STORE_MS)]);
  try {
    const [readings, { alerts }] = await unlessAborted(
      Promise.all([monitor.lastReadings(names, signal), monitor.board(signal)]),
      signal,
    );
    const standings = names.map((cluster) => {
      const reading = readings.get(cluster) ?? ownReading(reports, cluster);
      return standingOf({ cluster, reading, alerts });
    });
    return { standings, problem: null };
  } catch (error) {
    const { code, text, remedy } = signal.aborted ? TOO_SLOW : context.explain(error);
    const problem = { code, text: `Alerts are missing here, and readings may be older: ${text}`, remedy };
    return { standings: names.map((cluster) => ownStanding(reports, cluster)), problem };
  }
}

const TOO_SLOW: Problem = {
  code: 'watch-slow',
  text: 'the store did not answer in time.',
  remedy: 'Ask again in a minute.',
};

function ownStanding(reports: ReportService, cluster: string): Standing {
  return standingOf({ cluster, reading: ownReading(reports, cluster), alerts: [] });
}

function ownReading(reports: ReportService, cluster: string): Snapshot | null {
  const last = reports.last(cluster);
  return last === null ? null : snapshotOf(last.report, { before: null });
}
