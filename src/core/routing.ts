// Where an alert goes and whom it concerns: channel by severity, source and cluster; owner, runbook and mention.

import type { AlertKey, Severity } from './alert.ts';

/** The settings that decide it. Channels are ids of Slack; null is not set. */
export interface RoutingSettings {
  readonly channel: string | null;
  readonly critical: { readonly channel: string | null; readonly mention: string | null };
  /** What labels, clusters and overrides of rules say; the last that fits wins, field by field. */
  readonly routes: readonly Route[];
  /** Users of Slack who are told when a channel is gone or refuses the bot. */
  readonly fallback: readonly string[];
}

export interface Route {
  /** Globs; null fits all. `source` is held against id and name. */
  readonly cluster: string | null;
  readonly source: string | null;
  readonly node: string | null;
  readonly rule: string | null;
  readonly channel: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
}

export interface Destination {
  readonly channel: string | null;
  /** Ids or `@names`, as configured. */
  readonly mentions: readonly string[];
  readonly owner: string | null;
  readonly runbook: string | null;
}

export interface Routed extends AlertKey {
  readonly cluster: string;
  readonly who: string;
  readonly severity: Severity;
}
