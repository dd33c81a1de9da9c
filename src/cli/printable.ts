// Outside text on its way to a terminal: nothing in it may move the cursor, change a colour or turn the line around.

import stringWidth from 'string-width';

/** Controls (C0, C1, DEL), invisible and bidirectional formatting, line separators, and what no font has. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every such character as a visible escape: `\n`, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => NAMED[character] ?? codePoint(character));
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Cuts printable text to `width` columns with … in the middle: both ends of a name or host tell something. */
export function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width < 2) return '…'.slice(0, Math.max(0, width));
  const graphemes = [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
  const tailRoom = Math.floor((width - 1) / 3);
  const tail = fitting(graphemes.toReversed(), tailRoom).toReversed().join('');
  const head = fitting(graphemes, width - 1 - stringWidth(tail)).join('');
  return `${head}…${tail}`;
}

/** As many of the first graphemes as fit. */
function fitting(graphemes: readonly string[], width: number): readonly string[] {
  let room = width;
  const end = graphemes.findIndex((grapheme) => {
    room -= stringWidth(grapheme);
    return room < 0;
  });
  return end === -1 ? graphemes : graphemes.slice(0, end);
}

/** Fills up to `width` columns. */
export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + space : space + text;
}
