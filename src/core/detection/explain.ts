// Explains a rise: the apps, hosts and node that grew most, and the usage of that node.

import { HOUR } from '../base/duration.ts';
import { count, joinWords, percent } from '../base/format.ts';
import type { SourceHistory } from '../baseline/source-history.ts';
import { type Increase, increases } from '../baseline/top-holders.ts';
import { type Clients, clientsInWords, clientsShown } from '../connections/clients.ts';
import { shortHosts } from '../connections/node-usage.ts';
import type { Snapshot, SnapshotSource } from '../snapshots/snapshot.ts';

export interface Elected {
  /** When the primary last changed, in milliseconds since 1970, and the node that became primary. */
  readonly at: number;
  readonly primary: string;
}

/** A note for an alert within an hour of an election. */
export function electionNote(elected: Elected | null, at: number): readonly string[] {
  return elected !== null && at - elected.at <= HOUR
    ? ['There was an election in the last hour: this may be a storm after it.']
    : [];
}

export interface Growth {
  /** The app that grew most, if apps are known. */
  readonly app: string | null;
  readonly notes: readonly string[];
}

/** Names holders that grew by at least this share of the largest growth. */
const WORTH = 0.25;
const MOST = 3;

/**
 * `Grew most: app "billing" on 203.0.113.9 (+212) and 203.0.113.14 (+98), node shard-00-00 (primary).` and `shard-00-00
 * is at 31 % of its limit of 1,500 now.`; unknown parts are left out.
 * @param usual the pooled connections that are usual now
 */
export function growthOf(input: {
  readonly past: SourceHistory;
  readonly source: SnapshotSource;
  readonly snapshot: Snapshot;
  readonly usual: number;
}): Growth {
  const { past, source, snapshot, usual } = input;
  const factor = past.mean > 0 ? usual / past.mean : 0;
  const apps = largestIncreases(increases(past.apps, source.apps, factor));
  const hosts = largestIncreases(increases(past.hosts, source.hosts, factor));
  const node = nodeThatGrew(input);
  const short = shortHosts(snapshot);
  // With one app, the figures of its hosts are enough.
  const appWords = apps.map(
    ({ name, more }) => `app "${name}"${apps.length > 1 || hosts.length === 0 ? increaseText(more) : ''}`,
  );
  const where = hosts.map(({ name, more }) => `${name}${increaseText(more)}`);
  const who =
    appWords.length === 0 || where.length === 0
      ? joinWords([...appWords, ...where])
      : `${joinWords(appWords)} on ${joinWords(where)}`;
  const on = node === null ? null : `node ${short(node.host)}${node.role === null ? '' : ` (${node.role})`}`;
  const words = [who, on].filter((word) => word !== null && word !== '').join(', ');
  const isFull = node !== null && node.current !== null && node.limit !== null && node.limit > 0;
  const notes = [
    ...(words === '' ? [] : [`Grew most: ${words}.`]),
    ...(isFull
      ? [`${short(node.host)} is at ${percent(node.current / node.limit)} of its limit of ${count(node.limit)} now.`]
      : []),
  ];
  return { app: apps[0]?.name ?? null, notes };
}

function increaseText(more: number): string {
  return ` (+${count(more)})`;
}

function largestIncreases(rows: readonly Increase[]): readonly Increase[] {
  const [first] = rows;
  return first === undefined ? [] : rows.filter(({ more }) => more >= WORTH * first.more).slice(0, MOST);
}

function nodeThatGrew({ past, source, snapshot, usual }: Parameters<typeof growthOf>[0]) {
  const rows = source.nodes.map(({ name, active, dormant }) => {
    const share = past.shares[name ?? '']?.share ?? 0;
    return { name, more: active + dormant - share * usual };
  });
  const [first] = rows.filter(({ more }) => more > 0).toSorted((a, b) => b.more - a.more);
  return snapshot.nodes.find(({ host }) => host === first?.name) ?? null;
}

// Advice, by the number of clients and the connections of each.

/** Connections per client and node of a large and of a small pool. */
const LARGE = 10;
const SMALL = 2;

export interface AdviceInput {
  readonly source: SnapshotSource;
  /** Usual MongoClients; null when their number is unknown. */
  readonly usualClients: number | null;
  readonly nodes: number;
}

export interface SpikeAdviceInput extends AdviceInput {
  /** The rise took half an hour or more. */
  readonly isGradual: boolean;
}

export function spikeAdvice({ source, usualClients, nodes, isGradual }: SpikeAdviceInput): string {
  const { active, dormant, clients } = source;
  const pooled = active + dormant;
  if (pooled > 0 && active > pooled / 2)
    return `Try: ${count(active)} of ${count(pooled)} run operations now: look for slow ones (explain, indexes) before the pools.`;
  if (isGradual && clients !== 0) return leakAdvice(source, usualClients);
  if (clients === null)
    return 'Try: its drivers do not tell clients apart, as functions do not: make the client outside the handler, with a small maxPoolSize and a maxIdleTimeMS.';
  if (clients === 0)
    return 'Try: nobody watches the servers from there: look for processes that ended without close().';
  const each = pooled / clients;
  const most = source.clientsAtLeast === true ? 'up to ' : '';
  const isOne = clients === 1 && source.clientsAtLeast !== true;
  if (usualClients !== null && clients >= 1.5 * usualClients && clients - usualClients >= 5)
    return `Try: ${clientsShown(source)} clients, usually ${count(usualClients)}, hold ${most}${averageText(each)} connections each: look for more processes, or a MongoClient for each request instead of one for all.`;
  if (each >= LARGE * Math.max(1, nodes))
    return `Try: ${clientsInWords(source)} ${isOne ? 'holds' : 'hold'} ${most}${averageText(each)} connections${isOne ? '' : ' each'}: look for a burst that filled the pools; maxIdleTimeMS lets them go, maxPoolSize bounds them.`;
  if (each < SMALL * Math.max(1, nodes))
    return `Try: ${clientsInWords(source)} with ${most}${averageText(each)} connections each: one MongoClient for a process needs fewer than many of them; minPoolSize keeps the unused ones open.`;
  return `Try: ${clientsInWords(source)} with ${most}${averageText(each)} connections each: a maxIdleTimeMS lets go what a burst left behind.`;
}

/** A gradual rise is a leak, not a burst. */
function leakAdvice({ clients, ...source }: Clients, usual: number | null): string {
  if (clients !== null && usual !== null && clients >= 1.2 * usual && clients - usual >= 2)
    return `Try: it grew little by little, with ${clientsShown({ clients, ...source })} clients, usually ${count(usual)}: look for a MongoClient that is made again and again, and never closed.`;
  return 'Try: it grew little by little, as a leak does: look for clients that are never closed, and for cursors or sessions left open; maxPoolSize bounds each pool.';
}

export function clientAdvice({ source, usualClients }: AdviceInput): string {
  const { clients, active, dormant } = source;
  const most = source.clientsAtLeast === true ? 'up to ' : '';
  const each = clients === null || clients === 0 ? null : (active + dormant) / clients;
  const more = clients === null || usualClients === null ? '' : `${count(clients - usualClients)} more than usual`;
  const hold = each === null ? '' : `, ${most}${averageText(each)} connections each`;
  return `Try: ${more}${hold}: one MongoClient for each process, made once and closed when it ends.`;
}

function averageText(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : count(value);
}
