// A value that changes seldom and is asked for often: held for a while.

export interface Held<T> {
  get(signal: AbortSignal): Promise<T>;
  /** Reads again, whatever is held. */
  renew(signal: AbortSignal): Promise<T>;
}

export interface HeldInput<T> {
  readonly milliseconds: number;
  readonly now: () => Date;
  /** `isWhole` says whether the value may be held: half a truth is asked for again. */
  readonly read: (signal: AbortSignal) => Promise<{ readonly value: T; readonly isWhole: boolean }>;
  /** Told of each value, but of none that is older than one before. */
  readonly onRead?: (value: T) => void;
}

export function held<T>({ milliseconds, now, read, onRead }: HeldInput<T>): Held<T> {
  let kept: { readonly value: T; readonly at: number } | null = null;
  let begun = 0;
  let newest = 0;
  const renew = async (signal: AbortSignal): Promise<T> => {
    begun += 1;
    const turn = begun;
    const { value, isWhole } = await read(signal);
    // Of two at once the one that began later knows more, whichever of them ends last.
    if (turn < newest) return kept?.value ?? value;
    newest = turn;
    kept = isWhole ? { value, at: now().getTime() } : null;
    onRead?.(value);
    return value;
  };
  return {
    async get(signal) {
      const age = now().getTime() - (kept?.at ?? Number.POSITIVE_INFINITY);
      // One of a time to come is none: the clock was ahead and was set back.
      return kept !== null && age >= 0 && age < milliseconds ? kept.value : renew(signal);
    },
    renew,
  };
}
