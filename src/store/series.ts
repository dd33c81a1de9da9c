// What a reading or an hour says of one source, or of all: the arithmetic of rollups and charts, for both kinds of store.

import { HOUR } from '../core/base/duration.ts';
import type { SeriesBucket, SeriesRequest, Spread } from '../core/ports/store.ts';

export interface Sample {
  /** Of a reading its time, of an hour its beginning, in milliseconds since 1970. */
  readonly at: number;
  /** 0 for a reading, else for how long it stands: HOUR. */
  readonly span: number;
  readonly readings: number;
  readonly incomplete: number;
  /** Null: nothing is known of it, which is no zero. Of complete readings where there are any, else of what others found. */
  readonly dormant: Spread | null;
  readonly pooled: Spread | null;
}

/** What a reading found of a source, or of all together; null where it did not find it. */
export interface Found {
  readonly active: number;
  readonly dormant: number;
}

/** A source that a complete reading did not find held zero; of one that an incomplete reading did not find, nothing is known. */
export function readingSample(reading: {
  readonly at: number;
  readonly complete: boolean;
  readonly found: Found | null;
}): Sample {
  const { at, complete } = reading;
  const found = reading.found ?? (complete ? { active: 0, dormant: 0 } : null);
  const base = { at, span: 0, readings: 1, incomplete: complete ? 0 : 1 };
  if (found === null) return { ...base, dormant: null, pooled: null };
  return { ...base, dormant: flat(found.dormant), pooled: flat(found.active + found.dormant) };
}

/** The hour of a source, from the hour's count of readings and what was kept of the source (null: no reading found it). */
export function hourSample(hour: {
  readonly at: number;
  readonly readings: number;
  readonly incomplete: number;
  readonly kept: { readonly dormant: Spread; readonly pooled: Spread } | null;
}): Sample {
  const { at, readings, incomplete } = hour;
  const zero = readings > incomplete ? { dormant: flat(0), pooled: flat(0) } : { dormant: null, pooled: null };
  return { at, span: HOUR, readings, incomplete, ...(hour.kept ?? zero) };
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR) * HOUR;
}

/** Several samples as one. Least and most are exact, the median is that of the medians, weighted by their readings. */
export function merged(samples: readonly Sample[]): Omit<Sample, 'at' | 'span'> {
  const readings = samples.reduce((sum, sample) => sum + sample.readings, 0);
  const incomplete = samples.reduce((sum, sample) => sum + sample.incomplete, 0);
  const used = trusted(samples);
  return { readings, incomplete, dormant: spreadOf(used, 'dormant'), pooled: spreadOf(used, 'pooled') };
}

/** A reading that lacks a node shows a dip that never was: it counts only where there is nothing better. */
function trusted(samples: readonly Sample[]): readonly Sample[] {
  const whole = samples.filter((sample) => sample.readings > sample.incomplete);
  return whole.length > 0 ? whole : samples;
}

/** Cuts the time asked for into equal pieces. An hour that is longer than a piece stands in each piece that it covers. */
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

/** Samples are in no order: an hour may come after the readings that follow it. */
function peakAt(samples: readonly Sample[]): number | null {
  const peaks = samples.flatMap(({ at, dormant }) => (dormant === null ? [] : [{ at, most: dormant.max }]));
  const [peak] = peaks.toSorted((a, b) => b.most - a.most || a.at - b.at);
  return peak?.at ?? null;
}

function spreadOf(samples: readonly Sample[], what: 'dormant' | 'pooled'): Spread | null {
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

/** The lower of two in the middle: a value that was seen. */
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
