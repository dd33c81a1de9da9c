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
  return {
    at,
    rss: kilobytes / 1024,
    heap: families === null ? null : total(families, 'nodejs_heap_size_used_bytes') / MB,
    handles: await bot.handles(),
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
 * The last third after the warm-up against the first: of memory the lowest, which is what the collector leaves; of
 * handles the median, for trouble takes some away. It may be a part and an amount more.
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
  const lowest = (values: readonly number[]) => Math.min(...values);
  return [
    of('heap, MB', { part: 0.1, more: 8, pick: lowest }, ({ heap }) => heap),
    of('rss, MB', { part: 0.1, more: 24, pick: lowest }, ({ rss }) => rss),
    of('handles', { part: 0, more: 4, pick: medianOf }, ({ handles }) => handles),
  ];
}
