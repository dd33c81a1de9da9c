// What was asked a moment ago: kept briefly, shared while it is under way, forgotten when it failed.

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

// Deliveries of late: Slack repeats them when an acknowledgement got lost, and each is answered once.

const MOST_RECENT = 5_000;

/** @returns whether `id` is new; from then on it is not. The oldest are forgotten. */
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
