// The commands of the terminal: what each is asked and answers, and what all are given from outside. Types only.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import type { Wait } from '../../core/base/clock.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Redact } from '../../core/connections/redaction.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { KnownSource } from '../../core/connections/source.ts';
import type { ReplayedReading } from '../../core/detection/evaluate.ts';
import type { Notification } from '../../core/detection/findings.ts';
import type { History } from '../../core/ports/monitor.ts';
import type { Snapshot } from '../../core/snapshots/snapshot.ts';
import type { HealthReport } from '../../http/probe-client.ts';

export type { HealthReport };

interface ReportRequest {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** Also list server threads by name. */
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

/** A saved `$currentOp` result; `host` where the command line says which node it came from. */
export interface SavedReading {
  readonly host: string | null;
  readonly path: string;
}

export interface SavedReportRequest {
  readonly readings: readonly SavedReading[];
  /** Paths, one page of the access list each. */
  readonly accessLists: readonly string[];
  readonly threads: boolean;
  readonly signal: AbortSignal;
}

export interface CheckFinding {
  readonly ok: boolean;
  /** What was tried, e.g. `Atlas project 64b0…: access list, 41 entries`. */
  readonly what: string;
  /** Why it is not ok and what grants it, or a warning where it is ok. */
  readonly problem?: Problem;
}

interface CheckRequest {
  /** Also send a test alert to every configured channel, and resolve it. */
  readonly alert: boolean;
  readonly signal: AbortSignal;
}

interface ReplayRequest {
  /** Snapshots, one JSON object a line, oldest first; null for those of the store. */
  readonly path: string | null;
  /** Of the store, as typed; null for all of its clusters. */
  readonly cluster: string | null;
  /** A YAML file with the mapping `rules`; null for those of the settings with the store, for the defaults with a file. */
  readonly rulesPath: string | null;
  readonly signal: AbortSignal;
}

export interface HistoryQuery {
  /** As typed; null for the default cluster. */
  readonly cluster: string | null;
  /** Picks the source, or throws; null for the cluster and each of its sources. */
  readonly choose: ((sources: readonly KnownSource[], cluster: string) => KnownSource) | null;
  /** Milliseconds back from now. */
  readonly window: number;
  readonly signal: AbortSignal;
}

interface ExportRequest {
  /** As typed; null for all clusters of the store. */
  readonly cluster: string | null;
  /** Milliseconds back from now; null for all there is. */
  readonly window: number | null;
  readonly signal: AbortSignal;
}

/** What the store knows of alerts and silences, and how fresh that is. */
export interface AlertBoard {
  /** Milliseconds since 1970; `lastReading` is null before the first. */
  readonly at: number;
  readonly clusters: readonly { readonly name: string; readonly lastReading: number | null }[];
  /** Open ones: firing first, then acknowledged, then silenced; newest first. */
  readonly alerts: readonly Alert[];
  /** In force. */
  readonly silences: readonly Silence[];
}

/** What `watch` prints: notifications, and remarks about the watch itself. */
export type WatchLine =
  | { readonly kind: 'notification'; readonly notification: Notification }
  /** `at` in milliseconds since 1970. */
  | { readonly kind: 'remark'; readonly at: number; readonly text: string };

/** @internal */
export interface HealthRequest {
  /** Liveness instead of readiness. */
  readonly live: boolean;
  readonly signal: AbortSignal;
}

/** The use cases. They reject with ConfigError, UserError or UpstreamError, and when the signal aborts. */
export interface Commands {
  report(request: ReportRequest): Promise<ConnectionReport>;
  savedReport(request: SavedReportRequest): Promise<ConnectionReport>;
  /** The alerts of a saved history, reading by reading. */
  replay(request: ReplayRequest): AsyncIterable<ReplayedReading>;
  /** One source, or the cluster and then its sources, largest first. */
  history(query: HistoryQuery): Promise<readonly History[]>;
  /** Oldest first. */
  exportHistory(request: ExportRequest): AsyncIterable<Snapshot>;
  alerts(request: { readonly cluster: string | null; readonly signal: AbortSignal }): Promise<AlertBoard>;
  /** The schedule without Slack, until the signal stops it. */
  watch(request: { readonly signal: AbortSignal }): AsyncIterable<WatchLine>;
  check(request: CheckRequest): AsyncIterable<CheckFinding>;
  /** Asks the bot that runs on this machine with these settings. */
  health(request: HealthRequest): Promise<HealthReport>;
  /** The bot: resolves when the signal has stopped it, rejects with UpstreamError when it cannot go on. */
  serve(request: { readonly signal: AbortSignal }): Promise<void>;
}

/** The log as the use cases know it: fixed sentences, data in fields. */
export interface WorldLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** From now on these values appear in nothing that leaves the process. */
  hide(secrets: readonly string[]): void;
}

/** What commands get from outside, beside their arguments. */
export interface World {
  /** Of this package. */
  readonly version: string;
  /** `.env` included. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** What the schedule waits with, by the clock of `now`. */
  readonly wait: Wait;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Of settings and rules. Rejects with UserError, whose cause is that of node:fs. */
  readonly readFile: (path: string) => Promise<string>;
  /** Shows progress, on a terminal only; null erases it. */
  readonly progress: (text: string | null) => void;
  /** Takes secrets out of one value from outside, for people; programs get the values as they are. The log's where left out. */
  readonly redact?: Redact;
  readonly log: WorldLog;
}
