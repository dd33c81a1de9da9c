// `pools`, `pools prod`, `pools billing in prod`, `pools of billing`.

import { type CommandEntry, inCluster, joined, parseSourceOrCluster } from './grammar.ts';
import { quoted } from './tokens.ts';

export interface PoolsCommand {
  readonly kind: 'pools';
  /** As typed; null for all apps. */
  readonly app: string | null;
  /** Null when none was named: the pools to every cluster. */
  readonly cluster: string | null;
}

const usage = 'pools [app] [in <cluster>]';

/** `of billing`, `app billing`: these words are no part of a name. Quotes keep them. */
const LEADING = /^(?:of |for )?(?:the )?app (?=\S)/i;

export const pools: CommandEntry<PoolsCommand> = {
  usage,
  help: 'what applications report of their own connection pools, beside what the nodes count',
  aliases: ['pool'],
  parse: (rest, grammar) =>
    parseSourceOrCluster(rest.replace(LEADING, ''), grammar, { usage, print: pools.print, of, noun: 'app' }),
  print: (command) => joined('pools', command.app === null ? null : quoted(command.app), inCluster(command)),
  ofCluster: (cluster) => of(null, cluster),
};

/** A name that needs no quotes in front of `in`. Words that the grammar leaves out need them. */
const PLAIN = /^(?!(?:of|for|the|app|in)$)[\p{L}\p{N}][\p{L}\p{N}_-]*$/iu;

/** `pools billing in prod`, `pools "billing worker" in prod` */
export function poolsText(app: string, cluster: string): string {
  const isPlain = PLAIN.test(app) && app.toLowerCase() !== cluster.toLowerCase();
  return joined('pools', isPlain ? app : quoted(app), inCluster({ cluster }));
}

function of(app: string | null, cluster: string | null): PoolsCommand {
  return { kind: 'pools', app, cluster };
}
