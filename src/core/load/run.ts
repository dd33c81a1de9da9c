// A run of `load`: what the nodes tell, the plan within half of what is free, and when the run has to stop.

import { count, counted, joinWords, percent, sum } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import type { NodeRole } from '../connections/reading.ts';
import type { NodeKind } from '../drivers/monitors.ts';
import { forecastOf } from '../forecast/forecast.ts';
import { type LoadPattern, PATTERNS, type PatternName } from './patterns.ts';

export interface LoadNode {
  readonly host: string;
  readonly role: NodeRole;
}

/** `serverStatus` of one node; null for what it does not tell. */
export interface NodeLoad extends LoadNode {
  readonly version: string | null;
  readonly current: number;
  readonly available: number;
  readonly totalCreated: number | null;
  readonly active: number | null;
  readonly residentMegabytes: number | null;
}

/** As typed; null for the default of the pattern. */
export interface LoadAsk {
  readonly pattern: PatternName;
  readonly clients: number | null;
  readonly connections: number | null;
  /** Milliseconds. */
  readonly lasts: number;
  /** New connections a second on each node. */
  readonly perSecond: number;
}

export interface LoadPlan extends Omit<LoadAsk, 'clients' | 'connections'> {
  readonly clients: number;
  /** Pooled connections of each client. */
  readonly connections: number;
  /** By host, arbiters included: all connections of the run, heartbeats too. */
  readonly forecast: Readonly<Record<string, number>>;
  /** When a burst begins, in milliseconds from the start. */
  readonly burstAfter: number;
  /** What was reduced and why, as sentences. */
  readonly remarks: readonly string[];
}

/** What a run may not exceed. */
interface LoadRoom {
  readonly nodes: readonly NodeLoad[];
  readonly arbiters: readonly string[];
  /** `directConnection` */
  readonly isDirect: boolean;
  /** Files that this process may open; null where it is unknown. */
  readonly openFiles: number | null;
}

/** Of what is available. The rest is for others. */
const SHARE = 0.5;
/** Of the limit: with less left, no run starts, and one that runs ends. */
const LEAST_LEFT = 0.2;
/** A client and a server have about 28,000 ports between them (net.ipv4.ip_local_port_range). */
const MOST_ON_NODE = 20_000;
/** It tells nobody its limit: heartbeats of 200 clients are little for any mongod. */
const MOST_ON_ARBITER = 400;
/** Of a Node.js process: its own files, and the connections that watch the nodes. */
const OTHER_FILES = 100;

type Planned = { readonly plan: LoadPlan } | { readonly problem: Problem };

export function planLoad(ask: LoadAsk, room: LoadRoom): Planned {
  const pattern = PATTERNS[ask.pattern];
  const asked = {
    clients: ask.clients ?? pattern.clients,
    connections: ask.connections ?? pattern.connections ?? 1,
  };
  const low = fullNode(room.nodes);
  if (low !== null) return { problem: tooFull(low, 'so load opens none') };
  const size = fitting(pattern, asked, room);
  if (size === null) return { problem: noRoom(room.nodes) };
  const forecast = connectionsOf(pattern, size, room);
  const files = sum(Object.values(forecast), (each) => each) + OTHER_FILES;
  if (room.openFiles !== null && files > room.openFiles) return { problem: tooManyFiles(files, room.openFiles) };
  const remarks =
    size.clients === asked.clients && size.connections === asked.connections
      ? []
      : [reduced(asked, { ...size, forecast }, room)];
  const burstAfter = ask.pattern === 'burst' ? Math.round(ask.lasts / 3) : 0;
  return { plan: { ...ask, ...size, forecast, burstAfter, remarks } };
}

interface Size {
  readonly clients: number;
  readonly connections: number;
}

/** The most connections of a run on each node, by the forecast of its fleet. */
function connectionsOf(pattern: LoadPattern, { clients, connections }: Size, room: LoadRoom): LoadPlan['forecast'] {
  const isMinimum = pattern.pool === 'minimum';
  const operations = isMinimum ? 1 : connections;
  const used = room.nodes.filter(({ role }) => room.isDirect || PRIMARIES.includes(role));
  const versions = room.nodes.flatMap(({ version }) => version ?? []);
  // A client that lives for less than ten seconds has one heartbeat connection, as one that polls.
  const isPoll = pattern.monitoring === 'poll' || pattern.shows === 'client-per-request';
  const { perNode } = forecastOf({
    ...{ driver: 'node', mode: 'pooled', env: {}, instances: 1, processes: 1, clients },
    server: versions.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b))[0] ?? null,
    options: {
      maxPoolSize: connections,
      ...(isMinimum && { minPoolSize: connections }),
      ...(isPoll && { serverMonitoringMode: 'poll' }),
      directConnection: room.isDirect,
    },
    nodes: [
      ...room.nodes.map(({ host, role }) => ({ name: host, kind: KINDS[role] })),
      ...room.arbiters.map((name) => ({ name, kind: 'arbiter' as const })),
    ],
    operations: Object.fromEntries(used.map(({ host }) => [host, operations])),
    ...{ limit: null, reserved: 0, others: 0, sizing: 'used', establishPerSecond: null },
  });
  return Object.fromEntries(Object.entries(perNode).map(([host, figures]) => [host, figures.used]));
}

/** Where commands without a read preference run. */
const PRIMARIES: readonly NodeRole[] = ['primary', 'standalone', 'mongos'];
const KINDS: Readonly<Record<NodeRole, NodeKind>> = {
  ...{ primary: 'primary', secondary: 'secondary', mongos: 'mongos', standalone: 'single', other: 'secondary' },
};

/** As many clients as fit; if not even one does, one with a smaller pool. Null if none fits. */
function fitting(pattern: LoadPattern, asked: Size, room: LoadRoom): Size | null {
  const fit = (connections: number) => {
    const each = connectionsOf(pattern, { clients: 1, connections }, room);
    return Math.min(
      asked.clients,
      ...room.nodes.map((node) => Math.floor(mostOn(node) / Math.max(1, each[node.host] ?? 0))),
      ...room.arbiters.map((host) => Math.floor(MOST_ON_ARBITER / Math.max(1, each[host] ?? 0))),
    );
  };
  const clients = fit(asked.connections);
  if (clients >= 1) return { clients, connections: asked.connections };
  for (let connections = asked.connections - 1; connections >= 1; connections--)
    if (fit(connections) >= 1) return { clients: 1, connections };
  return null;
}

/** A run that would leave less than it has to leave would end in the middle. */
function mostOn({ current, available }: NodeLoad): number {
  const spare = available - Math.ceil((current + available) * LEAST_LEFT);
  return Math.max(0, Math.min(MOST_ON_NODE, Math.floor(available * SHARE), spare));
}

function reduced(
  asked: Size,
  { clients, connections, forecast }: Pick<LoadPlan, 'clients' | 'connections' | 'forecast'>,
  { nodes, arbiters }: LoadRoom,
): string {
  const smaller = [
    ...(clients === asked.clients ? [] : [`${counted(clients, 'client')} in place of ${count(asked.clients)}`]),
    ...(connections === asked.connections
      ? []
      : [`${counted(connections, 'connection')} each in place of ${count(asked.connections)}`]),
  ];
  const smallerRun = `The run is smaller than asked: ${joinWords(smaller)}.`;
  // One client more would be too much for it.
  const isFull = (host: string) => ((forecast[host] ?? 0) / clients) * (clients + 1) > MOST_ON_ARBITER;
  const arbiter = arbiters.find(isFull);
  if (arbiter !== undefined)
    return `${smallerRun} The arbiter ${arbiter} does not tell its limit, so load opens at most ${count(MOST_ON_ARBITER)} connections there.`;
  const fullest = leastRoom(nodes);
  const most = count(mostOn(fullest));
  const there = `where ${count(fullest.available)} of ${count(fullest.current + fullest.available)} are available`;
  return `${smallerRun} It opens at most ${most} connections on ${fullest.host}, ${there}. load takes at most half of them, and leaves ${percent(LEAST_LEFT)} of the limit.`;
}

function leastRoom(nodes: readonly NodeLoad[]): NodeLoad {
  const [fullest] = nodes.toSorted((a, b) => mostOn(a) - mostOn(b) || a.available - b.available);
  if (fullest === undefined) throw new Error('a run has nodes');
  return fullest;
}

const leftOf = ({ current, available }: NodeLoad): number => available / Math.max(1, current + available);

/** A node with less than a fifth of its limit left; null if every node has more. */
export function fullNode(nodes: readonly NodeLoad[]): NodeLoad | null {
  const [fullest] = nodes.toSorted((a, b) => leftOf(a) - leftOf(b));
  return fullest !== undefined && leftOf(fullest) < LEAST_LEFT ? fullest : null;
}

/** @param then what load does, as a clause */
export function tooFull(node: NodeLoad, then: string): Problem {
  const { host, current, available } = node;
  return {
    code: 'load-full',
    text: `${host} has only ${percent(leftOf(node))} of its connections left (${count(available)} of ${count(current + available)}), ${then}.`,
    remedy: `load leaves ${percent(LEAST_LEFT)} of the limit to others. "atlas-conns report" shows who holds the connections.`,
  };
}

function noRoom(nodes: readonly NodeLoad[]): Problem {
  const { host, available } = leastRoom(nodes);
  return {
    code: 'load-no-room',
    text: `${host} has ${counted(available, 'connection')} available. load takes at most half of them, leaves ${percent(LEAST_LEFT)} of the limit, and one client does not fit.`,
    remedy: 'Close connections of other clients there, or raise the limit of the node.',
  };
}

function tooManyFiles(files: number, most: number): Problem {
  return {
    code: 'load-files',
    text: `The run needs about ${count(files)} open files, one for each connection, and this process may open ${count(most)}.`,
    remedy: `Use fewer --clients or --connections, or raise the limit of the shell first: ulimit -n ${files}.`,
  };
}

/** Why a run ended. */
export type LoadEnd = 'time' | 'stopped' | 'full' | 'refused' | 'unread' | 'unsafe';

/** One node before, during and after a run. */
export interface LoadedNode extends LoadNode {
  readonly before: NodeLoad;
  /** The reading with the most connections. */
  readonly peak: NodeLoad;
  /** Null if it did not answer any more. */
  readonly after: NodeLoad | null;
  /** Connections with the appName of the run that are still open; null if the node does not list them. */
  readonly remaining: number | null;
  readonly forecast: number;
}

export interface LoadResult {
  readonly plan: LoadPlan;
  readonly end: LoadEnd;
  /** Null if the run ended by its time or by a signal. */
  readonly problem: Problem | null;
  /** Milliseconds until it began to close. */
  readonly lasted: number;
  readonly nodes: readonly LoadedNode[];
}

export type LoadEvent =
  | {
      readonly kind: 'begin';
      readonly plan: LoadPlan;
      readonly nodes: readonly NodeLoad[];
      readonly remarks: readonly string[];
    }
  | {
      readonly kind: 'progress';
      /** Milliseconds from the start. */
      readonly at: number;
      /** Open now, in this process; heartbeats are not in `pooled`. */
      readonly clients: number;
      readonly pooled: number;
      readonly nodes: readonly NodeLoad[];
    }
  | { readonly kind: 'closing'; readonly end: LoadEnd }
  | { readonly kind: 'end'; readonly result: LoadResult };

/** By how much the count of a node is above the one before. Others may have connected meanwhile. */
export function moreThanBefore({ before, after }: Pick<LoadedNode, 'before' | 'after'>): number {
  return after === null ? 0 : Math.max(0, after.current - before.current);
}

/**
 * Whether everything that the run opened there is closed: by what the node lists, or else by its count. The list is
 * exact: others may have closed connections while some of the run are still open.
 */
export function isClosed(node: Pick<LoadedNode, 'before' | 'after' | 'remaining'>): boolean {
  return node.after !== null && (node.remaining ?? moreThanBefore(node)) === 0;
}

/** Whether all went as planned: the time was over or a signal ended it, and everything is closed. */
export function isWhole({ end, nodes }: LoadResult): boolean {
  return (end === 'time' || end === 'stopped') && nodes.every(isClosed);
}
