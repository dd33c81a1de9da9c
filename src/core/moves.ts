// Moves: clients that stayed where they are while the access list called them something else. A change of the list,
// of a label or of a peering moves addresses between sources; no connection came or went by it.

import type { ConnectionSource } from './connections/source.ts';
import type { Move } from './snapshots/snapshot.ts';

/** What one client address holds in one source. */
interface Hold {
  dormant: number;
  pooled: number;
}

interface Holder {
  /** What the address alone decides: of a source that is split by app, the part before the app. */
  readonly place: string;
  /** By id of the source. */
  readonly holds: ReadonlyMap<string, Hold>;
}

/** Who held what in one reading, by client address. */
export interface Holders {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly addresses: ReadonlyMap<string, Holder>;
}

interface Named {
  readonly at: string;
  readonly sources: readonly Pick<ConnectionSource, 'id' | 'class' | 'hosts'>[];
}

export function holdersOf({ at, sources }: Named): Holders {
  const addresses = new Map<string, { readonly place: string; readonly holds: Map<string, Hold> }>();
  for (const source of sources) {
    const place = placeOf(source);
    for (const { address, active, dormant } of source.hosts) {
      const holder = addresses.get(address) ?? { place, holds: new Map() };
      addresses.set(address, holder);
      holder.holds.set(source.id, { dormant, pooled: active + dormant });
    }
  }
  return { at: Date.parse(at), addresses };
}

/** Another app at the same address is another app, not another name for it. */
function placeOf({ id, class: of }: Pick<ConnectionSource, 'id' | 'class'>): string {
  return of === 'catch-all' || of === 'private' || of === 'atlas-internal' ? of : id;
}

/** Largest first, ties by id: what each source took over from which, as much as it was before. */
export function movesOf(before: Holders, after: Holders): readonly Move[] {
  const moves = new Map<string, Move>();
  for (const [address, now] of after.addresses) {
    const then = before.addresses.get(address);
    if (then === undefined || then.place === now.place) continue;
    for (const { from, to, dormant, pooled } of carried(then.holds, now.holds)) {
      const key = JSON.stringify([from, to]);
      const known = moves.get(key) ?? { from, to, dormant: 0, pooled: 0, hosts: 0 };
      moves.set(key, {
        ...known,
        dormant: known.dormant + dormant,
        pooled: known.pooled + pooled,
        hosts: known.hosts + 1,
      });
    }
  }
  return [...moves.values()]
    .map((move) => ({ ...move, dormant: Math.round(move.dormant), pooled: Math.round(move.pooled) }))
    .toSorted((one, other) => other.pooled - one.pooled || order(one.from, other.from) || order(one.to, other.to));
}

type Holds = Holder['holds'];

/**
 * What one address held, to the sources that it is in now. An app stays with itself (`private app:etl` to
 * `0.0.0.0/0 app:etl`); the rest goes to the rest, by how much each holds now.
 */
function carried(then: Holds, now: Holds): readonly Omit<Move, 'hosts'>[] {
  const partner = (id: string, among: Holds) =>
    [...among.keys()].find((other) => appOf(id) !== null && appOf(other) === appOf(id)) ?? null;
  const leftOver = [...now].filter(([id]) => partner(id, then) === null);
  const heirs = leftOver.length === 0 ? [...now] : leftOver;
  const all = heirs.reduce((sum, [, { pooled }]) => sum + pooled, 0);
  return [...then].flatMap(([from, { dormant, pooled }]) => {
    const same = partner(from, now);
    if (same !== null) return [{ from, to: same, dormant, pooled }];
    return heirs.map(([to, held]) => {
      const part = all === 0 ? 1 / heirs.length : held.pooled / all;
      return { from, to, dormant: dormant * part, pooled: pooled * part };
    });
  });
}

/** `app:etl` of `private app:etl`; null for a source that is not split. */
function appOf(id: string): string | null {
  return /^(?:0\.0\.0\.0\/0|private|atlas-internal) (?<who>.*)$/s.exec(id)?.groups?.['who'] ?? null;
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
