// How the bot is: memory, open files, connections to the nodes, as a row of figures; and whether they grow.

import { readFile } from 'node:fs/promises';
import { medianOf } from '../bench/row.ts';
import { type Family, figures } from '../http/exposition.ts';
import type { StandInProject } from '../sandbox/project.ts';
import type { SoakedBot } from './bot.ts';
import { openTo } from './fleet.ts';

export interface Vitals {
  /** Since the start, in milliseconds. */
  readonly at: number;
  /** In megabytes. */
  readonly rss: number;
  /** Null where the bot did not answer. */
  readonly heap: number | null;
  readonly handles: number;
  readonly connections: number;
  /** What `/livez` said; null while it was made to sleep. */
  readonly alive: boolean | null;
}

const MB = 1024 * 1024;

/** Adds up the samples of one name whose labels fit. */
export function total(families: readonly Family[], name: string, labels = ''): number {
  return Object.entries(figures(families, name))
    .filter(([key]) => key.includes(labels))
    .reduce((sum, [, value]) => sum + value, 0);
}

export async function vitalsOf(
  { bot, project }: { readonly bot: SoakedBot; readonly project: StandInProject },
  now: { readonly at: number; readonly families: readonly Family[] | null },
): Promise<Vitals> {
  const status = await readFile(`/proc/${bot.pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  const { at, families } = now;
  const [handles, alive] = await Promise.all([bot.handles(), bot.isAlive()]);
  return {
    at,
    rss: kilobytes / 1024,
    heap: families === null ? null : total(families, 'nodejs_heap_size_used_bytes') / MB,
    handles,
    alive,
    connections: openTo(project).all,
  };
}

export interface Growth {
  readonly what: string;
  readonly early: number;
  readonly late: number;
  /** What it may be at most by the rule. */
  readonly bound: number;
}

/** A quarter of the time warms up: code, caches, the first baselines. */
const WARM_UP = 0.25;

/**
 * The last third after the warm-up against the first: of the heap the lowest, which is what the collector leaves; of the
 * rest the median, for trouble takes handles away, and the system memory of one that sleeps. It may be a part and an
 * amount more.
 */
export function growthOf(all: readonly Vitals[]): readonly Growth[] {
  const end = all.at(-1)?.at ?? 0;
  const begin = WARM_UP * end;
  const third = (end - begin) / 3;
  const of = (
    what: string,
    allowed: { readonly part: number; readonly more: number; readonly pick: (values: readonly number[]) => number },
    figure: (one: Vitals) => number | null,
  ) => {
    const within = (from: number, until: number) =>
      allowed.pick(all.filter(({ at }) => at >= from && at < until).flatMap((one) => figure(one) ?? []));
    const early = within(begin, begin + third);
    return { what, early, late: within(end - third, end + 1), bound: early * (1 + allowed.part) + allowed.more };
  };
  // Of nothing that was measured nothing can be said: no comparison with it is true.
  const lowest = (values: readonly number[]) => (values.length === 0 ? Number.NaN : Math.min(...values));
  return [
    of('heap, MB', { part: 0.1, more: 8, pick: lowest }, ({ heap }) => heap),
    of('rss, MB', { part: 0.1, more: 24, pick: medianOf }, ({ rss }) => rss),
    of('handles', { part: 0, more: 4, pick: medianOf }, ({ handles }) => handles),
  ];
}

/** The longest time without a word that it is alive, in milliseconds; what it slept is left out. */
export function longestSilence(all: readonly Vitals[]): number {
  let [longest, heard] = [0, all[0]?.at ?? 0];
  for (const { at, alive } of all) {
    if (alive === false) longest = Math.max(longest, at - heard);
    else heard = at;
  }
  return longest;
}
