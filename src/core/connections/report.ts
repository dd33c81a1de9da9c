// The report: the holders of one cluster's connections. Its JSON form is public.

import { type Chunked, isChunkEnd, runToEnd } from '../base/cooperative.ts';
import { count, sum } from '../base/format.ts';
import { cached } from '../base/memo.ts';
import { type Problem, SHARED_TIER } from '../base/problem.ts';
import { type ClientAddress, parseIp } from '../net/address.ts';
import {
  ACCESS_LIST_MISSING,
  type AccessList,
  type Label,
  NAMES_UNKNOWN,
  type ProjectNetworks,
} from './access-list.ts';
import { type AccessListFinding, accessListFindingsInChunks } from './access-list-findings.ts';
import { addressBookInChunks, listedBlocks } from './address-book.ts';
import { attribute } from './attribute.ts';
import { accessContext, classifyInChunks } from './classify.ts';
import type { Clients } from './clients.ts';
import { quietInReading } from './entry-use.ts';
import type {
  ClusterReading,
  ConnectionGroup,
  NodeLeftOut,
  NodeRead,
  NodeReading,
  NodeRole,
  ThreadGroup,
} from './reading.ts';
import { type Redact, redactedClient, redactedGroup, redactedNames, redactedReading } from './redaction.ts';
import type { ConnectionSource } from './source.ts';
import { add, clientsByNode, emptyTally, finishAll, type Tally } from './source-tally.ts';

/** Null when it is unknown: the cluster refuses `$currentOp` (M0, Flex), or no node was read. Never a zero. */
interface Totals {
  /** active + dormant + monitors + internal + own; for M0 and Flex the connections that serverStatus counts. */
  readonly connections: number | null;
  readonly active: number | null;
  readonly dormant: number | null;
  readonly monitors: number | null;
  readonly internal: number | null;
  readonly own: number | null;
  readonly threads: number | null;
}

/** `clients` are the MongoClients that watch this node; null when it refuses `$currentOp`. */
export interface ReportNode extends Clients {
  readonly host: string;
  readonly role: NodeRole;
  readonly version: string | null;
  /** Documents with a client; null when the node refuses `$currentOp` (M0, Flex). */
  readonly connections: number | null;
  readonly current: number | null;
  readonly available: number | null;
  readonly limit: number | null;
  readonly totalCreated: number | null;
  readonly rejected: number | null;
  readonly threads: readonly ThreadGroup[];
  /** Left out unless the node is hidden: clients do not watch it. Not in the JSON form. */
  readonly hidden?: true;
}
export interface UnreadNode {
  readonly host: string;
  readonly problem: Problem;
}

export interface ConnectionReport {
  readonly cluster: string;
  /** ISO 8601. */
  readonly at: string;
  readonly tookMs: number;
  /** False when a node, its sources (M0, Flex) or the access list could not be read. */
  readonly complete: boolean;
  readonly totals: Totals;
  readonly nodes: readonly (ReportNode | UnreadNode)[];
  readonly leftOut: readonly NodeLeftOut[];
  readonly sources: readonly ConnectionSource[];
  readonly findings: readonly AccessListFinding[];
  readonly problems: readonly Problem[];
  /** Null when no access list was read: no credentials, or it could not be read. */
  readonly accessList: { readonly readAt: string; readonly entries: number; readonly complete: boolean } | null;
}

export interface ReportInput {
  readonly reading: ClusterReading;
  /** Null without an access list. */
  readonly accessList: AccessList | null;
  readonly networks: ProjectNetworks | null;
  readonly labels: readonly Label[];
  /** Problems beside the reading, e.g. why there is no access list. */
  readonly problems: readonly Problem[];
  readonly now: Date;
  /** Removes secrets from text for people; left out for programs. */
  readonly redact?: Redact | undefined;
}

const SOURCE_KINDS = { active: 'active', dormant: 'dormant', monitor: 'monitors' } as const;

const CHUNK = 250;

/**
 * Every connection of every node that was read is in exactly one source, internal, or our own.
 * @internal
 */
export function buildReport(input: ReportInput): ConnectionReport {
  return runToEnd(reportInChunks(input));
}

/** The same in chunks, so that a large reading does not block the event loop. */
export function* reportInChunks(input: ReportInput): Chunked<ConnectionReport> {
  const redact = input.redact && cached(input.redact);
  const reading = redact === undefined ? input.reading : redactedReading(input.reading, redact);
  const { accessList, networks, labels } = redact === undefined ? input : redactedNames(input, redact);
  const listed = yield* listedBlocks(accessList?.entries ?? []);
  const book = yield* addressBookInChunks({
    accessList,
    listed,
    labels,
    peers: networks?.peers ?? [],
    containers: networks?.containers ?? [],
  });
  const read = reading.nodes.flatMap((node) => (node.kind === 'read' ? [node] : []));
  const isAtlas = (client: ClientAddress) =>
    client.kind === 'ip' && book.find(client.address)?.class === 'atlas-internal';
  // Before redaction: a redacted address or user no longer identifies its owner.
  const unredacted = input.reading.nodes.flatMap((node) => (node.kind === 'read' ? [node] : []));
  const context = yield* accessContext(unredacted, networks?.containers.length ? isAtlas : null);
  const tallies = new Map<string, Tally>();
  const aside = { own: 0, internal: 0 };
  const clientOf = cached((text) => {
    const client = context.insiders.clientOf(text);
    return redact === undefined ? client : redactedClient(client, redact);
  });
  for (const node of read) {
    const everything = yield* classifyInChunks(node, context);
    // A group of several kinds is there once for each of them.
    let counted: ConnectionGroup | null = null;
    for (const [index, classified] of everything.entries()) {
      if (isChunkEnd(index, CHUNK)) yield;
      const { kind, count } = classified;
      if (kind === 'own' || kind === 'internal') {
        aside[kind] += count;
        continue;
      }
      // Redacted here, after the classification, because that needs the real names.
      const group = redact === undefined ? classified.group : redactedGroup(classified.group, redact);
      const client = clientOf(group.client);
      const attribution = attribute(book, client, group);
      const tally = tallies.get(attribution.id) ?? emptyTally(attribution);
      tallies.set(attribution.id, tally);
      add(tally, {
        classified: { ...classified, group },
        kind: SOURCE_KINDS[kind],
        node: node.host,
        address: client.text,
      });
      if (classified.group !== counted) tally.opened += classified.group.opened ?? 0;
      counted = classified.group;
    }
  }
  const watched = read.filter(({ hidden }) => hidden !== true).map(({ host }) => host);
  const sources = yield* finishAll([...tallies.values()], { watched, openedWithin: openedWithin(read) });
  const clients = yield* clientsByNode([...tallies.values()]);
  if (sources.length > CHUNK) yield;
  const everyNodeRead = reading.nodes.every(({ kind }) => kind === 'read');
  const findings = yield* accessListFindingsInChunks({
    accessList,
    listed,
    sources,
    // A cluster that was not read, or hides its sources, says nothing about an entry.
    judge: () => (read.length === 0 ? () => null : quietInReading(reading.cluster)),
    now: input.now,
  });
  return {
    cluster: reading.cluster,
    at: reading.at,
    tookMs: reading.tookMs,
    complete:
      everyNodeRead && accessList?.complete !== false && [...reading.problems, ...input.problems].every(isByChoice),
    totals: totalsOf(reading, sources, aside),
    nodes: reading.nodes.map((node) => reportNode(node, clients)),
    leftOut: reading.leftOut,
    sources,
    findings,
    problems: [...reading.problems, ...input.problems, ...doubts({ ...input, reading }, sources)],
    accessList: accessList && {
      readAt: accessList.readAt,
      entries: accessList.entries.length,
      complete: accessList.complete,
    },
  };
}

/** The nodes are read together. Null while one of them has no earlier reading. */
function openedWithin(read: readonly NodeRead[]): number | null {
  const seconds = read.flatMap((node) => node.openedWithin ?? []);
  return read.length === 0 || seconds.length < read.length ? null : Math.max(...seconds);
}

function totalsOf(
  reading: ClusterReading,
  sources: readonly ConnectionSource[],
  { own, internal }: { readonly own: number; readonly internal: number },
): Totals {
  const read = reading.nodes.flatMap((node) => (node.kind === 'read' ? [node] : []));
  const totals = reading.nodes.flatMap((node) => (node.kind === 'totals' ? [node] : []));
  if (read.length === 0) {
    const unknown = { active: null, dormant: null, monitors: null, internal: null, own: null, threads: null };
    return { connections: totals.length === 0 ? null : sum(totals, ({ current }) => current ?? 0), ...unknown };
  }
  const active = sum(sources, (source) => source.active);
  const dormant = sum(sources, (source) => source.dormant);
  const monitors = sum(sources, (source) => source.monitors);
  const threads = sum(read, (node) => sum(node.threads, ({ count }) => count));
  return {
    connections: active + dormant + monitors + internal + own,
    active,
    dormant,
    monitors,
    internal,
    own,
    threads,
  };
}

function reportNode(node: NodeReading, clients: ReadonlyMap<string, Clients>): ReportNode | UnreadNode {
  if (node.kind === 'unread') return { host: node.host, problem: node.problem };
  const { host, role, version, current, available, limit, totalCreated, rejected } = node;
  const known = { host, role, version, current, available, limit, totalCreated, rejected };
  if (node.kind === 'totals') return { ...known, connections: null, clients: null, threads: [] };
  return {
    ...known,
    connections: sum(node.groups, ({ count }) => count),
    ...(clients.get(host) ?? { clients: 0 }),
    threads: node.threads,
    ...(node.hidden === true && { hidden: true as const }),
  };
}

/** Whether the names of the sources are final. A later access list would change temporary names. */
export function isNamed({ problems }: Pick<ConnectionReport, 'problems'>): boolean {
  return !problems.some(({ code }) => code === NAMES_UNKNOWN.code);
}

/** The access list was left out on purpose, so nothing is missing. */
function isByChoice({ code }: Problem): boolean {
  return code === ACCESS_LIST_MISSING;
}

/** A remark: nothing failed. The access list was left out on purpose, or the tier refuses `$currentOp` by design. */
export function isRemark(problem: Problem): boolean {
  return isByChoice(problem) || problem.code === SHARED_TIER;
}

/** Limits of the figures, as problems. */
function doubts(
  { reading, accessList, problems }: ReportInput,
  sources: readonly ConnectionSource[],
): readonly Problem[] {
  const refused = reading.nodes.find((node) => node.kind === 'totals');
  const unmatched = sources.filter(({ id, class: of }) => of === 'unknown' && parseIp(id) !== null).length;
  return [
    // Reported once for the cluster, because all its nodes refuse alike.
    ...(refused?.kind === 'totals'
      ? [{ ...refused.problem, text: refused.problem.text.replaceAll(refused.host, reading.cluster) }]
      : []),
    ...(unmatched > 0 && accessList?.complete !== true && !problems.some(isByChoice)
      ? [
          {
            code: 'unlisted-uncertain',
            text: `${count(unmatched)} ${unmatched === 1 ? 'address matches' : 'addresses match'} no entry of the access list, but the list was not read completely.`,
            remedy: 'Read the whole list. The other problems of this report name the missing part.',
          },
        ]
      : []),
  ];
}
