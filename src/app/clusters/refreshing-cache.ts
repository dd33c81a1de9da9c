// A value that changes seldom and is asked for often: held for a while, read once for all who ask, and while a new reading
// takes long, told as it last was.

import { unlessAborted, withTimeout } from '../../core/base/abort.ts';

export interface RefreshingCache<T> {
  get(signal: AbortSignal): Promise<T>;
  /** Reads again, whatever is held, and waits for it. */
  renew(signal: AbortSignal): Promise<T>;
}

export interface RefreshingCacheOptions<T> {
  readonly milliseconds: number;
  /** How long a reading is waited for where there is an older value; 5 s unless told. */
  readonly patienceMs?: number;
  readonly now: () => Date;
  /**
   * Has deadlines of its own. Its signal never aborts: several callers share one read, and one may give up. An incomplete
   * value (`isWhole` is false) is not cached.
   */
  readonly read: (signal: AbortSignal) => Promise<{ readonly value: T; readonly isWhole: boolean }>;
  /** Told of each value, but of none that is older than one before. */
  readonly onRead?: (value: T) => void;
}

/** Some seconds of trouble, e.g. a retry after a 503, are waited for. */
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
    // Of two at once the one that began later knows more, whichever of them ends last.
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
    // Those who wait hear of it, and there may be nobody left.
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
      // Meanwhile another may have brought a newer one.
      return before === null ? awaited : withTimeout(awaited, { ms: patienceMs, late: () => (latest ?? before).value });
    },
    renew: (signal) => unlessAborted(begin(), signal),
  };
}
