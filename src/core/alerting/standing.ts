// A cluster at a glance, from its last reading and its open alerts, without a new reading.

import { count, counted, sum } from '../base/format.ts';
import { type FullNode, fullestOf, headroomWord } from '../connections/node-usage.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';
import { type Alert, isOpen } from './alert.ts';

/** The worst first. A cluster with an open alert is never fine, and neither is one that was not read whole. */
const LEVELS = ['critical', 'unread', 'warning', 'handled', 'fine'] as const;
export type Level = (typeof LEVELS)[number];

export interface Standing {
  readonly cluster: string;
  readonly level: Level;
  /** Open, the most severe first. */
  readonly alerts: readonly Alert[];
  /** The last reading with figures; null when the last one had none, or there is none. */
  readonly reading: Snapshot | null;
  /** When it was last read, or tried to be read, in milliseconds since 1970; null before the first reading. */
  readonly at: number | null;
  /** The fullest node that was read; null when that is unknown. */
  readonly busiest: FullNode | null;
  /** On the nodes that were read, all kinds of connections; null when they are unknown. */
  readonly connections: number | null;
  /** The largest source by active, dormant and heartbeats; null without sources. */
  readonly largest: SnapshotSource | null;
}

/**
 * @param given.reading the last one; null before the first
 * @param given.alerts of any clusters, in any state
 */
export function standingOf(given: {
  readonly cluster: string;
  readonly reading: Snapshot | null;
  readonly alerts: readonly Alert[];
}): Standing {
  const { cluster } = given;
  const alerts = given.alerts
    .filter((alert) => alert.cluster === cluster && isOpen(alert))
    .toSorted((a, b) => WEIGHTS.indexOf(kindOf(a)) - WEIGHTS.indexOf(kindOf(b)) || b.value - a.value);
  const nodes = given.reading?.nodes.filter(({ problem }) => problem === null) ?? [];
  const reading = nodes.length > 0 ? given.reading : null;
  const [busiest = null] = fullestOf(nodes);
  const largest = (reading?.sources ?? []).reduce<SnapshotSource | null>(
    (most, source) => (most !== null && sizeOf(most) >= sizeOf(source) ? most : source),
    null,
  );
  const connections = reading === null ? null : connectionsOf(reading, nodes);
  const known = { cluster, alerts, reading, at: given.reading?.at ?? null, busiest, connections, largest };
  return { ...known, level: levelOf(known) };
}

/** The worst first, then the largest. */
export function byStanding(a: Standing, b: Standing): number {
  const critical = ({ alerts }: Standing) => alerts.filter((alert) => kindOf(alert) === 'critical').length;
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    critical(b) - critical(a) ||
    (b.connections ?? 0) - (a.connections ?? 0) ||
    (a.cluster < b.cluster ? -1 : 1)
  );
}

/** `2 critical, 1 acknowledged`, `not read yet`, `tight headroom, 1 of 3 nodes not read`, `fine` */
export function standingWords(standing: Pick<Standing, 'alerts' | 'reading' | 'at' | 'busiest'>): string {
  const { alerts } = standing;
  const room = roomOf(standing);
  const words = [alertWords(alerts), room === 'fine' ? '' : `${room} headroom`, unreadWords(standing)].filter(Boolean);
  return words.length === 0 ? 'fine' : words.join(', ');
}

/** `2 critical`, `1 warning, 1 silenced`; empty without an open alert. */
function alertWords(alerts: readonly Alert[]): string {
  const found = WEIGHTS.map((kind) => [kind, alerts.filter((alert) => kindOf(alert) === kind).length] as const);
  return found
    .flatMap(([kind, many]) => {
      if (many === 0) return [];
      return [kind === 'warning' ? counted(many, kind) : `${count(many)} ${kind}`];
    })
    .join(', ');
}

function unreadWords({ reading, at }: Pick<Standing, 'reading' | 'at'>): string {
  if (reading === null) return at === null ? 'not read yet' : 'could not be read';
  const unread = reading.nodes.filter(({ problem }) => problem !== null).length;
  return unread === 0 ? '' : `${count(unread)} of ${counted(reading.nodes.length, 'node')} not read`;
}

const WEIGHTS = ['critical', 'warning', 'recovering', 'acknowledged', 'silenced'] as const;
type Kind = (typeof WEIGHTS)[number];

function kindOf({ state, severity, calmSince }: Alert): Kind {
  if (state === 'acknowledged' || state === 'silenced') return state;
  return calmSince === null ? severity : 'recovering';
}

/** The headroom of the fullest node in a word, where no alert says it. */
function roomOf({ alerts, busiest }: Pick<Standing, 'alerts' | 'busiest'>): ReturnType<typeof headroomWord> {
  const isTold = alerts.some(({ rule }) => rule === 'node-headroom');
  return busiest === null || isTold ? 'fine' : headroomWord(busiest.ratio);
}

function levelOf({ alerts, reading, busiest }: Omit<Standing, 'level'>): Level {
  const kinds = alerts.map(kindOf);
  const room = roomOf({ alerts, busiest });
  if (kinds.includes('critical') || room === 'critical') return 'critical';
  if (reading === null) return 'unread';
  const isWhole = reading.nodes.every(({ problem }) => problem === null);
  if (kinds.includes('warning') || room !== 'fine' || !isWhole) return 'warning';
  return kinds.length > 0 ? 'handled' : 'fine';
}

function connectionsOf({ sources }: Snapshot, nodes: Snapshot['nodes']): number {
  const told = nodes.flatMap(({ current }) => (current === null ? [] : [current]));
  return told.length === nodes.length ? sum(told, (current) => current) : sum(sources, sizeOf);
}

const sizeOf = ({ active, dormant, monitors }: SnapshotSource): number => active + dormant + (monitors ?? 0);
