// The contract: exactly one replica gets a slot.

import { expect, test } from 'vitest';
import { HOUR, MINUTE, T0 } from '../sample.ts';
import { type OpenFresh, on } from './fresh.ts';

export function claimsContract(kind: string, open: OpenFresh): void {
  test(
    `${kind}: of many callers at once exactly one gets a slot, and it stays theirs`,
    on(open, async (store) => {
      for (const slot of [T0, T0 + 5 * MINUTE, T0 + 10 * MINUTE]) {
        const instances = Array.from({ length: 40 }, (_, index) => `bot-${index}`);
        const won = await Promise.all(instances.map((instance) => store.claim({ cluster: 'prod', slot, instance })));
        expect(won.filter(Boolean)).toHaveLength(1);
        expect(await store.lastClaim('prod')).toEqual({ slot, instance: instances[won.indexOf(true)] });
        expect(await store.claim({ cluster: 'prod', slot, instance: instances[won.indexOf(true)] ?? '' })).toBe(false);
      }
    }),
  );

  test(
    `${kind}: a slot is claimed for one cluster, not for another`,
    on(open, async (store) => {
      expect(await store.lastClaim('prod')).toBeNull();
      expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'one' })).toBe(true);
      expect(await store.lastClaim('staging')).toBeNull();
      expect(await store.claim({ cluster: 'staging', slot: T0, instance: 'two' })).toBe(true);
      expect(await store.lastClaim('prod')).toEqual({ slot: T0, instance: 'one' });
    }),
  );

  test(
    `${kind}: the last claim is that of the latest slot, whoever came last`,
    on(open, async (store) => {
      expect(await store.claim({ cluster: 'prod', slot: T0 + MINUTE, instance: 'one' })).toBe(true);
      expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'late' })).toBe(true);
      expect(await store.lastClaim('prod')).toEqual({ slot: T0 + MINUTE, instance: 'one' });
    }),
  );

  test(
    `${kind}: a claim is kept for two days, the last one of a cluster for ever`,
    on(open, async (store) => {
      const again = (cluster: string, slot: number) => store.claim({ cluster, slot, instance: 'again' });
      for (const slot of [T0, T0 + 5 * MINUTE]) await store.claim({ cluster: 'prod', slot, instance: 'one' });
      await store.claim({ cluster: 'staging', slot: T0, instance: 'one' });
      await store.tidy(T0 + 47 * HOUR);
      expect(await again('prod', T0)).toBe(false);
      await store.tidy(T0 + 49 * HOUR);
      expect(await again('prod', T0)).toBe(true);
      expect(await again('prod', T0 + 5 * MINUTE)).toBe(false);
      expect(await again('staging', T0)).toBe(false);
      expect(await store.lastClaim('staging')).toEqual({ slot: T0, instance: 'one' });
      expect(await store.lastClaim('prod')).toEqual({ slot: T0 + 5 * MINUTE, instance: 'one' });
    }),
  );

  test(
    `${kind}: a claim that a wrong clock made far ahead goes`,
    on(open, async (store) => {
      await store.claim({ cluster: 'prod', slot: T0, instance: 'one' });
      await store.claim({ cluster: 'prod', slot: T0 + 1_000 * HOUR, instance: 'ahead' });
      await store.tidy(T0 + HOUR);
      expect(await store.lastClaim('prod')).toEqual({ slot: T0, instance: 'one' });
    }),
  );

  test(
    `${kind}: tidying frees no slot that was claimed within the last day, and a claim makes no cluster`,
    on(open, async (store) => {
      await store.claim({ cluster: 'prod', slot: T0, instance: 'one' });
      await store.claim({ cluster: 'prod', slot: T0 + 5 * MINUTE, instance: 'two' });
      await store.tidy(T0 + 60 * MINUTE);
      expect(await store.claim({ cluster: 'prod', slot: T0, instance: 'three' })).toBe(false);
      expect(await store.claim({ cluster: 'prod', slot: T0 + 5 * MINUTE, instance: 'three' })).toBe(false);
      expect(await store.lastClaim('prod')).toEqual({ slot: T0 + 5 * MINUTE, instance: 'two' });
      expect(await store.clusters()).toEqual([]);
    }),
  );
}
