// The clusters that are watched: found through the Admin API or named in the settings, opened once and kept open until
// they are gone, paused or elsewhere.

import { nearest } from '../core/nearest.ts';
import type { WatchedCluster } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { UpstreamError, UserError } from '../errors.ts';
import { held } from './held.ts';
import { type NamingSource, namingSource } from './naming.ts';
import { createSurvey, type FleetProject, type Known, type Survey } from './survey.ts';
import { leftOf, type Unmatched } from './wanted.ts';

/** A cluster that is known and not read, with the reason. */
export interface LeftCluster {
  readonly name: string;
  readonly reason: string;
}

export interface FleetList {
  readonly names: readonly string[];
  readonly left: readonly LeftCluster[];
  /** Words of the settings that mean no cluster. Where nothing may come to have it, it is `left`, too. */
  readonly unmatched: readonly Unmatched[];
  /** Projects whose clusters could not be listed. */
  readonly problems: readonly Problem[];
}

/** A cluster that is open, and what names its clients. */
export interface FleetMember {
  readonly cluster: WatchedCluster;
  readonly naming: NamingSource;
  /** Aborts when its project says that it is gone, left or elsewhere: it is closed, and what reads it ends first. */
  readonly closed: AbortSignal;
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

interface Opened extends Pick<Known, 'name' | 'project' | 'address'> {
  readonly cluster: WatchedCluster;
  readonly closing: AbortController;
}

/** Clusters come and go seldom; whoever asks for one that is not known yet is not kept waiting for this. */
const SURVEY_HOLDS_MS = 60_000;

export function createFleet(input: {
  readonly projects: readonly FleetProject[];
  readonly defaultCluster: string | null;
  readonly now: () => Date;
}): Fleet {
  const { projects, defaultCluster, now } = input;
  const opened = new Map<string, Opened>();
  const closings = new Set<Promise<void>>();
  /** Kept for good: the messages about a cluster that is gone still link to its project. */
  const foundIn = new Map<string, string | null>();
  const namings = new Map(projects.map((project) => [project, namingSource(project.atlas, now)]));
  const closeGone = ({ known, whole }: Survey) => {
    for (const one of opened.values()) {
      if (!whole.has(one.project) || known.some((now) => isStill(one, now))) continue;
      opened.delete(one.name);
      closeInto(closings, one);
    }
  };
  const survey = createSurvey(projects);
  const surveys = held({
    milliseconds: SURVEY_HOLDS_MS,
    now,
    read: async (signal) => {
      const value = await survey(signal);
      return { value, isWhole: value.problems.length === 0 };
    },
    onRead: closeGone,
  });
  const isKnown = ({ known }: Survey, name: string | null) => name === null || known.some((one) => isNamed(one, name));

  return {
    async list(signal) {
      const { known, unmatched, problems } = await surveys.get(signal);
      return {
        names: known.flatMap(({ name, open }) => (open === null ? [] : [name])),
        left: [
          ...known.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }])),
          ...leftOf(unmatched, known.length),
        ],
        unmatched,
        problems,
      };
    },

    async open(name, signal) {
      const wanted = name ?? defaultCluster;
      const before = await surveys.get(signal);
      const latest = isKnown(before, wanted) ? before : await surveys.renew(signal);
      const { name: found, project, address, open } = choose({ ...latest, wanted });
      const one = opened.get(found) ?? {
        ...{ name: found, project, address },
        cluster: open(),
        closing: new AbortController(),
      };
      opened.set(found, one);
      foundIn.set(found, address === null ? null : project.id);
      const naming = namings.get(project) ?? namingSource(null, now);
      return { cluster: one.cluster, naming, closed: one.closing.signal };
    },

    projectOf: (name) => foundIn.get(name) ?? null,

    async close() {
      await Promise.all([...closings, ...[...opened.values()].map(({ cluster }) => cluster.close())]);
      await Promise.all(projects.map(({ atlas }) => atlas?.close()));
    },
  };
}

/** Who reads it is told before it is closed under them. One that fails stays for whoever closes the fleet. */
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

function isNamed({ name }: Known, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

function choose(
  input: Omit<Survey, 'whole'> & { readonly wanted: string | null },
): Known & { readonly open: () => WatchedCluster } {
  const { wanted, known, unmatched, problems } = input;
  const lost = leftOf(unmatched, known.length).map(({ name, reason }) => `${name}: ${reason}`);
  const names = known.flatMap(({ name, open }) => (open === null ? [] : [name]));
  const watched = names.length === 0 ? ['No cluster can be read.', ...lost].join(' ') : `I watch ${names.join(', ')}.`;
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
