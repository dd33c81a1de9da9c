// The commands: one table for grammar, help, usage hint and did-you-mean. parse-command.ts reads text by it.

import type { SilenceEnd } from '../alerting/silence.ts';
import type { Dimension } from '../connections/group-by.ts';

/** What somebody asked for. `cluster` is null where none was named. */
export type Command =
  | { readonly kind: 'report'; readonly cluster: string | null; readonly by: Dimension }
  | { readonly kind: 'source'; readonly source: string; readonly cluster: string | null }
  | { readonly kind: 'nodes'; readonly cluster: string | null }
  | { readonly kind: 'hygiene'; readonly cluster: string | null }
  | { readonly kind: 'alerts'; readonly cluster: string | null }
  | {
      readonly kind: 'silence';
      /** A source, a node, a rule or a cluster, as it was written. */
      readonly target: string;
      readonly cluster: string | null;
      readonly until: SilenceEnd;
      /** Whether it holds even when an alert becomes critical. */
      readonly hold: boolean;
      readonly reason: string | null;
    }
  /** Without a target: asks which. */
  | { readonly kind: 'unsilence'; readonly target: string | null; readonly cluster: string | null }
  | {
      readonly kind: 'history';
      /** Null for the cluster as a whole. */
      readonly source: string | null;
      readonly cluster: string | null;
      /** Milliseconds back from now. */
      readonly window: number;
    }
  | { readonly kind: 'status' }
  | { readonly kind: 'help' };

export interface CommandForm {
  /** The first word; null for the report, which needs none. */
  readonly word: Exclude<Command['kind'], 'report'> | null;
  /** What stands behind the slash command's name. */
  readonly usage: string;
  readonly says: string;
}

export const COMMANDS: readonly CommandForm[] = [
  {
    word: null,
    usage: '[cluster] [by app, user, host, driver, node]',
    says: 'who holds the connections, by source or turned around',
  },
  { word: 'source', usage: 'source <name, IP or CIDR> [in <cluster>]', says: 'one source, drilled down' },
  { word: 'nodes', usage: 'nodes [cluster]', says: 'each node: role, connections, limit, clients; unread nodes' },
  {
    word: 'history',
    usage: 'history [source] [in <cluster>] [1h … 400d]',
    says: 'line chart and table: now, usual, max, first seen',
  },
  { word: 'alerts', usage: 'alerts [cluster]', says: 'what is firing, acknowledged, silenced, and why; the rules' },
  {
    word: 'silence',
    usage: 'silence <source, node or rule> [in <cluster>] <duration, or until date> [hold] [reason]',
    says: 'no word of it for 30m, 4h, 1d or 1w, or until 2026-11-30 18:00; hold: not even when it becomes critical',
  },
  {
    word: 'unsilence',
    usage: 'unsilence [source, node or rule] [in <cluster>]',
    says: 'ends a silence, or asks which',
  },
  {
    word: 'hygiene',
    usage: 'hygiene [cluster]',
    says: 'findings about the access list, with evidence; no cluster: all of the project',
  },
  { word: 'status', usage: 'status', says: 'the bot about itself: clusters, last readings, missing permissions' },
  { word: 'help', usage: 'help', says: 'this list' },
];
