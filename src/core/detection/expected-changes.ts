// Expected changes: an election, a rollout. Old and new connections exist together for minutes, so the alert waits.

import { MINUTE } from '../base/duration.ts';
import { span } from '../base/format.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import type { TopHolder } from '../baseline/top-holders.ts';
import type { Elected } from '../diagnosis/past.ts';
import type { ConnectionCount, SnapshotSource } from '../snapshots/snapshot.ts';

const SETTLING = 15 * MINUTE;
/** Readings do not start on the exact second. */
const TOLERANCE = MINUTE / 2;

export interface Rise {
  readonly at: number;
  readonly source: SnapshotSource;
  readonly past: SourceHistory;
  /** Connections above the usual, and the ratio to the usual. */
  readonly excess: number;
  readonly ratio: number;
  /** The ratio at which the rule fires. */
  readonly line: number;
  readonly elected: Elected | null;
}

/** Why the rise may end by itself, or null. */
export function expectedChange(rise: Rise): string | null {
  return afterElection(rise) ?? rollout(rise);
}

/** Pools are rebuilt on the new primary while the old one still has its connections. */
function afterElection({ at, source, past, excess, ratio, line, elected }: Rise): string | null {
  if (elected === null || at - elected.at > SETTLING + TOLERANCE) return null;
  const why = `an election ${agoText(at - elected.at)}: pools are rebuilt`;
  const present = source.nodes.find(({ name }) => name === elected.primary);
  if (present === undefined) return ratio < 2 * line ? why : null;
  const usual = (past.shares[elected.primary]?.share ?? 0) * past.mean;
  return present.active + present.dormant - usual >= excess / 2 ? why : null;
}

function rollout(rise: Rise): string | null {
  const { past, source } = rise;
  return (
    newVersion(rise, past.apps, source.apps) ??
    newVersion(rise, past.drivers, source.drivers ?? []) ??
    newHosts(rise, past.hosts, source.hosts)
  );
}

/** `checkout 5.2.0` beside `checkout 5.1.0`. */
function newVersion(
  { at, excess }: Rise,
  known: readonly TopHolder[],
  present: readonly ConnectionCount[],
): string | null {
  const isOld = ({ since }: TopHolder) => at - since > SETTLING + TOLERANCE;
  const old = known.filter(isOld);
  const pairs = present.flatMap(({ name, active, dormant }) => {
    if (name === null || old.some((row) => row.name === name)) return [];
    const before = old.find((row) => row.usual >= 1 && withoutVersion(row.name) === withoutVersion(name));
    return before === undefined ? [] : [{ name, before: before.name, value: active + dormant }];
  });
  const sum = pairs.reduce((all, { value }) => all + value, 0);
  const [first] = pairs;
  return first === undefined || sum < excess / 2
    ? null
    : `${first.name} takes the place of ${first.before}: instances overlap`;
}

/** The name without its version, which starts with a digit. */
function withoutVersion(name: string): string {
  return name.replace(/(?:^|[\s/@:_-])v?\d.*$/s, '');
}

/** Many of the largest hosts are new, and as many known hosts are gone. */
function newHosts(
  { at, excess }: Rise,
  known: readonly TopHolder[],
  present: readonly ConnectionCount[],
): string | null {
  const isOld = ({ since }: TopHolder) => at - since > SETTLING + TOLERANCE;
  const old = known.filter((row) => isOld(row) && row.usual >= 1);
  const names = new Set(present.map(({ name }) => name));
  const least = Math.min(...present.map(({ active, dormant }) => active + dormant));
  const gone = old.filter((row) => !names.has(row.name) && (present.length < 5 || row.usual > least));
  const fresh = present.filter(({ name }) => name !== null && !old.some((row) => row.name === name));
  const sum = fresh.reduce((all, { active, dormant }) => all + active + dormant, 0);
  if (gone.length < 2 || gone.length < old.length / 2 || fresh.length < 2 || sum < excess / 2) return null;
  return `${fresh.length} of its ${present.length} largest hosts are new and ${gone.length} known ones are gone: instances are replaced`;
}

function agoText(milliseconds: number): string {
  return milliseconds < MINUTE ? 'just now' : `${span(milliseconds)} ago`;
}
