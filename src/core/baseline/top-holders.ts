// The usual connections of a source's largest apps, hosts and drivers: slow means that show who grew.

import { HOUR } from '../base/duration.ts';
import type { ConnectionCount } from '../snapshots/snapshot.ts';

export interface TopHolder {
  readonly name: string;
  /** Active and dormant connections, as a slow mean. */
  readonly usual: number;
  /** When it was first seen, in milliseconds since 1970. */
  readonly since: number;
  /** Of a host: since when it held connections at every complete reading. Left out while it does not. */
  readonly heldSince?: number;
  /** Of a host: when it was last active at a reading. Left out before. Missing in data of older versions. */
  readonly activeAt?: number;
}

/** A snapshot has the five largest. If it has fewer, a missing name has no connections. */
export const LISTED = 5;
const KEPT = 8;
/** The time that the mean covers; much longer while the source is unusual. */
const SLOW = 12 * HOUR;

export function learnHolders(
  rows: readonly TopHolder[],
  present: readonly ConnectionCount[],
  now: { readonly at: number; readonly passed: number; readonly isUnusual: boolean; readonly isYoung: boolean },
): readonly TopHolder[] {
  if (present.length === 0) return rows;
  const connections = new Map(
    present.flatMap(({ name, ...row }) => (name === null ? [] : [[name, row.active + row.dormant]])),
  );
  const least = present.length < LISTED ? 0 : Math.min(...connections.values());
  const rate = meanRate(now);
  const known = rows.map((row) => {
    const value = connections.get(row.name) ?? Math.min(row.usual, least);
    return { ...row, usual: rounded(row.usual + (value - row.usual) * rate) };
  });
  const names = new Set(rows.map(({ name }) => name));
  const fresh = [...connections]
    .filter(([name]) => !names.has(name))
    .map(([name, value]) => ({ name, usual: now.isYoung ? value : rounded(value * rate), since: now.at }));
  return largest([...known, ...fresh], connections);
}

/**
 * Notes which hosts hold connections, and which are active.
 * @param isWhole the reading is complete; another one tells only who is active
 */
export function noteHolding(
  rows: readonly TopHolder[],
  present: readonly ConnectionCount[],
  { at, isWhole }: { readonly at: number; readonly isWhole: boolean },
): readonly TopHolder[] {
  const now = new Map(present.map((row) => [row.name, row]));
  return rows.map((row) => {
    const here = now.get(row.name);
    const { heldSince, ...rest } = row;
    const isHeld = here !== undefined && here.active + here.dormant > 0;
    // The five largest alone are known: a host that is not among them may hold some, or none.
    const since = isWhole ? (isHeld ? (heldSince ?? at) : undefined) : heldSince;
    return {
      ...rest,
      ...(since !== undefined && { heldSince: since }),
      ...(here !== undefined && here.active > 0 && { activeAt: at }),
    };
  });
}

/** Since when a host held connections at every reading and was active at none; null while it does not or is. */
export function unusedSince({ heldSince, activeAt }: TopHolder): number | null {
  return heldSince === undefined ? null : Math.max(heldSince, activeAt ?? heldSince);
}

/** The weight of a new value in a slow mean. */
export function meanRate({ passed, isUnusual }: { readonly passed: number; readonly isUnusual: boolean }): number {
  return Math.min(1, passed / SLOW) / (isUnusual ? 8 : 1);
}

/** Adds the holders of a source and of the clients that it took over. */
export function addHolders(a: readonly TopHolder[], b: readonly TopHolder[]): readonly TopHolder[] {
  const rows = new Map(a.map((row) => [row.name, row]));
  for (const row of b) {
    const known = rows.get(row.name);
    const since = Math.min(row.since, known?.since ?? row.since);
    const heldSince = Math.min(row.heldSince ?? Infinity, known?.heldSince ?? Infinity);
    const activeAt = Math.max(row.activeAt ?? 0, known?.activeAt ?? 0);
    rows.set(row.name, {
      ...{ name: row.name, usual: row.usual + (known?.usual ?? 0), since },
      ...(heldSince < Infinity && { heldSince }),
      ...(activeAt > 0 && { activeAt }),
    });
  }
  return largest([...rows.values()], new Map());
}

export function scaleHolders(rows: readonly TopHolder[], factor: number): readonly TopHolder[] {
  return rows.map((row) => ({ ...row, usual: rounded(row.usual * factor) }));
}

/** Present connections count too, so that a new holder is not dropped at once. */
function largest(rows: readonly TopHolder[], connections: ReadonlyMap<string, number>): readonly TopHolder[] {
  const weight = ({ name, usual }: TopHolder) => Math.max(usual, connections.get(name) ?? 0);
  return rows
    .filter((row) => weight(row) >= 0.5)
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, KEPT);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export interface Increase {
  readonly name: string;
  readonly now: number;
  readonly more: number;
}

/** Holders above their usual, most first. @param factor the usual now, relative to the mean */
export function increases(
  rows: readonly TopHolder[],
  present: readonly ConnectionCount[],
  factor: number,
): readonly Increase[] {
  const usual = new Map(rows.map((row) => [row.name, row.usual * factor]));
  return present
    .flatMap(({ name, active, dormant }) => {
      if (name === null || name === '') return [];
      const now = active + dormant;
      return [{ name, now, more: Math.round(now - (usual.get(name) ?? 0)) }];
    })
    .filter(({ more }) => more > 0)
    .toSorted((a, b) => b.more - a.more);
}
