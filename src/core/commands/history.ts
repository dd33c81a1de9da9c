// `history`, `history 7d`, `history Billing API in prod 35d`.

import { durationText } from '../base/duration.ts';
import { DEFAULT_WINDOW, LONGEST_WINDOW, SHORTEST_WINDOW } from '../snapshots/time-window.ts';
import {
  type CommandEntry,
  type Grammar,
  inCluster,
  joined,
  type Parsed,
  parseSourceOrCluster,
  refused,
  shown,
} from './grammar.ts';
import { lengthAt } from './silence-end.ts';
import { quoted, unpunctuated } from './tokens.ts';

export interface HistoryCommand {
  readonly kind: 'history';
  /** Null for the cluster as a whole. */
  readonly source: string | null;
  readonly cluster: string | null;
  /** Milliseconds back from now. */
  readonly window: number;
}

const usage = 'history [source] [in <cluster>] [1h … 400d]';

export const history: CommandEntry<HistoryCommand> = {
  usage,
  help: 'line chart and table: now, usual, peak, first seen',
  parse(rest, grammar) {
    const { name, last, duration } = lastWord(rest);
    if (duration !== null && (duration < SHORTEST_WINDOW || duration > LONGEST_WINDOW)) return outside(last);
    if (duration === null && /^\d+[a-z]{1,8}$/i.test(last)) return noDuration(last, name, grammar);
    const of = { window: duration ?? DEFAULT_WINDOW, grammar };
    return duration === null ? ofSource(rest, of) : ofSource(name, of);
  },
  print: (command) =>
    joined(
      'history',
      command.source === null ? null : quoted(command.source),
      inCluster(command),
      durationText(command.window),
    ),
  ofCluster: (cluster) => ({ kind: 'history', source: null, cluster, window: DEFAULT_WINDOW }),
};

function ofSource(
  text: string,
  { window, grammar }: { readonly window: number; readonly grammar: Grammar },
): Parsed<HistoryCommand> {
  const of = (source: string | null, cluster: string | null): HistoryCommand => {
    return { kind: 'history', source, cluster, window };
  };
  return parseSourceOrCluster(text, grammar, { usage, print: history.print, of });
}

/** The most words of a duration: `over the last 24 hours`. */
const MOST_WORDS = 5;

/** The duration at the end, or else the last word. Quotes keep a name that ends in what could be a duration. */
function lastWord(text: string): { readonly name: string; readonly last: string; readonly duration: number | null } {
  const whole = unpunctuated(text);
  const words = whole.split(' ');
  for (let from = Math.max(0, words.length - MOST_WORDS); from < words.length; from++) {
    const last = words.slice(from).join(' ');
    const said = last.replace(/^(?:(?:for|over|of|in) )?(?:the )?(?:last|past) (?=\d)/i, '');
    const length = lengthAt(said, 0);
    if (length?.tail === '') return { name: words.slice(0, from).join(' '), last, duration: length.end.for };
  }
  return { name: words.slice(0, -1).join(' '), last: words.at(-1) ?? '', duration: null };
}

function outside(last: string): Parsed<never> {
  return refused('window', `"${shown(last)}" is outside the range of a history.`, 'Use a duration from 1h to 400d.');
}

function noDuration(last: string, name: string, grammar: Grammar): Parsed<never> {
  const meant = ofSource(shown(name), { window: DEFAULT_WINDOW, grammar });
  const right = meant.ok ? history.print(meant.command) : usage;
  const text = `"${shown(last)}" is not a duration.`;
  return refused('unknown-duration', text, `Did you mean "${grammar.command} ${right}"? Use 1h to 400d.`);
}
