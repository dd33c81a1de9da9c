// One Atlas project over the Admin API: its access list, networks, clusters and processes. Reads only.

import { setTimeout } from 'node:timers/promises';
import { FLEX_UNREAD, type Problem, withoutRepeats } from '../core/base/problem.ts';
import type { AccessList } from '../core/connections/access-list.ts';
import type { AtlasCluster, AtlasProject } from '../core/ports/clusters.ts';
import { UpstreamError } from '../errors.ts';
import { type AtlasCredentials, openSession } from './auth.ts';
import { decodeAccessListEntry, decodeCluster, decodeEach, decodeFlexCluster, decodeProcess } from './decode.ts';
import type { HttpOptions } from './http.ts';
import { networksReader } from './networks.ts';
import type { PagedList } from './pages.ts';
import { type ProjectReader, projectReader } from './paging.ts';
import type { Patience } from './request.ts';

export interface AtlasProjectOptions extends Pick<HttpOptions, 'onCall' | 'request'> {
  /** `https://cloud.mongodb.com`, or another for Atlas for Government, proxies, tests. */
  readonly baseUrl: string;
  readonly projectId: string;
  readonly credentials: AtlasCredentials;
  readonly now: () => Date;
  /** In [0, 1): jitter of retries. */
  readonly random: () => number;
  readonly userAgent: string;
  /** For one request with all its tries; 30 s unless told. */
  readonly deadlineMs?: number;
  /** Waits between tries, on the system's clock unless told. */
  readonly sleep?: Patience['sleep'];
}

const DEADLINE_MS = 30_000;

/** Connects to nothing before the first reading. Whoever opens it closes it, which ends what is under way. */
export function openAtlasProject(options: AtlasProjectOptions): AtlasProject {
  const { now, random, deadlineMs = DEADLINE_MS, sleep = wait } = options;
  const session = openSession({ ...options, patience: { now, random, sleep, deadlineMs } });
  const reader = projectReader(session, options.projectId);
  return {
    async accessList(signal) {
      const list = await reader.list({ path: 'accessList', what: 'the IP access list' }, signal);
      return accessListOf(list, now());
    },
    networks: networksReader(reader),
    clusters: (signal) => readClusters(reader, signal),
    async processes(signal) {
      return (await reader.wholeList({ path: 'processes', what: 'the processes' }, signal)).map(decodeProcess);
    },
    close: () => session.close(),
  };
}

function accessListOf(list: PagedList, readAt: Date): AccessList {
  const { values, problems } = decodeEach(list.items, decodeAccessListEntry);
  // Entries that were not understood, or are missing, let addresses in, too.
  const all = [...incompleteness(list), ...withoutRepeats(problems)];
  return { entries: values, complete: all.length === 0, readAt: readAt.toISOString(), problems: all };
}

function incompleteness({ items, announced, failed }: PagedList): readonly Problem[] {
  if (failed !== null) return [pageProblem(failed)];
  if (announced === null || items.length >= announced) return [];
  const text = `Atlas gave ${items.length} of the ${announced} entries of the IP access list.`;
  return [{ code: 'access-list-short', text, remedy: 'Try again: the list may have changed while it was read.' }];
}

function pageProblem({ page, error }: { readonly page: number; readonly error: UpstreamError }): Problem {
  const text = `Page ${page} of the IP access list could not be read, so entries are missing: ${error.problem.text}`;
  return { code: 'access-list-page-failed', text, remedy: error.problem.remedy };
}

/** Each kind of cluster has an endpoint that refuses the other kind. */
async function readClusters(
  reader: ProjectReader,
  signal: AbortSignal,
): Promise<{ readonly clusters: readonly AtlasCluster[]; readonly problems: readonly Problem[] }> {
  const [dedicatedItems, flexItems] = await Promise.all([
    reader.wholeList({ path: 'clusters', what: 'the clusters' }, signal),
    reader.wholeList({ path: 'flexClusters', what: 'the Flex clusters' }, signal).catch(flexProblem),
  ]);
  const dedicated = decodeEach(dedicatedItems, decodeCluster);
  const flex = 'code' in flexItems ? { values: [], problems: [flexItems] } : decodeEach(flexItems, decodeFlexCluster);
  return {
    clusters: [...dedicated.values, ...flex.values].sort((a, b) => (a.name < b.name ? -1 : 1)),
    problems: [...dedicated.problems, ...flex.problems],
  };
}

/** Not every project or role has Flex clusters to show: the dedicated ones stand without them. */
function flexProblem(error: unknown): Problem {
  if (!(error instanceof UpstreamError)) throw error;
  const { text, remedy } = error.problem;
  return { code: FLEX_UNREAD, text: `Flex clusters are left out: ${text}`, remedy };
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
