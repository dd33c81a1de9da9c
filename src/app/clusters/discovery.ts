// Finds the clusters: those in the settings, and those that the projects list.

import { nearest } from '../../core/base/fuzzy-match.ts';
import { fitsExactly } from '../../core/base/glob.ts';
import { FLEX_UNREAD, inWords, type Problem } from '../../core/base/problem.ts';
import type { AtlasCluster, AtlasProject, OpenCluster } from '../../core/ports/clusters.ts';
import { explain, UpstreamError } from '../../errors.ts';

/** One project in the settings, and how to open its clusters. */
export interface RegistryProject {
  /** Id in Atlas; null for clusters without a project. */
  readonly id: string | null;
  /** Null without Atlas credentials. */
  readonly atlas: AtlasProject | null;
  /** Clusters with their own connection string. */
  readonly own: readonly { readonly name: string; open(): OpenCluster }[];
  /** Opens a cluster that the Admin API found; null without a database user. */
  readonly openFound: ((found: AtlasCluster) => OpenCluster) | null;
  /** Names or patterns (`stage-*`) of found clusters; null for all of them. */
  readonly selection: readonly string[] | null;
  /** Why a found cluster cannot be read now, e.g. because it is paused; null if it can. */
  readonly whyLeft: (found: AtlasCluster) => string | null;
}

export interface Known {
  readonly name: string;
  readonly project: RegistryProject;
  /** Null for a cluster with its own connection string. */
  readonly address: string | null;
  /** Null for an excluded cluster. */
  readonly open: (() => OpenCluster) | null;
  readonly reason: string | null;
  readonly isFlex: boolean;
  /** True if this listing returned the cluster; false if it comes from an earlier listing because this one failed. */
  readonly isListed: boolean;
}

export interface Discovery {
  readonly known: readonly Known[];
  /** Clusters of a project that the settings exclude; null if the project does not list its clusters. */
  readonly unwatched: ReadonlyMap<RegistryProject, readonly string[] | null>;
  readonly unmatched: readonly Unmatched[];
  /** Projects that could not list all their clusters, with the reasons. */
  readonly failedLists: ReadonlyMap<RegistryProject, readonly Problem[]>;
}

/** If a listing fails, the project keeps its earlier clusters: all of them, or only its Flex clusters. */
export function createDiscovery(projects: readonly RegistryProject[]): (signal: AbortSignal) => Promise<Discovery> {
  const last = new Map<RegistryProject, readonly Known[]>();
  const kept = async (project: RegistryProject, index: number, signal: AbortSignal) => {
    const listed = await surveyProject({ project, index }, signal);
    const mayLackAny = listed.problems.some(({ code }) => code !== FLEX_UNREAD);
    const mayBeThere = (one: Known) => (listed.problems.length > 0 && one.isFlex) || mayLackAny;
    const unlisted = (last.get(project) ?? [])
      .filter((one) => mayBeThere(one) && !listed.known.some(({ name }) => name === one.name))
      .map((one) => ({ ...one, isListed: false }));
    const known = [...listed.known, ...unlisted];
    last.set(project, known);
    return { ...listed, known };
  };
  return async (signal) => {
    const surveys = await Promise.all(
      projects.map(async (project, index) => ({ project, ...(await kept(project, index, signal)) })),
    );
    const failed = surveys.filter(({ problems }) => problems.length > 0);
    return {
      unmatched: surveys.flatMap(({ unmatched }) => unmatched),
      known: surveys.flatMap(({ known }) => known),
      unwatched: new Map(surveys.map(({ project, unwatched }) => [project, unwatched])),
      failedLists: new Map(failed.map(({ project, problems }) => [project, problems])),
    };
  };
}

async function surveyProject(
  { project, index }: { readonly project: RegistryProject; readonly index: number },
  signal: AbortSignal,
) {
  const own = project.own.map(
    ({ name, open }): Known => ({
      ...{ name, project, address: null, open, reason: null },
      ...{ isFlex: false, isListed: true },
    }),
  );
  const { atlas, openFound } = project;
  if (atlas === null || openFound === null) return { known: own, unwatched: null, unmatched: [], problems: [] };
  try {
    const { clusters, problems } = await atlas.clusters(signal);
    const all = new Set([...own, ...clusters].map(({ name }) => name));
    const found = clusters
      .filter(({ name }) => matchesSelection(name, project.selection) && !own.some((one) => one.name === name))
      .map((cluster): Known => {
        const reason = project.whyLeft(cluster);
        const open = reason === null ? () => openFound(cluster) : null;
        const { name, type } = cluster;
        const address = addressOf(cluster);
        return { name, project, address, open, reason, isFlex: type === 'FLEX', isListed: true };
      });
    const names = [...all];
    // An unlisted cluster may have this name.
    const unmatched = problems.length > 0 ? [] : unmatchedOf({ wanted: project.selection, names, index });
    const known = [...own, ...found];
    const unwatched = names.filter((name) => !known.some((one) => one.name === name));
    return { known, unwatched, unmatched, problems };
  } catch (error) {
    // Clusters with their own connection string are readable without Atlas.
    if (!(error instanceof UpstreamError)) throw error;
    return { known: own, unwatched: null, unmatched: [], problems: [explain(error, '')] };
  }
}

/** Identifies where a cluster is. Atlas lists endpoints in any order, and hosts behind an SRV name change. */
function addressOf({ connectionStrings }: AtlasCluster): string {
  const { standard, standardSrv, private: peered, privateSrv, privateEndpoints } = connectionStrings;
  const endpoints = privateEndpoints.map(({ srv, connectionString }) => srv ?? connectionString).toSorted();
  return JSON.stringify([standardSrv ?? standard, privateSrv ?? peered, endpoints]);
}

// Matches the names and patterns in the settings with the clusters of a project.

/** A name or pattern in the settings that matches no cluster. */
export interface Unmatched {
  readonly name: string;
  /** True for a pattern (`stage-*`): a matching cluster may appear later. */
  readonly isPattern: boolean;
  readonly problem: Problem;
}

/** @param wanted names or patterns; null for all of them */
function matchesSelection(name: string, wanted: readonly string[] | null): boolean {
  return wanted === null || wanted.some((pattern) => fitsExactly(pattern, name));
}

/** @param input.names all clusters of the project, excluded or not */
function unmatchedOf(input: {
  readonly wanted: readonly string[] | null;
  readonly names: readonly string[];
  /** The position of the project in the settings. */
  readonly index: number;
}): readonly Unmatched[] {
  const { wanted, names, index } = input;
  const setting = `projects[${index}].clusters`;
  const lost = (wanted ?? []).filter((word) => !names.some((name) => fitsExactly(word, name)));
  return lost.map((name) => {
    const isPattern = /[*?]/.test(name);
    const which = isPattern
      ? `${name}, which matches no cluster of the project`
      : `${name}, and the project has no such cluster`;
    const near = isPattern ? null : nearest(name, names);
    const remedy =
      near === null ? `Name its clusters, or leave ${setting} out for all of them.` : `Did you mean ${near}?`;
    const text = `${setting} names ${which}: ${names.length === 0 ? 'it has none' : some(names)}.`;
    return { name, isPattern, problem: { code: 'cluster-unmatched', text, remedy } };
  });
}

/**
 * Reports unmatched names as excluded clusters. A pattern counts only if there is no cluster at all; otherwise a match
 * may appear later.
 */
export function leftOf(unmatched: readonly Unmatched[], known: number) {
  return unmatched
    .filter(({ isPattern }) => known === 0 || !isPattern)
    .map(({ name, problem }) => ({ name, reason: inWords(problem) }));
}

const MOST_NAMED = 10;

/** In alphabetical order; a long list is cut. */
export function some(names: readonly string[]): string {
  const named = names.toSorted().slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${named}, …` : named;
}
