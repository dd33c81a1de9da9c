// clients: a source has many more MongoClient instances than usual, which is a leak.

import { count } from '../base/format.ts';
import { atSteadyLevel } from '../baseline/level.ts';
import { isBound } from '../baseline/source-history.ts';
import { clientsShown } from '../connections/clients.ts';
import { clientRiseAdvice } from '../diagnosis/rise.ts';
import { PLAIN, type Readings, type Rule, readingsInTime, risingText, type Severity } from './rule.ts';
import { accessListNote } from './spikes.ts';

export interface RisingSettings {
  readonly ratio: number;
  readonly minimum: number;
  readonly readings: Readings;
  readonly severity: Severity;
}

export const clients: Rule<RisingSettings> = {
  settings: { readings: 'readings', severity: 'severity', ratio: 'ratio', minimum: 'positive' },
  defaults: { ratio: 1.5, minimum: 20, readings: { needed: 10, of: 12 }, severity: 'warning' },
  isAcceptable: true,
  words: {
    was: 'had more and more clients',
    several: 'with more and more clients',
    calm: 'back to usual',
    threshold: risingText('MongoClient instances'),
    firesWhen: 'the `MongoClient` instances of a source grow to 1.5 × and 20 more: a leak',
  },
  source({ ratio, minimum, readings, severity }, input) {
    const { source, past, snapshot, elected, compared, firingSince, moment } = input;
    const usual = input.usual.clients;
    const value = source.clients ?? 0;
    const base = { ...PLAIN, value, severity, readings: readingsInTime(readings, input.interval) };
    if (source.clients === null || usual === null || !compared.isWhole) {
      const reason = 'it waits: clients are not known, or less than a day of history';
      return { ...base, level: 'unknown', what: reason, reason };
    }
    const more = value - usual.value;
    const isAbove = more >= minimum && value >= ratio * usual.value;
    // A lower bound above the line is enough. Otherwise exact numbers and lower bounds cannot be compared.
    if (isBound(past) !== isBound(source) && !(isAbove && isBound(source))) {
      const reason = 'it waits: the number of clients was exact and is a lower bound now, or was one and is exact now';
      return { ...base, level: 'unknown', what: reason, reason };
    }
    const isBelow = more < minimum / 2 || value < (1 + (ratio - 1) / 2) * usual.value;
    const since = firingSince('clients');
    const isUsualNow =
      since !== null && isAbove && past.clients !== null && atSteadyLevel(past.clients, since, moment) !== null;
    const hasSpike = firingSince('dormant-spike') !== null || firingSince('pooled-spike') !== null;
    const usually = clientsShown({ clients: usual.value, ...(isBound(past) && { clientsAtLeast: true }) });
    const what = `${clientsShown(source)} MongoClient instances, usually ${usually}`;
    return {
      ...base,
      usual: usual.value,
      level: isAbove ? 'above' : isBelow ? 'below' : 'between',
      isUnusual: isAbove,
      isUsualNow,
      ending: isUsualNow ? `${clientsShown(source)} instances are its usual now` : null,
      suppressedBy: isAbove && hasSpike ? 'a spike alert of this source already fires' : null,
      what,
      reason: `${what} (the line is ${ratio} × and ${count(minimum)} more)`,
      notes: [
        ...accessListNote(input),
        `Try: ${clientRiseAdvice({ ...{ source, snapshot, past, elected, moment }, usualClients: usual.value })}`,
      ],
    };
  },
};
