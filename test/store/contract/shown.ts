// The contract: readings that people look at, for half an hour.

import { expect, test } from 'vitest';
import { MINUTE, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';

export function shownContract(kind: string, open: OpenFresh): void {
  const shown = (at: number, text: string, cluster = 'prod') => {
    return { cluster, at, until: at + 30 * MINUTE, packed: new TextEncoder().encode(text) };
  };

  test(
    `${kind}: a reading that people look at is kept until its time, by its cluster and time`,
    on(open, async (store) => {
      await store.keepShown(shown(T0, 'first'));
      await store.keepShown(shown(T0, 'staging', 'staging'));
      await store.keepShown(shown(T0 + MINUTE, 'second'));
      await store.keepShown(shown(T0, 'again'));
      const found = async (at: number, cluster = 'prod') => {
        const kept = await store.shown({ cluster, at });
        return kept && [new TextDecoder().decode(kept.packed), kept.until - kept.at];
      };
      expect(await found(T0)).toEqual(['again', 30 * MINUTE]);
      expect(await found(T0, 'staging')).toEqual(['staging', 30 * MINUTE]);
      expect(await found(T0 + 1)).toBeNull();
      await store.tidy(T0 + 30 * MINUTE);
      expect([await found(T0), await found(T0, 'staging')]).toEqual([null, null]);
      expect(await found(T0 + MINUTE)).toEqual(['second', 30 * MINUTE]);
    }),
  );

  test(
    `${kind}: of many readings that people look at the newest hundred are kept`,
    on(open, async (store) => {
      for (let index = 0; index < 103; index++) await store.keepShown(shown(T0 + index, `${index}`));
      const kept = await Promise.all([0, 2, 3, 102].map((index) => store.shown({ cluster: 'prod', at: T0 + index })));
      expect(kept.map((one) => one !== null)).toEqual([false, false, true, true]);
    }),
  );
}
