// The monitored clusters, from the Admin API or the settings. Each is opened once and stays open until it is gone,
// paused or moved.

import { joinWords } from '../../core/base/format.ts';
import { nearest } from '../../core/base/fuzzy-match.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { OpenCluster } from '../../core/ports/clusters.ts';
import type { ProjectClusters } from '../../core/ports/reports.ts';
import { UpstreamError, UserError } from '../../errors.ts';
import {
  createDiscovery,
  type Discovery,
  type Known,
  leftOf,
  type RegistryProject,
  type Unmatched,
} from './discovery.ts';
import { createRefreshingCache } from './refreshing-cache.ts';
import { createSourceNames, type SourceNamesReader } from './source-names.ts';

/** A known cluster that is not read, with the reason. */
interface LeftCluster {
  readonly name: string;
  readonly reason: string;
}

export interface RegisteredClusters {
  readonly names: readonly string[];
  readonly left: readonly LeftCluster[];
  readonly projects: readonly ProjectClusters[];
  /** Names in the settings that match no cluster. If no cluster can match later, the name is also in `left`. */
  readonly unmatched: readonly Unmatched[];
  /** Projects whose clusters could not be listed. */
  readonly problems: readonly Problem[];
}

/** An open cluster and the names of its clients. */
export interface RegisteredCluster {
  readonly cluster: OpenCluster;
  readonly naming: SourceNamesReader;
  /** Aborts when the project reports the cluster as gone, excluded or moved. Its readings end, then it is closed. */
  readonly closed: AbortSignal;
}

export interface ClusterRegistry {
  list(signal: AbortSignal): Promise<RegisteredClusters>;
  /**
   * @param name null for the default cluster, or the only one
   * @throws UserError if it is unknown, excluded, or one of several must be chosen; UpstreamError if it may belong to a
   * project whose clusters cannot be listed
   */
  open(name: string | null, signal: AbortSignal): Promise<RegisteredCluster>;
  /** Id of the Atlas project in which an open cluster was found; null for a cluster with its own connection string. */
  projectOf(name: string): string | null;
  /** Closes everything that was opened; each close has its own time limit. */
  close(): Promise<void>;
}

interface Opened extends Pick<Known, 'name' | 'project' | 'address'> {
  readonly cluster: OpenCluster;
  readonly closing: AbortController;
}

/** Clusters rarely come and go. A request for an unknown cluster does not wait for this interval. */
const SURVEY_HOLDS_MS = 60_000;

export function createRegistry(input: {
  readonly projects: readonly RegistryProject[];
  readonly defaultCluster: string | null;
  readonly now: () => Date;
}): ClusterRegistry {
  const { projects, defaultCluster, now } = input;
  const opened = new Map<string, Opened>();
  const closings = new Set<Promise<void>>();
  /** Kept forever: messages about a deleted cluster still link to its project. */
  const foundIn = new Map<string, string | null>();
  /** The project that last listed a name (lower case), even if the cluster is gone. */
  const homes = new Map<string, RegistryProject>();
  const namings = new Map(projects.map((project) => [project, createSourceNames(project.atlas, now)]));
  const learn = ({ known }: Discovery) => {
    for (const { name, project } of known) homes.set(name.toLowerCase(), project);
    for (const one of opened.values()) {
      if (known.some((now) => isStill(one, now))) continue;
      opened.delete(one.name);
      closeInto(closings, one);
    }
  };
  const survey = createDiscovery(projects);
  const surveys = createRefreshingCache({
    milliseconds: SURVEY_HOLDS_MS,
    now,
    read: async (signal) => {
      const value = await survey(signal);
      return { value, isWhole: value.failedLists.size === 0 };
    },
    onRead: learn,
  });
  const isKnown = ({ known }: Discovery, name: string | null) =>
    name === null || known.some((one) => isNamed(one, name));

  return {
    async list(signal) {
      const latest = await surveys.get(signal);
      const { known, unmatched, failedLists } = latest;
      return {
        names: namesIn({ known }),
        projects: projects.map((project) => clustersOf(project, latest)),
        left: [
          ...known.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }])),
          ...leftOf(unmatched, known.length),
        ],
        unmatched,
        problems: [...failedLists.values()].flat(),
      };
    },

    async open(name, signal) {
      const requested = name ?? defaultCluster;
      const before = await surveys.get(signal);
      const latest = isKnown(before, requested) ? before : await surveys.renew(signal);
      const { name: found, project, address, open } = choose({ ...latest, requested, homes });
      const one = opened.get(found) ?? {
        ...{ name: found, project, address },
        cluster: open(),
        closing: new AbortController(),
      };
      opened.set(found, one);
      foundIn.set(found, address === null ? null : project.id);
      const naming = namings.get(project) ?? createSourceNames(null, now);
      return { cluster: one.cluster, naming, closed: one.closing.signal };
    },

    projectOf: (name) => foundIn.get(name) ?? null,

    async close() {
      await Promise.all([...closings, ...[...opened.values()].map(({ cluster }) => cluster.close())]);
      await Promise.all(projects.map(({ atlas }) => atlas?.close()));
    },
  };
}

/** Readers are aborted before the cluster closes. If closing fails, the cluster stays until the registry closes. */
function closeInto(closings: Set<Promise<void>>, { cluster, closing }: Opened): void {
  closing.abort();
  const closed = cluster.close();
  closings.add(closed);
  closed.then(
    () => closings.delete(closed),
    () => undefined,
  );
}

function isStill({ name, project, address }: Opened, now: Known): boolean {
  return now.name === name && now.project === project && now.open !== null && now.address === address;
}

function isNamed({ name }: Known, requested: string): boolean {
  return name.toLowerCase() === requested.toLowerCase();
}

interface Choice extends Discovery {
  readonly requested: string | null;
  readonly homes: ReadonlyMap<string, RegistryProject>;
}

/** If a project cannot be listed, its clusters are unknown. The other projects are not affected. */
function choose(choice: Choice): Known & { readonly open: () => OpenCluster } {
  const { requested, known, failedLists } = choice;
  const names = namesIn(choice);
  const only = requested === null && names.length === 1 ? names[0] : requested;
  if (only === null || only === undefined) throw noneMeant(choice);
  const found = known.find((one) => isNamed(one, only));
  if (found === undefined) throw unknown(only, choice);
  if (found.open !== null) return { ...found, open: found.open };
  const [failed] = failedLists.get(found.project) ?? [];
  if (failed !== undefined && !found.isListed) throw new UpstreamError(failed);
  throw new UserError(`The cluster ${found.name} is not read: ${found.reason}`, watchedIn(choice));
}

function noneMeant(choice: Choice): Error {
  const { known, failedLists } = choice;
  const names = namesIn(choice);
  const failure = failureOf(failedLists);
  if (names.length === 0 && failure !== null) return new UpstreamError(failure.problem);
  const left = known.flatMap(({ name, reason }) => (reason === null ? [] : [`${name}: ${reason}`]));
  const more = failure === null ? [] : [failure.text, failure.problem.remedy];
  if (names.length === 0)
    return new UserError('There is no cluster to read.', [watchedIn(choice), ...left, ...more].join(' '));
  const remedy = [watchedIn(choice), 'Name one of them.', ...left, ...more].join(' ');
  return new UserError('Which cluster?', remedy);
}

/**
 * A name listed before belongs to the project that listed it. Any other name may belong to any project that cannot be
 * listed.
 */
function unknown(name: string, choice: Choice): Error {
  const { known, failedLists, homes } = choice;
  const home = homes.get(name.toLowerCase());
  const failure = failureOf(new Map([...failedLists].filter(([project]) => home === undefined || home === project)));
  const meant = nearest(name, namesIn(choice));
  const near = meant === null ? [] : [`Did you mean ${meant}?`];
  if (failure === null)
    return new UserError(`I don't know a cluster "${name}".`, [...near, watchedIn(choice)].join(' '));
  const { problem } = failure;
  if (known.length === 0) return new UpstreamError(problem);
  const text = `${failure.text} There is no cluster "${name}" among those listed.`;
  return new UpstreamError({ code: problem.code, text, remedy: [...near, problem.remedy].join(' ') });
}

/** The first problem, and all projects that could not be listed; null if all could be listed. */
function failureOf(failedLists: Discovery['failedLists']): { readonly problem: Problem; readonly text: string } | null {
  const [problem] = [...failedLists.values()].flat();
  if (problem === undefined) return null;
  const ids = [...failedLists.keys()].flatMap(({ id }) => id ?? []);
  const text = `Project${ids.length === 1 ? '' : 's'} ${joinWords(ids)} could not be listed: ${problem.text}`;
  return { problem, text };
}

function clustersOf(project: RegistryProject, { known, unwatched, failedLists }: Discovery): ProjectClusters {
  const all = known.filter((one) => one.project === project);
  const others = unwatched.get(project) ?? null;
  const [problem] = failedLists.get(project) ?? [];
  const unlistedFor = problem?.text ?? (others === null ? 'the settings give no way to list them' : null);
  return {
    names: namesIn({ known: all }),
    unread: [
      ...all.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }])),
      ...(others ?? []).map((name) => ({ name, reason: 'left out by the settings' })),
      ...(unlistedFor === null ? [] : [{ name: null, reason: unlistedFor }]),
    ],
  };
}

function namesIn({ known }: Pick<Discovery, 'known'>): readonly string[] {
  return known.flatMap(({ name, open }) => (open === null ? [] : [name]));
}

function watchedIn({ known, unmatched }: Discovery): string {
  const names = namesIn({ known });
  if (names.length > 0) return `I watch ${names.join(', ')}.`;
  const lost = leftOf(unmatched, known.length).map(({ name, reason }) => `${name}: ${reason}`);
  return ['No cluster can be read.', ...lost].join(' ');
}
