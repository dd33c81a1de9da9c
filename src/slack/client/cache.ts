// A short-lived cache. Callers share a running request; failures are not cached.

export interface Cache<T> {
  get(key: string): Promise<T>;
}

const MOST_KEPT = 2_000;

export function createCache<T>(input: {
  readonly keepMs: number;
  readonly now: () => Date;
  readonly load: (key: string) => Promise<T>;
}): Cache<T> {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return {
    get(key) {
      const at = input.now().getTime();
      const known = kept.get(key);
      // An entry from the future is not used: the clock was ahead and was set back.
      if (known !== undefined && known.at <= at && at - known.at < input.keepMs) return known.value;
      const value = input.load(key);
      kept.delete(key);
      kept.set(key, { at, value });
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      value.catch(() => kept.delete(key));
      return value;
    },
  };
}

// Recent deliveries. Slack repeats a delivery when its acknowledgement got lost. The bot answers each delivery once.

const MOST_RECENT = 5_000;

/** @returns whether `id` is new. From then on it is known. The oldest ids are forgotten. */
export function createRecent(): (id: string) => boolean {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > MOST_RECENT && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}
