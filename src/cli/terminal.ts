// The terminal as the commands see it: its width, its colours, standard output and standard error.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Redact } from '../core/connections/redaction.ts';
import { printable } from './layout.ts';

export interface Terminal {
  /** Width of standard output in columns; 80 where it is unknown. */
  readonly columns: number;
  readonly colors: boolean;
  /** Writes to standard output. Awaiting the promise keeps memory flat where the reader is slow. */
  readonly out: (text: string) => Promise<void> | void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Takes secrets out of a value. */
  readonly redact?: Redact;
  /** From now on standard output is for programs: they get the values as they are. */
  readonly forPrograms?: () => void;
}

/**
 * The promise never rejects: a reader that went away, or a signal, ends the waiting. The command ends elsewhere.
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

/** A line on standard error that the next one replaces. It is erased before any other output. */
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
