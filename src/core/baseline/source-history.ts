// The history of one source: its baselines, its bursts, how it spreads over the nodes, and its clients.

import { DAY, HOUR } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { type Baseline, newBaseline, scaleBaseline, type Usual, withhold } from './baseline.ts';
import { type BurstHabit, NO_HABIT } from './bursts.ts';
import { learnAndSettle } from './level.ts';
import { type Shares, updateShares } from './node-distribution.ts';
import { learnHolders, meanRate, noteHolding, type TopHolder } from './top-holders.ts';

export interface SourceHistory {
  readonly name: string;
  /** From its last reading. Missing in data of older versions. */
  readonly class?: SnapshotSource['class'];
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The id of the source whose history continues here. */
  readonly inherits: string | null;
  readonly dormant: Baseline;
  readonly pooled: Baseline;
  /** Learned from exact numbers alone or from lower bounds alone: the two cannot be compared. */
  readonly clients: Baseline | null;
  /** Whether `clients` has lower bounds. Missing in data of older versions. */
  readonly clientsAtLeast?: boolean;
  /** Since when readings are of the other kind; null while they are not. Missing in data of older versions. */
  readonly clientsTurnedAt?: number | null;
  readonly habits: Readonly<Record<'dormant-spike' | 'pooled-spike', BurstHabit>>;
  readonly shares: Shares;
  /** From the last reading, complete or not. */
  readonly last: { readonly at: number; readonly dormant: number; readonly pooled: number };
  /** A slow mean of the pooled connections. Its largest apps, hosts and drivers have one each. */
  readonly mean: number;
  readonly apps: readonly TopHolder[];
  readonly hosts: readonly TopHolder[];
  readonly drivers: readonly TopHolder[];
  /** The last change of the access list that affected it, as a sentence; null for none. */
  readonly touched: { readonly at: number; readonly note: string } | null;
  /** The newest `AcceptedLevel` that its baselines have; left out without one. */
  readonly acceptedAt?: number;
}

export function newHistory(source: SnapshotSource, at: number): SourceHistory {
  const pooled = source.active + source.dormant;
  return {
    name: source.name,
    class: source.class,
    firstSeen: at,
    lastSeen: at,
    inherits: null,
    dormant: newBaseline(at),
    pooled: newBaseline(at),
    clients: source.clients === null ? null : newBaseline(at),
    clientsAtLeast: isBound(source),
    clientsTurnedAt: null,
    habits: { 'dormant-spike': NO_HABIT, 'pooled-spike': NO_HABIT },
    shares: {},
    last: { at, dormant: source.dormant, pooled },
    mean: pooled,
    apps: [],
    hosts: [],
    drivers: [],
    touched: null,
  };
}

/** A source's figures that can be compared with its history: over nodes that were read then and now. */
export interface Compared {
  readonly dormant: number;
  readonly pooled: number;
  /** The share of the usual that these nodes have, 0 to 1. */
  readonly share: number;
  readonly isWhole: boolean;
  /** Why it cannot be compared, or null. */
  readonly incomparable: string | null;
  /** A note about the comparison for people, or null. */
  readonly note: string | null;
}

export function compare(past: SourceHistory, source: SnapshotSource, snapshot: Snapshot): Compared {
  const whole = {
    dormant: source.dormant,
    pooled: source.active + source.dormant,
    share: 1,
    isWhole: true,
    incomparable: null,
    note: null,
  };
  const { shares } = past;
  const unread = snapshot.nodes.filter((node) => node.problem !== null).map((node) => node.host);
  const others = Object.keys(shares).filter((host) => shares[host]?.state !== 'known');
  const listed = new Set(snapshot.nodes.map((node) => node.host));
  const left = Object.keys(shares).filter((host) => !listed.has(host));
  const joined = [...listed].filter((host) => shares[host] === undefined);
  const isSame = unread.length === 0 && others.length === 0 && left.length === 0 && joined.length === 0;
  if (snapshot.complete && (isSame || Object.keys(shares).length === 0)) return whole;
  if (source.nodes.length === 0) {
    if (snapshot.complete) return whole;
    return { ...whole, isWhole: false, incomparable: 'the reading is incomplete and has no figures per node' };
  }
  const counts = (host: string) => shares[host]?.state === 'known' && !unread.includes(host) && listed.has(host);
  const nodes = source.nodes.filter((node) => node.name !== null && counts(node.name));
  const share = Object.entries(shares).reduce((sum, [host, known]) => (counts(host) ? sum + known.share : sum), 0);
  const dormant = nodes.reduce((sum, node) => sum + node.dormant, 0);
  const active = nodes.reduce((sum, node) => sum + node.active, 0);
  const note =
    unread.length > 0
      ? `without ${unread.join(', ')}, which was not read`
      : 'over the nodes of before: nodes came or went';
  const incomparable = share < 0.1 ? 'too little of it was read to compare' : null;
  return { dormant, pooled: dormant + active, share, isWhole: snapshot.complete, incomparable, note };
}

/** While a source is younger than this, new apps and hosts count as usual at once. */
const YOUNG = 3 * HOUR;

/** Adds the reading to the history. An incomplete reading updates no baseline. */
export function historyAfter(
  past: SourceHistory,
  source: SnapshotSource,
  now: {
    readonly snapshot: Snapshot;
    readonly compared: Compared;
    readonly isUnusual: boolean;
    /** Of the whole source at this time; null while it learns. */
    readonly usual: { readonly [Figure in 'dormant' | 'pooled' | 'clients']: Usual | null };
    /** Since when an alert of the source fires; null while none does. */
    readonly alertedSince: number | null;
    readonly moment: WallMoment;
  },
): SourceHistory {
  const { snapshot, compared, isUnusual, alertedSince, moment, usual } = now;
  const { at } = snapshot;
  const pooled = source.active + source.dormant;
  const isTold = snapshot.complete || pooled > 0;
  const seen = {
    ...past,
    name: source.name,
    ...(pooled > 0 && { class: source.class, lastSeen: at }),
    last: isTold ? { at, dormant: source.dormant, pooled } : past.last,
  };
  if (!compared.isWhole || !snapshot.complete)
    return { ...seen, hosts: noteHolding(past.hosts, source.hosts, { at, isWhole: false }) };
  const passed = at - past.last.at;
  const slowly = { at, passed, isUnusual, isYoung: at - past.firstSeen < YOUNG && past.inherits === null };
  const whole = (value: number) => value / Math.max(compared.share, 0.1);
  const { shares, factor } = updateShares(past.shares, source, { snapshot, passed });
  const learned = (baseline: Baseline, figure: keyof typeof usual, value: number) => {
    const trusted = alertedSince === null ? baseline : withhold(baseline, alertedSince, moment);
    const lesson = { ...moment, value, usual: usual[figure], isWithheld: alertedSince !== null };
    return learnAndSettle(trusted, lesson, source.id);
  };
  const levelled = (baseline: Baseline) => (factor === 1 ? baseline : scaleBaseline(baseline, factor));
  return {
    ...seen,
    shares,
    mean: past.mean + (pooled - past.mean) * meanRate(slowly),
    apps: learnHolders(past.apps, source.apps, slowly),
    hosts: noteHolding(learnHolders(past.hosts, source.hosts, slowly), source.hosts, { at, isWhole: true }),
    drivers: learnHolders(past.drivers, source.drivers ?? [], slowly),
    dormant: levelled(learned(past.dormant, 'dormant', whole(compared.dormant))),
    pooled: levelled(learned(past.pooled, 'pooled', whole(compared.pooled))),
    ...learnedClients(past, source, { at, learned: (baseline, value) => learned(baseline, 'clients', value) }),
  };
}

type ClientsPast = Pick<SourceHistory, 'clients' | 'clientsAtLeast' | 'clientsTurnedAt'>;

/** A different kind of number starts a new baseline after a day without the old kind. */
function learnedClients(
  { clients, clientsAtLeast, clientsTurnedAt }: ClientsPast,
  source: SnapshotSource,
  now: { readonly at: number; readonly learned: (baseline: Baseline, value: number) => Baseline },
): Partial<ClientsPast> {
  if (source.clients === null) return {};
  const { at, learned } = now;
  const isSameKind = clients === null || isBound({ clientsAtLeast }) === isBound(source);
  const turnedAt = clientsTurnedAt ?? at;
  if (!isSameKind && at - turnedAt < DAY) return { clientsTurnedAt: turnedAt };
  const baseline = isSameKind ? (clients ?? newBaseline(at)) : newBaseline(at);
  return { clients: learned(baseline, source.clients), clientsAtLeast: isBound(source), clientsTurnedAt: null };
}

export function isBound({ clientsAtLeast }: { readonly clientsAtLeast?: boolean | undefined }): boolean {
  return clientsAtLeast === true;
}

/** The history of a source that is absent as usual: it learns nothing new. */
export function absentHistory(past: SourceHistory, { at, complete }: Snapshot): SourceHistory {
  if (!complete) return past;
  const slowly = { passed: at - past.last.at, isUnusual: false };
  return {
    ...past,
    last: { at, dormant: 0, pooled: 0 },
    mean: past.mean * (1 - meanRate(slowly)),
    hosts: noteHolding(past.hosts, [], { at, isWhole: true }),
  };
}

// Retention of absent sources: weeks for a job that returns, two days for a passing address.

type SourceHistories = Readonly<Record<string, SourceHistory>>;

/** A source or node that is not seen for this long is forgotten. */
export const FORGET_AFTER = 35 * DAY;
/** A passing source is forgotten after this time. */
const FORGET_PASSING_AFTER = 2 * DAY;
/** The most absent sources that are remembered. */
const MOST = 2_000;

/** Seen within one day only, and of a class that can have any number of sources. */
export function isPassing({ firstSeen, lastSeen, inherits, class: of }: SourceHistory): boolean {
  const isOfList = of === 'listed' || of === 'peering' || of === 'atlas-internal';
  return lastSeen - firstSeen < DAY && inherits === null && !isOfList;
}

/** Every source of the reading is kept, whatever their number. */
export function forgetOld(
  histories: SourceHistories,
  { at, sources }: Snapshot,
): { readonly histories: SourceHistories; readonly remarks: readonly string[] } {
  const seen = new Set(sources.map(({ id }) => id));
  const isKept = (past: SourceHistory) => at - past.lastSeen <= (isPassing(past) ? FORGET_PASSING_AFTER : FORGET_AFTER);
  const kept = Object.entries(histories).filter(([id, past]) => seen.has(id) || isKept(past));
  const absent = kept.filter(([id]) => !seen.has(id));
  const tooMany = absent.length - MOST;
  if (tooMany <= 0) return { histories: Object.fromEntries(kept), remarks: [] };
  const oldest = absent.toSorted(([, a], [, b]) => a.lastSeen - b.lastSeen).slice(0, tooMany);
  const out = new Set(oldest.map(([id]) => id));
  return {
    histories: Object.fromEntries(kept.filter(([id]) => !out.has(id))),
    remarks: [`more than ${MOST} sources are gone: those not seen for longest are forgotten (${tooMany} now)`],
  };
}
