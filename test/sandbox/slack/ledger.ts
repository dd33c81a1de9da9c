// What became of deliveries that carry an id as metadata: counted by what Slack took, whatever it answered.

import { isFields } from './answer.ts';
import type { Call } from './stand-in.ts';

export interface Ledger {
  /** How often each was posted, by id. */
  readonly posted: ReadonlyMap<string, number>;
  readonly edited: ReadonlyMap<string, number>;
}

/** @param event the event type of the metadata */
export function ledgerOf(calls: readonly Call[], event: string): Ledger {
  return { posted: countOf(calls, 'chat.postMessage', event), edited: countOf(calls, 'chat.update', event) };
}

function countOf(calls: readonly Call[], method: string, event: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const call of calls) {
    if (call.method !== method || call.result !== 'ok') continue;
    const id = idIn(call.body['metadata'], event);
    if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function idIn(metadata: unknown, event: string): string | null {
  if (!isFields(metadata) || metadata['event_type'] !== event || !isFields(metadata['event_payload'])) return null;
  const { id } = metadata['event_payload'];
  return typeof id === 'string' ? id : null;
}
