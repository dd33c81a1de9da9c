// dormant-threshold: a source holds more dormant connections than a fixed number.

import { count } from '../base/format.ts';
import { PLAIN, type Readings, type Rule, type Severity } from './rule.ts';
import { spikeNotes } from './spikes.ts';

interface ThresholdSettings {
  readonly limit: number;
  readonly readings: Readings;
  readonly severity: Severity;
}

/** The alert ends below this share of the limit. */
const CLEAR = 0.9;

export const dormantThreshold: Rule<ThresholdSettings> = {
  settings: { readings: 'readings', severity: 'severity', limit: 'positive' },
  defaults: { limit: Number.POSITIVE_INFINITY, readings: { needed: 2, of: 3 }, severity: 'warning' },
  isOffByDefault: true,
  figure: 'dormant',
  words: {
    was: 'was above its threshold',
    several: 'above their threshold',
    calm: 'below its threshold',
    threshold: ({ limit }) => `${count(limit)} dormant connections`,
    firesWhen: 'a source holds at least a fixed number of dormant connections; off until you set a limit',
  },
  contradiction: (_, { limit }) =>
    limit === Number.POSITIVE_INFINITY
      ? {
          setting: 'limit',
          found: 'is missing',
          remedy: 'Expected the number of dormant connections that is too many.',
        }
      : null,
  source({ limit, readings, severity }, input) {
    const { past, source, compared, usual } = input;
    const isFiring = input.firingSince('dormant-threshold') !== null;
    const value = source.dormant;
    const isBelow = value < CLEAR * limit;
    const level = value >= limit ? 'above' : !compared.isWhole ? 'unknown' : isBelow ? 'below' : 'between';
    const line = `${count(value)} dormant connections, ${count(limit)} is the threshold`;
    // The alert fires until the value is clearly below the limit. The value alone would contradict the alert.
    const isLess = value < limit && isFiring;
    const pooled = (usual.pooled?.value ?? past.mean) * compared.share;
    const notes =
      level === 'above' ? spikeNotes(input, { usual: pooled, habit: past.habits['dormant-spike'], known: null }) : {};
    return {
      ...PLAIN,
      level,
      value,
      severity,
      readings,
      what: isLess ? `${count(value)} dormant connections, was above the threshold of ${count(limit)}` : line,
      reason: isLess ? `${line} (it ends below ${count(Math.ceil(CLEAR * limit))})` : line,
      ...notes,
    };
  },
};
