// What most likely moved between sources where nobody told: after a restart, or in a history that others wrote. A source
// lost connections in the very reading in which a kindred one has them.

import { type CidrBlock, containsBlock, parseCidr } from '../net/cidr.ts';
import type { Move, Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import type { SourceHistory } from './source-history.ts';
import type { TopHolder } from './top-holders.ts';

type Pasts = Readonly<Record<string, SourceHistory>>;

/** Less than this is noise, and needs no history. */
const LEAST = 5;

interface Loser {
  readonly id: string;
  readonly past: SourceHistory;
  /** Pooled connections that it had and has no more. */
  readonly lost: number;
  readonly isGone: boolean;
}

/** Only a whole reading tells who lost what. */
export function likelyMoves(pasts: Pasts, snapshot: Snapshot): readonly Move[] {
  if (!snapshot.complete) return [];
  const now = new Map(snapshot.sources.map((source) => [source.id, source.active + source.dormant]));
  let losers = Object.entries(pasts).flatMap(([id, past]): readonly Loser[] => {
    const held = now.get(id) ?? 0;
    const lost = past.last.pooled - held;
    return lost < LEAST ? [] : [{ id, past, lost, isGone: held === 0 }];
  });
  if (losers.length === 0) return [];
  const gains = snapshot.sources.flatMap((source) => {
    const past = pasts[source.id];
    const gained = source.active + source.dormant - (past?.last.pooled ?? 0);
    return gained < (past === undefined ? 1 : LEAST) ? [] : [{ source, gained, isNew: past === undefined }];
  });
  const moves: Move[] = [];
  // The newcomers first: what was there before may have grown by itself.
  for (const gain of gains.toSorted((one, other) => Number(other.isNew) - Number(one.isNew))) {
    const kin = losers.filter((loser) => isKin(loser, gain));
    const all = kin.reduce((sum, { lost }) => sum + lost, 0);
    // Most of what came must have gone there.
    if (all < gain.gained / 2) continue;
    const taken = new Map(kin.map((loser) => [loser.id, Math.min(loser.lost, (gain.gained * loser.lost) / all)]));
    moves.push(...kin.map((loser) => moveOf(loser, gain.source.id, taken.get(loser.id) ?? 0)));
    losers = losers.map((loser) => ({ ...loser, lost: loser.lost - (taken.get(loser.id) ?? 0) }));
  }
  return moves.filter(({ pooled }) => pooled > 0);
}

function moveOf({ id, past }: Loser, to: string, taken: number): Move {
  const { dormant, pooled } = past.last;
  const part = pooled === 0 ? 0 : taken / pooled;
  return { from: id, to, dormant: Math.round(dormant * part), pooled: Math.round(taken), hosts: 0 };
}

function isKin(
  loser: Loser,
  { source, gained, isNew }: { readonly source: SnapshotSource; readonly gained: number; readonly isNew: boolean },
): boolean {
  const { past, lost, isGone } = loser;
  if (source.id === loser.id || lost < 1) return false;
  const isAlike = gained >= 0.6 * lost && gained <= 1.6 * lost;
  const isRelated = past.name === source.name || overlap(loser.id, source.id);
  if (past.hosts.length > 0 && source.hosts.length > 0) {
    const shared = sharedPart(past.hosts, source.hosts);
    return isNew ? shared >= 0.5 : isGone && isAlike && isRelated && shared > 0;
  }
  if (!isNew) return isGone && isAlike && isRelated;
  if (isRelated) return true;
  if (past.apps.length > 0 && source.apps.length > 0) return sharedPart(past.apps, source.apps) >= 0.5;
  return isGone && isAlike && past.mean > 0;
}

/** How many of the largest names of a source are known of another, 0 to 1. */
function sharedPart(known: readonly TopHolder[], held: SnapshotSource['hosts']): number {
  const names = held.slice(0, 5).flatMap(({ name }) => (name === null ? [] : [name]));
  const shared = names.filter((name) => known.some((row) => row.name === name));
  return names.length === 0 ? 0 : shared.length / names.length;
}

/** Whether the block of one holds that of the other. */
function overlap(one: string, other: string): boolean {
  const [mine, theirs] = [blockOf(one), blockOf(other)];
  if (mine === null || theirs === null) return false;
  return containsBlock(mine, theirs) || containsBlock(theirs, mine);
}

function blockOf(id: string): CidrBlock | null {
  return parseCidr(id.replace(/^peering:/, ''));
}
