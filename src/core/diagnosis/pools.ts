// min-pool, pool-too-large and pool-exhausted: what the sizes of the pools say.

import { DAY, WEEK } from '../base/duration.ts';
import { count } from '../base/format.ts';
import { usualAt } from '../baseline/baseline.ts';
import { shortHosts } from '../connections/node-usage.ts';
import { peakActive, readingsOf } from './course.ts';
import { defaultPoolSize, hasMinPoolSize, mainDriver, mainDrivers } from './driver-options.ts';
import type { NodeFacts, SourceFacts } from './facts.ts';
import { average, type Examined, eachHolds, type Finder, momentOf, pooledOn } from './finder.ts';
import { busiestPool, peakText, reportedOf, waitingPools, waitsForNone } from './reported.ts';

/** With less to free, an explicit option such as minPoolSize is a matter of taste. */
const WORTH = { minPool: 50, large: 30 };

/** The number of clients, where it is exact: a lower bound makes each pool look larger than it is. */
function exactClients({ clients, clientsAtLeast }: SourceFacts): number | null {
  return clients === null || clients === 0 || clientsAtLeast === true ? null : clients;
}

interface Peak {
  /** Active connections at one reading, at most. */
  readonly active: number;
  /** Whether the readings of at least a day are behind it. */
  readonly isKnown: boolean;
}

function peakOf(subject: Examined): Peak {
  const { source, history, cluster } = subject;
  const isKnown = history !== null && cluster.at - history.pooled.since >= DAY;
  const past = isKnown ? (peakActive(history, momentOf(subject), WEEK) ?? 0) : 0;
  return { active: Math.max(source.active, Math.round(past)), isKnown };
}

/** The clients may have been fewer at the peak. */
function fewestClients(subject: Examined, now: number): number {
  const { history } = subject;
  const usual = history?.clients ? (usualAt(history.clients, momentOf(subject))?.value ?? now) : now;
  return Math.max(1, Math.min(now, usual));
}

/** A pool of one on every node is one operation on each, as with reads from the nearest. */
const LEAST_MIN_POOL = 2;
/** A minPoolSize of which a quarter is used was chosen well. One reading sees fewer than the most. */
const USED = { week: 0.25, reading: 0.1 };
/** The number of connections of a node that do not fit, because clients start and stop during a reading. */
const UNEVEN = 0.02;
/** What is below the same number at no reading of a day is a minimum. */
const FLOOR = 0.95;

export const minPool: Finder = (subject) => {
  const { source, cluster } = subject;
  const clients = exactClients(source);
  if (clients === null || source.nodes.length < 2 || !hasMinPoolSize(mainDriver(source))) return null;
  const size = equalSize(source.nodes, clients);
  if (size === null || size < LEAST_MIN_POOL || isDefaultSize(source, size)) return null;
  const peak = peakOf(subject);
  const used = peak.isKnown ? USED.week : USED.reading;
  if (peak.active / fewestClients(subject, clients) > used * size) return null;
  const steady = floorOf(subject);
  const floor = size * clients * source.nodes.length;
  if (steady !== null && steady < FLOOR * floor) return null;
  const primary = cluster.nodes.find(({ role }) => role === 'primary')?.host;
  const frees = (node: NodeFacts) =>
    Math.min(pooledOn(node), size * clients) - (node.host === primary ? Math.ceil(MARGIN * peak.active) : node.active);
  if (!source.nodes.some((node) => frees(node) >= WORTH.minPool)) return null;
  return {
    evidence: [
      `${eachHolds(source)} ${count(size)} pooled connections on every one of ${count(source.nodes.length)} nodes.`,
      `At most ${count(peak.active)} of all were active at one reading${peak.isKnown ? ' of the last week' : ': this one'}.`,
      'Expected without minPoolSize: pools on the nodes that are used, as large as the operations at once.',
    ],
    frees,
    confidence: steady === null ? 'likely' : 'fits',
  };
};

/** The least that it held at a reading of the last day; null without a day of history. */
function floorOf(subject: Examined): number | null {
  const { history, cluster } = subject;
  if (history === null || cluster.at - history.pooled.since < DAY) return null;
  const points = readingsOf(history.pooled, momentOf(subject), { from: DAY });
  return points.length === 0 ? null : Math.min(...points.map(({ value }) => value));
}

/** Connections for each client, alike on all nodes. One node, such as the primary, may have more: load. */
function equalSize(nodes: readonly NodeFacts[], clients: number): number | null {
  const pools = nodes.map(pooledOn).sort((a, b) => a - b);
  const size = Math.round((pools[0] ?? 0) / clients);
  const alike = nodes.length === 2 ? pools : pools.slice(0, -1);
  const isEqual = alike.every((pooled) => Math.abs(pooled - size * clients) <= UNEVEN * size * clients);
  return isEqual && size > 0 ? size : null;
}

/** Whether pools of this size are full without an option. */
function isDefaultSize(source: SourceFacts, size: number): boolean {
  return mainDrivers(source).some(({ driver }) => defaultPoolSize(driver) === size);
}

/** 20 % more than the most that was seen. */
const MARGIN = 1.2;
/** A smaller pool makes operations wait for each other as soon as there are a few at once. */
const LEAST_POOL = 5;
/** Below this size a pool is small, whatever its use. */
const LARGE = 20;
/** A pool of four times its peak is far above it. */
const FAR = 4;
/** One reading sees few of the operations: it says little unless the pools are this large and nearly idle. */
const VERY_LARGE = 50;
const NEARLY_IDLE = 0.1;
/** What a pool keeps, where the peak is unknown. */
const UNKNOWN_PEAK = 10;

export const poolTooLarge: Finder = (subject) => {
  const { source, cluster } = subject;
  const clients = exactClients(source);
  const largest = largestPool(source);
  if (clients === null || largest === null) return null;
  const each = pooledOn(largest) / clients;
  if (each < LARGE) return null;
  const peak = peakOf(subject);
  const mean = peak.active / fewestClients(subject, clients);
  const reported = reportedOf(source, subject.past);
  const busiest = reported === null ? null : busiestPool(reported);
  // A reading sees one moment, and the pools see every one.
  const seen = Math.max(mean, busiestHost(source));
  const active = Math.max(seen, busiest?.inUse ?? 0);
  const isReported = busiest !== null && reported?.isWhole === true && cluster.at - reported.since >= DAY;
  const isKnown = peak.isKnown || isReported;
  const size = Math.max(isKnown ? LEAST_POOL : UNKNOWN_PEAK, Math.ceil(MARGIN * active));
  const isFar = isKnown ? each >= FAR * active : each >= VERY_LARGE && active <= NEARLY_IDLE * each;
  const frees = (node: NodeFacts) => pooledOn(node) - size * clients;
  if (!isFar || frees(largest) < WORTH.large) return null;
  const short = shortHosts(cluster);
  const equal = source.nodes.length > 1 ? equalSize(source.nodes, clients) : null;
  return {
    evidence: [
      `${eachHolds(source)} ${average(each)} pooled connections on ${short(largest.host)}${equal === null || equal < LARGE ? '' : ', and about as many on every other node'}.`,
      peak.isKnown
        ? `At the busiest reading of the last week ${count(peak.active)} were active on all nodes: ${average(mean)} for each client${seen > mean ? `. On one host there are ${average(seen)} for each client now` : ''}.`
        : `${count(peak.active)} are active in this one reading. Without a day of history the peak is unknown.`,
      ...(reported === null || busiest === null ? [] : [peakText(reported, busiest)]),
      `Expected: pools as large as the most operations at once.${busiest === null ? ' A reading sees one moment, so leave room for shorter peaks.' : ''}`,
    ],
    frees,
    ...(isKnown && { size }),
    confidence: isKnown ? 'fits' : 'likely',
  };
};

/** Active connections for each client, on the host with the most: load is rarely even. 0 where clients are unknown. */
function busiestHost({ hosts }: SourceFacts): number {
  let most = 0;
  for (const { active, clients } of hosts) if (clients !== null && clients > 0) most = Math.max(most, active / clients);
  return most;
}

function largestPool({ nodes }: SourceFacts): NodeFacts | null {
  return nodes.toSorted((a, b) => pooledOn(b) - pooledOn(a))[0] ?? null;
}

/** Sizes that people choose. */
const ROUND = [5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 125, 150, 200, 250, 300, 400, 500, 1_000];
/** Nearly all: an operation may end while the node is read. */
const ALL = 0.95;
/** A single client with five of five active may be about to open a sixth. */
const LEAST_CLIENTS = 2;
const LEAST_EXHAUSTED = 10;

const FREE_EXPECTED =
  'Expected: some connections of a pool are free. Without one, operations wait in the client, where the server does not see them.';

const STUCK_ADVICE =
  'Look for operations that never end, and for cursors and sessions that stay open: a larger pool would fill, too.';

export const poolExhausted: Finder = (subject) => {
  const { source, cluster } = subject;
  const reported = reportedOf(source, subject.past);
  const waiting = reported === null ? null : waitingPools(reported);
  if (reported !== null && waiting !== null)
    return {
      evidence: [...waiting.evidence, FREE_EXPECTED],
      frees: null,
      ...{ size: waiting.size, demand: waiting.demand },
      ...(waiting.isStuck && { advice: STUCK_ADVICE }),
      confidence: 'fits',
    };
  if (reported !== null && waitsForNone(reported)) return null;
  const clients = exactClients(source);
  if (clients === null) return null;
  for (const node of source.nodes) {
    const pooled = pooledOn(node);
    const size = pooled / clients;
    const isDefault = isDefaultSize(source, size);
    const isGuessed = clients >= LEAST_CLIENTS && ROUND.includes(size);
    if (pooled < LEAST_EXHAUSTED || node.active < ALL * pooled || !(isDefault || isGuessed)) continue;
    if (!source.hosts.every((host) => isFull(host, node, size))) continue;
    return {
      evidence: [
        `${eachHolds(source)} ${count(size)} pooled connections on ${shortHosts(cluster)(node.host)}, and ${count(node.active)} of ${count(pooled)} are active.`,
        isDefault
          ? `${count(size)} is the maxPoolSize of its driver where none is set.`
          : `As many for every client: ${count(size)} would be their maxPoolSize.`,
        FREE_EXPECTED,
      ],
      frees: null,
      size,
      confidence: isDefault ? 'fits' : 'likely',
    };
  }
  return null;
};

/** Whether a host has as many connections as full pools on a node; true where that is unknown. */
function isFull({ clients, byNode }: SourceFacts['hosts'][number], node: NodeFacts, size: number): boolean {
  return clients === null || byNode === null || (byNode.get(node.host) ?? 0) === clients * size;
}
