// A bot's fate: the points at which it may die, or stop for a while as a machine that sleeps does.

export interface Fate {
  /** Resolves where it lives on; never again once it is dead. What is on its way already waits for no one. */
  pass(point: string, how?: { readonly isOnItsWay: boolean }): Promise<void>;
  /** Springs when such a point is passed: `any`, or `<operation>/before` or `/after`. */
  arm(trap: { readonly point: string; readonly skip: number; readonly spring: () => void }): void;
  /** Nothing that was armed springs any more. */
  spare(): void;
  freeze(): void;
  thaw(): void;
  kill(): void;
  isDead(): boolean;
  isFrozen(): boolean;
  /** Called when it dies. */
  onDeath(work: () => void): void;
}

export function createFate(): Fate {
  const traps = new Set<{ readonly point: string; left: number; readonly spring: () => void }>();
  const mourners: (() => void)[] = [];
  let isDead = false;
  let frozen: PromiseWithResolvers<void> | null = null;
  const never = () => new Promise<never>(() => undefined);
  return {
    async pass(point, { isOnItsWay } = { isOnItsWay: false }) {
      for (const trap of isDead ? [] : [...traps]) {
        if ((trap.point !== 'any' && trap.point !== point) || trap.left-- > 0) continue;
        traps.delete(trap);
        trap.spring();
      }
      while (frozen !== null && !isOnItsWay && !isDead) await frozen.promise;
      if (isDead) await never();
    },
    arm: ({ point, skip, spring }) => void traps.add({ point, left: skip, spring }),
    spare: () => traps.clear(),
    freeze() {
      frozen ??= Promise.withResolvers<void>();
    },
    thaw() {
      const { resolve } = frozen ?? {};
      frozen = null;
      resolve?.();
    },
    kill() {
      if (isDead) return;
      isDead = true;
      for (const work of mourners) work();
    },
    isDead: () => isDead,
    isFrozen: () => frozen !== null,
    onDeath: (work) => void mourners.push(work),
  };
}
