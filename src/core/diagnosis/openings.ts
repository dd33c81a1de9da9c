// churn, and the starts of clients: many new connections a second.

import { HOUR, SECOND } from '../base/duration.ts';
import { count, counted, joinWords, span, sum } from '../base/format.ts';
import { medianOf } from '../baseline/baseline.ts';
import { SLOT } from '../baseline/memory.ts';
import { shortHosts } from '../connections/node-usage.ts';
import { middleOf, readingsOf } from './course.ts';
import type { NodeFacts, SourceFacts } from './facts.ts';
import { average, type Examined, type Finder, heldOn, type Match, momentOf, pooledOf, pooledOn } from './finder.ts';

/** A deploy lasts for one or two readings. So many must be high. */
const READINGS = 3;
/** Atlas's own agents open about one connection a second on an idle node. */
const HIGH = 2;
/** Of what all sources hold, or of the newer connections of those with a turnover. */
const NEARLY_ALL = 0.8;
/** Of several sources with a turnover, those with fewer explain little. */
const LARGE_PART = 0.25;
/** Of a few newer connections the number is chance. */
const LEAST_NEWER = 5;
/** Connections that live shorter are not reused, in seconds. */
const SHORT_LIFE = 60;
/** A `current` within a quarter of the reading before is steady. */
const STEADY = 0.25;

/** New connections a second on a node. The server counts them for all sources together. */
interface Opening {
  readonly node: NodeFacts;
  readonly role: string | null;
  readonly rate: number;
}

/**
 * Why a source would be the one that opens them. `alone`: nearly all that was renewed is its own. `several`: others are
 * renewed as well. `largest`: it holds nearly all connections, and no source is known to be renewed.
 */
type Reason = 'alone' | 'several' | 'largest';

interface Openings {
  readonly rows: readonly Opening[];
  readonly reason: Reason;
}

/**
 * The new connections on each node over the last readings, for a source that would explain them. Connections that live
 * for seconds are replaced from reading to reading, so such a source is renewed while a healthy pool is not. Null for a
 * source that is not, next to others.
 */
function openingsOf(examined: Examined): Openings | null {
  const { source, cluster, past } = examined;
  const reason = reasonOf(examined);
  if (reason === null) return null;
  const moment = momentOf(examined);
  const rows = cluster.nodes.flatMap(({ host, role }): readonly Opening[] => {
    const churn = past.nodes[host]?.churn;
    const rates = churn === undefined ? [] : readingsOf(churn, moment, { from: 2 * HOUR }).slice(-READINGS);
    if (rates.length < READINGS) return [];
    const node = source.nodes.find((one) => one.host === host) ?? { host, active: 0, dormant: 0, monitors: 0 };
    return [{ node, role, rate: Math.min(medianOf(rates.map(({ value }) => value)), rates.at(-1)?.value ?? 0) }];
  });
  return { rows, reason };
}

function reasonOf({ source, cluster }: Examined): Reason | null {
  const { turnedOver, held } = cluster;
  if (turnedOver === null || turnedOver === 0)
    return heldBy(source) >= NEARLY_ALL * Math.max(1, held) ? 'largest' : null;
  const share = source.newer?.isTurnover === true ? source.newer.count / turnedOver : 0;
  if (share >= NEARLY_ALL) return 'alone';
  return share >= LARGE_PART ? 'several' : null;
}

function heldBy(source: SourceFacts): number {
  return pooledOf(source) + (source.monitors ?? 0);
}

/** Only for a source with earlier readings: a session that somebody has just opened is all new as well. */
function isCertain(examined: Examined, { reason }: Openings): boolean {
  const { source, history } = examined;
  if (reason !== 'alone' || (source.newer?.count ?? 0) < LEAST_NEWER || history === null) return false;
  return (middleOf(history.pooled, momentOf(examined), HOUR / 2, SLOT) ?? 0) > 0;
}

/** The primary gets 3 of the 7 connections of a client's start, and each of two other nodes gets 2. */
const RATIO = { least: 1.25, most: 2.4 };
/** 3 to 2; a Node.js client that lives for less than ten seconds has no RTT socket yet: 2 to 1. */
const EXACT = [1.5, 2];
const NEAR = 0.15;

/** As many new connections on every node as clients that start and stop: one for each request. */
export function oneStartEach(examined: Examined): Match | null {
  const found = openingsOf(examined);
  if (found === null) return null;
  const { source } = examined;
  const primary = found.rows.find(({ role }) => role === 'primary');
  const others = found.rows.filter(({ role }) => role === 'secondary');
  if (primary === undefined || others.length === 0) return null;
  // A client watches every node. Of a snapshot, heartbeats by node are unknown.
  const isEverywhere = heldOn(primary.node) > 0 && others.some(({ node }) => heldOn(node) > 0);
  if (source.nodes.some(({ monitors }) => monitors !== null) && !isEverywhere) return null;
  const rates = others.map(({ rate }) => rate);
  const each = sum(rates, (rate) => rate) / rates.length;
  const isEven = Math.max(...rates) <= 1.25 * Math.min(...rates);
  const ratio = primary.rate / Math.max(0.01, each);
  if (each < HIGH / 2 || !isEven || ratio < RATIO.least || ratio > RATIO.most) return null;
  const isShort = [primary, ...others].every(({ node, rate }) => heldOn(node) < rate * SHORT_LIFE);
  if (!isShort) return null;
  const short = shortHosts(examined.cluster);
  const isExact = EXACT.some((exact) => Math.abs(ratio - exact) <= NEAR * exact);
  return {
    evidence: [
      `New connections on every node at once: ${joinWords(
        [primary, ...others].map(({ node, rate }) => `${average(rate)} a second on ${short(node.host)}`),
      )}.`,
      `Few of them stay open: it holds ${count(pooledOf(source))} pooled now.`,
      'One start of a client opens 3 connections on the primary and 2 on each other node; a busy pool opens them where it is used.',
      reasonInWords(examined, found),
    ],
    frees: null,
    confidence: isExact && isCertain(examined, found) ? 'fits' : 'likely',
  };
}

export const churn: Finder = (examined) => {
  const found = openingsOf(examined);
  if (found === null || !isSteady(examined)) return null;
  const [first] = found.rows
    .filter(({ node, rate }) => rate >= HIGH && pooledOn(node) > 0 && pooledOn(node) < rate * SHORT_LIFE)
    .toSorted((a, b) => b.rate - a.rate);
  if (first === undefined) return null;
  const { node, rate } = first;
  const pooled = pooledOn(node);
  // Pools that are not renewed are not those that live for seconds.
  const life =
    examined.source.newer?.isTurnover === false
      ? ''
      : ` If it opens all of them, each lives for about ${average(Math.max(0.1, pooled / rate))} s.`;
  return {
    evidence: [
      `${average(rate)} new connections a second on ${shortHosts(examined.cluster)(node.host)}, while it holds ${count(pooled)} pooled there.${life}`,
      'Expected: connections that are opened once and reused for hours.',
      reasonInWords(examined, found),
    ],
    frees: null,
    confidence: isCertain(examined, found) ? 'fits' : 'likely',
  };
};

function reasonInWords({ source }: Examined, { reason }: Openings): string {
  const { newer } = source;
  if (newer === null) return 'The server counts them for the whole node; this source holds nearly all connections.';
  if (reason === 'largest')
    return 'The server counts them for the whole node. This source holds nearly all connections, few of which are new: others would close again at once.';
  const part = `${count(newer.count)} of its ${counted(heldBy(source), 'connection')}`;
  const pools = newer.count <= pooledOf(source) ? ', about as many as its pools hold' : '';
  const others =
    reason === 'alone'
      ? 'No other source is renewed like that.'
      : 'Other sources are renewed as well, and the server counts for all of them.';
  return `Newer than ${span(newer.seconds * SECOND)}: ${part}${pools}. ${others}`;
}

/** Of a few connections the number is chance. */
const WORTH_COMPARING = 20;

/** Not while it grows or shrinks: then connections are opened for a reason. */
function isSteady(examined: Examined): boolean {
  const { source, history } = examined;
  if (history === null) return true;
  const before = middleOf(history.pooled, momentOf(examined), HOUR) ?? history.last.pooled;
  return Math.abs(pooledOf(source) - before) <= STEADY * Math.max(WORTH_COMPARING, before);
}
