// The bot's end of the store's thread: calls with a deadline, and an end that nobody waits through.

import { extname } from 'node:path';
import { hrtime } from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Problem } from '../../core/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { createAsked } from './asked.ts';
import type { Input, OperationName, Output } from './operations.ts';
import type { Start } from './protocol.ts';

export interface Thread {
  /** Rejects with UpstreamError after half a minute, when the thread has ended, or where the file or disk fails. */
  call<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    /** Parts of the input that are handed over instead of copied: here they are gone. */
    handed?: readonly ArrayBuffer[],
  ): Promise<Output<Name>>;
  /** Resolves when the file is closed. */
  close(): Promise<void>;
}

const CALL_MS = 30_000;
/** Checking the pages of a large file takes a while. */
const OPEN_MS = 300_000;

/** @throws UpstreamError where the file cannot be used, UserError where there is none to read */
export async function startThread(start: Start): Promise<Thread> {
  // Run unbuilt this is a .ts file beside a .ts file; built, a .js file beside a .js file.
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData: start });
  const asked = createAsked(slow(start.file));
  let over: Problem | null = null;
  const end = (cause?: unknown) => {
    over ??= threadEnded(start.file);
    asked.abandon(over, cause);
  };
  worker.on('message', asked.settle);
  worker.on('error', end);
  const exited = new Promise<void>((resolve) => worker.on('exit', () => resolve(end())));
  try {
    await asked.answer(0, OPEN_MS);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  let last = 0;
  const post = async (name: string, input: unknown, handed: readonly ArrayBuffer[] = []): Promise<unknown> => {
    if (over !== null) throw new UpstreamError(over);
    const id = ++last;
    worker.postMessage({ id, name, input, by: hrtime.bigint() + BigInt(CALL_MS) * 1_000_000n }, [...handed]);
    return asked.answer(id, CALL_MS);
  };
  const close = async () => {
    if (over !== null) return;
    const answer = post('close', null);
    over = closed(start.file);
    try {
      await answer;
      await exited;
    } finally {
      await worker.terminate();
    }
  };
  let closing: Promise<void> | null = null;
  return {
    call: async <Name extends OperationName>(name: Name, input: Input<Name>, handed?: readonly ArrayBuffer[]) =>
      (await post(name, input, handed)) as Output<Name>,
    close: () => (closing ??= close()),
  };
}

function threadEnded(file: string): Problem {
  return {
    code: 'store-thread-ended',
    text: `The thread that works on the store ${file} has ended.`,
    remedy: 'Open the store again: what was answered is written, what was not may be.',
  };
}

function slow(file: string): Problem {
  return {
    code: 'store-slow',
    text: `The store ${file} did not answer in time.`,
    remedy: 'Look at the load and the health of its disk; a network file system is no place for it.',
  };
}

function closed(file: string): Problem {
  return {
    code: 'store-closed',
    text: `The store ${file} was closed.`,
    remedy: 'Open it again.',
  };
}
