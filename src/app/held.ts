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
}

export function held<T>({ milliseconds, now, read }: HeldInput<T>): Held<T> {
  let kept: { readonly value: T; readonly until: number } | null = null;
  const renew = async (signal: AbortSignal): Promise<T> => {
    const { value, isWhole } = await read(signal);
    kept = isWhole ? { value, until: now().getTime() + milliseconds } : null;
    return value;
  };
  return {
    get: async (signal) => (kept !== null && now().getTime() < kept.until ? kept.value : renew(signal)),
    renew,
  };
}
