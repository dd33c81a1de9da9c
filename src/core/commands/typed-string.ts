// Connection strings in typed text. They may contain a password, so no other answer and no log line repeats the text.

import { commandName } from './commands.ts';
import type { Grammar } from './grammar.ts';
import { plainText, withoutCourtesy } from './tokens.ts';

/** A scheme, also a misspelled one. Bounded, because it is looked for before anyone's permission is. */
const SCHEME = /mongo[\w.+-]{0,40}:?\/\//i;
/** The same without its slashes. It counts where an @ follows. */
const BARE_SCHEME = /mongo[\w.+-]{0,40}[:;]/i;
/** A user and the beginning of a password, behind a scheme. */
const LOGIN = /:\/\/[^/]*:/;
/** What follows the word `lint` is a string if it has one of these. The name of a cluster has none. */
const PART = /[:/@=%]/;

/**
 * Whether a text has a connection string in it, well-formed or not: a scheme, or a user and a password before a host of
 * Atlas. Linear in the length of the text.
 */
export function holdsConnectionString(text: string): boolean {
  return text.split(/\s/).some(isString);
}

/** What a word has between two @ is looked at by itself, so that nothing is read twice. */
function isString(word: string): boolean {
  if (SCHEME.test(word)) return true;
  const parts = word.split('@');
  const [host = ''] = parts.splice(-1);
  if (parts.some((part) => LOGIN.test(part)) || BARE_SCHEME.test(parts.join('@'))) return true;
  return parts.some((part, at) => {
    const colon = part.indexOf(':');
    return colon >= 0 && colon < part.length - 1 && /\.mongodb\.net/i.test(parts[at + 1] ?? host);
  });
}

/**
 * The connection string of a command or a message, with what surrounds it; null where there is none.
 * @param slackText what follows the slash command or the mention, as Slack delivers it (escaped)
 * @param grammar.command the slash command's name
 */
export function typedConnectionString(slackText: string, grammar: Pick<Grammar, 'command'>): string | null {
  const text = plainText(slackText);
  if (commandName(slackText, grammar) !== 'lint') return holdsConnectionString(text) ? text : null;
  const typed = withoutCourtesy(text, { ...grammar, isName: () => false });
  const [, rest = ''] = /^\S+ (.*)$/.exec(typed) ?? [];
  return PART.test(rest) ? rest : null;
}
