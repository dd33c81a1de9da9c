// Succession: the access list changed, and clients are another source's now. Their history goes with them, so that
// nobody is taken for new or for grown who only changed the name.

import { counted, listed } from '../base/format.ts';
import type { Move, Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { joined, scaled } from './baseline.ts';
import { likelyMoves } from './infer-moves.ts';
import { newHistory, type SourceHistory } from './source-history.ts';
import { joinedRows, scaledRows } from './top-holders.ts';

type Pasts = Readonly<Record<string, SourceHistory>>;

export interface SourceTransfer {
  /** As the reading finds them: everybody in it has a past. */
  readonly pasts: Pasts;
  /** Whoever lost most of its clients to one other, and who that is; ids. */
  readonly heirs: ReadonlyMap<string, string>;
  readonly remarks: readonly string[];
}

/** With no more than this left, a source is no more. */
const NOTHING = 0.05;

export function sourceTransfer(pasts: Pasts, snapshot: Snapshot): SourceTransfer {
  const moves = (snapshot.moves ?? likelyMoves(pasts, snapshot)).filter(({ from }) => pasts[from] !== undefined);
  const sources = new Map(snapshot.sources.map((source) => [source.id, source]));
  const parts = moves.map((move) => partOf(move, { pasts, sources, moves }));
  const found: Record<string, SourceHistory> = { ...pasts };
  for (const [from, own] of Map.groupBy(parts, ({ move }) => move.from)) {
    const left = 1 - Math.min(1, sumOf(own, 'pooled'));
    const past = found[from];
    if (past === undefined) continue;
    if (left <= NOTHING) delete found[from];
    else found[from] = lessened(past, { dormant: 1 - Math.min(1, sumOf(own, 'dormant')), pooled: left });
  }
  for (const { move, dormant, pooled } of parts) {
    const [past, source] = [pasts[move.from], sources.get(move.to)];
    if (past === undefined || source === undefined) continue;
    found[move.to] = gained(found[move.to] ?? null, {
      source,
      at: snapshot.at,
      from: move.from,
      past,
      dormant,
      pooled,
    });
  }
  for (const source of snapshot.sources) found[source.id] ??= newHistory(source, snapshot.at);
  const named = renamed(found, snapshot);
  const touched = [...notesOf(moves, { pasts, sources }), ...named];
  for (const { id, note } of touched) {
    const past = found[id];
    if (past !== undefined) found[id] = { ...past, touched: { at: snapshot.at, note } };
  }
  return {
    pasts: found,
    heirs: heirsOf(parts),
    remarks: [...remarksOf(moves, { pasts, sources }), ...remarked(named)],
  };
}

interface Part {
  readonly move: Move;
  /** 0 to 1 of what `from` usually holds. */
  readonly dormant: number;
  readonly pooled: number;
}

interface Around {
  readonly pasts: Pasts;
  readonly sources: ReadonlyMap<string, SnapshotSource>;
}

/**
 * By what the clients that moved usually hold, where that is known of each; by what they held a moment ago else, which
 * is too much of a client that was just spiking.
 */
function partOf(move: Move, { pasts, sources, moves }: Around & { readonly moves: readonly Move[] }): Part {
  const past = pasts[move.from];
  if (past === undefined) return { move, dormant: 0, pooled: 0 };
  const names = new Set((sources.get(move.to)?.hosts ?? []).map(({ name }) => name));
  const known = past.hosts.filter(({ name }) => names.has(name));
  const own = moves.filter(({ from }) => from === move.from);
  const all = own.reduce((sum, { pooled }) => sum + pooled, 0);
  const isGone = !sources.has(move.from) && own.length === 1;
  if (isGone) return { move, dormant: 1, pooled: 1 };
  if (move.hosts > 0 && known.length === move.hosts && past.mean > 0) {
    const part = Math.min(1, known.reduce((sum, { usual }) => sum + usual, 0) / past.mean);
    return { move, dormant: part, pooled: part };
  }
  // Of a source that is gone, nothing stays behind.
  const base = sources.has(move.from) ? past.last.pooled : all;
  const pooled = base > 0 ? Math.min(1, move.pooled / base) : 0;
  const isTold = sources.has(move.from) && past.last.dormant > 0;
  return { move, dormant: isTold ? Math.min(1, move.dormant / past.last.dormant) : pooled, pooled };
}

function sumOf(parts: readonly Part[], figure: 'dormant' | 'pooled'): number {
  return parts.reduce((sum, part) => sum + part[figure], 0);
}

function lessened(past: SourceHistory, left: { readonly dormant: number; readonly pooled: number }): SourceHistory {
  return {
    ...past,
    dormant: scaled(past.dormant, Math.max(NOTHING, left.dormant)),
    pooled: scaled(past.pooled, left.pooled),
    clients: past.clients && scaled(past.clients, left.pooled),
    mean: past.mean * left.pooled,
    apps: scaledRows(past.apps, left.pooled),
    drivers: scaledRows(past.drivers, left.pooled),
  };
}

interface Gain {
  readonly source: SnapshotSource;
  readonly at: number;
  readonly from: string;
  readonly past: SourceHistory;
  readonly dormant: number;
  readonly pooled: number;
}

/** @param known the past of the source that gains; null for a new one */
function gained(known: SourceHistory | null, { source, at, from, past, dormant, pooled }: Gain): SourceHistory {
  const names = new Set(source.hosts.map(({ name }) => name));
  const taken: SourceHistory = {
    ...past,
    name: source.name,
    firstSeen: at,
    lastSeen: at,
    inherits: from,
    dormant: scaled(past.dormant, Math.max(NOTHING, dormant)),
    pooled: scaled(past.pooled, Math.max(NOTHING, pooled)),
    clients: past.clients && scaled(past.clients, Math.max(NOTHING, pooled)),
    mean: past.mean * pooled,
    hosts: past.hosts.filter(({ name }) => names.has(name)),
    apps: scaledRows(past.apps, pooled),
    drivers: scaledRows(past.drivers, pooled),
  };
  if (known === null) return taken;
  return {
    ...known,
    inherits: known.inherits ?? from,
    dormant: joined(known.dormant, taken.dormant),
    pooled: joined(known.pooled, taken.pooled),
    clients: known.clients === null || taken.clients === null ? known.clients : joined(known.clients, taken.clients),
    mean: known.mean + taken.mean,
    hosts: joinedRows(known.hosts, taken.hosts),
    apps: joinedRows(known.apps, taken.apps),
    drivers: joinedRows(known.drivers, taken.drivers),
  };
}

function heirsOf(parts: readonly Part[]): ReadonlyMap<string, string> {
  return new Map(parts.filter(({ pooled }) => pooled > 0.5).map(({ move }) => [move.from, move.to]));
}

interface Note {
  readonly id: string;
  readonly note: string;
}

function notesOf(moves: readonly Move[], around: Around): readonly Note[] {
  const side = (own: 'from' | 'to', other: 'from' | 'to', verb: string) =>
    [...Map.groupBy(moves, (move) => move[own])].map(([id, list]) => {
      const pooled = list.reduce((sum, move) => sum + move.pooled, 0);
      const whom = several(list.map((move) => nameOf(move[other], around)));
      return { id, note: `The access list changed: ${counted(pooled, 'connection')} ${verb} ${whom}.` };
    });
  return [...side('from', 'to', 'went from here to'), ...side('to', 'from', 'came here from')];
}

function remarksOf(moves: readonly Move[], around: Around): readonly string[] {
  return [...Map.groupBy(moves, ({ from }) => from)].map(([from, list]) => {
    const pooled = list.reduce((sum, move) => sum + move.pooled, 0);
    const whom = several(list.map(({ to }) => nameOf(to, around)));
    return `the access list changed: ${counted(pooled, 'connection')} of ${nameOf(from, around)} went to ${whom}`;
  });
}

/** The same block under another name. */
function renamed(pasts: Pasts, { sources }: Snapshot): readonly Note[] {
  return sources.flatMap(({ id, name }) => {
    const before = pasts[id]?.name;
    return before === undefined || before === name
      ? []
      : [{ id, note: `The access list changed: it was called ${before}.` }];
  });
}

function remarked(notes: readonly Note[]): readonly string[] {
  return notes.map(({ id, note }) => `${id}: ${note}`);
}

/** The name, and the id where the name is not the id. */
function nameOf(id: string, { pasts, sources }: Around): string {
  const name = sources.get(id)?.name ?? pasts[id]?.name ?? id;
  return name === id ? id : `${name} (${id})`;
}

function several(names: readonly string[]): string {
  return names.length <= 3 ? listed(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}
