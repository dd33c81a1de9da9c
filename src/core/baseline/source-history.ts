// What is remembered of one source: its baselines, its habits, how it spreads over the nodes, and who its clients are.

import { DAY, HOUR } from '../base/duration.ts';
import type { WallMoment } from '../base/time-zone.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { type Baseline, learn, newBaseline, rested, scaled } from './baseline.ts';
import { type BurstHabit, NO_HABIT } from './bursts.ts';
import { type Shares, spread } from './node-distribution.ts';
import { learnedRows, meanRate, type TopHolder } from './top-holders.ts';

export interface SourceHistory {
  readonly name: string;
  /** When it was last there; missing in what older versions kept. */
  readonly class?: SnapshotSource['class'];
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The id whose history goes on here. */
  readonly inherits: string | null;
  readonly dormant: Baseline;
  readonly pooled: Baseline;
  /** Learned of exact numbers alone, or of lower bounds alone: the one is no usual of the other. */
  readonly clients: Baseline | null;
  /** Whether it is of lower bounds; missing in what older versions kept. */
  readonly clientsAtLeast?: boolean;
  /** Since when readings are of the other kind; null while they are not, missing in what older versions kept. */
  readonly clientsTurnedAt?: number | null;
  readonly habits: Readonly<Record<'dormant-spike' | 'pooled-spike', BurstHabit>>;
  readonly shares: Shares;
  /** Of the last reading, whole or not. */
  readonly last: { readonly at: number; readonly dormant: number; readonly pooled: number };
  /** A slow mean of the pooled connections, and of those of its largest apps, hosts and drivers. */
  readonly mean: number;
  readonly apps: readonly TopHolder[];
  readonly hosts: readonly TopHolder[];
  readonly drivers: readonly TopHolder[];
  /** What a change of the access list did to it, as a sentence, and when; null for nothing of late. */
  readonly touched: { readonly at: number; readonly note: string } | null;
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

/** What a reading says of a source, over the nodes that were read then and now. */
export interface Compared {
  readonly dormant: number;
  readonly pooled: number;
  /** The part of the usual that these nodes stand for, 0 to 1. */
  readonly share: number;
  readonly isWhole: boolean;
  /** Why it cannot be compared, or null. */
  readonly held: string | null;
  /** What a reader should know of the comparison. */
  readonly note: string | null;
}

export function compare(past: SourceHistory, source: SnapshotSource, snapshot: Snapshot): Compared {
  const whole = {
    dormant: source.dormant,
    pooled: source.active + source.dormant,
    share: 1,
    isWhole: true,
    held: null,
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
    return { ...whole, isWhole: false, held: 'the reading is incomplete and has no figures per node' };
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
  const held = share < 0.1 ? 'too little of it was read to compare' : null;
  return { dormant, pooled: dormant + active, share, isWhole: snapshot.complete, held, note };
}

/** A source is young for so long: what it holds then is taken for its usual at once. */
const YOUNG = 3 * HOUR;

/** The past with the reading in it. An incomplete reading teaches nothing but who it is. */
export function historyAfter(
  past: SourceHistory,
  source: SnapshotSource,
  now: {
    readonly snapshot: Snapshot;
    readonly compared: Compared;
    readonly isUnusual: boolean;
    readonly moment: WallMoment;
  },
): SourceHistory {
  const { snapshot, compared, isUnusual, moment } = now;
  const { at } = snapshot;
  const pooled = source.active + source.dormant;
  const isTold = snapshot.complete || pooled > 0;
  const seen = {
    ...past,
    name: source.name,
    ...(pooled > 0 && { class: source.class, lastSeen: at }),
    last: isTold ? { at, dormant: source.dormant, pooled } : past.last,
  };
  if (!compared.isWhole || !snapshot.complete) return seen;
  const passed = at - past.last.at;
  const slowly = { at, passed, isUnusual, isYoung: at - past.firstSeen < YOUNG && past.inherits === null };
  const whole = (value: number) => value / Math.max(compared.share, 0.1);
  const { shares, factor } = spread(past.shares, source, { snapshot, passed });
  const lesson = (value: number) => ({ ...moment, value: whole(value), isUnusual });
  const levelled = (baseline: Baseline) => (factor === 1 ? baseline : scaled(baseline, factor));
  return {
    ...seen,
    shares,
    mean: past.mean + (pooled - past.mean) * meanRate(slowly),
    apps: learnedRows(past.apps, source.apps, slowly),
    hosts: learnedRows(past.hosts, source.hosts, slowly),
    drivers: learnedRows(past.drivers, source.drivers ?? [], slowly),
    dormant: levelled(learn(past.dormant, lesson(compared.dormant))),
    pooled: levelled(learn(past.pooled, lesson(compared.pooled))),
    ...learnedClients(past, source, { at, moment, isUnusual }),
  };
}

type ClientsPast = Pick<SourceHistory, 'clients' | 'clientsAtLeast' | 'clientsTurnedAt'>;

/** Numbers of the other kind teach nothing, until they have come alone for a day: then they are learned from afresh. */
function learnedClients(
  { clients, clientsAtLeast, clientsTurnedAt }: ClientsPast,
  source: SnapshotSource,
  now: { readonly at: number; readonly moment: WallMoment; readonly isUnusual: boolean },
): Partial<ClientsPast> {
  if (source.clients === null) return {};
  const { at, moment, isUnusual } = now;
  const lesson = { ...moment, value: source.clients, isUnusual };
  const isSameKind = clients === null || isBound({ clientsAtLeast }) === isBound(source);
  const turnedAt = clientsTurnedAt ?? at;
  if (!isSameKind && at - turnedAt < DAY) return { clientsTurnedAt: turnedAt };
  const baseline = isSameKind ? (clients ?? newBaseline(at)) : newBaseline(at);
  return { clients: learn(baseline, lesson), clientsAtLeast: isBound(source), clientsTurnedAt: null };
}

export function isBound({ clientsAtLeast }: { readonly clientsAtLeast?: boolean | undefined }): boolean {
  return clientsAtLeast === true;
}

/** The past of a source that is not in the reading, and of which nothing is expected: it learns nothing from that. */
export function restedHistory(past: SourceHistory, { at, complete }: Snapshot): SourceHistory {
  if (!complete) return past;
  const slowly = { passed: at - past.last.at, isUnusual: false };
  return {
    ...past,
    last: { at, dormant: 0, pooled: 0 },
    mean: past.mean * (1 - meanRate(slowly)),
    dormant: rested(past.dormant, at),
    pooled: rested(past.pooled, at),
  };
}

// What is remembered of sources that are gone: a job that comes again for weeks, an address that passed by for two days.

type Pasts = Readonly<Record<string, SourceHistory>>;

/** A source or node not seen for so long is forgotten. */
export const FORGET = 35 * DAY;
/** So is a source that was only passing. */
const FORGET_PASSING = 2 * DAY;
/** Absent sources that are remembered. */
const MOST = 2_000;

/** Seen within one day alone, and of a kind of which there may be any number. */
export function isPassing({ firstSeen, lastSeen, inherits, class: of }: SourceHistory): boolean {
  const isOfList = of === 'listed' || of === 'peering' || of === 'atlas-internal';
  return lastSeen - firstSeen < DAY && inherits === null && !isOfList;
}

/** Whoever is in the reading is remembered, however many they are. */
export function forgetOld(
  pasts: Pasts,
  { at, sources }: Snapshot,
): { readonly pasts: Pasts; readonly remarks: readonly string[] } {
  const seen = new Set(sources.map(({ id }) => id));
  const isKept = (past: SourceHistory) => at - past.lastSeen <= (isPassing(past) ? FORGET_PASSING : FORGET);
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
