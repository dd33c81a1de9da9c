// Connection strings in typed text. They may contain a password, so no other answer and no log line repeats the text.

import { commandName } from './commands.ts';
import type { Grammar } from './grammar.ts';
import { plainText, withoutCourtesy } from './tokens.ts';

/** With a scheme, also a misspelled one; or a user and a password before a host of Atlas. */
const STRING = /mongo[\w.+-]*:?\/\/|mongo[\w.+-]*[:;]\S*@|:\/\/[^\s/@]*:[^\s@]*@|:[^\s@]+@[^\s@]*\.mongodb\.net/i;
/** What follows the word `lint` is a string if it has one of these. The name of a cluster has none. */
const PART = /[:/@=%]/;

/** Whether a text has a connection string in it, well-formed or not. */
export function holdsConnectionString(text: string): boolean {
  return STRING.test(text);
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
