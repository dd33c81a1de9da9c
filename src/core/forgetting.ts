// What is remembered of sources that are gone: a job that comes again for weeks, an address that passed by for two days.

import { DAY } from './base/duration.ts';
import type { SourcePast } from './baseline/source-history.ts';
import type { Snapshot } from './snapshots/snapshot.ts';

type Pasts = Readonly<Record<string, SourcePast>>;

/** A source or node not seen for so long is forgotten. */
export const FORGET = 35 * DAY;
/** So is a source that was only passing. */
const FORGET_PASSING = 2 * DAY;
/** Absent sources that are remembered. */
const MOST = 2_000;

/** Seen within one day alone, and of a kind of which there may be any number. */
export function isPassing({ firstSeen, lastSeen, inherits, class: of }: SourcePast): boolean {
  const isOfList = of === 'listed' || of === 'peering' || of === 'atlas-internal';
  return lastSeen - firstSeen < DAY && inherits === null && !isOfList;
}

/** Whoever is in the reading is remembered, however many they are. */
export function rememberedOf(
  pasts: Pasts,
  { at, sources }: Snapshot,
): { readonly pasts: Pasts; readonly remarks: readonly string[] } {
  const seen = new Set(sources.map(({ id }) => id));
  const isKept = (past: SourcePast) => at - past.lastSeen <= (isPassing(past) ? FORGET_PASSING : FORGET);
  const kept = Object.entries(pasts).filter(([id, past]) => seen.has(id) || isKept(past));
  const absent = kept.filter(([id]) => !seen.has(id));
  const tooMany = absent.length - MOST;
  if (tooMany <= 0) return { pasts: Object.fromEntries(kept), remarks: [] };
  const oldest = absent.toSorted(([, one], [, other]) => one.lastSeen - other.lastSeen).slice(0, tooMany);
  const out = new Set(oldest.map(([id]) => id));
  return {
    pasts: Object.fromEntries(kept.filter(([id]) => !out.has(id))),
    remarks: [`more than ${MOST} sources are gone: those not seen for longest are forgotten (${tooMany} now)`],
  };
}
