// Advice, by the number of clients and the connections of each.

import { count, counted } from '../base/format.ts';
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
    return `Try: ${count(active)} of ${count(pooled)} connections run operations now. Look for slow operations (explain, indexes) before you change the pools.`;
  if (isGradual && clients !== 0) return leakAdvice(source, usualClients);
  if (clients === null)
    return 'Try: the drivers of this source do not show how many clients there are, as in functions. Create the client outside the handler, with a small maxPoolSize and a maxIdleTimeMS.';
  if (clients === 0)
    return 'Try: no MongoClient heartbeat was seen from this source. Look for processes that exited without close().';
  const each = pooled / clients;
  const isOne = clients === 1 && source.clientsAtLeast !== true;
  const most = source.clientsAtLeast === true ? 'up to ' : '';
  const held = `${clientsInWords(source)} ${isOne ? 'holds' : 'hold'} ${most}${averageText(each)} connections${isOne ? '' : ' each'}`;
  if (usualClients !== null && clients >= 1.5 * usualClients && clients - usualClients >= 5)
    return `Try: ${held}; usually there are ${count(usualClients)} clients. Look for more processes, or a MongoClient for each request instead of one for all.`;
  if (each >= LARGE * Math.max(1, nodes))
    return `Try: ${held}. Look for a burst that filled the pools. maxIdleTimeMS closes idle connections, and maxPoolSize limits each pool.`;
  if (each < SMALL * Math.max(1, nodes))
    return `Try: ${held}. One MongoClient for each process needs fewer connections. minPoolSize keeps unused connections open.`;
  return `Try: ${held}. Set maxIdleTimeMS so that idle connections are closed after a burst.`;
}

/** A gradual rise is a leak, not a burst. */
function leakAdvice({ clients, ...source }: Clients, usual: number | null): string {
  if (clients !== null && usual !== null && clients >= 1.2 * usual && clients - usual >= 2)
    return `Try: the number of clients grew gradually to ${clientsShown({ clients, ...source })}, usually ${count(usual)}. Look for a MongoClient that is created again and again, and never closed.`;
  return 'Try: the connections grew gradually, as a leak does. Look for clients that are never closed, and for cursors or sessions that stay open. maxPoolSize limits each pool.';
}

export function clientAdvice({ source, usualClients }: AdviceInput): string {
  const { clients, active, dormant } = source;
  const most = source.clientsAtLeast === true ? 'up to ' : '';
  const facts = [
    clients === null || usualClients === null ? null : `${counted(clients - usualClients, 'client')} more than usual`,
    clients === null || clients === 0 ? null : `${most}${averageText((active + dormant) / clients)} connections each`,
  ].filter((fact) => fact !== null);
  const measured = facts.length === 0 ? '' : `${facts.join(', ')}. `;
  return `Try: ${measured}Use one MongoClient for each process: create it once, and close it when the process ends.`;
}

function averageText(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : count(value);
}
