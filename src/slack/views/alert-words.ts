// What an alert's state, rule and handling are called, on its message, in its group and in lists.

import type { AlertRecord, AlertState } from '../../core/alerting/alert.ts';
import type { RuleName } from '../../core/detection/rules.ts';
import { moment, type Part, type Phrase, who } from '../blockkit/rich-text.ts';

/** Never alone: the word stands beside it. */
export const MARKS: Readonly<Record<AlertState, string>> = {
  firing: '🔴',
  acknowledged: '🟠',
  silenced: '🔕',
  ended: '🟢',
};

export const STATES: Readonly<Record<AlertState, string>> = {
  firing: 'Firing',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  ended: 'Ended',
};

interface RuleWords {
  /** `Billing API was above its usual for 1 h 12 min` */
  readonly was: string;
  /** `7 sources above their usual` */
  readonly several: string;
  /** `Billing API: back to usual since 10:05` */
  readonly calm: string;
}

const SPIKE: RuleWords = { was: 'was above its usual', several: 'above their usual', calm: 'back to usual' };

export const RULES: Readonly<Record<RuleName, RuleWords>> = {
  'dormant-spike': SPIKE,
  'pooled-spike': SPIKE,
  'dormant-threshold': {
    was: 'was above its threshold',
    several: 'above their threshold',
    calm: 'below its threshold',
  },
  'node-headroom': { was: 'was close to its limit', several: 'close to their limit', calm: 'well below its limit' },
  rejected: { was: 'refused connections', several: 'refusing connections', calm: 'refuses none' },
  churn: { was: 'had many new connections', several: 'with many new connections', calm: 'back to usual' },
  clients: { was: 'had more and more clients', several: 'with more and more clients', calm: 'back to usual' },
  'new-source': { was: 'was new', several: 'that are new', calm: 'has let go' },
  unreadable: { was: 'could not be read', several: 'that cannot be read', calm: 'read again' },
};

/** `by @who`; without an id it was the configuration or the terminal. */
export function byWhom(by: string | null): Phrase {
  return by === null ? ['by the configuration or the terminal'] : ['by ', who(by)];
}

/** `412 dormant connections, usually 61`; of one that is calm and has not ended yet, since when it is. */
export function nowOf({ rule, what, calmSince }: Pick<AlertRecord, 'rule' | 'what' | 'calmSince'>): Phrase {
  return calmSince === null ? [what] : [`${RULES[rule].calm} since `, at(calmSince)];
}

/** Of what is long ago a time of day alone would be taken for today's. */
export function at(time: number): Part {
  return moment(new Date(time).toISOString(), 'date-time');
}

/** `Silenced until 14:00 by @who: "load test"`; null where nobody did anything. */
export function handlingLine({ handling }: Pick<AlertRecord, 'handling'>): Phrase | null {
  if (handling === null) return null;
  const { act, by, until, reason } = handling;
  const start: Phrase =
    act === 'acknowledged' ? ['Acknowledged'] : until === null ? ['Silenced'] : ['Silenced until ', at(until)];
  return [...start, ' ', ...byWhom(by), ', ', at(handling.at), reason === null ? '' : `: "${reason}"`];
}
