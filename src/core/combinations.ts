// Counts by app, address, driver and node, for the drill-down: kept small, for there may be tens of thousands.

import { type CombinationRow, type ConnectionSource, sizeOf } from './connections/source.ts';

interface Count {
  active: number;
  dormant: number;
  monitors: number;
}

type Alike = Pick<CombinationRow, 'app' | 'driver' | 'node'>;

/** Nested, so that each address stands in it as the one string that it is elsewhere. */
export type Combinations = Map<string, { readonly alike: Alike; readonly byAddress: Map<string, Count> }>;

/** The row to count in, made where it is new. */
export function combinationOf(combinations: Combinations, alike: Alike, address: string): Count {
  const key = JSON.stringify([alike.app, alike.driver, alike.node]);
  const known = combinations.get(key) ?? { alike, byAddress: new Map<string, Count>() };
  combinations.set(key, known);
  const count = known.byAddress.get(address) ?? { active: 0, dormant: 0, monitors: 0 };
  known.byAddress.set(address, count);
  return count;
}

const MOST = 10;

/** Most connections first, ties by address, app, node and driver. */
export function largestCombinations(combinations: Combinations): ConnectionSource['combinations'] {
  let largest: CombinationRow[] = [];
  let all = 0;
  for (const { alike, byAddress } of combinations.values()) {
    all += byAddress.size;
    for (const [address, count] of byAddress) {
      const last = largest[MOST - 1];
      // Most rows end here, without anything being made of them.
      const behind = last === undefined ? -1 : sizeOf(last) - sizeOf(count);
      if (behind > 0 || (behind === 0 && address > (last?.address ?? ''))) continue;
      largest = [...largest, { ...alike, address, ...count }].sort(compare).slice(0, MOST);
    }
  }
  return { largest, more: all - largest.length };
}

function compare(one: CombinationRow, other: CombinationRow): number {
  return sizeOf(other) - sizeOf(one) || (nameOf(one) < nameOf(other) ? -1 : 1);
}

function nameOf({ app, address, node, driver }: CombinationRow): string {
  return `${address} ${app} ${node} ${driver}`;
}
