// new-source: a source that was never seen before holds many connections.

import { DAY } from '../base/duration.ts';
import { count } from '../base/format.ts';
import { growthOf } from '../evidence/explain.ts';
import { PLAIN, type Readings, type Rule, type Severity } from './rule.ts';

interface NewSourceSettings {
  readonly minimum: number;
  readonly readings: Readings;
  readonly severity: Severity;
}

export const newSource: Rule<NewSourceSettings> = {
  settings: { readings: 'readings', severity: 'severity', minimum: 'positive' },
  defaults: { minimum: 50, readings: { needed: 3, of: 4 }, severity: 'warning' },
  words: {
    was: 'was new',
    several: 'that are new',
    calm: 'holds fewer connections',
    threshold: ({ minimum }) => `${count(minimum)} connections of a new source`,
    firesWhen: 'a source that was never seen before holds 50 connections',
  },
  source({ minimum, readings, severity }, { past, source, snapshot, watchedSince, compared, firingSince }) {
    const { pooled: value } = compared;
    const isNew = past.firstSeen - watchedSince >= DAY && past.inherits === null;
    const isKnown = snapshot.at - past.firstSeen >= DAY;
    const what = `a new source with ${count(value)} connections`;
    const isAbove = isNew && !isKnown && value >= minimum;
    const known = past.inherits === null ? 'it is known' : `it goes on from ${past.inherits}`;
    return {
      ...PLAIN,
      level: isAbove ? 'above' : compared.isWhole ? 'below' : 'unknown',
      value,
      severity,
      readings,
      ending: firingSince('new-source') !== null && isKnown ? 'it has been known for a day' : null,
      what,
      reason: isNew && !isKnown ? `${what} (the line is ${count(minimum)})` : known,
      ...(isAbove && growthOf({ past: { ...past, apps: [], hosts: [], mean: 0 }, source, snapshot, usual: 0 })),
    };
  },
};
