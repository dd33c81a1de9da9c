// The networks around a project: containers, peers and private endpoint services of each cloud provider.

import { type Problem, withoutRepeats } from '../core/base/problem.ts';
import { NAMES_UNTOLD, type ProjectNetworks } from '../core/connections/access-list.ts';
import { UpstreamError } from '../errors.ts';
import {
  decodeArray,
  decodeContainer,
  decodeEach,
  decodeEndpointService,
  decodePeer,
  PROVIDERS,
  type Provider,
} from './decode.ts';
import type { Part, ProjectReader } from './paging.ts';

interface Found<T> {
  readonly values: readonly T[];
  readonly problems: readonly Problem[];
  /** Why it was not read, or not to its end; null where it was. */
  readonly failed: Problem | null;
}

/** What may be told a minute later. */
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
 * A part that fails is a problem, the others stand; what it told last stands in for it, for without its networks clients
 * would have other names. Where it told nothing yet and may do so soon, `NAMES_UNTOLD` is among the problems. Rejects only where the reading was aborted.
 */
export function networksReader(reader: ProjectReader): (signal: AbortSignal) => Promise<ProjectNetworks> {
  const last: Last = new Map();
  return (signal) => readNetworks(reader, last, signal);
}

/** The values of each part that was last read whole, by its path. */
type Last = Map<string, readonly unknown[]>;

async function readNetworks(reader: ProjectReader, last: Last, signal: AbortSignal): Promise<ProjectNetworks> {
  const listed = <T>(part: Part, decode: (item: unknown) => T) =>
    kept(last, part.path, async () => {
      const { items, failed } = await reader.list(part, signal);
      const { values, problems } = decodeEach(items, decode);
      return { values, problems, failed: failed?.error.problem ?? null };
    });

  // Without a provider Atlas lists the peers of AWS alone.
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
      // They name nobody.
      ...services.problems.filter((problem) => problem !== NAMES_UNTOLD),
    ]),
  };
}

async function kept<T>(last: Last, path: string, reading: () => Promise<Found<T>>): Promise<Found<T>> {
  const { values, problems, failed } = await found(reading);
  if (failed === null) {
    last.set(path, values);
    return { values, problems, failed };
  }
  // What is kept under a path came from the same reading.
  const before = last.get(path) as readonly T[] | undefined;
  const isUntold = before === undefined && PASSING.has(failed.code);
  return { values: before ?? values, problems: [failed, ...problems, ...(isUntold ? [NAMES_UNTOLD] : [])], failed };
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
