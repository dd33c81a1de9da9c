// What names addresses, as far as Atlas tells it now; the last complete access list stays in force while a newer one
// is incomplete, so that half a list never renames anybody.

import { ACCESS_LIST_MISSING, type AccessList, type ProjectNetworks } from '../core/access-list.ts';
import type { AtlasProject } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { explain, UpstreamError } from '../errors.ts';

export interface Naming {
  readonly accessList: AccessList | null;
  readonly networks: ProjectNetworks | null;
  readonly problems: readonly Problem[];
}

export interface NamingSource {
  /** Never rejects for Atlas's sake: what could not be read is among the problems. */
  read(signal: AbortSignal): Promise<Naming>;
}

const MISSING: Problem = {
  code: ACCESS_LIST_MISSING,
  text: 'No access list was read, so addresses are named by labels alone.',
  remedy:
    'Set MONGODB_ATLAS_PROJECT_ID with MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET to name them after it.',
};

/** @param project null without Atlas credentials */
export function namingSource(project: AtlasProject | null): NamingSource {
  if (project === null) {
    return { read: () => Promise.resolve({ accessList: null, networks: null, problems: [MISSING] }) };
  }
  let lastComplete: AccessList | null = null;
  return {
    async read(signal) {
      const [list, networks] = await Promise.all([
        attempt(project.accessList(signal)),
        attempt(project.networks(signal)),
      ]);
      if (list.value?.complete) lastComplete = list.value;
      const accessList = lastComplete ?? list.value;
      return {
        accessList,
        networks: networks.value,
        problems: [
          ...list.problems,
          ...networks.problems,
          ...(list.value?.problems ?? []),
          ...(networks.value?.problems ?? []),
        ],
      };
    },
  };
}

/** What Atlas refuses is a problem beside the numbers; our own faults stay errors. */
async function attempt<T>(reading: Promise<T>): Promise<{ value: T | null; problems: readonly Problem[] }> {
  try {
    return { value: await reading, problems: [] };
  } catch (error) {
    if (error instanceof UpstreamError) return { value: null, problems: [explain(error, '')] };
    throw error;
  }
}
