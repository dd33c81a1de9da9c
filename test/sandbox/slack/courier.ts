// One delivery to the app, whichever way it goes.

import type { Fields } from './answer.ts';

export type ParcelKind = 'slash_commands' | 'interactive' | 'events_api';

export interface Parcel {
  readonly kind: ParcelKind;
  readonly payload: Fields;
  /** How often it was tried before, and what went wrong then. */
  readonly retry: { readonly attempt: number; readonly reason: string } | null;
}

export interface Receipt {
  readonly acknowledged: boolean;
  /** Milliseconds. */
  readonly tookMs: number | null;
  /** What the app sent along: an answer to a command, errors of a modal. */
  readonly answer: unknown;
  /** What Slack tells the person whose command it was. */
  readonly failure: 'dispatch_failed' | 'operation_timeout' | null;
}

export interface Courier {
  deliver(parcel: Parcel): Promise<Receipt>;
}

export function lost(failure: 'dispatch_failed' | 'operation_timeout'): Receipt {
  return { acknowledged: false, tookMs: null, answer: null, failure };
}
