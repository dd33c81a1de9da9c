// Services that the core gets from outside: waiting and packing. A test injects its own wait and runs a day in a
// moment.

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. The caller then checks the signal. */
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

/** Compresses and restores text. `unpack` throws for text that is not packed. */
export interface Packing {
  readonly pack: (text: string | Uint8Array) => Uint8Array;
  readonly unpack: (packed: Uint8Array) => string;
}
