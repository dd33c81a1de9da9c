// `history`, `history 7d`, `history Billing API in prod 35d`.

import { parseDuration } from './base/duration.ts';
import {
  type Grammar,
  nameAndCluster,
  type ParsedCommand,
  refused,
  shown,
  takeCluster,
  understood,
  unknownCluster,
  usageOf,
} from './commands/grammar.ts';
import { printCommand } from './commands/print.ts';
import { tokensOf, unpunctuated } from './commands/tokens.ts';
import { DEFAULT_WINDOW, LONGEST_WINDOW, SHORTEST_WINDOW } from './snapshots/time-window.ts';

/** @param rest what stands behind the word */
export function parseHistory(rest: string, grammar: Grammar): ParsedCommand {
  const { name, last } = lastWord(rest);
  const duration = parseDuration(last.toLowerCase());
  if (duration !== null && (duration < SHORTEST_WINDOW || duration > LONGEST_WINDOW)) return outside(last);
  if (duration === null && /^\d+[a-z]{1,8}$/i.test(last)) return noDuration(last, name, grammar);
  const of = { window: duration ?? DEFAULT_WINDOW, grammar };
  return duration === null ? ofSource(rest, of) : ofSource(name, of);
}

function ofSource(text: string, of: { readonly window: number; readonly grammar: Grammar }): ParsedCommand {
  const { window, grammar } = of;
  const tokens = tokensOf(text);
  const { cluster, left } = takeCluster(tokens, grammar);
  // In quotes it is a source, whatever the clusters are called; `in "my cluster"` is one.
  if (left.length === 0 && tokens[0]?.isQuoted !== true)
    return understood({ kind: 'history', source: null, cluster, window });
  const named = nameAndCluster(text, grammar);
  const asked = { kind: 'history', source: named.name, window } as const;
  return named.unknown === null
    ? understood({ ...asked, cluster: named.cluster })
    : unknownCluster(named.unknown, { grammar, form: (name) => printCommand({ ...asked, cluster: name }) });
}

/** Quotes keep a name that ends in what looks like a duration. */
function lastWord(text: string): { readonly name: string; readonly last: string } {
  const at = text.lastIndexOf(' ');
  const last = unpunctuated(text.slice(at + 1));
  return { name: text.slice(0, Math.max(0, at)), last };
}

function outside(last: string): ParsedCommand {
  const text = `"${shown(last)}" is outside of what a history shows.`;
  return refused('window', text, 'It reaches back 1h to 400d.');
}

function noDuration(last: string, name: string, grammar: Grammar): ParsedCommand {
  const meant = ofSource(shown(name), { window: DEFAULT_WINDOW, grammar });
  const right = meant.ok ? printCommand(meant.command) : usageOf('history');
  const text = `"${shown(last)}" is no duration.`;
  return refused('unknown-duration', text, `Did you mean "${grammar.command} ${right}"? 1h to 400d can be asked for.`);
}
