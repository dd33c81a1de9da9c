// What a face (Slack, later others) may ask the bot for. Types only; app/ provides it.

import type { Problem } from '../base/problem.ts';
import type { ProjectHygiene, UnreadCluster } from '../connections/project-access-list.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { Monitor, MonitorStatus } from './monitor.ts';

/** A report, perhaps shared with others who asked at the same moment. */
export interface ReportAnswer {
  readonly report: ConnectionReport;
  /** How old the reading is, in milliseconds; 0 for one that was made for this answer. */
  readonly ageMs: number;
}

/** The clusters of one project, which share its access list. */
export interface ProjectClusters {
  readonly names: readonly string[];
  readonly unread: readonly UnreadCluster[];
}

export interface ClusterList {
  readonly names: readonly string[];
  /** The same by project; empty where the projects cannot be told. */
  readonly projects: readonly ProjectClusters[];
  /** Known and not read, e.g. paused. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: readonly Problem[];
  /** The cluster that is meant when none is named; null where one has to be chosen. */
  readonly defaultCluster: string | null;
}

/** What the bot says of itself. */
export interface BotStatus {
  readonly version: string;
  /** Tells replicas apart. */
  readonly instance: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly clusters: readonly ClusterStatus[];
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  /** What is missing or could not be read, with remedies: permissions, credentials, Slack scopes. */
  readonly problems: readonly Problem[];
  /** Schedule, store and outbox; null where nothing is watched. */
  readonly watch: MonitorStatus | null;
}

export interface ClusterStatus {
  readonly name: string;
  /** ISO 8601 of the last reading; null before the first. */
  readonly lastReadAt: string | null;
  readonly tookMs: number | null;
  readonly nodesRead: number | null;
  readonly nodesKnown: number | null;
}

export interface ReportService {
  clusters(signal: AbortSignal): Promise<ClusterList>;
  /**
   * Who asks while a reading runs shares it; a reading younger than ten seconds is reused unless `fresh`.
   * A reading in which no node answered is an answer too: its nodes tell why. Rejects with UserError for an unknown
   * cluster, with UpstreamError where the clusters cannot even be listed.
   */
  report(cluster: string, options: { readonly fresh?: boolean; readonly signal: AbortSignal }): Promise<ReportAnswer>;
  /** Reads all clusters of the project of a cluster, each as `report` does. Null where the project has no other cluster. */
  hygiene(
    cluster: string,
    options: { readonly fresh?: boolean; readonly signal: AbortSignal },
  ): Promise<ProjectHygiene | null>;
  /** The last reading that found something, however old; null before the first. */
  last(cluster: string): ReportAnswer | null;
  status(signal: AbortSignal): Promise<BotStatus>;
  /** Alerts, silences and history; null without a store. */
  readonly monitor: Monitor | null;
}
