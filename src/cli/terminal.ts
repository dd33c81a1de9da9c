// The terminal as the commands see it: how wide, whether in colour, and two ways out.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import stringWidth from 'string-width';
import type { Redact } from '../core/connections/redaction.ts';

export interface Terminal {
  /** Width of standard output in columns; 80 where it is unknown. */
  readonly columns: number;
  readonly colors: boolean;
  /** Writes to standard output; what is written faster than it is read waits for the promise, so that memory stays flat. */
  readonly out: (text: string) => Promise<void> | void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Takes secrets out of a value; left out where there are none to hide. */
  readonly redact?: Redact;
  /** From now on standard output is for programs: they get the values as they are. */
  readonly forPrograms?: () => void;
}

type Style = Parameters<typeof styleText>[0];
/** Puts a text that is ready to be shown in a style; last, because a style is made of control characters. */
export type Paint = (style: Style, text: string) => string;

export function painter(colors: boolean): Paint {
  return colors ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/**
 * Writes, and waits where the reader is slower. The promise never rejects: a reader that went away, or a signal, ends
 * the waiting, and the command elsewhere.
 */
export function createOut(stream: Writable, signal: AbortSignal): Terminal['out'] {
  let draining: Promise<void> | null = null;
  const drain = async () => {
    await once(stream, 'drain', { signal }).catch(() => undefined);
    draining = null;
  };
  return (text) => {
    if (stream.write(text)) return;
    draining ??= drain();
    return draining;
  };
}

/** A line on standard error that is replaced, and gone before anything else is written there. */
export function createProgress(stream: { readonly isTTY: boolean; readonly write: (text: string) => void }): {
  readonly show: (text: string | null) => void;
} {
  let shown = false;
  return {
    show(text) {
      if (!stream.isTTY || (text === null && !shown)) return;
      stream.write(`\r\u001b[2K${text === null ? '' : printable(text)}`);
      shown = text !== null;
    },
  };
}

// Outside text on its way to a terminal: nothing in it may move the cursor, change a colour or turn the line around.

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

// Times at the terminal: in UTC and marked as such, the same wherever the text is read.

/** `2026-09-16 06:10Z` @param at ISO 8601, or milliseconds since 1970 */
export function minute(at: string | number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
}
