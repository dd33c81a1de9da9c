// The nodes of a forecast in words, for Slack and terminal alike.

import { count, percent } from '../base/format.ts';
import { headroomWord } from '../connections/node-usage.ts';
import type { NodeOutlook } from './live.ts';

/** Nodes that have little room or none now, the fullest first: `is full now: 3,000 of 3,000.` Before any trend. */
export function fullNow(nodes: readonly NodeOutlook[]): readonly { readonly host: string; readonly words: string }[] {
  return nodes
    .flatMap(({ host, now, limit }) => {
      if (now === null || limit === null || limit <= 0) return [];
      const share = now / limit;
      if (headroomWord(share) === 'fine') return [];
      const of = `${count(now)} of ${count(limit)}`;
      const words = now >= limit ? `is full now: ${of}.` : `is close to its limit now: ${of} (${percent(share)}).`;
      return [{ host, words, share }];
    })
    .toSorted((a, b) => b.share - a.share);
}

/** Those with room left: only of them a trend says when they are full. */
export function withRoom(nodes: readonly NodeOutlook[]): readonly NodeOutlook[] {
  return nodes.filter(({ headroom }) => headroom !== 0);
}
