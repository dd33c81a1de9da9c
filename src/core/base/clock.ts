// What the core asks of its surroundings: to wait, and to pack.

/** Resolves after `ms` milliseconds, or as soon as the signal aborts: whoever waits looks at the signal then. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** Text made small, and back. `unpack` throws where it is no packed text. */
export interface Packing {
  readonly pack: (text: string | Uint8Array) => Uint8Array;
  readonly unpack: (packed: Uint8Array) => string;
}
