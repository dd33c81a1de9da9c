// Starts the writer as a bot would be started, or the reader as from a terminal; reads what they say line by line.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Writer {
  readonly pid: number;
  /** Rejects where it ended without another line. */
  line(): Promise<string>;
  /** What it said and nobody asked for; resolves when it has ended. */
  rest(): Promise<readonly string[]>;
  /** Lets it end by itself. */
  end(): void;
  kill(signal: 'SIGKILL'): void;
}

export interface WriterInput {
  readonly directory: string;
  /** How many readings; null until it is told to end. */
  readonly readings: number | null;
  /** Takes what it wrote, and says `taken`. */
  readonly takes?: boolean;
  /** Blocks of 512 bytes that a file may have; null for no limit. */
  readonly largestFile?: number;
  /** Whom it runs as. */
  readonly uid?: number;
}

const here = (file: string) => new URL(file, import.meta.url).pathname;

export function startWriter({ directory, readings, takes = false, largestFile, uid }: WriterInput): Writer {
  const args = [here('sqlite-writer.ts'), directory, String(readings ?? Number.POSITIVE_INFINITY)];
  return started(takes ? [...args, 'take'] : args, { largestFile, uid });
}

/** What a reader finds: how many readings, or a problem. */
export async function read(input: { readonly directory: string; readonly uid?: number }): Promise<string> {
  const [line = ''] = await started([here('sqlite-reader.ts'), input.directory], { uid: input.uid }).rest();
  return line;
}

interface As {
  readonly largestFile?: number | undefined;
  readonly uid?: number | undefined;
}

function started(args: readonly string[], { largestFile, uid }: As): Writer {
  const command = `${largestFile === undefined ? '' : `ulimit -f ${largestFile}; `}exec "$0" "$@"`;
  const child: ChildProcess = spawn('/bin/sh', ['-c', command, process.execPath, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  if (child.stdout === null || child.pid === undefined) throw new Error('the writer did not start');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  return {
    pid: child.pid,
    line: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the writer ended');
      return value;
    },
    rest: async () => {
      const found: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) found.push(next.value);
      await exit;
      return found;
    },
    end: () => void child.stdin?.end(),
    kill: (signal) => void child.kill(signal),
  };
}
