// Forecasts of a cluster that is watched: from one reading, and from the growth of its nodes.

import { count, counted, joinWords, percent } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { clientsInWords } from '../connections/clients.ts';
import { nodesRead, nodesUnread } from '../connections/node-usage.ts';
import type { NodeRole } from '../connections/reading.ts';
import type { ConnectionReport, ReportNode } from '../connections/report.ts';
import { type ConnectionSource, sizeOf } from '../connections/source.ts';
import { defaultsOf, isSingleThreaded } from '../drivers/defaults.ts';
import { DRIVER_TITLES, type DriverChoice, driverOf } from '../drivers/driver.ts';
import { SURGE } from './assumptions.ts';
import { type LimitReach, type NodeGrowth, reaches } from './growth.ts';

/** A node against its limit. Figures are null where the node does not tell them. */
export interface NodeOutlook {
  readonly host: string;
  readonly role: NodeRole;
  /** All of its connections, those of Atlas and of this bot included. */
  readonly now: number | null;
  /** Of the node itself: current and available. */
  readonly limit: number | null;
  readonly headroom: number | null;
  readonly growth: NodeGrowth;
  /** Null where it does not reach its limit within a year. */
  readonly reaches: LimitReach | null;
}

/** How many more clients of a source fit. */
export interface SourceRoom {
  readonly id: string;
  readonly name: string;
  readonly clients: number | null;
  /** Until the first node reaches its limit; null where it is unknown, or no node has a limit. */
  readonly fits: number | null;
  /** `fits` is a lower bound, because `clients` is one. */
  readonly fitsAtLeast?: true;
  /** That node, and what one client holds on it now, heartbeats included. */
  readonly busiest: string | null;
  readonly perClient: number | null;
  /** Why `fits` is null. */
  readonly reason: string | null;
}

export interface ClusterForecast {
  readonly cluster: string;
  /** ISO 8601: when the cluster was read. */
  readonly at: string;
  readonly nodes: readonly NodeOutlook[];
  /** In the order of the report. */
  readonly sources: readonly SourceRoom[];
  /** Sentences. */
  readonly assumptions: readonly string[];
}

const NO_HISTORY: NodeGrowth = { kind: 'unknown', days: 0 };

/** @param growth by host; a node without one has no history */
export function clusterForecast(report: ConnectionReport, growth: ReadonlyMap<string, NodeGrowth>): ClusterForecast {
  const now = Date.parse(report.at);
  const nodes = nodesRead(report).map((node): NodeOutlook => {
    const { host, role, limit } = node;
    const used = usedOf(node);
    const grows = growth.get(host) ?? NO_HISTORY;
    return {
      ...{ host, role, now: used, limit },
      headroom: used === null || limit === null ? null : Math.max(0, limit - used),
      growth: grows,
      reaches: limit === null ? null : reaches(grows, { limit, now, current: used }),
    };
  });
  return {
    cluster: report.cluster,
    at: report.at,
    nodes,
    sources: report.sources.map((source) => roomOf(source, nodes)),
    assumptions: [...growthAssumed(nodes), CLIENTS_ASSUMED, ...unreadAssumed(nodesUnread(report).length)],
  };
}

/** Of the days that have a reading; nothing where no growth is known. */
function growthAssumed(nodes: readonly NodeOutlook[]): readonly string[] {
  const days = Math.max(0, ...nodes.map(({ growth }) => (growth.kind === 'unknown' ? 0 : growth.days)));
  if (days === 0) return [];
  const isRange = nodes.some(({ reaches: when }) => when !== null && when.earliest !== when.latest);
  const range = isRange ? '; the range is one of 95 %' : '';
  return [`Growth is that of the daily maxima of ${counted(days, 'day')}, today left out${range}.`];
}
const CLIENTS_ASSUMED =
  'More clients hold what a client of the source holds in this reading, on each node, until a node is at 100 % of its limit: a busier hour or a deploy leaves room for fewer.';

/** Sentences. */
export function unreadAssumed(unread: number): readonly string[] {
  if (unread === 0) return [];
  return [`${counted(unread, 'node')} could not be read: the figures leave ${unread === 1 ? 'it' : 'them'} out.`];
}

const usedOf = ({ current, connections }: ReportNode): number | null => current ?? connections;

function roomOf(source: ConnectionSource, nodes: readonly NodeOutlook[]): SourceRoom {
  const { id, name, clients, clientsAtLeast } = source;
  const none = { id, name, clients, fits: null, busiest: null, perClient: null };
  if (clients === null) return { ...none, reason: `Its clients are not counted: ${whyUnknown(source)}.` };
  const places = source.nodes.flatMap((row) => {
    const headroom = nodes.find(({ host }) => host === row.host)?.headroom ?? null;
    const held = sizeOf(row);
    if (headroom === null || held === 0) return [];
    const perClient = held / clients;
    return [{ host: row.host, perClient, fits: Math.floor(headroom / perClient + ROUNDING) }];
  });
  const [first] = places.toSorted((a, b) => a.fits - b.fits);
  if (first === undefined) return { ...none, reason: 'The limit of its nodes is unknown.' };
  const { host: busiest, perClient, fits } = first;
  // Each of more clients holds less.
  const bound = clientsAtLeast === true ? { fitsAtLeast: true as const } : {};
  return { id, name, clients, fits, ...bound, busiest, perClient, reason: null };
}

/** Why the clients of a source are not counted: each would send streaming heartbeats. */
function whyUnknown({ drivers, estimated, monitors }: ConnectionSource): string {
  const known = drivers.map(({ name }) => driverOf(name));
  if (known.length > 0 && known.every((driver) => driver !== null && isSingleThreaded(driver, 'pooled')))
    return 'its driver is single-threaded, and sends heartbeats on the connections that it uses';
  if (estimated.includes('monitors'))
    return 'none of them streams heartbeats, and the server does not tell other heartbeats from idle connections';
  return monitors > 0 ? 'its drivers poll' : 'none of its connections is a heartbeat';
}

/** A quotient of whole numbers may miss the whole number that it is. */
const ROUNDING = 1e-9;

// A source that grows, or shrinks.

/** A source `x2`, or with `40 clients`. */
export type Scale = { readonly factor: number } | { readonly clients: number };

export const LARGEST_FACTOR = 1_000;
export const MOST_CLIENTS = 999_999;

/** `×2`, `with 40 clients` */
export function scaleWords(scale: Scale): string {
  return 'factor' in scale ? `×${scale.factor}` : `with ${counted(scale.clients, 'client')}`;
}

/** All connections of a node, while the source has grown. Null where it is unknown. */
export interface ScaledNode {
  readonly host: string;
  readonly role: NodeRole;
  readonly limit: number | null;
  readonly now: number | null;
  /** What the source holds of them. */
  readonly held: number;
  readonly scaled: number | null;
  /** With full pools. */
  readonly full: number | null;
  readonly deploy: number | null;
  /** After an election that made this node the primary, or left it one. */
  readonly election: number | null;
}

export interface SourceForecast {
  readonly cluster: string;
  /** ISO 8601: when the cluster was read. */
  readonly at: string;
  readonly source: { readonly id: string; readonly name: string };
  readonly scale: Scale;
  readonly clients: { readonly now: number | null; readonly scaled: number | null };
  readonly nodes: readonly ScaledNode[];
  /** Sentences. */
  readonly assumptions: readonly string[];
}

/** The problem says why a source whose clients are unknown cannot have a number of them. */
export function scaledSource(
  report: ConnectionReport,
  source: ConnectionSource,
  scale: Scale,
): { readonly ok: true; readonly forecast: SourceForecast } | { readonly ok: false; readonly problem: Problem } {
  const { id, name, clients } = source;
  if (!('factor' in scale) && clients === null) return { ok: false, problem: clientsUnknown(source) };
  const factor = 'factor' in scale ? scale.factor : scale.clients / (clients ?? 1);
  const then = 'factor' in scale ? (clients === null ? null : up(clients * factor)) : scale.clients;
  const pool = fullPoolOf(source);
  const onPrimary = pooledOnPrimary(report, source);
  const nodes = nodesRead(report).map((node): ScaledNode => {
    const { host, role, limit } = node;
    const now = usedOf(node);
    const row = source.nodes.find((one) => one.host === host);
    const held = row === undefined ? 0 : sizeOf(row);
    const known = { host, role, limit, now, held };
    if (now === null) return { ...known, scaled: null, full: null, deploy: null, election: null };
    if (row === undefined)
      return { ...known, scaled: now, full: now, deploy: now, election: onPrimary === null ? null : now };
    const others = Math.max(0, now - held);
    const grown = others + up(held * factor);
    const monitors = up(row.monitors * factor);
    const pooled = row.active + row.dormant;
    const isMember = (role === 'primary' || role === 'secondary') && node.hidden !== true;
    return {
      ...known,
      scaled: grown,
      // A connection string may allow more than the default.
      full: then === null ? null : Math.max(grown, others + then * pool.size + monitors),
      deploy: others + up(held * factor * (1 + SURGE)),
      election: isMember && onPrimary !== null ? others + monitors + up(Math.max(pooled, onPrimary) * factor) : null,
    };
  });
  const assumptions = [
    ...heldAssumed(source, then),
    ...(then === null ? [] : [`Full pools: ${pool.words}.`]),
    `A rolling deploy has ${percent(SURGE)} more instances for a while.`,
    ...(onPrimary === null ? [] : [ELECTION_ASSUMED]),
    ...unreadAssumed(nodesUnread(report).length),
  ];
  const { cluster, at } = report;
  const forecast = {
    cluster,
    at,
    source: { id, name },
    scale,
    clients: { now: clients, scaled: then },
    nodes,
    assumptions,
  };
  return { ok: true, forecast };
}

const ELECTION_ASSUMED =
  'After an election the old primary keeps its pools, and each secondary is shown as if it became the next primary. The pools of this source alone move here: those of the others would move as well.';

const up = (value: number): number => Math.ceil(value - ROUNDING);

function clientsUnknown(source: ConnectionSource): Problem {
  return {
    code: 'clients-unknown',
    text: `The number of clients of ${source.name} is unknown: ${whyUnknown(source)}.`,
    remedy: 'Scale its connections instead, such as x2.',
  };
}

/** Null where no primary was read, or the source is not on it. */
function pooledOnPrimary(report: ConnectionReport, { nodes }: ConnectionSource): number | null {
  const primary = nodesRead(report).find(({ role }) => role === 'primary');
  const row = nodes.find(({ host }) => host === primary?.host);
  return row === undefined ? null : row.active + row.dormant;
}

function heldAssumed(source: ConnectionSource, then: number | null): readonly string[] {
  if (then === null)
    return [`Its clients are not counted: ${whyUnknown(source)}. So its connections are scaled, not its clients.`];
  const now = clientsInWords(source);
  return [`Each client holds what it holds now on average (${now} in this reading).`];
}

/** The pool of one client at its largest, by the default of its driver; of several drivers, by the largest default. */
function fullPoolOf({ drivers }: ConnectionSource): { readonly size: number; readonly words: string } {
  const known = new Set(drivers.map(({ name }): DriverChoice => driverOf(name) ?? 'any'));
  // A driver without pools has one connection.
  const defaults = [...known].map((driver) => ({ driver, size: defaultsOf(driver).maxPoolSize ?? 1 }));
  const size = Math.max(...defaults.map((one) => one.size));
  const named = defaults.flatMap((one) =>
    one.size === size && one.driver !== 'any' ? [DRIVER_TITLES[one.driver]] : [],
  );
  const whose = named.length === 0 ? 'the default' : `the default of ${joinWords(named)}`;
  return { size, words: `maxPoolSize ${count(size)}, ${whose}; a connection string may set another` };
}
