// Credentials in connection strings, which are never shown.

export const REDACTED = '[redacted]';

/** Ours, in the place of credentials. */
const PLACEHOLDER = /^<user>(?::<password>)?$/;

const SCHEME = /mongodb(?:\+srv)?:\/\//gi;

/** What may end a word. In JSON an unescaped quote does too, because it ends the value. */
const MARKS = { text: /\s/g, json: /\s|"|\\./gs } as const;

/** Whether this is a connection string, well-formed or not. */
export function isConnectionString(text: string): boolean {
  return new RegExp(`^\\s*${SCHEME.source}`, 'i').test(text);
}

/**
 * Replaces every connection string with a user by `mongodb://[redacted]@…`, from the scheme to the last @ of the word.
 * An unescaped password may contain any character but a blank. The time is linear in the length, because the text may
 * be hostile.
 * @param form JSON stays JSON of the same shape
 */
export function withoutCredentials(text: string, form: keyof typeof MARKS = 'text'): string {
  const schemes = new RegExp(SCHEME);
  const clean: string[] = [];
  let shown = 0;
  while (schemes.test(text)) {
    const start = schemes.lastIndex;
    const end = endOfWord(text, start, form);
    const user = text.slice(start, end).lastIndexOf('@');
    if (user >= 0 && !PLACEHOLDER.test(text.slice(start, start + user))) {
      clean.push(text.slice(shown, start), REDACTED);
      shown = start + user;
    }
    schemes.lastIndex = end;
  }
  return clean.length === 0 ? text : [...clean, text.slice(shown)].join('');
}

function endOfWord(text: string, start: number, form: keyof typeof MARKS): number {
  const marks = new RegExp(MARKS[form]);
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text))
    if (!mark[0].startsWith('\\')) return mark.index;
  return text.length;
}
