// Names of addresses from Atlas. The last complete access list stays in force while a newer one is incomplete. So a
// partial list never renames a source.

import type { Problem } from '../../core/base/problem.ts';
import {
  ACCESS_LIST_MISSING,
  type AccessList,
  NAMES_UNKNOWN,
  type ProjectNetworks,
} from '../../core/connections/access-list.ts';
import type { AtlasProject } from '../../core/ports/clusters.ts';
import { explain, UpstreamError } from '../../errors.ts';
import { createRefreshingCache } from './refreshing-cache.ts';

interface SourceNames {
  readonly accessList: AccessList | null;
  readonly networks: ProjectNetworks | null;
  readonly problems: readonly Problem[];
}

export interface SourceNamesReader {
  /** Never rejects because of Atlas: failed reads are in the problems. */
  read(signal: AbortSignal): Promise<SourceNames>;
}

const MISSING: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was read, so only labels name addresses.',
  remedy:
    'Set MONGODB_ATLAS_PROJECT_ID with MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to name addresses by the access list.',
};

/** The access list, and so the names, can change at any time; networks change rarely. */
const LIST_HOLDS_MS = 30_000;
const NETWORKS_HOLD_MS = 300_000;

/** @param project null without Atlas credentials */
export function createSourceNames(project: AtlasProject | null, now: () => Date): SourceNamesReader {
  if (project === null) {
    return { read: () => Promise.resolve({ accessList: null, networks: null, problems: [MISSING] }) };
  }
  let lastComplete: AccessList | null = null;
  const lists = createRefreshingCache({
    milliseconds: LIST_HOLDS_MS,
    now,
    read: async (signal) => {
      const value = await attempt(project.accessList(signal));
      if (value.value?.complete) lastComplete = value.value;
      return { value, isWhole: value.value?.complete === true };
    },
  });
  const networksAround = createRefreshingCache({
    milliseconds: NETWORKS_HOLD_MS,
    now,
    read: async (signal) => {
      const value = await attempt(project.networks(signal));
      return { value, isWhole: value.value?.problems.length === 0 };
    },
  });
  return {
    async read(signal) {
      const [list, networks] = await Promise.all([lists.get(signal), networksAround.get(signal)]);
      const accessList = lastComplete ?? list.value;
      const isUntold = accessList === null || networks.value === null;
      const problems = [
        ...list.problems,
        ...networks.problems,
        ...(list.value?.problems ?? []),
        ...(networks.value?.problems ?? []),
        ...(isUntold ? [NAMES_UNKNOWN] : []),
      ];
      // Both reads may fail for the same reason; it is reported once.
      return { accessList, networks: networks.value, problems: [...new Set(problems)] };
    },
  };
}

/** A refusal by Atlas is a problem in the report; our own faults stay errors. */
async function attempt<T>(
  reading: Promise<T>,
): Promise<{ readonly value: T | null; readonly problems: readonly Problem[] }> {
  try {
    return { value: await reading, problems: [] };
  } catch (error) {
    if (error instanceof UpstreamError) return { value: null, problems: [explain(error, '')] };
    throw error;
  }
}
