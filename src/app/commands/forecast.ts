// Use case: the growth of the nodes of a cluster, from the stored history.

import { inWords, type Problem } from '../../core/base/problem.ts';
import type { NodeGrowth } from '../../core/forecast/growth.ts';
import type { Store } from '../../core/ports/store.ts';
import { ConfigError, explain, UpstreamError, UserError } from '../../errors.ts';
import { createGrowthMemory } from '../monitor/history.ts';

export interface StoredGrowth {
  /** By host. */
  readonly growth: ReadonlyMap<string, NodeGrowth>;
  /** Why there is none; null where the store answered. */
  readonly problem: Problem | null;
}

/** Without a store there is no growth: the problem says why. */
export async function storedGrowth(asked: {
  readonly cluster: string;
  readonly hosts: readonly string[];
  /** Rejects with UserError, ConfigError or UpstreamError if there is no store to read. */
  readonly openToRead: () => Promise<Pick<Store, 'series'>>;
  /** Milliseconds since 1970. */
  readonly now: number;
}): Promise<StoredGrowth> {
  try {
    const memory = createGrowthMemory(await asked.openToRead());
    return { growth: await memory.of(asked, false), problem: null };
  } catch (error) {
    const isKnown = [ConfigError, UpstreamError, UserError].some((known) => error instanceof known);
    if (!isKnown) throw error;
    const problem = { code: 'no-history', text: `Growth is missing here: ${inWords(explain(error, ''))}`, remedy: '' };
    return { growth: new Map(), problem };
  }
}
