// churn, and the starts of clients: many new connections a second.

import { HOUR } from '../base/duration.ts';
import { count, joinWords, sum } from '../base/format.ts';
import { medianOf } from '../baseline/baseline.ts';
import { shortHosts } from '../connections/node-usage.ts';
import { middleOf, readingsOf } from './course.ts';
import type { NodeFacts } from './facts.ts';
import { average, type Finder, heldOn, type Match, momentOf, pooledOf, type Subject } from './finder.ts';

/** A deploy lasts for one or two readings. So many must be high. */
const READINGS = 3;
/** Atlas's own agents open about one connection a second on an idle node. */
const HIGH = 2;
/** Of what all sources opened: with less, the others explain as much. */
const MOSTLY = 0.6;
/** Of what all sources hold, where it is unknown who opened them. */
const NEARLY_ALL = 0.8;
/** Connections that live shorter are not reused, in seconds. */
const SHORT_LIFE = 60;
/** A `current` within a quarter of the reading before is steady. */
const STEADY = 0.25;

interface Opening {
  readonly node: NodeFacts;
  readonly role: string | null;
  /** New connections a second of the source. */
  readonly rate: number;
}

interface Openings {
  readonly rows: readonly Opening[];
  /** Of the new connections. */
  readonly share: number;
  readonly isShareKnown: boolean;
}

/**
 * How many connections a second a source opens on each node, over the last readings. The server counts them for the
 * whole node, so this is known for a source that has most of them. Null for any other.
 */
function openingsOf(subject: Subject): Openings | null {
  const { source, cluster, past } = subject;
  const isShareKnown = source.opened !== null && cluster.opened !== null && cluster.opened > 0;
  const held = pooledOf(source) + (source.monitors ?? 0);
  const share = isShareKnown ? (source.opened?.count ?? 0) / (cluster.opened ?? 1) : held / Math.max(1, cluster.held);
  if (share < (isShareKnown ? MOSTLY : NEARLY_ALL)) return null;
  const moment = momentOf(subject);
  const rows = cluster.nodes.flatMap(({ host, role }): readonly Opening[] => {
    const churn = past.nodes[host]?.churn;
    const rates = churn === undefined ? [] : readingsOf(churn, moment, { from: 2 * HOUR }).slice(-READINGS);
    if (rates.length < READINGS) return [];
    const node = source.nodes.find((one) => one.host === host) ?? { host, active: 0, dormant: 0, monitors: 0 };
    return [
      { node, role, rate: Math.min(medianOf(rates.map(({ value }) => value)), rates.at(-1)?.value ?? 0) * share },
    ];
  });
  return { rows, share, isShareKnown };
}

/** The primary gets 3 of the 7 connections of a client's start, and each of two other nodes gets 2. */
const RATIO = { least: 1.25, most: 2.4 };
/** 3 to 2; a Node.js client that lives for less than ten seconds has no RTT socket yet: 2 to 1. */
const EXACT = [1.5, 2];
const NEAR = 0.15;

/** As many new connections on every node as clients that start and stop: one for each request. */
export function oneStartEach(subject: Subject): Match | null {
  const found = openingsOf(subject);
  if (found === null) return null;
  const primary = found.rows.find(({ role }) => role === 'primary');
  const others = found.rows.filter(({ role }) => role === 'secondary');
  if (primary === undefined || others.length === 0) return null;
  const rates = others.map(({ rate }) => rate);
  const each = sum(rates, (rate) => rate) / rates.length;
  const isEven = Math.max(...rates) <= 1.25 * Math.min(...rates);
  const ratio = primary.rate / Math.max(0.01, each);
  if (each < HIGH / 2 || !isEven || ratio < RATIO.least || ratio > RATIO.most) return null;
  const isShort = [primary, ...others].every(({ node, rate }) => heldOn(node) < rate * SHORT_LIFE);
  if (!isShort) return null;
  const short = shortHosts(subject.cluster);
  const isExact = EXACT.some((exact) => Math.abs(ratio - exact) <= NEAR * exact);
  return {
    evidence: [
      `New connections on every node at once: ${joinWords(
        [primary, ...others].map(({ node, rate }) => `${average(rate)} a second on ${short(node.host)}`),
      )}.`,
      `It holds few of them: ${count(pooledOf(subject.source))} pooled now.`,
      'One start of a client opens 3 connections on the primary and 2 on each other node; a busy pool opens them where it is used.',
      ...doubtOf(found),
    ],
    frees: null,
    confidence: isExact && found.isShareKnown ? 'fits' : 'likely',
  };
}

export const churn: Finder = (subject) => {
  const found = openingsOf(subject);
  if (found === null || !isSteady(subject)) return null;
  const [first] = found.rows
    .filter(({ node, rate }) => rate >= HIGH && heldOn(node) < rate * SHORT_LIFE && pooledOf(subject.source) > 0)
    .toSorted((a, b) => b.rate - a.rate);
  if (first === undefined) return null;
  const { node, rate } = first;
  const held = heldOn(node);
  return {
    evidence: [
      `${average(rate)} new connections a second on ${shortHosts(subject.cluster)(node.host)}, while it holds ${count(held)} there: each lives for about ${average(Math.max(0.1, held / rate))} s.`,
      'Expected: connections that are opened once and reused for hours.',
      ...doubtOf(found),
    ],
    frees: null,
    confidence: found.isShareKnown ? 'fits' : 'likely',
  };
};

function doubtOf({ share, isShareKnown }: Openings): readonly string[] {
  return isShareKnown
    ? [`Of the connections that all sources opened since the reading before, ${count(100 * share)} % are its own.`]
    : ['The server counts them for the whole node; this source holds nearly all connections.'];
}

/** Of a few connections the number is chance. */
const WORTH_COMPARING = 20;

/** Not while it grows or shrinks: then connections are opened for a reason. */
function isSteady(subject: Subject): boolean {
  const { source, history } = subject;
  if (history === null) return true;
  const before = middleOf(history.pooled, momentOf(subject), HOUR) ?? history.last.pooled;
  return Math.abs(pooledOf(source) - before) <= STEADY * Math.max(WORTH_COMPARING, before);
}
