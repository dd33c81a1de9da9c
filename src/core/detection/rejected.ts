// rejected: a node refused connections.

import { MINUTE } from '../base/duration.ts';
import { counted, span } from '../base/format.ts';
import { newlyRefused } from '../baseline/node-history.ts';
import { isAtLimit } from '../evidence/evidence.ts';
import { ONCE, PLAIN, type Rule, type Severity, unknown } from './rule.ts';

interface RejectedSettings {
  readonly severity: Severity;
}

export const rejected: Rule<RejectedSettings> = {
  settings: { severity: 'severity' },
  defaults: { severity: 'critical' },
  isNodeCheck: true,
  words: {
    was: 'refused connections',
    several: 'refusing connections',
    calm: 'no connection refused',
    threshold: () => 'one refused connection',
    firesWhen: 'a node refused connections: critical; checked every minute',
  },
  node({ severity }, { node, past, at }) {
    if (node.rejected === null || past === null || past.rejected === null)
      return unknown('the node does not report refused connections, or was not checked before');
    const isRestarted = node.rejected < past.rejected && at >= past.rejectedAt;
    const more = newlyRefused(past, node, at);
    const since = isRestarted
      ? 'since it was restarted'
      : `in the last ${span(Math.max(MINUTE, at - past.rejectedAt))}`;
    const what = more === 0 ? 'no connection refused' : `${counted(more, 'connection')} refused ${since}`;
    return {
      ...PLAIN,
      // The next client is refused again.
      level: more > 0 ? 'above' : isAtLimit(node) ? 'between' : 'below',
      value: more,
      severity,
      readings: ONCE,
      // The message shows the sum. The count of another minute needs no reply.
      isCounter: true,
      what,
      reason: `${what} (the line is 1)`,
      notes: ['Try: see who holds the connections, and whether the limit or the rate of new ones refused the clients.'],
    };
  },
};
