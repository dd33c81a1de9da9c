// Expected against seen: what the clients of a source need, and what it holds.

import { count, counted, sum } from '../base/format.ts';
import { isSingleThreaded } from '../drivers/defaults.ts';
import type { Diagnosis, ExpectedAndSeen, NodeExpectation } from './diagnosis.ts';
import { closesIdleByDefault, idleLimitFor, mainDriver, mainDrivers, monitorsOfPolling } from './driver-options.ts';
import type { ClusterFacts, NodeFacts, SourceFacts } from './facts.ts';
import { average, heldOn, pooledOn } from './finder.ts';
import { isPolling } from './functions.ts';
import { titleInWords } from './in-words.ts';

/** A streaming client: its heartbeat and its RTT socket, on each node that it watches. */
const MONITORS = 2;
/** One operation at a time, on the primary. */
const POOLED = 1;
/** A difference of a twentieth is clients that come and go. */
const SAME = 0.05;

/** @param found the diagnoses of the source */
export function expectedAgainstSeen(
  source: SourceFacts,
  cluster: ClusterFacts,
  found: readonly Diagnosis[],
): ExpectedAndSeen {
  const { clients, clientsAtLeast } = source;
  const nodes = source.nodes.map((node) => expectationOf(node, clients));
  const seen = sum(source.nodes, heldOn);
  const least = clients === null || clients === 0 ? null : clients * (MONITORS * nodes.length + POOLED);
  return {
    clients,
    ...(clientsAtLeast === true && { clientsAtLeast }),
    nodes,
    expected: least,
    seen,
    meaning: meaningOf({ source, cluster, found, nodes, expected: least, seen }),
  };
}

function expectationOf(node: NodeFacts, clients: number | null): NodeExpectation {
  const pooled = pooledOn(node);
  const isKnown = clients !== null && clients > 0;
  return {
    host: node.host,
    monitors: { expected: isKnown ? MONITORS * clients : null, seen: node.monitors ?? 0 },
    pooled,
    pooledPerClient: isKnown ? pooled / clients : null,
  };
}

interface Table {
  readonly source: SourceFacts;
  readonly cluster: ClusterFacts;
  readonly found: readonly Diagnosis[];
  readonly nodes: readonly NodeExpectation[];
  readonly expected: number | null;
  readonly seen: number;
}

function meaningOf(table: Table): string {
  const { source, found, nodes, expected, seen } = table;
  // A name says nothing about a number of connections.
  const cause = found.find(({ id }) => id !== 'unnamed');
  if (expected === null)
    return cause === undefined ? unknownClients(source) : `The clients are unknown. ${titleInWords(cause)}`;
  const difference = seen - expected;
  const amount =
    difference === 0
      ? 'As many as expected'
      : `${count(Math.abs(difference))} ${difference > 0 ? 'more' : 'fewer'} than expected`;
  // A cause of too many explains what is more, not what is fewer.
  if (cause !== undefined)
    return difference > 0 ? `${amount}: ${explainedBy(cause)}` : `${amount}. ${titleInWords(cause)}`;
  if (source.isEstimated)
    return `${amount}: an estimate, because the servers do not tell heartbeats from idle connections.`;
  if (source.clientsAtLeast === true) return `${amount}: the number of clients is a lower bound, so more is expected.`;
  if (hasHalfOfMonitors(nodes)) return `${amount}: ${halfText(source)}`;
  if (Math.abs(difference) <= SAME * expected) return 'As many as expected: nothing unusual.';
  if (difference < 0) return `${amount}: some clients do not watch every node, or hold no pooled connection.`;
  return `${amount}: ${poolsText(table)}`;
}

function explainedBy({ title, confidence }: Diagnosis): string {
  return `“${title}” ${confidence === 'fits' ? 'fits' : 'would explain it'}.`;
}

function unknownClients(source: SourceFacts): string {
  const pools = source.nodes.map(pooledOn);
  const [least, most] = [Math.min(...pools), Math.max(...pools)];
  const isSingle = isSingleThreaded(mainDriver(source) ?? 'any', 'pooled') || source.monitors === 0;
  if (isSingle && pools.length > 1 && least > 0 && most - least <= SAME * most)
    return `The clients are unknown. A single-threaded driver has one connection on every node, so about ${count(least)}.`;
  const monitors = Math.min(...source.nodes.map((node) => node.monitors ?? 0));
  const each = monitorsOfPolling(mainDriver(source));
  if (isPolling(source) || monitors > 0)
    return `The clients are unknown, because their drivers poll. Each has ${each === 1 ? 'one monitor' : `${each} monitors`} on every node, so about ${count(monitors / each)}.`;
  return 'The clients are unknown: no driver of this source sends heartbeats that tell them.';
}

/** The driver that opens the second monitor later. Others open both at once. */
function halfText(source: SourceFacts): string {
  return mainDriver(source) === 'node'
    ? 'clients that just started have one monitor on each node; Node.js opens the other after ten seconds.'
    : 'about one monitor of each client is missing, as when clients start or stop.';
}

/** Half of the monitors: the second of each client is missing. */
function hasHalfOfMonitors(nodes: readonly NodeExpectation[]): boolean {
  return nodes.every(({ monitors: { expected, seen } }) => expected !== null && seen > 0 && seen <= 0.75 * expected);
}

/** Why pools are larger than one, where no diagnosis says it. */
function poolsText({ source, nodes, cluster }: Table): string {
  const each = nodes.map(({ pooledPerClient }) => pooledPerClient ?? 0);
  const [least, most] = [Math.min(...each), Math.max(...each)];
  if (nodes.length > 1 && least >= 1 && Number.isInteger(least) && most === least)
    return `each client holds ${count(least)} on every node, as with minPoolSize=${count(least)}.`;
  const used = nodes.filter(({ pooled }) => pooled > 0);
  const primary = cluster.nodes.find(({ role }) => role === 'primary')?.host;
  const isPrimary = used.length === 1 && used[0]?.host === primary;
  const active =
    source.active === 0
      ? ''
      : `, of which ${counted(source.active, 'connection')} ${source.active === 1 ? 'is' : 'are'} active`;
  return `pools of ${average(most)} for each client${isPrimary ? ' on the primary' : ''}${active}. ${loadText(source)}`;
}

/** Load explains what is active; an idle limit would close the rest. */
function loadText(source: SourceFacts): string {
  const { active, dormant } = source;
  if (dormant <= active || closesIdleByDefault(mainDriver(source))) return 'Load opens them.';
  const without = idleLimitFor(mainDrivers(source)).option === null ? '' : ' without maxIdleTimeMS';
  return `Load opens them, and${without} they stay open after it.`;
}

/** Of a source without a diagnosis. More than its clients need is not called usual. */
export function fineInWords(compared: ExpectedAndSeen | null): string {
  const { expected = null, seen = 0 } = compared ?? {};
  return expected !== null && seen > (1 + SAME) * expected
    ? 'No known cause fits. What its clients need is compared with what it holds below.'
    : 'Nothing unusual in the number of its connections: it fits the clients, as far as can be told.';
}
