// The commands: one table for grammar, help, usage hint and did-you-mean. parse-command.ts reads text by it.

import type { Dimension } from './turn.ts';

/** What somebody asked for. `cluster` is null where none was named. */
export type Command =
  | { readonly kind: 'report'; readonly cluster: string | null; readonly by: Dimension }
  | { readonly kind: 'source'; readonly source: string; readonly cluster: string | null }
  | { readonly kind: 'nodes'; readonly cluster: string | null }
  | { readonly kind: 'hygiene'; readonly cluster: string | null }
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
  { word: 'hygiene', usage: 'hygiene [cluster]', says: 'findings about the access list, with evidence' },
  { word: 'status', usage: 'status', says: 'the bot about itself: clusters, last readings, missing permissions' },
  { word: 'help', usage: 'help', says: 'this list' },
];
