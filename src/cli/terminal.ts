// The terminal for commands: its width, its colours, standard output and standard error.

import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Redact } from '../core/connections/redaction.ts';
import { printable } from './layout.ts';
import type { TextInput } from './lint.ts';

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

/**
 * Standard input. What is typed at a hidden question is shown nowhere: the terminal is in raw mode meanwhile.
 * @param edges.interrupt Ctrl-C, which no signal announces in raw mode
 */
export function createInput(
  stream: Readable & { readonly isTTY?: boolean },
  edges: { readonly ask: (text: string) => void; readonly interrupt: () => void; readonly signal: AbortSignal },
): TextInput {
  return {
    isTerminal: stream.isTTY === true,
    readAll: () => text(stream),
    askHidden: async (question) => {
      const nowhere = new Writable({ write: (_, __, done) => done() });
      const lines = createInterface({ input: stream, output: nowhere, terminal: true, historySize: 0 });
      lines.on('SIGINT', edges.interrupt);
      try {
        edges.ask(question);
        const closed = once(lines, 'close', { signal: edges.signal }).then(() => '');
        return await Promise.race([lines.question('', { signal: edges.signal }), closed]);
      } finally {
        lines.close();
        edges.ask('\n');
      }
    },
  };
}
