// What is remembered of one source: its baselines, its habits, how it spreads over the nodes, and who its clients are.

import { type Baseline, learn, newBaseline, scaled } from './baseline.ts';
import { DAY } from './duration.ts';
import { type Habit, NO_HABIT } from './habit.ts';
import type { Snapshot, SnapshotSource } from './snapshot.ts';

export interface NodeShare {
  /** 0 to 1 of the source's pooled connections, over the nodes that count. */
  readonly share: number;
  /** When a new node was first seen, or an old one was gone; null where it is as it was. */
  readonly since: number | null;
  readonly state: 'known' | 'new' | 'gone';
}

export interface SourcePast {
  readonly name: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The id whose history goes on here. */
  readonly inherits: string | null;
  readonly dormant: Baseline;
  readonly pooled: Baseline;
  readonly clients: Baseline | null;
  readonly habits: Readonly<Record<'dormant-spike' | 'pooled-spike', Habit>>;
  readonly shares: Readonly<Record<string, NodeShare>>;
  readonly lastPooled: number;
  readonly apps: readonly string[];
  readonly hosts: readonly string[];
}

export function newPast(source: SnapshotSource, at: number): SourcePast {
  return {
    name: source.name,
    firstSeen: at,
    lastSeen: at,
    inherits: null,
    dormant: newBaseline(at),
    pooled: newBaseline(at),
    clients: source.clients === null ? null : newBaseline(at),
    habits: { 'dormant-spike': NO_HABIT, 'pooled-spike': NO_HABIT },
    shares: {},
    lastPooled: source.active + source.dormant,
    apps: [],
    hosts: [],
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

export function compare(past: SourcePast, source: SnapshotSource, snapshot: Snapshot): Compared {
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

/** The past with the reading in it. An incomplete reading teaches nothing. */
export function remembered(
  past: SourcePast,
  source: SnapshotSource,
  now: { readonly snapshot: Snapshot; readonly compared: Compared; readonly isUnusual: boolean },
): SourcePast {
  const { snapshot, compared, isUnusual } = now;
  const { at } = snapshot;
  const names = (held: SnapshotSource['apps'], known: readonly string[]) => {
    const told = held.flatMap(({ name }) => (name === null ? [] : [name]));
    return told.length === 0 ? known : told.slice(0, 5);
  };
  const pooled = source.active + source.dormant;
  const seen = {
    ...past,
    name: source.name,
    apps: names(source.apps, past.apps),
    hosts: names(source.hosts, past.hosts),
  };
  if (!compared.isWhole || !snapshot.complete) return seen;
  const whole = (value: number) => value / Math.max(compared.share, 0.1);
  const taught = {
    ...seen,
    lastSeen: pooled > 0 ? at : past.lastSeen,
    lastPooled: pooled,
    dormant: learn(past.dormant, { at, value: whole(compared.dormant), isUnusual }),
    pooled: learn(past.pooled, { at, value: whole(compared.pooled), isUnusual }),
    clients:
      source.clients === null
        ? past.clients
        : learn(past.clients ?? newBaseline(at), { at, value: source.clients, isUnusual }),
  };
  return spread(taught, source, snapshot);
}

/** Which nodes count: a node that came or went does so after a day, and the level moves by what it holds. */
function spread(past: SourcePast, source: SnapshotSource, snapshot: Snapshot): SourcePast {
  const total = source.active + source.dormant;
  if (source.nodes.length === 0 || total === 0) return past;
  const isFirst = Object.keys(past.shares).length === 0;
  const now = Object.fromEntries(source.nodes.map((node) => [node.name ?? '', (node.active + node.dormant) / total]));
  const listed = new Set(snapshot.nodes.map((node) => node.host));
  const { at } = snapshot;
  const aged = [...new Set([...Object.keys(past.shares), ...listed])].map((host): [string, NodeShare] => {
    const held = past.shares[host];
    if (held === undefined) return [host, { share: now[host] ?? 0, since: at, state: isFirst ? 'known' : 'new' }];
    if (!listed.has(host)) return [host, { ...held, state: 'gone', since: held.state === 'gone' ? held.since : at }];
    const state = held.state === 'gone' ? 'known' : held.state;
    return [
      host,
      { share: held.share + ((now[host] ?? 0) - held.share) / 72, since: state === 'known' ? null : held.since, state },
    ];
  });
  const isOld = ({ since }: NodeShare) => since !== null && at - since >= DAY;
  const gone = aged
    .filter(([, held]) => held.state === 'gone' && isOld(held))
    .reduce((sum, [, held]) => sum + held.share, 0);
  const come = aged
    .filter(([, held]) => held.state === 'new' && isOld(held))
    .reduce((sum, [, held]) => sum + held.share, 0);
  const kept = aged
    .filter(([, held]) => !(held.state === 'gone' && isOld(held)))
    .map(([host, held]): [string, NodeShare] => [
      host,
      held.state === 'new' && isOld(held) ? { ...held, since: null, state: 'known' } : held,
    ]);
  const factor = Math.max(0.1, 1 - gone) / Math.max(0.1, 1 - come);
  const known = kept.filter(([, held]) => held.state !== 'new').reduce((sum, [, held]) => sum + held.share, 0);
  const shares = Object.fromEntries(
    kept.map(([host, held]) => [host, held.state === 'new' ? held : { ...held, share: held.share / (known || 1) }]),
  );
  if (factor === 1) return { ...past, shares };
  return { ...past, shares, dormant: scaled(past.dormant, factor), pooled: scaled(past.pooled, factor) };
}
