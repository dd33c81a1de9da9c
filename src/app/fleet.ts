// The clusters that are watched: found through the Admin API or named in the settings, opened once and kept open.

import { nearest } from '../core/nearest.ts';
import type { AtlasCluster, AtlasProject, WatchedCluster } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { explain, UpstreamError, UserError } from '../errors.ts';
import { held } from './held.ts';
import { type NamingSource, namingSource } from './naming.ts';

/** One project of the settings, with the means to open its clusters. */
export interface FleetProject {
  /** In Atlas; null for clusters of no project. */
  readonly id: string | null;
  /** Null without Atlas credentials. */
  readonly atlas: AtlasProject | null;
  /** Clusters with a connection string of their own. */
  readonly own: readonly { readonly name: string; open(): WatchedCluster }[];
  /** Opens a cluster that the Admin API found; null where there is no database user to open it with. */
  readonly openFound: ((found: AtlasCluster) => WatchedCluster) | null;
  /** Names or patterns (`stage-*`) of found clusters; null for all of them. */
  readonly wanted: readonly string[] | null;
  /** Why a found cluster cannot be read now, e.g. because it is paused; null when it can. */
  readonly whyLeft: (found: AtlasCluster) => string | null;
}

/** A cluster that is known and not read, with the reason. */
export interface LeftCluster {
  readonly name: string;
  readonly reason: string;
}

export interface FleetList {
  readonly names: readonly string[];
  readonly left: readonly LeftCluster[];
  /** Projects whose clusters could not be listed. */
  readonly problems: readonly Problem[];
}

/** A cluster that is open, and what names its clients. */
export interface FleetMember {
  readonly cluster: WatchedCluster;
  readonly naming: NamingSource;
}

export interface Fleet {
  list(signal: AbortSignal): Promise<FleetList>;
  /**
   * @param name null for the default cluster, or the only one
   * @throws UserError when it is unknown, left, or one of several has to be chosen
   */
  open(name: string | null, signal: AbortSignal): Promise<FleetMember>;
  /** Id of the Atlas project that an opened cluster was found in; null for a cluster with a connection string of its own. */
  projectOf(name: string): string | null;
  /** Closes everything that was opened, within the bounds of what closes. */
  close(): Promise<void>;
}

interface Known {
  readonly name: string;
  readonly project: FleetProject;
  /** Null for a cluster that is left. */
  readonly open: (() => WatchedCluster) | null;
  readonly reason: string | null;
}

/** Clusters come and go seldom; whoever asks for one that is not known yet is not kept waiting for this. */
const SURVEY_HOLDS_MS = 60_000;

export function createFleet(input: {
  readonly projects: readonly FleetProject[];
  readonly defaultCluster: string | null;
  readonly now: () => Date;
}): Fleet {
  const { projects, defaultCluster, now } = input;
  const opened = new Map<string, WatchedCluster>();
  const foundIn = new Map<string, string | null>();
  const namings = new Map(projects.map((project) => [project, namingSource(project.atlas, now)]));
  const surveys = held({
    milliseconds: SURVEY_HOLDS_MS,
    now,
    read: async (signal) => {
      const value = await survey(projects, signal);
      return { value, isWhole: value.problems.length === 0 };
    },
  });
  const isKnown = ({ known }: Survey, name: string | null) => name === null || known.some((one) => isNamed(one, name));

  return {
    async list(signal) {
      const { known, problems } = await surveys.get(signal);
      return {
        names: known.flatMap(({ name, open }) => (open === null ? [] : [name])),
        left: known.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }])),
        problems,
      };
    },

    async open(name, signal) {
      const wanted = name ?? defaultCluster;
      const before = await surveys.get(signal);
      const { known, problems } = isKnown(before, wanted) ? before : await surveys.renew(signal);
      const { name: found, project, open } = choose({ wanted, known, problems });
      const cluster = opened.get(found) ?? open();
      opened.set(found, cluster);
      foundIn.set(found, project.own.some((own) => own.name === found) ? null : project.id);
      return { cluster, naming: namings.get(project) ?? namingSource(null, now) };
    },

    projectOf: (name) => foundIn.get(name) ?? null,

    async close() {
      await Promise.all([...opened.values()].map((cluster) => cluster.close()));
      await Promise.all(projects.map(({ atlas }) => atlas?.close()));
    },
  };
}

interface Survey {
  readonly known: readonly Known[];
  readonly problems: readonly Problem[];
}

async function survey(projects: readonly FleetProject[], signal: AbortSignal): Promise<Survey> {
  const surveys = await Promise.all(projects.map((project) => surveyProject(project, signal)));
  return { known: surveys.flatMap(({ known }) => known), problems: surveys.flatMap(({ problems }) => problems) };
}

async function surveyProject(project: FleetProject, signal: AbortSignal) {
  const own = project.own.map(({ name, open }) => ({ name, project, open, reason: null }));
  const { atlas, openFound } = project;
  if (atlas === null || openFound === null) return { known: own, problems: [] };
  try {
    const { clusters, problems } = await atlas.clusters(signal);
    const found = clusters
      .filter(({ name }) => isWanted(name, project.wanted) && !own.some((one) => one.name === name))
      .map((cluster): Known => {
        const reason = project.whyLeft(cluster);
        return { name: cluster.name, project, open: reason === null ? () => openFound(cluster) : null, reason };
      });
    return { known: [...own, ...found], problems };
  } catch (error) {
    // Clusters with a connection string of their own can be read although Atlas does not answer.
    if (!(error instanceof UpstreamError)) throw error;
    return { known: own, problems: [explain(error, '')] };
  }
}

function isNamed({ name }: Known, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function isWanted(name: string, wanted: readonly string[] | null): boolean {
  return wanted === null || wanted.some((pattern) => matches(name, pattern));
}

/** `*` stands for any run of characters. */
function matches(name: string, pattern: string): boolean {
  const literal = (part: string) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`).test(name);
}

function choose(input: {
  readonly wanted: string | null;
  readonly known: readonly Known[];
  readonly problems: readonly Problem[];
}): Known & { readonly open: () => WatchedCluster } {
  const { wanted, known, problems } = input;
  const names = known.flatMap(({ name, open }) => (open === null ? [] : [name]));
  const watched = names.length === 0 ? 'No cluster can be read.' : `I watch ${names.join(', ')}.`;
  const only = wanted === null && names.length === 1 ? names[0] : wanted;
  const found = only == null ? undefined : known.find((one) => isNamed(one, only));
  if (found?.open) return { ...found, open: found.open };
  const [failed] = problems;
  if (failed !== undefined) throw new UpstreamError(failed);
  if (found) throw new UserError(`The cluster ${found.name} is not read: ${found.reason}`, watched);
  if (only === null || only === undefined) {
    throw new UserError(
      names.length === 0 ? 'There is no cluster to read.' : 'Which cluster?',
      leftToo(watched, known),
    );
  }
  const meant = nearest(only, names);
  const remedy = meant === null ? watched : `Did you mean ${meant}? ${watched}`;
  throw new UserError(`I don't know a cluster "${only}".`, remedy);
}

function leftToo(which: string, known: readonly Known[]): string {
  const left = known.flatMap(({ name, reason }) => (reason === null ? [] : [`${name}: ${reason}`]));
  return [which, ...left].join(' ');
}
