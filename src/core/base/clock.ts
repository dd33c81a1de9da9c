// What the core asks of its surroundings: to wait, and to pack. A test gives a wait of its own, and runs a day in a moment.

/** Resolves after `ms` milliseconds, or as soon as the signal aborts: the caller then looks at the signal. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export const wait: Wait = (ms, signal) =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Compresses text, and restores it. `unpack` throws for what is no packed text. */
export interface Packing {
  readonly pack: (text: string | Uint8Array) => Uint8Array;
  readonly unpack: (packed: Uint8Array) => string;
}
