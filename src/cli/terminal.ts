// The terminal as the commands see it: how wide, whether in colour, and two ways out.

import { styleText } from 'node:util';
import { printable } from './printable.ts';

export interface Terminal {
  /** Width of standard output in columns; 80 where it is unknown. */
  readonly columns: number;
  readonly colors: boolean;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
}

type Style = Parameters<typeof styleText>[0];
/** Puts a text that is ready to be shown in a style; last, because a style is made of control characters. */
export type Paint = (style: Style, text: string) => string;

export function painter(colors: boolean): Paint {
  return colors ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
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
