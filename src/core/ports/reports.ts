// Reports for Slack and terminal. Types only; app/ provides it.

import type { Problem } from '../base/problem.ts';
import type { ProjectHygiene, UnreadCluster } from '../connections/project-access-list.ts';
import type { ConnectionReport } from '../connections/report.ts';
import type { Monitor, MonitorStatus } from './monitor.ts';
import type { PoolService } from './pools.ts';

/** A report. Simultaneous requests share it. */
export interface ReportAnswer {
  readonly report: ConnectionReport;
  /** The age of the reading in milliseconds; 0 for a new one. */
  readonly ageMs: number;
}

/** The clusters of one project, which share its access list. */
export interface ProjectClusters {
  readonly names: readonly string[];
  readonly unread: readonly UnreadCluster[];
}

export interface ClusterList {
  readonly names: readonly string[];
  /** The same by project; empty when the projects are unknown. */
  readonly projects: readonly ProjectClusters[];
  /** Clusters that are not read, e.g. paused. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: readonly Problem[];
  /** The default cluster; null when the person has to choose. */
  readonly defaultCluster: string | null;
}

export interface BotStatus {
  readonly version: string;
  /** Identifies this replica. */
  readonly instance: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly clusters: readonly ClusterStatus[];
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  /** Missing permissions, credentials and Slack scopes, with remedies. */
  readonly problems: readonly Problem[];
  /** Schedule, store and outbox; null when no cluster is monitored. */
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

/** Readings that people look at, so that Share and Back mean the very one on the screen. */
export interface ShownReadings {
  /** Keeps a reading for half an hour, for every replica. A very large one is not kept. */
  keep(report: ConnectionReport): void;
  /** Null when it is no longer kept. Never rejects because of the store. @param at when it was read, in milliseconds since 1970 */
  find(cluster: string, at: number): Promise<ReportAnswer | null>;
}

export interface ReportService {
  clusters(signal: AbortSignal): Promise<ClusterList>;
  /**
   * Requests share a running reading. A reading younger than ten seconds is reused unless `fresh`. A reading without
   * any node is an answer too: its nodes have the reasons. Rejects with UserError for an unknown cluster, with
   * UpstreamError when the clusters cannot be listed.
   */
  report(cluster: string, options: { readonly fresh?: boolean; readonly signal: AbortSignal }): Promise<ReportAnswer>;
  /** Reads all clusters of the project of a cluster, each as `report` does, and the use of entries in their history. */
  hygiene(
    cluster: string,
    options: { readonly fresh?: boolean; readonly signal: AbortSignal },
  ): Promise<ProjectHygiene>;
  /** The last successful reading, whatever its age; null before the first. */
  last(cluster: string): ReportAnswer | null;
  readonly shown: ShownReadings;
  status(signal: AbortSignal): Promise<BotStatus>;
  /** Alerts, silences and history; null without a store. */
  readonly monitor: Monitor | null;
  /** The pools of the applications; null where no reports are taken. */
  readonly pools: PoolService | null;
}
