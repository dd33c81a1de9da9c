// Routes an alert: channel by severity, source and cluster; owner, runbook and mention.

import { fits } from '../base/glob.ts';
import type { AlertKey } from '../detection/alert-state.ts';
import type { Severity } from '../detection/rule.ts';

/** Channels are ids of Slack; null is not set. */
export interface RoutingSettings {
  readonly channel: string | null;
  readonly critical: { readonly channel: string | null; readonly mention: string | null };
  /** From labels, clusters and overrides of rules. The last match wins, field by field. */
  readonly routes: readonly Route[];
  /** Slack users who get a message when a channel is gone or refuses the bot. */
  readonly fallback: readonly string[];
}

export interface Route {
  /** Globs; null matches all. `source` is compared with id and name. */
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

/** The last match wins, field by field. A critical alert goes to the channel of critical alerts, if set. */
export function destinationOf(routed: Routed, { channel, critical, routes }: RoutingSettings): Destination {
  const fitting = routes.filter((route) => isOnRoute(route, routed));
  const last = (field: 'channel' | 'owner' | 'runbook') =>
    fitting.findLast((route) => route[field] !== null)?.[field] ?? null;
  const usual = last('channel') ?? channel;
  const isCritical = routed.severity === 'critical';
  return {
    channel: isCritical ? (critical.channel ?? usual) : usual,
    mentions: isCritical && critical.mention !== null ? [critical.mention] : [],
    owner: last('owner'),
    runbook: last('runbook'),
  };
}

/** Whether the settings send anything to this channel. */
export function isInUse(channel: string | null, { channel: usual, critical, routes }: RoutingSettings): boolean {
  return channel !== null && [usual, critical.channel, ...routes.map((route) => route.channel)].includes(channel);
}

function isOnRoute(route: Route, { cluster, source, node, rule, who }: Routed): boolean {
  const allows = (glob: string | null, words: readonly (string | null)[]) =>
    glob === null || words.some((word) => word !== null && fits(glob, word));
  return (
    allows(route.cluster, [cluster]) &&
    allows(route.source, source === null ? [] : [source, who]) &&
    allows(route.node, [node]) &&
    allows(route.rule, [rule])
  );
}
