// A history by hand: four hours in buckets of half an hour, with a gap and a spike.

import { HOUR, MINUTE } from '../../src/core/base/duration.ts';
import type { History } from '../../src/core/ports/monitor.ts';
import type { SeriesBucket } from '../../src/core/ports/store.ts';

const FROM = Date.parse('2026-11-21T06:00:00Z');
const STEP = 30 * MINUTE;

/**
 * @param dormant null for a bucket in which nothing was read
 * @param usual null where it is not known; it is known in no bucket in which nothing was read
 */
export function bucketsOf(
  dormant: readonly (number | null)[],
  usual: readonly (number | null)[] = [],
): readonly SeriesBucket[] {
  return dormant.map((value, index) => ({
    from: FROM + index * STEP,
    dormant: value === null ? null : { min: value - 1, median: value, max: value + 1 },
    pooled: value === null ? null : { min: value, median: value + 4, max: value + 8 },
    usual: value === null ? null : usualOf(usual[index] ?? null),
    readings: value === null ? 0 : 6,
    incomplete: 0,
    peakAt: value === null ? null : FROM + index * STEP,
    connections: null,
    limit: null,
  }));
}

const usualOf = (value: number | null): SeriesBucket['usual'] =>
  value === null ? null : { dormant: spread(value), pooled: spread(value + 4) };
const spread = (value: number) => ({ min: value - 1, median: value, max: value + 1 });

export function historyOf(id: string, more: Partial<History> & { readonly name?: string } = {}): History {
  const { name = id, ...rest } = more;
  return {
    cluster: 'prod',
    source: { id, name, firstSeen: FROM - 30 * 24 * HOUR, lastSeen: FROM + 4 * HOUR },
    node: null,
    figure: 'dormant',
    from: FROM,
    to: FROM + 8 * STEP,
    newest: FROM + 8 * STEP - MINUTE,
    buckets: bucketsOf([61, 60, 62, null, null, 411, 539, 411], [61, 61, 61, 61, 62, 61, 61, 61]),
    usualNow: 61,
    now: { active: 4, dormant: 412 },
    connections: null,
    max: { value: 540, at: FROM + 6 * STEP },
    ...rest,
  };
}

export function clusterHistory(more: Partial<History> = {}): History {
  const buckets = historyOf('').buckets.map((bucket) => ({ ...bucket, usual: null }));
  return historyOf('', { source: null, buckets, usualNow: null, ...more });
}
