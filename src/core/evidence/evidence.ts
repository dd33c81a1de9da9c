// The evidence of an alert: which node it concerns, who grew, what changed, who is shut out, and what helps.

import type { SnapshotNode } from '../snapshots/snapshot.ts';

/** One part of a source, or a source on a node, against its usual. Figures are active and dormant connections. */
export interface Grown {
  readonly kind: 'app' | 'address' | 'driver' | 'node';
  readonly name: string;
  readonly now: number;
  /** Null when it is unknown. */
  readonly usual: number | null;
  /** Above the usual; all of it when the usual is unknown. */
  readonly more: number;
}

/** A source that grew. On a node's alert its figures are those on the node, else those of the whole source. */
export interface Culprit {
  /** Id and name of the source. */
  readonly source: string;
  readonly name: string;
  readonly now: number;
  /** Null while it learns. */
  readonly usual: number | null;
  readonly more: number;
  /** Its parts that grew most: apps, then addresses, drivers, nodes; each kind with the largest first. */
  readonly grown: readonly Grown[];
  /** `MongoClient` instances in words, such as `40` or `at least 40`; null when they are unknown. */
  readonly clients: { readonly now: string; readonly usual: string | null } | null;
}

/** A source far below its usual while a node of the cluster is at its limit. */
export interface ShutOut {
  readonly source: string;
  readonly name: string;
  readonly now: number;
  readonly usual: number;
}

/** What one reading tells about a node or a source. */
export interface Findings {
  /** When it was read, in milliseconds since 1970; null before a reading with sources. */
  readonly readAt: number | null;
  /** Largest growth first; of a source's alert, the source itself. */
  readonly culprits: readonly Culprit[];
  /** What changed within the last hour, as sentences with times in ISO 8601: an election, a new driver version. */
  readonly changed: readonly string[];
  /** Shut out now. */
  readonly shutOut: readonly ShutOut[];
  /** Imperatives: what helps within five minutes, and what prevents it. */
  readonly doNow: readonly string[];
  readonly thenFix: readonly string[];
}

/** The node of a node's alert; for a source, the node with the most of its growth. */
export interface NodeImpact {
  readonly host: string;
  /** As people see it: the first label of the host where that is unique. */
  readonly short: string;
  /** `primary`, `secondary`, …; null when it is unknown. */
  readonly role: string | null;
  readonly current: number;
  readonly limit: number;
  /** When it was read or looked at, in milliseconds since 1970. */
  readonly at: number;
  /** Connections a minute, over the last minutes; null when it is unknown. Negative while they fall. */
  readonly perMinute: number | null;
  /** Refused connections since the alert began, and when the last were seen; null for none. */
  readonly refused: { readonly count: number; readonly since: number; readonly last: number } | null;
}

/** The pools of one app in which operations wait. */
export interface PoolImpact {
  readonly app: string;
  /** Processes that report, and those in which operations wait. */
  readonly processes: number;
  readonly exhausted: number;
  /** Of the pools in which operations wait: connections in use, their maximum, and operations that wait. */
  readonly inUse: number;
  /** Null when a pool has no maximum, or does not report it. */
  readonly capacity: number | null;
  readonly waiting: number;
  /** Since the look before: checkouts that succeeded, the mean wait of all in milliseconds, and waits that timed out. */
  readonly checkouts: number;
  readonly meanWaitMs: number | null;
  readonly timeouts: number;
  /** The look, and the one before, in milliseconds since 1970. */
  readonly at: number;
  readonly since: number;
  /** Whose connections these are by the last reading, by id and name; left out where no reading tells. */
  readonly sources?: readonly PoolSource[];
  /** From the first look of the alert to the last one above the line; left out after a single look. */
  readonly whole?: WholeWait;
  /** The likely cause, as sentences with times in ISO 8601. */
  readonly cause: string;
  /** Those that wait most. */
  readonly worst: readonly ExhaustedProcess[];
}

export interface PoolSource {
  readonly id: string;
  readonly name: string;
}

interface WholeWait extends Pick<PoolImpact, 'timeouts'> {
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface ExhaustedProcess
  extends Pick<PoolImpact, 'inUse' | 'capacity' | 'waiting' | 'meanWaitMs' | 'timeouts'> {
  readonly host: string;
  readonly pid: number;
}

export interface AlertEvidence extends Findings {
  readonly node: NodeImpact | null;
  /** Shut out since the alert began, each with its lowest figure; those with the largest loss. */
  readonly hurt: readonly ShutOut[];
  /** Of an app's alert; left out for others. */
  readonly pools?: PoolImpact;
}

/** A node at this share of its limit takes no more clients: their drivers retry before they give up. */
const AT_LIMIT = 0.99;

export function isAtLimit({ current, limit }: Pick<SnapshotNode, 'current' | 'limit'>): boolean {
  return current !== null && limit !== null && limit > 0 && current >= AT_LIMIT * limit;
}

/** Less than half of the usual pooled connections, and at least ten fewer. */
export function isFarBelow(now: number, usual: number): boolean {
  return now < usual / 2 && usual - now >= 10;
}

export const MOST_CHANGES = 6;
const MOST_HURT = 10;

/**
 * The evidence of an alert after another reading or check.
 * @param isCalm the value is below its line: who grew stays as it was read before
 */
export function mergedEvidence(
  before: AlertEvidence | null,
  now: AlertEvidence | null,
  isCalm: boolean,
): AlertEvidence | null {
  if (before === null || now === null) return now ?? before;
  // Each look has all that is known of the pools. A calm one has nothing left to explain.
  if (now.pools !== undefined) return isCalm ? before : { ...now, pools: withWhole(before.pools, now.pools) };
  const isNewer = now.readAt !== null && now.readAt >= (before.readAt ?? 0);
  const { shutOut } = isNewer ? now : before;
  const isWorse = !isCalm && now.culprits.length > 0 && !hasReceded(before, now);
  const { culprits, doNow, thenFix, readAt, changed } = isNewer && isWorse ? now : before;
  return {
    ...{ culprits, doNow, thenFix, readAt, shutOut },
    changed: [...new Set([...before.changed, ...changed])].slice(-MOST_CHANGES),
    node: mergedNode(before.node, now.node, { isNewer, isCalm }),
    hurt: mergedVictims(before.hurt, shutOut),
  };
}

/** Each look tells of its own minute. A look above the line may be decided twice. */
function withWhole(before: PoolImpact | undefined, now: PoolImpact): PoolImpact {
  if (before === undefined) return now;
  const { timeouts, since } = before.whole ?? before;
  // Not each look has a reading.
  const sources = now.sources ?? before.sources;
  return {
    ...now,
    ...(sources !== undefined && { sources }),
    whole: { timeouts: timeouts + (now.at > before.at ? now.timeouts : 0), since },
  };
}

/**
 * Whether another source leads on a node that has room again, and grew less than half as much: it did not fill the node.
 * An alert may be firing all the same, for what happened before this reading.
 */
function hasReceded(before: AlertEvidence, now: AlertEvidence): boolean {
  const [worst] = before.culprits;
  const [left] = now.culprits;
  if (worst === undefined || left === undefined || now.node === null) return false;
  return left.source !== worst.source && left.more < worst.more / 2 && now.node.current < now.node.limit / 2;
}

/** A check between readings does not tell the role. */
function mergedNode(
  before: NodeImpact | null,
  now: NodeImpact | null,
  { isNewer, isCalm }: { readonly isNewer: boolean; readonly isCalm: boolean },
): NodeImpact | null {
  if (now === null || before === null) return now ?? before;
  // A source that is calm grew on no node.
  if (before.host !== now.host) return isCalm ? before : now;
  // A check may have looked while a slow reading ran.
  if (now.at < before.at) return { ...before, role: now.role ?? before.role };
  const role = isNewer ? (now.role ?? before.role) : before.role;
  return { ...now, role, refused: mergedRefusals(before, now) };
}

function mergedRefusals({ refused: first }: NodeImpact, { refused: more }: NodeImpact): NodeImpact['refused'] {
  // The same check may be decided twice.
  if (first === null || more === null || more.last <= first.last) return first ?? more;
  return { count: first.count + more.count, since: first.since, last: more.last };
}

function mergedVictims(before: readonly ShutOut[], now: readonly ShutOut[]): readonly ShutOut[] {
  const known = new Map(before.map((one) => [one.source, one]));
  for (const one of now)
    if (one.now <= (known.get(one.source)?.now ?? Number.POSITIVE_INFINITY)) known.set(one.source, one);
  return [...known.values()].toSorted((a, b) => b.usual - b.now - (a.usual - a.now)).slice(0, MOST_HURT);
}
