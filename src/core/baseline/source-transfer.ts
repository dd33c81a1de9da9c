// Moves the history of clients that belong to another source after a change of the access list. A change of name then
// looks neither like a new source nor like a spike.

import { counted, joinWords } from '../base/format.ts';
import type { Move, Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { addBaselines, scaleBaseline } from './baseline.ts';
import { inferMoves } from './infer-moves.ts';
import { newHistory, type SourceHistory } from './source-history.ts';
import { addHolders, scaleHolders } from './top-holders.ts';

type SourceHistories = Readonly<Record<string, SourceHistory>>;

export interface SourceTransfer {
  /** With an entry for every source of the reading. */
  readonly histories: SourceHistories;
  /** By id of a source that lost most of its clients to one other source: the id of that source. */
  readonly mergedInto: ReadonlyMap<string, string>;
  readonly remarks: readonly string[];
}

/** A source with no more than this share left is removed. */
const NOTHING = 0.05;

export function transferHistories(histories: SourceHistories, snapshot: Snapshot): SourceTransfer {
  const moves = (snapshot.moves ?? inferMoves(histories, snapshot)).filter(({ from }) => histories[from] !== undefined);
  const sources = new Map(snapshot.sources.map((source) => [source.id, source]));
  const parts = moves.map((move) => partOf(move, { histories, sources, moves }));
  const found: Record<string, SourceHistory> = { ...histories };
  for (const [from, own] of Map.groupBy(parts, ({ move }) => move.from)) {
    const left = 1 - Math.min(1, sumOf(own, 'pooled'));
    const past = found[from];
    if (past === undefined) continue;
    if (left <= NOTHING) delete found[from];
    else found[from] = scaleDown(past, { dormant: 1 - Math.min(1, sumOf(own, 'dormant')), pooled: left });
  }
  for (const { move, dormant, pooled } of parts) {
    const [past, source] = [histories[move.from], sources.get(move.to)];
    if (past === undefined || source === undefined) continue;
    found[move.to] = receive(found[move.to] ?? null, {
      source,
      at: snapshot.at,
      from: move.from,
      past,
      dormant,
      pooled,
    });
  }
  for (const source of snapshot.sources) found[source.id] ??= newHistory(source, snapshot.at);
  const named = renameNotes(found, snapshot);
  const touched = [...notesOf(moves, { histories, sources }), ...named];
  for (const { id, note } of touched) {
    const past = found[id];
    if (past !== undefined) found[id] = { ...past, touched: { at: snapshot.at, note } };
  }
  return {
    histories: found,
    mergedInto: mergedSources(parts),
    remarks: [...remarksOf(moves, { histories, sources }), ...asRemarks(named)],
  };
}

interface Part {
  readonly move: Move;
  /** The share of `from`'s usual connections, 0 to 1. */
  readonly dormant: number;
  readonly pooled: number;
}

interface TransferContext {
  readonly histories: SourceHistories;
  readonly sources: ReadonlyMap<string, SnapshotSource>;
}

/**
 * By the usual connections of the moved clients, if each is known. Otherwise by their last connections, which are too
 * many for a client during a spike.
 */
function partOf(
  move: Move,
  { histories, sources, moves }: TransferContext & { readonly moves: readonly Move[] },
): Part {
  const past = histories[move.from];
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
  // A source that is absent keeps nothing.
  const base = sources.has(move.from) ? past.last.pooled : all;
  const pooled = base > 0 ? Math.min(1, move.pooled / base) : 0;
  const isTold = sources.has(move.from) && past.last.dormant > 0;
  return { move, dormant: isTold ? Math.min(1, move.dormant / past.last.dormant) : pooled, pooled };
}

function sumOf(parts: readonly Part[], figure: 'dormant' | 'pooled'): number {
  return parts.reduce((sum, part) => sum + part[figure], 0);
}

function scaleDown(past: SourceHistory, left: { readonly dormant: number; readonly pooled: number }): SourceHistory {
  return {
    ...past,
    dormant: scaleBaseline(past.dormant, Math.max(NOTHING, left.dormant)),
    pooled: scaleBaseline(past.pooled, left.pooled),
    clients: past.clients && scaleBaseline(past.clients, left.pooled),
    mean: past.mean * left.pooled,
    apps: scaleHolders(past.apps, left.pooled),
    drivers: scaleHolders(past.drivers, left.pooled),
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

/** @param known the history of the receiving source; null for a new one */
function receive(known: SourceHistory | null, { source, at, from, past, dormant, pooled }: Gain): SourceHistory {
  const names = new Set(source.hosts.map(({ name }) => name));
  const taken: SourceHistory = {
    ...past,
    name: source.name,
    firstSeen: at,
    lastSeen: at,
    inherits: from,
    dormant: scaleBaseline(past.dormant, Math.max(NOTHING, dormant)),
    pooled: scaleBaseline(past.pooled, Math.max(NOTHING, pooled)),
    clients: past.clients && scaleBaseline(past.clients, Math.max(NOTHING, pooled)),
    mean: past.mean * pooled,
    hosts: past.hosts.filter(({ name }) => names.has(name)),
    apps: scaleHolders(past.apps, pooled),
    drivers: scaleHolders(past.drivers, pooled),
  };
  if (known === null) return taken;
  return {
    ...known,
    inherits: known.inherits ?? from,
    dormant: addBaselines(known.dormant, taken.dormant),
    pooled: addBaselines(known.pooled, taken.pooled),
    clients:
      known.clients === null || taken.clients === null ? known.clients : addBaselines(known.clients, taken.clients),
    mean: known.mean + taken.mean,
    hosts: addHolders(known.hosts, taken.hosts),
    apps: addHolders(known.apps, taken.apps),
    drivers: addHolders(known.drivers, taken.drivers),
  };
}

function mergedSources(parts: readonly Part[]): ReadonlyMap<string, string> {
  return new Map(parts.filter(({ pooled }) => pooled > 0.5).map(({ move }) => [move.from, move.to]));
}

interface Note {
  readonly id: string;
  readonly note: string;
}

function notesOf(moves: readonly Move[], context: TransferContext): readonly Note[] {
  const side = (own: 'from' | 'to', other: 'from' | 'to', verb: string) =>
    [...Map.groupBy(moves, (move) => move[own])].map(([id, list]) => {
      const pooled = list.reduce((sum, move) => sum + move.pooled, 0);
      const others = several(list.map((move) => nameOf(move[other], context)));
      return { id, note: `The access list changed: ${counted(pooled, 'connection')} ${verb} ${others}.` };
    });
  return [...side('from', 'to', 'went from here to'), ...side('to', 'from', 'came here from')];
}

function remarksOf(moves: readonly Move[], context: TransferContext): readonly string[] {
  return [...Map.groupBy(moves, ({ from }) => from)].map(([from, list]) => {
    const pooled = list.reduce((sum, move) => sum + move.pooled, 0);
    const others = several(list.map(({ to }) => nameOf(to, context)));
    return `the access list changed: ${counted(pooled, 'connection')} of ${nameOf(from, context)} went to ${others}`;
  });
}

/** A note for each source with a new name. */
function renameNotes(histories: SourceHistories, { sources }: Snapshot): readonly Note[] {
  return sources.flatMap(({ id, name }) => {
    const before = histories[id]?.name;
    return before === undefined || before === name
      ? []
      : [{ id, note: `The access list changed: it was called ${before}.` }];
  });
}

function asRemarks(notes: readonly Note[]): readonly string[] {
  return notes.map(({ id, note }) => `${id}: ${note}`);
}

/** `Billing API (203.0.113.0/24)`; only the id if it is the name. */
function nameOf(id: string, { histories, sources }: TransferContext): string {
  const name = sources.get(id)?.name ?? histories[id]?.name ?? id;
  return name === id ? id : `${name} (${id})`;
}

function several(names: readonly string[]): string {
  return names.length <= 3 ? joinWords(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}
