// `why`, `why prod`, `why Billing API in prod`, `why so many in prod`.

import { type CommandEntry, inCluster, joined, parseSourceOrCluster } from './grammar.ts';
import { quoted } from './tokens.ts';

export interface WhyCommand {
  readonly kind: 'why';
  /** Null for the cluster as a whole. */
  readonly source: string | null;
  /** Null when none was named. */
  readonly cluster: string | null;
}

const usage = 'why [source] [in <cluster>]';

/** The words of the button. Quotes keep a source of this name. */
const SO_MANY = /^(?:are there )?so many(?: connections)?(?=[ ?]|$)\??/i;

export const why: CommandEntry<WhyCommand> = {
  usage,
  help: 'the likely reason for so many, with evidence, and what would be freed',
  parse: (rest, grammar) =>
    parseSourceOrCluster(rest.replace(SO_MANY, '').trim(), grammar, { usage, print: why.print, of }),
  print: (command) => joined('why', command.source === null ? null : quoted(command.source), inCluster(command)),
  ofCluster: (cluster) => of(null, cluster),
};

function of(source: string | null, cluster: string | null): WhyCommand {
  return { kind: 'why', source, cluster };
}
