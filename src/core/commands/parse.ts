// Text → Command, by the table in command.ts. What is not understood is answered with the nearest right form.

import { parseDuration } from '../base/duration.ts';
import { nearest } from '../base/fuzzy-match.ts';
import { DIMENSIONS, type Dimension } from '../connections/group-by.ts';
import { parseCidr } from '../net/cidr.ts';
import { DEFAULT_WINDOW, LONGEST_WINDOW, SHORTEST_WINDOW } from '../snapshots/time-window.ts';
import {
  findCluster,
  type Grammar,
  isWord,
  nameAndCluster,
  type ParsedCommand,
  refused,
  shown,
  type Taken,
  takeCluster,
  understood,
  unknownCluster,
  usageOf,
  WORDS,
  watched,
  wordOf,
} from './grammar.ts';
import { parseSilence, parseUnsilence } from './parse-silence.ts';
import { printCommand } from './print.ts';
import { plainText, type Token, tokensOf, tooLong, unpunctuated } from './tokens.ts';

/** @param text what stands behind the slash command or the mention, as Slack delivers it (escaped) */
export function parseCommand(text: string, grammar: Grammar): ParsedCommand {
  const typed = plainText(text);
  const long = tooLong('command', typed);
  if (long !== null) return refused('long-command', long.text, long.remedy);
  const [first] = tokensOf(typed, 1);
  const word = first === undefined ? null : wordOf(first);
  // The word of the command stays: a secret may be the same by chance.
  const from = word === null ? 0 : `${typed} `.indexOf(' ');
  const { redact = (value: string) => value } = grammar;
  const plain = typed.slice(0, from) + redact(typed.slice(from));
  const tokens = tokensOf(plain);
  const behind = plain.includes(' ') ? plain.slice(plain.indexOf(' ')).trim() : '';
  if (word === 'source') return parseSource(behind, grammar);
  if (word === 'silence') return parseSilence(behind, grammar);
  if (word === 'unsilence') return parseUnsilence(behind, grammar);
  if (word === 'history') return parseHistory(behind, grammar);
  if (word === 'status' || word === 'help') return understood({ kind: word });
  const rest = word === null ? tokens : tokens.slice(1);
  if (word === null || word === 'report') return parseReport(rest, grammar);
  const { cluster, left } = takeCluster(rest, grammar);
  const [unknown] = left;
  return unknown === undefined
    ? understood({ kind: word, cluster })
    : unknownCluster(unknown, { grammar, form: (name) => printCommand({ kind: word, cluster: name }) });
}

function parseReport(tokens: readonly Token[], grammar: Grammar): ParsedCommand {
  let left = tokens;
  let cluster: string | null = null;
  let by: Dimension | null = null;
  while (left.length > 0) {
    const [first, second] = left;
    if (by === null && isWord(first, 'by') && findCluster('by', grammar) === null) {
      const dimension = dimensionOf(second);
      if (dimension === null) return unknownDimension(second, { cluster, grammar });
      [by, left] = [dimension, left.slice(2)];
      continue;
    }
    const taken: Taken = cluster === null ? takeCluster(left, grammar) : { cluster: null, left };
    if (taken.cluster === null) return unknownWord(taken.left, { cluster, grammar });
    ({ cluster, left } = taken);
  }
  return understood({ kind: 'report', cluster, by: by ?? 'source' });
}

function dimensionOf(token: Token | undefined): Dimension | null {
  return DIMENSIONS.find((known) => isWord(token, known) || isWord(token, `${known}s`)) ?? null;
}

function parseSource(rest: string, grammar: Grammar): ParsedCommand {
  if (rest === '') {
    return refused(
      'missing-source',
      'Which source? None was named.',
      `Write "${grammar.command} ${usageOf('source')}".`,
    );
  }
  const named = nameAndCluster(rest, grammar);
  const asked = { kind: 'source', source: named.name } as const;
  return named.unknown === null
    ? understood({ ...asked, cluster: named.cluster })
    : unknownCluster(named.unknown, { grammar, form: (cluster) => printCommand({ ...asked, cluster }) });
}

function unknownDimension(
  token: Token | undefined,
  { cluster, grammar }: { readonly cluster: string | null; readonly grammar: Grammar },
): ParsedCommand {
  const turned = DIMENSIONS.filter((dimension) => dimension !== 'source');
  const known = `A report can be turned by ${turned.join(', ')}.`;
  if (token === undefined) return refused('missing-dimension', 'By what? Nothing stands behind "by".', known);
  const by = nearest(token.text, DIMENSIONS);
  const near = DIMENSIONS.find((dimension) => dimension === by);
  const form = near && printCommand({ kind: 'report', cluster, by: near });
  const meant = form ? `Did you mean "${grammar.command} ${form}"? ` : '';
  return refused('unknown-dimension', `I can't turn a report by "${shown(token.text)}".`, `${meant}${known}`);
}

/** A word that is neither a command nor a cluster, or that stands where none is expected. */
function unknownWord(
  tokens: readonly Token[],
  { cluster, grammar }: { readonly cluster: string | null; readonly grammar: Grammar },
): ParsedCommand {
  const [token = { text: '', isQuoted: false }] = tokens;
  const { command } = grammar;
  const all = `"${command} help" lists everything.`;
  const hint = (usage: string, more = all) => `Did you mean "${command} ${usage}"? ${more}`;
  const text = `I don't know "${shown(token.text)}"${cluster === null ? '' : ` behind the cluster "${cluster}"`}.`;
  const word = wordOf(token);
  if (cluster !== null && (word === 'nodes' || word === 'hygiene' || word === 'alerts')) {
    return refused('unknown-word', text, hint(printCommand({ kind: word, cluster })));
  }
  if (cluster !== null && word === 'history') {
    const right = printCommand({ kind: word, source: null, cluster, window: DEFAULT_WINDOW });
    return refused('unknown-word', text, hint(right));
  }
  if (parseCidr(token.text) !== null) {
    return refused('unknown-word', text, hint(printCommand({ kind: 'source', source: token.text, cluster })));
  }
  const near = nearest(token.text, [...(cluster === null ? grammar.clusters : []), ...WORDS, 'by']);
  const isCluster = cluster === null && near !== null && grammar.clusters.includes(near);
  if (isCluster)
    return unknownCluster(token, {
      grammar,
      form: (name) => printCommand({ kind: 'report', cluster: name, by: 'source' }),
    });
  const nearWord = WORDS.find((known) => known === near);
  const form = near === 'by' ? usageOf(null) : nearWord && usageOf(nearWord);
  return refused('unknown-word', text, form ? hint(form) : `I watch ${watched(grammar)}. ${all}`);
}

// `history`, `history 7d`, `history Billing API in prod 35d`.

/**
 * @param rest what stands behind the word
 * @internal
 */
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
