// Gathers the evidence of the alerts of one reading or node check.

import { MINUTE } from '../base/duration.ts';
import { type NodeHistory, newlyRefused } from '../baseline/node-history.ts';
import { shortHosts } from '../connections/node-usage.ts';
import type { SnapshotNode } from '../snapshots/snapshot.ts';
import {
  findingsOfNode,
  findingsOfSource,
  hostThatGrew,
  measureSources,
  type ReadingInput,
  shutOutOf,
} from './culprits.ts';
import { type AlertEvidence, type Findings, isAtLimit, type NodeImpact } from './evidence.ts';

export interface EvidenceInput extends ReadingInput {
  /** The histories before this reading. */
  readonly nodes: Readonly<Record<string, NodeHistory>>;
}

/** A source's id or a node's host; neither for the whole cluster. */
interface Subject {
  readonly source: string | null;
  readonly node: string | null;
}

/** Whether a node of the reading is at its limit, or refused connections since it was looked at before. */
export function isSaturated({ snapshot, nodes }: Pick<EvidenceInput, 'snapshot' | 'nodes'>): boolean {
  const { at } = snapshot;
  return snapshot.nodes.some((node) => isAtLimit(node) || newlyRefused(nodes[node.host] ?? null, node, at) > 0);
}

/** Most readings break no rule, and need no evidence. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The evidence of a reading, by alert. Null for an alert of the whole cluster. */
export function createEvidence(input: EvidenceInput): (of: Subject) => AlertEvidence | null {
  const { snapshot, nodes } = input;
  const short = shortHosts(snapshot);
  const measured = once(() => {
    const rows = measureSources(input);
    return { rows, shutOut: isSaturated(input) ? shutOutOf(rows, input) : [] };
  });
  const impactOf = (host: string | null) => {
    const node = snapshot.nodes.find((one) => one.host === host);
    const seen = { at: snapshot.at, short };
    return node === undefined ? null : nodeImpact(node, nodes[node.host] ?? null, seen);
  };
  return ({ source, node }) => {
    if (source === null && node === null) return null;
    const { rows, shutOut } = measured();
    const impact = impactOf(node ?? hostThatGrew(rows, source));
    const context = { rows, shutOut, impact, short, input };
    const findings = source === null ? findingsOfNode(context) : findingsOfSource(source, context);
    // The alerts of the node count its refused connections with each check. A source's would miss most of them.
    const own = source === null || impact === null ? impact : { ...impact, refused: null };
    return { ...findings, node: own, hurt: shutOut };
  };
}

/** What the alert of a node says until the next reading, by host; only of nodes that are half full. */
export function nodeFindings(
  { snapshot }: Pick<EvidenceInput, 'snapshot'>,
  evidence: ReturnType<typeof createEvidence>,
): Readonly<Record<string, Findings>> {
  const isBusy = ({ current, limit }: SnapshotNode) => current !== null && limit !== null && current > limit / 2;
  const busy = snapshot.nodes.filter(isBusy);
  if (busy.length === 0 || snapshot.sources.length === 0) return {};
  const findings = busy.flatMap(({ host }) => {
    const found = evidence({ source: null, node: host });
    if (found === null) return [];
    const { node: _, hurt: __, ...rest } = found;
    return [[host, rest] as const];
  });
  return Object.fromEntries(findings);
}

const NOTHING_READ: Findings = { readAt: null, culprits: [], changed: [], shutOut: [], doNow: [], thenFix: [] };

/** The evidence of a node check: the node as it is now, with the findings of the last reading. */
export function evidenceOfCheck(
  node: SnapshotNode,
  past: NodeHistory | null,
  seen: { readonly at: number; readonly short: (host: string) => string; readonly findings: Findings | undefined },
): AlertEvidence {
  const { findings = NOTHING_READ } = seen;
  return { ...findings, node: nodeImpact(node, past, seen), hurt: findings.shutOut };
}

function nodeImpact(
  node: SnapshotNode,
  past: NodeHistory | null,
  { at, short }: { readonly at: number; readonly short: (host: string) => string },
): NodeImpact | null {
  const { host, role, current, limit } = node;
  if (current === null || limit === null || limit <= 0) return null;
  const more = newlyRefused(past, node, at);
  const refused = more === 0 ? null : { count: more, since: past?.rejectedAt ?? at, last: at };
  return { host, short: short(host), role, current, limit, at, perMinute: perMinute(past, current, at), refused };
}

/** The time over which growth is measured, and the least that tells. */
const TREND = 5.5 * MINUTE;
const LEAST_TREND = 0.75 * MINUTE;

function perMinute(past: NodeHistory | null, current: number, at: number): number | null {
  const first = past?.recent?.find((point) => at - point.at <= TREND);
  if (first === undefined || at - first.at < LEAST_TREND) return null;
  const rate = ((current - first.current) * MINUTE) / (at - first.at);
  return Math.abs(rate) < 10 ? Math.round(rate * 10) / 10 : Math.round(rate);
}
