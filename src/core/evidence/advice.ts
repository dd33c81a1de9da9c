// Advice, by the number of clients and the connections of each.

import { count } from '../base/format.ts';
import { type Clients, clientsInWords, clientsShown } from '../connections/clients.ts';
import type { SnapshotSource } from '../snapshots/snapshot.ts';

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
