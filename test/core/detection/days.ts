// Kinds of days: small seeded histories, each with what should be said of it.

import type { ConnectionCount, Snapshot } from '../../../src/core/snapshots/snapshot.ts';

export const STEP = 5 * 60_000;
export const DAY_READINGS = 288;
const START = Date.parse('2026-09-07T00:00:00Z');

export interface Label {
  readonly source: string;
  /** In steps of five minutes since the beginning. */
  readonly from: number;
  readonly until: number;
  /** The most firings in this time; any number when it is left out. */
  readonly most?: number;
}

export interface Day {
  readonly snapshots: readonly Snapshot[];
  readonly labels: readonly Label[];
  /** Milliseconds since 1970: where the scored days begin. */
  readonly warm: number;
}

/** One source in one reading, before noise. */
interface Shape {
  active: number;
  dormant: number;
  clients: number | null;
}

export interface Kind {
  readonly days?: number;
  /** How many days are not scored. */
  readonly warm?: number;
  /** Milliseconds since 1970 of the first reading; a Monday when it is left out. */
  readonly start?: number;
  /** An IANA name; UTC when it is left out. */
  readonly timeZone?: string;
  /** What is found. */
  readonly labels?: readonly Label[];
  /** What may be told or not. */
  readonly free?: readonly Label[];
  /** Bursts of a habit: about one a week is told, as a habit. */
  readonly habits?: readonly Label[];
  /** After it the usual is what it was before, as soon as its alert has ended and `settles` readings have passed. */
  readonly kept?: readonly (Label & { readonly settles: number })[];
  /** Changes the shape of a source (0 rhythmic, 1 steady, 2 small) at a time in steps of five minutes. */
  readonly shape?: (source: number, at: number, shape: Shape, random: () => number) => void;
  readonly snapshot?: (snapshot: Snapshot, at: number, random: () => number) => Snapshot | null;
}

export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function noisy(mean: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, Math.round(mean + Math.sqrt(Math.max(0, mean)) * normal));
}

const SOURCES = ['203.0.113.0/26', '10.40.0.0/16', '192.0.2.16/28'];
export const HOSTS = ['a:27017', 'b:27017', 'c:27017'];
const SHARES = [0.6, 0.2, 0.2];

/** @param at in steps since the beginning of a Monday */
export function base(source: number, at: number): Shape {
  const hour = (at / 12) % 24;
  const isWeekend = Math.floor(at / DAY_READINGS) % 7 >= 5;
  const rhythm = 1 + 0.6 * Math.sin(((hour - 8) / 12) * Math.PI);
  if (source === 0) return { active: 5, dormant: 100 * rhythm * (isWeekend ? 0.4 : 1), clients: 20 };
  if (source === 1) return { active: 25, dormant: 500, clients: 94 };
  return { active: 0, dormant: 3, clients: 1 };
}

/** @param minutes between readings */
export function dayOf(kind: Kind, seed: number, minutes = 5): Day {
  const random = seeded(seed);
  const step = minutes / 5;
  const start = kind.start ?? START;
  const total = ((kind.days ?? 14) * DAY_READINGS) / step;
  const created = [0, 0, 0];
  const snapshots: Snapshot[] = [];
  for (let index = 0; index < total; index++) {
    const at = index * step;
    const sources = SOURCES.map((id, index) => {
      const shape = base(index, at);
      kind.shape?.(index, at, shape, random);
      const nodes = HOSTS.map((name, node): ConnectionCount => {
        const share = SHARES[node] ?? 0;
        return { name, active: noisy(shape.active * share, random), dormant: noisy(shape.dormant * share, random) };
      });
      const told = { class: null, monitors: null, clients: shape.clients };
      return { ...sums(nodes), ...told, id, name: id, nodes, apps: [], hosts: [] };
    });
    const nodes = HOSTS.map((host, node) => {
      created[node] = (created[node] ?? 0) + noisy(300 * step, random);
      const current = sources.reduce((sum, source) => sum + (source.nodes[node]?.dormant ?? 0), 0);
      const told = { current, limit: 20_000, totalCreated: created[node] ?? 0, rejected: null, problem: null };
      return { host, role: node === 0 ? 'primary' : 'secondary', ...told };
    });
    const whole: Snapshot = {
      cluster: 'prod',
      at: readingAt(at, start),
      complete: true,
      problem: null,
      nodes,
      sources,
    };
    const snapshot = kind.snapshot ? kind.snapshot(whole, at, random) : whole;
    if (snapshot !== null) snapshots.push(snapshot);
  }
  return { snapshots, labels: kind.labels ?? [], warm: readingAt((kind.warm ?? 7) * DAY_READINGS, start) };
}

export function sums(nodes: readonly ConnectionCount[]): { readonly active: number; readonly dormant: number } {
  const sum = (key: 'active' | 'dormant') => nodes.reduce((all, node) => all + node[key], 0);
  return { active: sum('active'), dormant: sum('dormant') };
}

/** The snapshot without what a node would have said. */
export function without(snapshot: Snapshot, host: string): Snapshot {
  const nodes = snapshot.nodes.map((node) =>
    node.host === host
      ? { host, problem: 'timed out', role: null, current: null, limit: null, totalCreated: null, rejected: null }
      : node,
  );
  return { ...onlyNodes(snapshot, (name) => name !== host), nodes, complete: false };
}

/** The snapshot of a cluster that has only these nodes. */
export function onlyNodes(snapshot: Snapshot, isKept: (host: string) => boolean): Snapshot {
  const sources = snapshot.sources.map((source) => {
    const nodes = source.nodes.filter(({ name }) => isKept(name ?? ''));
    return { ...source, ...sums(nodes), nodes };
  });
  return { ...snapshot, nodes: snapshot.nodes.filter(({ host }) => isKept(host)), sources };
}

export const labelOf = (source: number, from: number, until: number): Label => ({
  source: SOURCES[source] ?? '',
  from,
  until,
});
export const readingAt = (index: number, start = START): number => start + index * STEP;
