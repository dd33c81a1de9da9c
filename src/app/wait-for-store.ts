// Opens the store at the start. The bot waits for a store that is unreachable; any other failure ends the bot.

import { unlessAborted } from '../core/base/abort.ts';
import type { Wait } from '../core/base/clock.ts';
import { SECOND } from '../core/base/duration.ts';
import type { Problem } from '../core/base/problem.ts';
import { retryUntil } from '../core/base/retry.ts';
import type { Store } from '../core/ports/store.ts';
import type { Log } from '../core/ports/telemetry.ts';
import { UpstreamError } from '../errors.ts';

export interface StoreOpening {
  /** Null if it was stopped before the store opened. Rejects with failures that waiting does not fix. */
  opened(): Promise<Store | null>;
  /** Why the store is not open yet. Null before the first failed attempt and after success. */
  trouble(): Problem | null;
}

export interface StoreOpeningInput {
  /** One attempt, with its own deadline. */
  readonly open: () => Promise<Store>;
  readonly now: () => Date;
  readonly wait: Wait;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly signal: AbortSignal;
}

const WAITS = { least: SECOND, most: 30 * SECOND };
/** The network or another replica set member blocks the store. This passes by itself, but may take long. */
const OUT_OF_REACH = new Set([
  'store-dns',
  'store-unreachable',
  'store-no-primary',
  'store-connection-lost',
  'store-timeout',
]);
/**
 * A bot that this one replaces releases the file within this time. After it, another bot is running and this one ends.
 */
const HELD = new Set(['store-held', 'store-busy']);
const LETS_GO = 30 * SECOND;

export function createStoreOpening(input: StoreOpeningInput): StoreOpening {
  const { open, now, wait, random, log, signal } = input;
  let missing: { readonly since: number; readonly problem: Problem } | null = null;

  const mayPass = (error: unknown): error is UpstreamError => {
    if (!(error instanceof UpstreamError)) return false;
    const { code } = error.problem;
    const at = now().getTime();
    return OUT_OF_REACH.has(code) || (HELD.has(code) && at - (missing?.since ?? at) < LETS_GO);
  };
  const onFailed = (error: unknown) => {
    if (!(error instanceof UpstreamError)) return;
    const { problem } = error;
    const isNews = problem.code !== missing?.problem.code;
    missing = { since: missing?.since ?? now().getTime(), problem };
    const { code, text, remedy } = problem;
    if (isNews && mayPass(error))
      log.warn(
        { code, text, remedy, ...(HELD.has(code) && { waitsForSeconds: LETS_GO / SECOND }) },
        'store not open yet, retrying',
      );
  };

  return {
    async opened() {
      try {
        const attempt = () => unlessAborted(open(), signal);
        const isFinal = (error: unknown) => !mayPass(error);
        const store = await retryUntil({ attempt, isFinal, onFailed, waits: WAITS, wait, random, signal });
        if (missing !== null) log.info({ since: new Date(missing.since) }, 'store is open now');
        missing = null;
        return store;
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      }
    },
    trouble() {
      if (missing === null) return null;
      const { since, problem } = missing;
      const how = HELD.has(problem.code) ? 'opened' : 'reached';
      return { ...problem, text: `The store cannot be ${how} since ${minuteOf(since)}: ${problem.text}` };
    },
  };
}

function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
