// Connections that each Atlas tier accepts, for clusters that do not exist yet. A watched node tells its own limit.
// Source: https://www.mongodb.com/docs/atlas/reference/atlas-limits/, as of November 2026.

export const TIERS_AS_OF = 'November 2026';

export interface Tier {
  /** As Atlas names it, with the provider where that makes a difference: `M80 on AWS`. */
  readonly name: string;
  /** Of one node; in a sharded cluster, of one mongos. */
  readonly connections: number;
  /** New connections that a node accepts in a second; more are queued, then dropped. Null without such a limit. */
  readonly establishPerSecond: number | null;
}

/** Of M10 and M20. */
const SLOW = 15;
const ELSEWHERE = 'on Azure or Google Cloud';

const tier = (name: string, connections: number, establishPerSecond: number | null = null): Tier => {
  return { name, connections, establishPerSecond };
};

/** M is the general class, R the one with less CPU. */
export const TIERS: readonly Tier[] = [
  tier('M0 or Flex', 500),
  tier('M10', 1_500, SLOW),
  tier('M20', 3_000, SLOW),
  tier('M30', 3_000),
  tier('M40', 6_000),
  tier('M50', 16_000),
  tier('M60', 32_000),
  tier('M80 on AWS', 96_000),
  tier(`M80 ${ELSEWHERE}`, 64_000),
  tier('M140', 96_000),
  tier('M200', 128_000),
  tier('M300', 128_000),
  tier(`M400 ${ELSEWHERE}`, 128_000),
  tier(`M600 ${ELSEWHERE}`, 128_000),
  tier('R40 on AWS', 4_000),
  tier(`R40 ${ELSEWHERE}`, 6_000),
  tier('R50', 16_000),
  tier('R60', 32_000),
  tier('R80', 64_000),
  tier('R140 on AWS', 96_000),
  tier('R200', 128_000),
  tier('R300', 128_000),
  tier('R400', 128_000),
  tier('R700 on AWS', 128_000),
];

/** The tier of the general class with the next higher limit; null beyond the highest. */
export function nextTier(limit: number): Tier | null {
  const [next] = TIERS.filter(({ name, connections }) => name.startsWith('M') && connections > limit).toSorted(
    (a, b) => a.connections - b.connections,
  );
  return next ?? null;
}

/**
 * Of a node's limit, for Atlas's own services: 10 in the documentation's example of an M10, "a small number" elsewhere.
 */
export const RESERVED_BY_ATLAS = 10;
