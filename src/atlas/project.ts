// One Atlas project in the Admin API: its access list, networks, clusters and processes. Read-only.

import { setTimeout } from 'node:timers/promises';
import { FLEX_UNREAD, type Problem, withoutRepeats } from '../core/base/problem.ts';
import { type AccessList, NAMES_UNKNOWN, type ProjectNetworks } from '../core/connections/access-list.ts';
import type { AtlasCluster, AtlasProject } from '../core/ports/clusters.ts';
import { UpstreamError } from '../errors.ts';
import { type AtlasCredentials, openSession } from './auth.ts';
import {
  decodeAccessListEntry,
  decodeArray,
  decodeCluster,
  decodeContainer,
  decodeEach,
  decodeEndpointService,
  decodeFlexCluster,
  decodePeer,
  decodeProcess,
  PROVIDERS,
  type Provider,
} from './decode.ts';
import type { HttpOptions } from './http.ts';
import { type ListPart, type PagedList, type ProjectReader, projectReader } from './paging.ts';
import type { RetryPolicy } from './request.ts';

export interface AtlasProjectOptions extends Pick<HttpOptions, 'onCall' | 'request'> {
  /** `https://cloud.mongodb.com`, or another URL for Atlas for Government, proxies and tests. */
  readonly baseUrl: string;
  readonly projectId: string;
  readonly credentials: AtlasCredentials;
  readonly now: () => Date;
  /** In [0, 1): jitter of retries. */
  readonly random: () => number;
  readonly userAgent: string;
  /** Deadline of one request including retries; 30 s by default. */
  readonly deadlineMs?: number;
  /** Waits between tries, on the system's clock by default. */
  readonly sleep?: RetryPolicy['sleep'];
}

const DEADLINE_MS = 30_000;

/** The first reading connects. The caller closes it, which aborts running requests. */
export function openAtlasProject(options: AtlasProjectOptions): AtlasProject {
  const { now, random, deadlineMs = DEADLINE_MS, sleep = wait } = options;
  const session = openSession({ ...options, retries: { now, random, sleep, deadlineMs } });
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
  // Unreadable and missing entries also allow addresses.
  const all = [...incompleteness(list), ...withoutRepeats(problems)];
  return { entries: values, complete: all.length === 0, readAt: readAt.toISOString(), problems: all };
}

function incompleteness({ items, announced, failed }: PagedList): readonly Problem[] {
  if (failed !== null) return [pageProblem(failed)];
  if (announced === null || items.length >= announced) return [];
  const text = `Atlas returned ${items.length} of the ${announced} entries of the IP access list.`;
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

/** Some projects and roles do not show Flex clusters; dedicated clusters work without them. */
function flexProblem(error: unknown): Problem {
  if (!(error instanceof UpstreamError)) throw error;
  const { text, remedy } = error.problem;
  return { code: FLEX_UNREAD, text: `Flex clusters are left out: ${text}`, remedy };
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}

// The networks of a project: containers, peers and private endpoint services of each cloud provider.

interface Found<T> {
  readonly values: readonly T[];
  readonly problems: readonly Problem[];
  /** Why it was not read completely; null if it was. */
  readonly failed: Problem | null;
}

/** Problems that may disappear within a minute. */
const PASSING: ReadonlySet<string> = new Set([
  'atlas-answer-not-json',
  'atlas-rate-limited',
  'atlas-server-error',
  'atlas-timeout',
  'atlas-unreachable',
  'proxy-refused',
  'proxy-unreachable',
]);

/**
 * A failed part is a problem, and its last answer replaces it: otherwise clients would get other names. Without a last
 * answer, but if one is likely soon, `NAMES_UNTOLD` is among the problems. Rejects only on abort.
 */
function networksReader(reader: ProjectReader): (signal: AbortSignal) => Promise<ProjectNetworks> {
  const last: Last = new Map();
  return (signal) => readNetworks(reader, last, signal);
}

/** The values of each part from its last complete read, by path. */
type Last = Map<string, readonly unknown[]>;

async function readNetworks(reader: ProjectReader, last: Last, signal: AbortSignal): Promise<ProjectNetworks> {
  const listed = <T>(part: ListPart, decode: (item: unknown) => T) =>
    kept(last, part.path, async () => {
      const { items, failed } = await reader.list(part, signal);
      const { values, problems } = decodeEach(items, decode);
      return { values, problems, failed: failed?.error.problem ?? null };
    });

  // Without a provider, Atlas lists only the peers of AWS.
  const peersOf = (provider: Provider) =>
    listed({ path: `peers?providerName=${provider}`, what: `the ${provider} peering connections` }, (item) =>
      decodePeer(provider, item),
    );
  const servicesOf = (provider: Provider) => {
    const path = `privateEndpoint/${provider}/endpointService`;
    return kept(last, path, async () => {
      const what = `the ${provider} private endpoint services`;
      const answer = await reader.json({ path, what }, signal);
      const list = decodeArray(answer, what);
      return { ...decodeEach(list, (item) => decodeEndpointService(provider, item)), failed: null };
    });
  };

  const [containers, peers, services] = await Promise.all([
    listed({ path: 'containers/all', what: 'the network containers' }, decodeContainer),
    Promise.all(PROVIDERS.map(peersOf)).then(joined),
    Promise.all(PROVIDERS.map(servicesOf)).then(joined),
  ]);
  return {
    containers: containers.values.filter((container) => container !== null),
    peers: peers.values,
    privateEndpointServices: services.values,
    problems: withoutRepeats([
      ...containers.problems,
      ...peers.problems,
      // These do not name any client.
      ...services.problems.filter((problem) => problem !== NAMES_UNKNOWN),
    ]),
  };
}

async function kept<T>(last: Last, path: string, reading: () => Promise<Found<T>>): Promise<Found<T>> {
  const { values, problems, failed } = await found(reading);
  if (failed === null) {
    last.set(path, values);
    return { values, problems, failed };
  }
  // The value stored under a path came from the same read.
  const before = last.get(path) as readonly T[] | undefined;
  const isUntold = before === undefined && PASSING.has(failed.code);
  return { values: before ?? values, problems: [failed, ...problems, ...(isUntold ? [NAMES_UNKNOWN] : [])], failed };
}

async function found<T>(reading: () => Promise<Found<T>>): Promise<Found<T>> {
  try {
    return await reading();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { values: [], problems: [], failed: error.problem };
  }
}

function joined<T>(parts: readonly Found<T>[]): Omit<Found<T>, 'failed'> {
  return { values: parts.flatMap(({ values }) => values), problems: parts.flatMap(({ problems }) => problems) };
}
