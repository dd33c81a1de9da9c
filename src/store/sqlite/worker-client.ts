// The bot's side of the store's thread: calls with a deadline, and a close with a time limit.

import { extname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { hrtime } from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Problem } from '../../core/base/problem.ts';
import { UpstreamError } from '../../errors.ts';
import { errorOf, type WorkerAnswer, type WorkerStart } from './protocol.ts';
import type { Input, OperationName, Output } from './worker.ts';

export interface Thread {
  /** Rejects with UpstreamError after half a minute, when the thread has ended, or if the file or disk fails. */
  call<Name extends OperationName>(
    name: Name,
    input: Input<Name>,
    /** Buffers of the input that are transferred, not copied. The caller cannot use them afterwards. */
    handed?: readonly ArrayBuffer[],
  ): Promise<Output<Name>>;
  /** Resolves when the file is closed. */
  close(): Promise<void>;
}

/** One thread, to its end. */
interface OneThread extends Thread {
  /** The thread ended without a close. */
  isLost(): boolean;
  /** Resolves when the thread is gone and its resources are released. */
  readonly gone: Promise<void>;
}

const CALL_MS = 30_000;
/** A thread that ends repeatedly is not restarted more often. */
const AGAIN_MS = 5_000;
/** Checking the pages of a large file takes time. */
const OPEN_MS = 300_000;

/**
 * If the thread ends unexpectedly, the next call starts another one, without a restart of the bot.
 * @throws UpstreamError if the file cannot be used, NoHistoryError if there is no store to read
 */
export async function startThread(start: WorkerStart): Promise<Thread> {
  let current = await startOne(start);
  let starting: Promise<OneThread> | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  const next = async ({ gone }: OneThread): Promise<OneThread> => {
    await gone;
    current = await startOne({ ...start, again: true });
    return current;
  };
  const living = (): OneThread | Promise<OneThread> => {
    if (starting !== null) return starting;
    // A store in memory was lost with the thread.
    if (!current.isLost() || isClosed || start.file === ':memory:') return current;
    const at = performance.now();
    if (at - startedAt < AGAIN_MS) return current;
    startedAt = at;
    starting = next(current).finally(() => {
      starting = null;
    });
    return starting;
  };
  return {
    call: async (name, input, handed) => (await living()).call(name, input, handed),
    async close() {
      isClosed = true;
      await starting?.catch(() => null);
      await current.close();
    },
  };
}

async function startOne(start: WorkerStart): Promise<OneThread> {
  // From source, this is a .ts file next to a .ts file; after the build, a .js file next to a .js file.
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData: start });
  const asked = createPendingCalls(slow(start.file));
  let over: Problem | null = null;
  let isLost = false;
  const end = (cause?: unknown) => {
    isLost ||= over === null;
    over ??= threadEnded(start.file);
    asked.abandon(over, cause);
  };
  worker.on('message', asked.settle);
  worker.on('error', end);
  const gone = new Promise<void>((resolve) => worker.on('exit', () => resolve(end())));
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
      await gone;
    } finally {
      await worker.terminate();
    }
  };
  let closing: Promise<void> | null = null;
  return {
    call: async <Name extends OperationName>(name: Name, input: Input<Name>, handed?: readonly ArrayBuffer[]) =>
      (await post(name, input, handed)) as Output<Name>,
    close: () => (closing ??= close()),
    isLost: () => isLost,
    gone,
  };
}

function threadEnded(file: string): Problem {
  return {
    code: 'store-thread-ended',
    text: `The thread of the store ${file} has ended.`,
    remedy:
      'The bot opens the file again; a store in memory is lost. Confirmed writes are saved; others may be missing.',
  };
}

function slow(file: string): Problem {
  return {
    code: 'store-slow',
    text: `The store ${file} did not answer in time.`,
    remedy: 'Check the load and the health of its disk. Do not use a network file system.',
  };
}

function closed(file: string): Problem {
  return {
    code: 'store-closed',
    text: `The store ${file} was closed.`,
    remedy: 'Open it again.',
  };
}

// Pending calls to the thread, each with its deadline.

interface PendingCalls {
  /** Settles with the answer of that number; rejects with UpstreamError after the deadline. */
  answer(id: number, ms: number): Promise<unknown>;
  settle(answer: WorkerAnswer): void;
  /** No more answers will arrive. */
  abandon(problem: Problem, cause: unknown): void;
}

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** @param slow the error for an answer after the deadline */
function createPendingCalls(slow: Problem): PendingCalls {
  const askers = new Map<number, Asker>();
  const taken = (id: number) => {
    const asker = askers.get(id);
    askers.delete(id);
    return asker;
  };
  return {
    answer: async (id, ms) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      askers.set(id, { resolve, reject });
      const timer = setTimeout(() => taken(id)?.reject(new UpstreamError(slow)), ms);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    settle: (answer) => {
      const asker = taken(answer.id);
      if ('failure' in answer) asker?.reject(errorOf(answer.failure));
      else asker?.resolve(answer.value);
    },
    abandon: (problem, cause) => {
      for (const id of [...askers.keys()]) taken(id)?.reject(new UpstreamError(problem, { cause }));
    },
  };
}
