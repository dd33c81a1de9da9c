// Infers moves between sources when the reading has none: after a restart, or in a history from another program. A move
// is a source that lost connections in the reading in which a similar source gained them.

import { type CidrBlock, containsBlock, parseCidr } from '../net/cidr.ts';
import type { Move, Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import type { SourceHistory } from './source-history.ts';
import type { TopHolder } from './top-holders.ts';

type SourceHistories = Readonly<Record<string, SourceHistory>>;

/** A smaller difference is noise. */
const LEAST = 5;

interface Loser {
  readonly id: string;
  readonly past: SourceHistory;
  /** Pooled connections that it lost. */
  readonly lost: number;
  readonly isGone: boolean;
}

/** An incomplete reading gives no moves. */
export function inferMoves(histories: SourceHistories, snapshot: Snapshot): readonly Move[] {
  if (!snapshot.complete) return [];
  const now = new Map(snapshot.sources.map((source) => [source.id, source.active + source.dormant]));
  let losers = Object.entries(histories).flatMap(([id, past]): readonly Loser[] => {
    const present = now.get(id) ?? 0;
    const lost = past.last.pooled - present;
    return lost < LEAST ? [] : [{ id, past, lost, isGone: present === 0 }];
  });
  if (losers.length === 0) return [];
  const gains = snapshot.sources.flatMap((source) => {
    const past = histories[source.id];
    const gain = source.active + source.dormant - (past?.last.pooled ?? 0);
    return gain < (past === undefined ? 1 : LEAST) ? [] : [{ source, gain, isNew: past === undefined }];
  });
  const moves: Move[] = [];
  // New sources first: a known source may have grown by itself.
  for (const gain of gains.toSorted((a, b) => Number(b.isNew) - Number(a.isNew))) {
    const similar = losers.filter((loser) => isSimilar(loser, gain));
    const all = similar.reduce((sum, { lost }) => sum + lost, 0);
    // At least half of the gain must come from lost connections.
    if (all < gain.gain / 2) continue;
    const taken = new Map(similar.map((loser) => [loser.id, Math.min(loser.lost, (gain.gain * loser.lost) / all)]));
    moves.push(...similar.map((loser) => moveOf(loser, gain.source.id, taken.get(loser.id) ?? 0)));
    losers = losers.map((loser) => ({ ...loser, lost: loser.lost - (taken.get(loser.id) ?? 0) }));
  }
  return moves.filter(({ pooled }) => pooled > 0);
}

function moveOf({ id, past }: Loser, to: string, taken: number): Move {
  const { dormant, pooled } = past.last;
  const part = pooled === 0 ? 0 : taken / pooled;
  return { from: id, to, dormant: Math.round(dormant * part), pooled: Math.round(taken), hosts: 0 };
}

function isSimilar(
  loser: Loser,
  { source, gain, isNew }: { readonly source: SnapshotSource; readonly gain: number; readonly isNew: boolean },
): boolean {
  const { past, lost, isGone } = loser;
  if (source.id === loser.id || lost < 1) return false;
  const isAlike = gain >= 0.6 * lost && gain <= 1.6 * lost;
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

/** The share of a source's largest names that another source also has, 0 to 1. */
function sharedPart(known: readonly TopHolder[], rows: SnapshotSource['hosts']): number {
  const names = rows.slice(0, 5).flatMap(({ name }) => (name === null ? [] : [name]));
  const shared = names.filter((name) => known.some((row) => row.name === name));
  return names.length === 0 ? 0 : shared.length / names.length;
}

/** Whether one block contains the other. */
function overlap(a: string, b: string): boolean {
  const [blockA, blockB] = [blockOf(a), blockOf(b)];
  if (blockA === null || blockB === null) return false;
  return containsBlock(blockA, blockB) || containsBlock(blockB, blockA);
}

function blockOf(id: string): CidrBlock | null {
  return parseCidr(id.replace(/^peering:/, ''));
}
