// The terminal for commands: its width, its colours, standard output and standard error.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Redact } from '../core/connections/redaction.ts';
import { printable } from './layout.ts';

export interface Terminal {
  /** Width of standard output in columns; 80 when it is unknown. */
  readonly columns: number;
  readonly colors: boolean;
  /** Writes to standard output. Awaiting the promise keeps memory flat when the reader is slow. */
  readonly out: (text: string) => Promise<void> | void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Removes secrets from a value. */
  readonly redact?: Redact;
  /** From now on standard output is for programs. They get values without redaction. */
  readonly forPrograms?: () => void;
}

/**
 * The promise never rejects. A reader that disconnects, or a signal, ends the wait. The command itself ends elsewhere.
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

/** A line on standard error. The next one replaces it, and it is erased before any other output. */
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
