// What to try, chosen by the numbers: how many clients there are, and how many connections each of them holds.

import { count, counted } from './figures.ts';
import type { SnapshotSource } from './snapshot.ts';

/** Per client and node, from here on a pool is large and below there it is hardly one. */
const LARGE = 10;
const SMALL = 2;

export interface Advised {
  readonly source: SnapshotSource;
  /** Usual MongoClients; null where it is not known. */
  readonly usualClients: number | null;
  readonly nodes: number;
}

export function spikeAdvice({ source, usualClients, nodes }: Advised): string {
  const { active, dormant, clients } = source;
  const pooled = active + dormant;
  if (pooled > 0 && active > pooled / 2)
    return `Try: ${count(active)} of ${count(pooled)} run operations now: look for slow ones (explain, indexes) before the pools.`;
  if (clients === null)
    return 'Try: its drivers do not tell clients apart, as functions do not: make the client outside the handler, with a small maxPoolSize and a maxIdleTimeMS.';
  if (clients === 0)
    return 'Try: nobody watches the servers from there: look for processes that ended without close().';
  const each = pooled / clients;
  if (usualClients !== null && clients >= 1.5 * usualClients && clients - usualClients >= 5)
    return `Try: ${count(clients)} clients, usually ${count(usualClients)}, hold ${few(each)} connections each: look for more processes, or a MongoClient for each request instead of one for all.`;
  if (each >= LARGE * Math.max(1, nodes))
    return `Try: ${counted(clients, 'client')} ${clients === 1 ? 'holds' : 'hold'} ${few(each)} connections${clients === 1 ? '' : ' each'}: look for a burst that filled the pools; maxIdleTimeMS lets them go, maxPoolSize bounds them.`;
  if (each < SMALL * Math.max(1, nodes))
    return `Try: ${counted(clients, 'client')} with ${few(each)} connections each: one MongoClient for a process needs fewer than many of them; minPoolSize keeps the unused ones open.`;
  return `Try: ${counted(clients, 'client')} with ${few(each)} connections each: a maxIdleTimeMS lets go what a burst left behind.`;
}

export function clientAdvice({ source, usualClients }: Advised): string {
  const { clients, active, dormant } = source;
  const each = clients === null || clients === 0 ? null : (active + dormant) / clients;
  const more = clients === null || usualClients === null ? '' : `${count(clients - usualClients)} more than usual`;
  const hold = each === null ? '' : `, ${few(each)} connections each`;
  return `Try: ${more}${hold}: one MongoClient for each process, made once and closed when it ends.`;
}

function few(value: number): string {
  return value < 10 ? String(Number(value.toFixed(1))) : count(value);
}
