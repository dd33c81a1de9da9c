// churn: a node gets many more new connections a second than usual.

import { MINUTE } from '../base/duration.ts';
import { TITLES, wordsOf } from '../diagnosis/words.ts';
import { electionNote } from '../evidence/explain.ts';
import type { RisingSettings } from './clients.ts';
import { PLAIN, type Rule, risingText, unknown } from './rule.ts';

/** After an election clients reconnect for this long. */
const SETTLING = 15.5 * MINUTE;

export const churn: Rule<RisingSettings> = {
  settings: { readings: 'readings', severity: 'severity', ratio: 'ratio', minimum: 'positive' },
  defaults: { ratio: 5, minimum: 5, readings: { needed: 3, of: 4 }, severity: 'warning' },
  words: {
    was: 'had many new connections',
    several: 'with many new connections',
    calm: 'back to usual',
    threshold: risingText('new connections a second'),
    firesWhen: 'a node gets 5 × its usual new connections a second, and 5 a second more',
  },
  node({ ratio, minimum, readings, severity }, { at, rate, usualRate: usual, elected }) {
    if (rate === null || usual === null) return unknown('it waits: no rate, or less than a day of history');
    const more = rate - usual;
    const isAbove = rate >= ratio * usual && more >= minimum;
    const isBelow = rate < (ratio / 2) * usual || more < minimum / 2;
    const what = `${rate.toFixed(1)} new connections a second, usually ${usual.toFixed(1)}`;
    const isStorm = elected !== null && at - elected.at <= SETTLING;
    return {
      ...PLAIN,
      level: isAbove ? 'above' : isBelow ? 'below' : 'between',
      value: Math.round(rate * 10) / 10,
      usual,
      readings,
      severity,
      suppressedBy: isStorm ? 'an election a few minutes ago: all clients reconnect' : null,
      what,
      reason: `${what} (the line is ${ratio} × and ${minimum} more)`,
      notes: [
        ...electionNote(elected, at),
        `Try: if the rate stays, “${TITLES['client-per-request']}” or “${TITLES.churn}” would explain it. ${wordsOf('client-per-request', []).advice} ${wordsOf('churn', []).advice}`,
      ],
    };
  },
};
