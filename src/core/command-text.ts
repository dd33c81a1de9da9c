// What somebody typed, as words: Slack's escapes undone, odd spaces and quotes understood.

/** A word or a quoted name; `text` is without its quotes. */
export interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Typographic quotes come from phones and from pasted text; people mix them. */
const DOUBLE = '"“”„‟«»';
const SINGLE = "'‘’‚‹›";

/** `<http://203.0.113.9|203.0.113.9>`, `<tel:…|…>`, `<mailto:…|…>`, `<#C01|general>`: what was typed is the label. */
const labelled = /<([^<>|]*)\|([^<>]*)>/g;
/** `<http://203.0.113.9>`, `<mailto:who@example.com>`: without a label, what stands behind the scheme. */
const unlabelled = /<(?:https?:\/\/|mailto:|tel:)([^<>]*?)\/?>/g;
/** Spaces of every width, line breaks; characters without any width are left out. */
const spaces = /[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/** One line, spaces single, as the person typed it before Slack escaped it. */
export function plainText(slackText: string): string {
  return slackText
    .replace(labelled, (_, target: string, label: string) => label || target)
    .replace(unlabelled, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(invisible, '')
    .replace(spaces, ' ')
    .trim();
}

/** Every text that closes a quote which `opener` opened; empty where it is no quote. */
function closersOf(opener: string | undefined): string {
  if (opener === undefined || opener === '') return '';
  return [DOUBLE, SINGLE].find((quotes) => quotes.includes(opener)) ?? '';
}

/** Words of a plain text. A quote that is never closed is an ordinary character. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at++;
      continue;
    }
    const closers = closersOf(text[at]);
    const end = closers === '' ? -1 : closeOf(text, { from: at + 1, closers });
    const space = text.indexOf(' ', at);
    const wordEnd = space < 0 ? text.length : space;
    const isQuoted = end > at + 1;
    tokens.push(
      isQuoted
        ? { text: text.slice(at + 1, end).trim(), isQuoted }
        : { text: text.slice(at, wordEnd).replace(trailing, '') || text.slice(at, wordEnd), isQuoted },
    );
    at = isQuoted ? end + 1 : wordEnd;
  }
  return tokens;
}

/** What ends a sentence, not a name. */
const trailing = /[.,;:!?…]+$/;

function closeOf(text: string, { from, closers }: { readonly from: number; readonly closers: string }): number {
  for (let at = from; at < text.length; at++) {
    if (closers.includes(text[at] ?? ' ') && [' ', undefined].includes(text[at + 1])) return at;
  }
  return -1;
}

/**
 * A name in quotes at the start of a text, split from what follows: the first closing quote behind which `isTail`
 * accepts the rest. So a name may hold quotes itself: `"anyone: app "etl""`. Null where the text begins otherwise.
 */
export function quotedStart(
  text: string,
  isTail: (tail: string) => boolean,
): { readonly name: string; readonly tail: string } | null {
  const closers = closersOf(text[0]);
  for (let at = 1; closers !== '' && at < text.length; at++) {
    if (!closers.includes(text[at] ?? ' ')) continue;
    const [name, tail] = [
      text.slice(1, at).trim(),
      text
        .slice(at + 1)
        .replace(trailing, '')
        .trim(),
    ];
    if (name !== '' && isTail(tail)) return { name, tail };
  }
  return null;
}

export function withoutTrailingPunctuation(text: string): string {
  return text.replace(trailing, '').trim() || text;
}

/** In quotes that do not stand in the name itself, where there are such. */
export function quoted(name: string): string {
  const hasDouble = [...DOUBLE].some((quote) => name.includes(quote));
  const hasSingle = [...SINGLE].some((quote) => name.includes(quote));
  return hasDouble && !hasSingle ? `'${name}'` : `"${name}"`;
}
