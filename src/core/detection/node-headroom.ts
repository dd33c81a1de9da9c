// node-headroom: a node is close to its limit of connections.

import { count, percent } from '../base/format.ts';
import { newlyRefused } from '../baseline/node-history.ts';
import { wordsOf } from '../diagnosis/words.ts';
import { ONCE, PLAIN, type Rule, unknown } from './rule.ts';

interface HeadroomSettings {
  /** Shares of the limit, 0 to 1. */
  readonly warning: number;
  readonly critical: number;
}

export const nodeHeadroom: Rule<HeadroomSettings> = {
  settings: { warning: 'share', critical: 'share' },
  defaults: { warning: 0.8, critical: 0.9 },
  isNodeCheck: true,
  words: {
    was: 'was close to its limit',
    several: 'close to their limit',
    calm: 'well below its limit',
    threshold: ({ warning, critical }) => `${percent(warning)} of a node's limit, critical at ${percent(critical)}`,
    firesWhen: 'a node is at 80 % of its connection limit (warning) or 90 % (critical); checked every minute',
  },
  contradiction: (_, { warning, critical }) =>
    warning > critical
      ? { setting: 'warning', found: 'is above critical', remedy: 'Expected warning at or below critical.' }
      : null,
  node({ warning, critical }, { node, past, at, holders }) {
    const { current, limit } = node;
    if (current === null || limit === null || limit <= 0) return unknown('the node did not tell how full it is');
    const share = current / limit;
    const isRefusing = newlyRefused(past, node, at) > 0;
    const what = `${count(current)} of ${count(limit)} connections, ${percent(share)} of its limit`;
    return {
      ...PLAIN,
      level: share >= warning ? 'above' : share < warning - 0.05 && !isRefusing ? 'below' : 'between',
      value: current,
      severity: share >= critical ? 'critical' : 'warning',
      readings: ONCE,
      what,
      notes: [
        ...holders,
        `Try: ${wordsOf('no-idle-limit', []).advice} Begin where most are held. Or take a larger tier.`,
      ],
      reason: `${what} (warning at ${percent(warning)}, critical at ${percent(critical)})`,
    };
  },
};
