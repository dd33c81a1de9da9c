// Figures of one source, one node, or of all, from a reading or an hour. Both kinds of store use this for rollups and
// charts.

import { HOUR } from '../core/base/duration.ts';
import type { SeriesBucket, SeriesRequest, Spread, UsualSpread } from '../core/ports/store.ts';
import { ALL_NODES, type Snapshot, type UsualConnections } from '../core/snapshots/snapshot.ts';

export interface Sample {
  /** The time of a reading, or the start of an hour, in milliseconds since 1970. */
  readonly at: number;
  /** 0 for a reading; the covered duration (HOUR) for a rollup. */
  readonly span: number;
  readonly readings: number;
  readonly incomplete: number;
  /** Null if unknown, which is not zero. From complete readings if there are any, else from incomplete ones. */
  readonly dormant: Spread | null;
  readonly pooled: Spread | null;
  /** Null if it was not stored. */
  readonly usual: UsualConnections | null;
  /** Of a node; null if it was not read. */
  readonly connections: Spread | null;
  readonly limit: number | null;
}

const UNKNOWN = { dormant: null, pooled: null, usual: null, connections: null, limit: null } as const;

/** Figures of a source, or of all together, in a reading; null if the reading did not find the source. */
export interface Found {
  readonly active: number;
  readonly dormant: number;
  readonly usual: UsualConnections | null;
}

/** A source missing from a complete reading has zero connections. Missing from an incomplete reading, it is unknown. */
export function readingSample(reading: {
  readonly at: number;
  readonly complete: boolean;
  readonly found: Found | null;
}): Sample {
  const { at, complete } = reading;
  const found = reading.found ?? (complete ? { active: 0, dormant: 0, usual: null } : null);
  const base = { at, span: 0, readings: 1, incomplete: complete ? 0 : 1 };
  if (found === null) return { ...UNKNOWN, ...base };
  const { active, dormant, usual } = found;
  return { ...UNKNOWN, ...base, dormant: flat(dormant), pooled: flat(active + dormant), usual };
}

/** A node in a reading, or all nodes of the reading together. */
export interface NodeFigure {
  /** `ALL_NODES` for all. */
  readonly node: string;
  /** The node was read; all nodes were read. */
  readonly complete: boolean;
  /** Connections of the nodes that were read; null if none was. */
  readonly current: number | null;
  /** Null if a node that was read does not report it. */
  readonly limit: number | null;
}

/** Empty for a reading that failed. */
export function nodeFigures({ nodes }: Pick<Snapshot, 'nodes'>): readonly NodeFigure[] {
  if (nodes.length === 0) return [];
  const each = nodes.map(({ host, current, limit }): NodeFigure => {
    return { node: host, complete: current !== null, current, limit };
  });
  const read = each.flatMap(({ current, limit }) => (current === null ? [] : [{ current, limit }]));
  const all = {
    node: ALL_NODES,
    complete: read.length === each.length,
    current: read.length === 0 ? null : read.reduce((sum, { current }) => sum + current, 0),
    limit: read.reduce<number | null>((sum, { limit }) => (sum === null || limit === null ? null : sum + limit), 0),
  };
  return [...each, all];
}

export function nodeSample({
  at,
  complete,
  current,
  limit,
}: Omit<NodeFigure, 'node'> & { readonly at: number }): Sample {
  const base = { at, span: 0, readings: 1, incomplete: complete ? 0 : 1 };
  return current === null ? { ...UNKNOWN, ...base } : { ...UNKNOWN, ...base, connections: flat(current), limit };
}

export function nodeHourSample(hour: Pick<Sample, 'at' | 'readings' | 'incomplete' | 'connections' | 'limit'>): Sample {
  return { ...UNKNOWN, span: HOUR, ...hour };
}

/**
 * The hour of a source, from the hour's number of readings and the figures of the source (null: no reading found it).
 */
export function hourSample(hour: {
  readonly at: number;
  readonly readings: number;
  readonly incomplete: number;
  readonly kept: {
    readonly dormant: Spread;
    readonly pooled: Spread;
    readonly usual: UsualConnections | null;
  } | null;
}): Sample {
  const { at, readings, incomplete } = hour;
  const zero = readings > incomplete ? { dormant: flat(0), pooled: flat(0) } : { dormant: null, pooled: null };
  const base = { at, span: HOUR, readings, incomplete };
  return { ...UNKNOWN, ...base, ...(hour.kept ?? zero) };
}

/**
 * What an hour keeps of the usual: the highest, because charts draw it beside the highest figure. Beside a mean, each
 * usual job that is shorter than an hour would look like a spike.
 */
export function usualOfHour({ usual }: Pick<SeriesBucket, 'usual'>): UsualConnections | null {
  return usual && { dormant: usual.dormant.max, pooled: usual.pooled.max };
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR) * HOUR;
}

/**
 * Merges several samples. Minimum and maximum are exact. The median is the median of medians, weighted by readings; for
 * the usual, which moves slowly, it is not weighted.
 */
export function merged(samples: readonly Sample[]): Omit<SeriesBucket, 'from' | 'peakAt'> {
  const readings = samples.reduce((sum, sample) => sum + sample.readings, 0);
  const incomplete = samples.reduce((sum, sample) => sum + sample.incomplete, 0);
  const used = trusted(samples);
  return {
    readings,
    incomplete,
    dormant: spreadOf(used, 'dormant'),
    pooled: spreadOf(used, 'pooled'),
    usual: usualSpread(used),
    connections: spreadOf(used, 'connections'),
    limit: lastLimit(used),
  };
}

/** Samples are not ordered: an hour may come after later readings. */
function lastLimit(samples: readonly Sample[]): number | null {
  const known = samples.filter(({ limit }) => limit !== null);
  return known.toSorted((a, b) => a.at - b.at).at(-1)?.limit ?? null;
}

function usualSpread(samples: readonly Sample[]): UsualSpread | null {
  const known = samples.flatMap(({ usual }) => (usual === null ? [] : [usual]));
  if (known.length === 0) return null;
  const spread = (figure: keyof UsualConnections): Spread => {
    const sorted = known.map((usual) => usual[figure]).sort((a, b) => a - b);
    return { min: sorted[0] ?? 0, median: sorted[(sorted.length - 1) >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
  };
  return { dormant: spread('dormant'), pooled: spread('pooled') };
}

/** A reading without one of the nodes would show a false dip. It counts only if there is no complete one. */
function trusted(samples: readonly Sample[]): readonly Sample[] {
  const whole = samples.filter((sample) => sample.readings > sample.incomplete);
  return whole.length > 0 ? whole : samples;
}

/**
 * Divides the requested time into equal intervals. An hour longer than an interval appears in each interval it covers.
 */
export function bucketsOf(
  { from, to, buckets }: Pick<SeriesRequest, 'from' | 'to' | 'buckets'>,
  samples: Iterable<Sample>,
): readonly SeriesBucket[] {
  const width = (to - from) / buckets;
  const pieces: Sample[][] = Array.from({ length: buckets }, () => []);
  for (const sample of samples) {
    const first = Math.floor((sample.at - from) / width);
    pieces[first]?.push(sample);
    if (sample.span <= width) continue;
    const end = sample.at + sample.span;
    for (let index = Math.max(0, first + 1); index < buckets && from + index * width < end; index++)
      pieces[index]?.push(sample);
  }
  return pieces.map((piece, index) => ({
    from: Math.ceil(from + index * width),
    ...merged(piece),
    peakAt: peakAt(trusted(piece)),
  }));
}

/** Samples are not ordered: an hour may come after later readings. */
function peakAt(samples: readonly Sample[]): number | null {
  const peaks = samples.flatMap(({ at, dormant, connections }) => {
    const figure = dormant ?? connections;
    return figure === null ? [] : [{ at, most: figure.max }];
  });
  const [peak] = peaks.toSorted((a, b) => b.most - a.most || a.at - b.at);
  return peak?.at ?? null;
}

function spreadOf(samples: readonly Sample[], what: 'dormant' | 'pooled' | 'connections'): Spread | null {
  const known = samples.flatMap((sample) => {
    const spread = sample[what];
    return spread === null ? [] : [{ spread, weight: Math.max(sample.readings - sample.incomplete, 1) }];
  });
  if (known.length === 0) return null;
  return {
    min: known.reduce((least, { spread }) => Math.min(least, spread.min), Number.POSITIVE_INFINITY),
    median: medianOf(known),
    max: known.reduce((most, { spread }) => Math.max(most, spread.max), 0),
  };
}

/** The lower of the two middle values, so that it is an observed value. */
function medianOf(known: readonly { readonly spread: Spread; readonly weight: number }[]): number {
  const sorted = known.toSorted((a, b) => a.spread.median - b.spread.median);
  const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let passed = 0;
  for (const { spread, weight } of sorted) {
    passed += weight;
    if (passed >= half) return spread.median;
  }
  return 0;
}

function flat(value: number): Spread {
  return { min: value, median: value, max: value };
}
