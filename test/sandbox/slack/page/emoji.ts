// Emoji by Slack's short names, as slack-blocks-to-jsx knows them.

import { libraryText } from './library.ts';

const known = new Map<string, string | null>();

/** Null where nothing is known by this name. */
export function emoji(name: string): string | null {
  const found = known.get(name);
  if (found !== undefined) return found;
  const elements = [{ type: 'rich_text_section', elements: [{ type: 'emoji', name }] }];
  const drawn = libraryText({ type: 'rich_text', elements });
  // The library writes an unknown name as itself, in plain letters.
  const result = drawn !== null && /\P{ASCII}/u.test(drawn) ? drawn : null;
  known.set(name, result);
  return result;
}
