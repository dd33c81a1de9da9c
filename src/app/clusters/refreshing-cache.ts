// Caches a value that changes rarely. All callers share one read. While a new read takes long, callers get the last
// value.

import { unlessAborted, withTimeout } from '../../core/base/abort.ts';

export interface RefreshingCache<T> {
  get(signal: AbortSignal): Promise<T>;
  /** Reads again, regardless of the cached value, and waits for the result. */
  renew(signal: AbortSignal): Promise<T>;
}

export interface RefreshingCacheOptions<T> {
  readonly milliseconds: number;
  /** How long to wait for a read when an older value exists; default 5 s. */
  readonly patienceMs?: number;
  readonly now: () => Date;
  /**
   * Has its own deadlines. Its signal never aborts: several callers share one read, and one may give up. An incomplete
   * value (`isWhole` is false) is not cached.
   */
  readonly read: (signal: AbortSignal) => Promise<{ readonly value: T; readonly isWhole: boolean }>;
  /** Receives each value, except values older than one already received. */
  readonly onRead?: (value: T) => void;
}

/** Short trouble, e.g. a retry after a 503, is waited for. */
const PATIENCE_MS = 5_000;
const NEVER = new AbortController().signal;

export function createRefreshingCache<T>({
  milliseconds,
  patienceMs = PATIENCE_MS,
  now,
  read,
  onRead,
}: RefreshingCacheOptions<T>): RefreshingCache<T> {
  let latest: { readonly value: T; readonly at: number; readonly isWhole: boolean } | null = null;
  let running: Promise<T> | null = null;
  let begun = 0;
  let newest = 0;
  const reading = async (): Promise<T> => {
    begun += 1;
    const sequence = begun;
    const { value, isWhole } = await read(NEVER);
    // Of two concurrent reads, the one that started later is newer, regardless of which ends last.
    if (sequence < newest) return latest?.value ?? value;
    newest = sequence;
    latest = { value, isWhole, at: now().getTime() };
    onRead?.(value);
    return value;
  };
  const begin = (): Promise<T> => {
    const mine = reading().finally(() => {
      if (running === mine) running = null;
    });
    // Callers that wait receive the error; there may be no caller left.
    mine.catch(() => undefined);
    running = mine;
    return mine;
  };
  return {
    async get(signal) {
      const age = now().getTime() - (latest?.at ?? Number.POSITIVE_INFINITY);
      // A value from the future is not used: the clock was ahead and was set back.
      if (latest?.isWhole && age >= 0 && age < milliseconds) return latest.value;
      const before = latest;
      const awaited = unlessAborted(running ?? begin(), signal);
      // Another read may have stored a newer value meanwhile.
      return before === null ? awaited : withTimeout(awaited, { ms: patienceMs, late: () => (latest ?? before).value });
    },
    renew: (signal) => unlessAborted(begin(), signal),
  };
}
