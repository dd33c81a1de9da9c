// The terminal as the commands see it: how wide, whether in colour, and two ways out.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Redact } from '../core/connections/redaction.ts';
import { printable } from './layout.ts';

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
