// Types of the terminal commands: their input, output and dependencies.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { Wait } from '../../core/base/clock.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { ProjectHygiene } from '../../core/connections/project-access-list.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource, KnownSource } from '../../core/connections/source.ts';
import type { ReplayedReading } from '../../core/detection/evaluate.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { Why } from '../../core/diagnosis/diagnosis.ts';
import type { LoadEvent } from '../../core/load/run.ts';
import type { PoolsView } from '../../core/pools/view.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import type { TopReading, TopRow } from '../../core/top/row.ts';
import type { HealthReport } from '../../http/probe-client.ts';
import type { LoadRequest } from '../../load/load.ts';
import type { StoredGrowth } from './forecast.ts';

export type { HealthReport };

interface ReportRequest {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** Also list server threads by name. */
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

interface GrowthRequest {
  /** Its name in the report. */
  readonly cluster: string;
  readonly hosts: readonly string[];
  readonly signal: AbortSignal;
}

/** A saved `$currentOp` result. `host` is set if the command line names its node. */
export interface SavedReading {
  readonly host: string | null;
  readonly path: string;
}

export interface SavedReportRequest {
  readonly readings: readonly SavedReading[];
  /** Paths; each file has one page of the access list. */
  readonly accessLists: readonly string[];
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

export interface CheckFinding {
  readonly ok: boolean;
  /** What was checked is not there; left out if it was refused or failed. */
  readonly isMissing?: true;
  /** The checked item, e.g. `Atlas project 64b0…: access list, 41 entries`. */
  readonly what: string;
  /** The cause and remedy of a failure, or a warning for an ok result. */
  readonly problem?: Problem;
}

interface CheckRequest {
  /** Also send a test alert to every configured channel, and resolve it. */
  readonly alert: boolean;
  readonly signal: AbortSignal;
}

interface ReplayRequest {
  /** Snapshots, one JSON object a line, oldest first; null for the store's snapshots. */
  readonly path: string | null;
  /** A cluster of the store, as typed; null for all of its clusters. */
  readonly cluster: string | null;
  /** A YAML file with the mapping `rules`. If null: the settings' rules for the store, default rules for a file. */
  readonly rulesPath: string | null;
  readonly signal: AbortSignal;
}

export interface HistoryQuery {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** As typed; null for the cluster and each of its sources. */
  readonly source: string | null;
  /** A cluster or a source, as typed; null if one of them is named as such. */
  readonly word: string | null;
  /** Finds the source, or throws. */
  readonly find: (typed: string, sources: readonly KnownSource[], cluster: string) => KnownSource;
  /** Milliseconds back from now. */
  readonly window: number;
  readonly signal: AbortSignal;
}

export interface WhyQuery {
  /** As typed; null for the default cluster. With `saved` it is null. */
  readonly cluster: string | null;
  /** As typed; null for the cluster as a whole. */
  readonly source: string | null;
  /** A cluster or a source, as typed; null if one of them is named as such. */
  readonly word: string | null;
  /** Finds the source, or throws. */
  readonly find: (report: ConnectionReport, typed: string) => ConnectionSource;
  /** Saved readings instead of a cluster; null for a cluster. */
  readonly saved: Pick<SavedReportRequest, 'readings' | 'accessLists'> | null;
  readonly signal: AbortSignal;
}

export interface WhyAnswer {
  readonly report: ConnectionReport;
  /** Null for the cluster as a whole, and where no source is known. */
  readonly source: ConnectionSource | null;
  readonly why: Why;
}

interface ExportRequest {
  /** As typed; null for all clusters of the store. */
  readonly cluster: string | null;
  /** Milliseconds back from now; null for the whole history. */
  readonly window: number | null;
  readonly signal: AbortSignal;
}

/** Stored alerts and silences, and the age of the data. */
export interface AlertBoard {
  /** Milliseconds since 1970; `lastReading` is null before the first. */
  readonly at: number;
  readonly clusters: readonly { readonly name: string; readonly lastReading: number | null }[];
  /** Open alerts: firing first, then acknowledged, then silenced; newest first. */
  readonly alerts: readonly Alert[];
  /** Silences in force. */
  readonly silences: readonly Silence[];
}

/** Output of `watch`: notifications, and remarks about the monitor itself. */
export type WatchLine =
  | { readonly kind: 'notification'; readonly notification: Notification }
  /** `at` in milliseconds since 1970. */
  | { readonly kind: 'remark'; readonly at: number; readonly text: string };

export interface TopRequest {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** Follow the readings of the configured store instead of the cluster. */
  readonly fromStore: boolean;
  /** Where a bot answers for the pools, as typed; null for the address of the settings. */
  readonly poolsUrl: string | null;
  /** The wanted milliseconds between readings. It may change at any time. */
  readonly everyMs: () => number;
  /** Pools are asked for only while this is true. It may change at any time. */
  readonly showsPools: () => boolean;
  readonly signal: AbortSignal;
}

/** Why nothing was read, and when; milliseconds since 1970. */
export interface TopFailure {
  readonly at: number;
  readonly problem: Problem;
}

export interface TopUpdate {
  readonly cluster: string;
  /** Null when nothing new was read. */
  readonly reading: TopReading | null;
  readonly failure: TopFailure | null;
  /** `rows` is null when nothing new was read. */
  readonly pools: { readonly rows: readonly TopRow[] | null; readonly problem: Problem | null };
  /** How long the slowest node took for `$currentOp`, in milliseconds; 0 with the store. */
  readonly busyMs: number;
}

/** @internal */
export interface HealthRequest {
  /** Checks liveness instead of readiness. */
  readonly live: boolean;
  readonly signal: AbortSignal;
}

export interface PoolsRequest {
  /** Of a running bot, as typed; null for the one of the settings. */
  readonly url: string | null;
  readonly signal: AbortSignal;
}

export interface PoolsAnswer {
  readonly view: PoolsView;
  /** Of the bot that answered. */
  readonly url: string;
  readonly remarks: readonly string[];
}

/** The use cases. They reject with ConfigError, UserError or UpstreamError, and when the signal aborts. */
export interface Commands {
  /** The access list findings of the project of a cluster (as typed; null for the default). */
  hygiene(request: { readonly cluster: string | null; readonly signal: AbortSignal }): Promise<ProjectHygiene>;
  report(request: ReportRequest): Promise<ConnectionReport>;
  /** The growth of nodes from the store, where there is one. */
  growth(request: GrowthRequest): Promise<StoredGrowth>;
  savedReport(request: SavedReportRequest): Promise<ConnectionReport>;
  /** The likely reasons for the connections of a source, or of a cluster. */
  why(query: WhyQuery): Promise<WhyAnswer>;
  /** The alerts of a saved history, reading by reading. */
  replay(request: ReplayRequest): AsyncIterable<ReplayedReading>;
  /** One source, or the cluster and then its sources, largest first. */
  history(query: HistoryQuery): Promise<readonly History[]>;
  /** Oldest first. */
  exportHistory(request: ExportRequest): AsyncIterable<Snapshot>;
  alerts(request: { readonly cluster: string | null; readonly signal: AbortSignal }): Promise<AlertBoard>;
  /** Runs the schedule without Slack until the signal aborts. */
  watch(request: { readonly signal: AbortSignal }): AsyncIterable<WatchLine>;
  /** Reads a cluster again and again, until the signal aborts. */
  top(request: TopRequest): AsyncIterable<TopUpdate>;
  check(request: CheckRequest): AsyncIterable<CheckFinding>;
  /** Opens lots of connections until the signal aborts or its time is over, and closes them. */
  load(request: LoadRequest): AsyncIterable<LoadEvent>;
  /** What applications report of their connection pools, from a running bot. */
  pools(request: PoolsRequest): Promise<PoolsAnswer>;
  /** Queries the bot that runs on this machine with these settings. */
  health(request: HealthRequest): Promise<HealthReport>;
  /** Runs the bot: resolves after the signal, rejects with UpstreamError if it cannot continue. */
  serve(request: { readonly signal: AbortSignal }): Promise<void>;
}

/** The log for use cases: fixed phrases, data in fields. */
export interface WorldLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** From now on these values are removed from everything that leaves the process. */
  hide(secrets: readonly string[]): void;
}

/** Dependencies of the commands, besides their arguments. */
export interface World {
  /** Version of this package. */
  readonly version: string;
  /** Includes `.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Waits for the schedule, by the clock of `now`. */
  readonly wait: Wait;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Reads settings and rules. Rejects with UserError; its cause is the error of node:fs. */
  readonly readFile: (path: string) => Promise<string>;
  /** Shows progress, on a terminal only; null erases it. */
  readonly progress: (text: string | null) => void;
  /**
   * Removes secrets from one external value for people; programs get the values unchanged. Default: the log's
   * redaction.
   */
  readonly redact?: Redact;
  readonly log: WorldLog;
  /** How many files this process may open; null where it is unknown. */
  readonly openFiles?: () => number | null;
}
