// What becomes of a delivery: repeated where it was told to, tried again where an event was not acknowledged.

import type { Fields } from './answer.ts';
import type { Courier, ParcelKind, Receipt } from './courier.ts';
import type { Countdown } from './faults.ts';

export interface Dispatch {
  /** Resolves with what came of the first attempt. */
  send(kind: ParcelKind, payload: Fields): Promise<Receipt>;
  close(): void;
}

export interface DispatchOptions {
  readonly courier: () => Courier;
  readonly twice: Countdown;
  /** Milliseconds before each further attempt of an event. */
  readonly retryMs: readonly number[];
}

export function createDispatch({ courier, twice, retryMs }: DispatchOptions): Dispatch {
  const timers = new Set<NodeJS.Timeout>();

  function retryLater(payload: Fields, attempt: number, reason: string): void {
    const wait = retryMs[attempt - 1];
    if (wait === undefined) return;
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const receipt = await courier().deliver({ kind: 'events_api', payload, retry: { attempt, reason } });
      if (!receipt.acknowledged) retryLater(payload, attempt + 1, reasonOf(receipt));
    }, wait);
    timers.add(timer.unref());
  }

  return {
    async send(kind, payload) {
      const isTwice = twice.take();
      const receipt = await courier().deliver({ kind, payload, retry: null });
      const isEvent = kind === 'events_api';
      if (isTwice) {
        await courier().deliver({ kind, payload, retry: isEvent ? { attempt: 1, reason: 'http_timeout' } : null });
      } else if (isEvent && !receipt.acknowledged) retryLater(payload, 1, reasonOf(receipt));
      return receipt;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function reasonOf({ failure }: Receipt): string {
  return failure === 'operation_timeout' ? 'http_timeout' : 'http_error';
}
