// Who grew, who is shut out, and what helps: the findings of one reading about a node or a source.

import { HOUR } from '../base/duration.ts';
import { count, joinWords, sum } from '../base/format.ts';
import type { WallMoment } from '../base/time-zone.ts';
import { usualAt } from '../baseline/baseline.ts';
import { isGradual } from '../baseline/bursts.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import { increases, LISTED, type TopHolder } from '../baseline/top-holders.ts';
import { clientsShown } from '../connections/clients.ts';
import { headroomWord } from '../connections/node-usage.ts';
import type { Elected } from '../diagnosis/past.ts';
import { riseAdvice } from '../diagnosis/rise.ts';
import { nextTier, TIERS_AS_OF } from '../forecast/tiers.ts';
import type { ConnectionCount, Snapshot, SnapshotSource, UsualConnections } from '../snapshots/snapshot.ts';
import { type Culprit, type Findings, type Grown, isFarBelow, type NodeImpact, type ShutOut } from './evidence.ts';

/** Names holders that grew by at least this share of the largest growth. */
export const WORTH = 0.25;

export interface ReadingInput {
  readonly snapshot: Snapshot;
  /** By id of the source: what the evaluation of this reading found usual. Left out for a reading without evaluation. */
  readonly usual?: ReadonlyMap<string, UsualConnections | null>;
  /** The histories before this reading. */
  readonly sources: Readonly<Record<string, SourceHistory>>;
  readonly elected: Elected | null;
  readonly moment: WallMoment;
}

/** A source of a reading with its usual. */
export interface MeasuredSource {
  readonly source: SnapshotSource;
  readonly past: SourceHistory | null;
  readonly now: number;
  /** Over the nodes that were read; null while it learns. */
  readonly usual: number | null;
}

export function measureSources({ snapshot, sources, moment, usual: known }: ReadingInput): readonly MeasuredSource[] {
  return snapshot.sources.map((source) => {
    const past = sources[source.id] ?? null;
    const found = known === undefined && past !== null ? usualPooled(past, snapshot, moment) : null;
    const usual = known?.get(source.id)?.pooled ?? found;
    return { source, past, now: source.active + source.dormant, usual };
  });
}

function usualPooled(past: SourceHistory, { nodes }: Snapshot, moment: WallMoment): number | null {
  const pooled = usualAt(past.pooled, moment);
  if (pooled === null) return null;
  const unread = nodes.filter(({ problem }) => problem !== null);
  const share = 1 - sum(unread, ({ host }) => past.shares[host]?.share ?? 0);
  return Math.round(Math.max(pooled.value, usualAt(past.dormant, moment)?.value ?? 0) * share);
}

const MOST_SHUT_OUT = 10;

/** For a reading while a node is at its limit or refuses connections. */
export function shutOutOf(
  rows: readonly MeasuredSource[],
  { snapshot, sources, moment, usual: known }: ReadingInput,
): readonly ShutOut[] {
  const present = new Set(rows.map(({ source }) => source.id));
  const found = rows.map(({ source: { id, name }, now, usual }) => ({ source: id, name, now, usual: usual ?? 0 }));
  // An incomplete reading does not tell which sources are absent.
  const absent = Object.entries(snapshot.complete ? sources : {})
    .filter(([id]) => !present.has(id))
    .map(([id, past]) => {
      const usual = known === undefined ? usualPooled(past, snapshot, moment) : known.get(id)?.pooled;
      return { source: id, name: past.name, now: 0, usual: usual ?? 0 };
    });
  return farBelowUsual([...found, ...absent]).slice(0, MOST_SHUT_OUT);
}

/**
 * Those far below their usual, the largest loss first. They are shut out while a node of the cluster is at its limit or
 * refuses connections.
 * @param held active and dormant connections; 0 of a source that is not in the reading
 */
export function farBelowUsual(held: readonly ShutOut[]): readonly ShutOut[] {
  return held
    .filter(({ now, usual }) => isFarBelow(now, usual))
    .toSorted((a, b) => b.usual - b.now - (a.usual - a.now));
}

interface FindingsContext {
  readonly rows: readonly MeasuredSource[];
  readonly shutOut: readonly ShutOut[];
  readonly impact: NodeImpact | null;
  /** The first label of a host where that is unique. */
  readonly short: (host: string) => string;
  readonly input: ReadingInput;
}

const MOST_CULPRITS = 3;

/** Who grew on the node of the impact. */
export function findingsOfNode(context: FindingsContext): Findings {
  const { rows, shutOut, impact, input } = context;
  const victims = new Set(shutOut.map(({ source }) => source));
  const host = impact?.host ?? null;
  const grown = rows
    .filter(({ source }) => !victims.has(source.id))
    .map((row) => ({ row, more: moreOn(row, host) }))
    .filter(({ more }) => more > 0)
    .toSorted((a, b) => b.more - a.more);
  const most = grown[0]?.more ?? 0;
  const named = grown
    .filter(({ more }) => more >= WORTH * most)
    .slice(0, MOST_CULPRITS)
    .map(({ row }) => ({ row, culprit: culpritOf(row, host, context) }));
  const thenFix = named.slice(0, 1).map(({ row }) => `${row.source.name}: ${adviceOf(row, input)}`);
  return { ...findingsOf(named, context), readAt: rows.length === 0 ? null : input.snapshot.at, thenFix };
}

/** @param id of the source; absent from the reading, it has no culprit */
export function findingsOfSource(id: string, context: FindingsContext): Findings {
  const own = context.rows.filter(({ source }) => source.id === id);
  const named = own.map((row) => ({ row, culprit: culpritOf(row, null, context) }));
  const thenFix = own.map((row) => capitalized(adviceOf(row, context.input)));
  return { ...findingsOf(named, context), readAt: context.input.snapshot.at, thenFix };
}

function findingsOf(
  named: readonly { readonly row: MeasuredSource; readonly culprit: Culprit }[],
  { shutOut, impact, short, input }: FindingsContext,
): Omit<Findings, 'readAt' | 'thenFix'> {
  const news = named.flatMap(({ row }) => newsOf(row, input));
  const culprits = named.map(({ culprit }) => culprit);
  return {
    culprits,
    changed: [...electionOf(input, short), ...news],
    shutOut,
    doNow: remediesOf(culprits, { hasNews: news.length > 0, impact }),
  };
}

/** Connections above the usual on a node; on all with null. */
function moreOn({ source, past, now, usual }: MeasuredSource, host: string | null): number {
  if (host === null) return now - (usual ?? 0);
  const here = source.nodes.find(({ name }) => name === host);
  return (here?.active ?? 0) + (here?.dormant ?? 0) - Math.round((usual ?? 0) * (past?.shares[host]?.share ?? 0));
}

const MOST_PARTS = 3;

/** @param host the node whose connections count; null for all nodes */
function culpritOf(
  { source, past, now: onAll, usual: usualOnAll }: MeasuredSource,
  host: string | null,
  { short, input }: Pick<FindingsContext, 'short' | 'input'>,
): Culprit {
  const usualOn = (node: string) =>
    usualOnAll === null ? null : Math.round(usualOnAll * (past?.shares[node]?.share ?? 0));
  const nodes = source.nodes.flatMap(({ name, active, dormant }): readonly Grown[] =>
    name === null ? [] : [against('node', name, { now: active + dormant, usual: usualOn(name) })],
  );
  const here = nodes.find(({ name }) => name === host) ?? null;
  const now = host === null ? onAll : (here?.now ?? 0);
  const usual = host === null ? usualOnAll : usualOn(host);
  const mean = past?.mean ?? 0;
  const factor = mean > 0 && usualOnAll !== null ? usualOnAll / mean : 0;
  const parts = (kind: Grown['kind'], known: readonly TopHolder[], found: readonly ConnectionCount[]) =>
    largest(
      increases(known, found, factor).map((row) =>
        against(kind, row.name, { now: row.now, usual: usualOnAll === null ? null : row.now - row.more }),
      ),
    );
  return {
    source: source.id,
    name: source.name,
    now,
    usual,
    more: now - (usual ?? 0),
    grown: [
      ...parts('app', past?.apps ?? [], source.apps),
      ...parts('address', past?.hosts ?? [], source.hosts),
      ...parts('driver', past?.drivers ?? [], source.drivers ?? []),
      ...largest(nodes).map((node) => ({ ...node, name: short(node.name) })),
    ],
    clients: clientsOf(source, past, input.moment),
  };
}

function against(
  kind: Grown['kind'],
  name: string,
  { now, usual }: { readonly now: number; readonly usual: number | null },
): Grown {
  return { kind, name, now, usual, more: now - (usual ?? 0) };
}

/** Those that grew by at least a quarter of the largest growth. */
function largest(rows: readonly Grown[]): readonly Grown[] {
  const grown = rows.filter(({ more }) => more > 0).toSorted((a, b) => b.more - a.more);
  return grown.filter(({ more }) => more >= WORTH * (grown[0]?.more ?? 0)).slice(0, MOST_PARTS);
}

function clientsOf(source: SnapshotSource, past: SourceHistory | null, moment: WallMoment): Culprit['clients'] {
  if (source.clients === null || source.clients === 0) return null;
  const usual = past?.clients ? usualAt(past.clients, moment) : null;
  return { now: clientsShown(source), usual: usual === null ? null : count(usual.value) };
}

/** The node with the most of a source's growth; null when the source is not in the reading. */
export function hostThatGrew(rows: readonly MeasuredSource[], id: string | null): string | null {
  const row = rows.find(({ source }) => source.id === id);
  if (row === undefined) return null;
  const more = ({ name, active, dormant }: ConnectionCount) =>
    active + dormant - (row.usual ?? 0) * (row.past?.shares[name ?? '']?.share ?? 0);
  const [first] = row.source.nodes.toSorted((a, b) => more(b) - more(a));
  return first?.name ?? null;
}

function adviceOf({ source, past }: MeasuredSource, { snapshot, elected, moment }: ReadingInput): string {
  const usual = past?.clients ? usualAt(past.clients, moment) : null;
  const habit = past?.habits['dormant-spike'];
  return riseAdvice({
    ...{ source, snapshot, past, elected, moment },
    usualClients: usual?.value ?? null,
    isGradual: habit !== undefined && isGradual(habit, moment.at),
  });
}

// What changed within the last hour.

function electionOf({ elected, snapshot: { at } }: ReadingInput, short: (host: string) => string): readonly string[] {
  if (elected === null || at - elected.at > HOUR) return [];
  return [`An election made ${short(elected.primary)} the primary, seen at ${new Date(elected.at).toISOString()}.`];
}

/** Drivers and addresses that were never seen, and a change of the access list. */
function newsOf({ source, past }: MeasuredSource, { snapshot: { at } }: ReadingInput): readonly string[] {
  // Everything is new in a new source.
  if (past === null || at - past.firstSeen < HOUR) return [];
  const fresh = (known: readonly TopHolder[], found: readonly ConnectionCount[]) => {
    const seen = new Map(known.map(({ name, since }) => [name, since]));
    return found.flatMap(({ name }) =>
      name !== null && name !== '' && at - (seen.get(name) ?? at) < HOUR ? [name] : [],
    );
  };
  const drivers = fresh(past.drivers, source.drivers ?? []);
  // A list of the five largest does not tell which others were there before.
  const addresses = source.hosts.length < LISTED ? fresh(past.hosts, source.hosts) : [];
  const { touched } = past;
  return [
    ...(drivers.length === 0 ? [] : [`${source.name} has a new driver version: ${joinWords(drivers)}.`]),
    ...(addresses.length === 0
      ? []
      : [
          `${source.name} connects from ${addresses.length === 1 ? 'a new address' : 'new addresses'}: ${joinWords(addresses)}.`,
        ]),
    ...(touched !== null && at - touched.at <= HOUR ? [touched.note] : []),
  ];
}

/** Addresses that explain less of the growth are not all of it. */
const EXPLAINED = 0.8;

/** Whether a culprit grew on more addresses than those that it names. */
export function isPartlyNamed({ more, grown }: Culprit): boolean {
  const named = (kind: Grown['kind']) => grown.filter((part) => part.kind === kind);
  const moreOf = (parts: readonly Grown[]) => sum(parts, (part) => part.more);
  const [addresses, apps] = [named('address'), named('app')];
  // An address is counted on all nodes, as an app is; a culprit of a node's alert on that node.
  const growth = apps.length === 0 ? more : moreOf(apps);
  return addresses.length > 0 && moreOf(addresses) < EXPLAINED * growth;
}

function remediesOf(
  culprits: readonly Culprit[],
  { hasNews, impact }: { readonly hasNews: boolean; readonly impact: NodeImpact | null },
): readonly string[] {
  const [first] = culprits;
  const named = (kind: Grown['kind']) =>
    first?.grown.filter((part) => part.kind === kind).map(({ name }) => name) ?? [];
  const [app] = named('app');
  const addresses = named('address');
  const of = app === undefined ? first?.name : `app "${app}"`;
  const places = first !== undefined && isPartlyNamed(first) ? [...addresses, 'its other addresses'] : addresses;
  const where = places.length === 0 ? '' : ` on ${joinWords(places)}`;
  const isTight = impact !== null && headroomWord(impact.current / impact.limit) === 'critical';
  return [
    ...(first === undefined ? [] : [`Restart or scale down the processes of ${of}${where}.`]),
    ...(first !== undefined && hasNews ? [`Roll back the last deploy of ${of}.`] : []),
    ...(isTight ? largerTier(impact.limit) : []),
  ];
}

/** No tier is named where none has a higher limit. */
function largerTier(limit: number): readonly string[] {
  const next = nextTier(limit);
  if (next === null) return [];
  const { name, connections } = next;
  return [
    `If that is not possible, raise the cluster tier to ${name}: the next with a higher limit, ${count(connections)} connections (as of ${TIERS_AS_OF}).`,
  ];
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
