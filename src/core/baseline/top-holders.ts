// What the largest apps, hosts and drivers of a source usually hold: a few slow means, so that it can be said who grew.

import { HOUR } from '../base/duration.ts';
import type { ConnectionCount } from '../snapshots/snapshot.ts';

export interface TopHolder {
  readonly name: string;
  /** Active and dormant connections, on the whole. */
  readonly usual: number;
  /** When it was first seen, in milliseconds since 1970. */
  readonly since: number;
}

/** A writer tells the five largest: with fewer, whoever is missing holds nothing. */
const TOLD = 5;
const KEPT = 8;
/** A mean over about so long; much longer while the source is not as usual. */
const SLOW = 12 * HOUR;

export function learnedRows(
  rows: readonly TopHolder[],
  held: readonly ConnectionCount[],
  now: { readonly at: number; readonly passed: number; readonly isUnusual: boolean; readonly isYoung: boolean },
): readonly TopHolder[] {
  if (held.length === 0) return rows;
  const told = new Map(held.flatMap(({ name, ...row }) => (name === null ? [] : [[name, row.active + row.dormant]])));
  const least = held.length < TOLD ? 0 : Math.min(...told.values());
  const rate = meanRate(now);
  const known = rows.map((row) => {
    const value = told.get(row.name) ?? Math.min(row.usual, least);
    return { ...row, usual: rounded(row.usual + (value - row.usual) * rate) };
  });
  const names = new Set(rows.map(({ name }) => name));
  const fresh = [...told]
    .filter(([name]) => !names.has(name))
    .map(([name, value]) => ({ name, usual: now.isYoung ? value : rounded(value * rate), since: now.at }));
  return largest([...known, ...fresh], told);
}

/** How much of a new value a slow mean takes over. */
export function meanRate({ passed, isUnusual }: { readonly passed: number; readonly isUnusual: boolean }): number {
  return Math.min(1, passed / SLOW) / (isUnusual ? 8 : 1);
}

/** Of one source and what it took over from another. */
export function joinedRows(one: readonly TopHolder[], other: readonly TopHolder[]): readonly TopHolder[] {
  const rows = new Map(one.map((row) => [row.name, row]));
  for (const row of other) {
    const known = rows.get(row.name);
    const since = Math.min(row.since, known?.since ?? row.since);
    rows.set(row.name, { ...row, since, usual: row.usual + (known?.usual ?? 0) });
  }
  return largest([...rows.values()], new Map());
}

export function scaledRows(rows: readonly TopHolder[], factor: number): readonly TopHolder[] {
  return rows.map((row) => ({ ...row, usual: rounded(row.usual * factor) }));
}

/** What is large now counts as what is large on the whole: who is new must not be forgotten at once. */
function largest(rows: readonly TopHolder[], told: ReadonlyMap<string, number>): readonly TopHolder[] {
  const weight = ({ name, usual }: TopHolder) => Math.max(usual, told.get(name) ?? 0);
  return rows
    .filter((row) => weight(row) >= 0.5)
    .toSorted((one, other) => weight(other) - weight(one))
    .slice(0, KEPT);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export interface Grown {
  readonly name: string;
  readonly more: number;
}

/** Who holds more than usual, most first. @param factor what is usual now against what is usual on the whole */
export function grown(rows: readonly TopHolder[], held: readonly ConnectionCount[], factor: number): readonly Grown[] {
  const usual = new Map(rows.map((row) => [row.name, row.usual * factor]));
  return held
    .flatMap(({ name, active, dormant }) => {
      if (name === null || name === '') return [];
      return [{ name, more: Math.round(active + dormant - (usual.get(name) ?? 0)) }];
    })
    .filter(({ more }) => more > 0)
    .toSorted((one, other) => other.more - one.more);
}
