// A store between the watch and the real one: away when the test says so, and with a say in who gets which slot.

import type { Store } from '../../../src/core/ports/store.ts';
import { UpstreamError } from '../../../src/errors.ts';

export interface StoreTrouble {
  away: boolean;
  /** As a file that another program holds locked: it can be read, and every write is refused. */
  locked: boolean;
  /** Does what it was asked and never answers: the answer is lost with the connection. */
  silent: boolean;
  /** Which slots this replica may have. */
  mayClaim: (slot: number) => boolean;
}

const LOCKED = { code: 'store-busy', text: 'Another program holds the store locked.', remedy: 'Close it.' };

export function troubled(store: Store): { readonly store: Store; readonly trouble: StoreTrouble } {
  const trouble: StoreTrouble = { away: false, locked: false, silent: false, mayClaim: () => true };
  const gone = () =>
    new UpstreamError({ code: 'store-away', text: 'The store does not answer.', remedy: 'Is it running?' });
  const guarded = <Args extends readonly unknown[], Result>(ask: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (trouble.away) throw gone();
      const answer = await ask(...args);
      if (trouble.silent) throw gone();
      return answer;
    };
  };
  const writing = <Args extends readonly unknown[], Result>(ask: (...args: Args) => Promise<Result>) =>
    guarded(async (...args: Args): Promise<Result> => {
      if (trouble.locked) throw new UpstreamError(LOCKED);
      return ask(...args);
    });
  return {
    trouble,
    store: {
      ...store,
      claim: writing(async (claim) => trouble.mayClaim(claim.slot) && store.claim(claim)),
      lastClaim: guarded(store.lastClaim),
      write: writing(store.write),
      hasReading: guarded(store.hasReading),
      head: guarded(store.head),
      checkpoint: guarded(store.checkpoint),
      saveCheckpoint: writing(store.saveCheckpoint),
      async *snapshots(range) {
        if (trouble.away) throw gone();
        yield* store.snapshots(range);
      },
      alerts: guarded(store.alerts),
      silences: guarded(store.silences),
      waiting: guarded(store.waiting),
      take: guarded(store.take),
      sent: guarded(store.sent),
      postponed: guarded(store.postponed),
      doubted: guarded(store.doubted),
      dropped: guarded(store.dropped),
      adopt: guarded(store.adopt),
      place: guarded(store.place),
      alert: guarded(store.alert),
      group: guarded(store.group),
    },
  };
}
