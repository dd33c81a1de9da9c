// A history by hand: four hours in buckets of half an hour, with a gap and a spike.

import { HOUR, MINUTE } from '../../src/core/base/duration.ts';
import type { History } from '../../src/core/ports/monitor.ts';
import type { SeriesBucket } from '../../src/core/ports/store.ts';

const FROM = Date.parse('2026-11-21T06:00:00Z');
const STEP = 30 * MINUTE;

/** @param dormant null for a bucket in which nothing was read */
export function bucketsOf(dormant: readonly (number | null)[]): readonly SeriesBucket[] {
  return dormant.map((value, index) => ({
    from: FROM + index * STEP,
    dormant: value === null ? null : { min: value - 1, median: value, max: value + 1 },
    pooled: value === null ? null : { min: value, median: value + 4, max: value + 8 },
    readings: value === null ? 0 : 6,
    incomplete: 0,
    peakAt: value === null ? null : FROM + index * STEP,
  }));
}

export function historyOf(id: string, more: Partial<History> & { readonly name?: string } = {}): History {
  const { name = id, usual = [61, 61, 61, 61, 61.25, 61, 61, 61], ...rest } = more;
  return {
    cluster: 'prod',
    source: { id, name, firstSeen: FROM - 30 * 24 * HOUR, lastSeen: FROM + 4 * HOUR },
    from: FROM,
    to: FROM + 8 * STEP,
    buckets: bucketsOf([61, 60, 62, null, null, 411, 539, 411]),
    usual,
    usualMost: usual,
    usualNow: usual.at(-1) ?? null,
    now: { active: 4, dormant: 412 },
    max: { dormant: 540, at: FROM + 6 * STEP },
    ...rest,
  };
}

export function clusterHistory(more: Partial<History> = {}): History {
  return historyOf('', { source: null, usual: Array.from({ length: 8 }, () => null), ...more });
}
