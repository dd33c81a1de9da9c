// An alert: one broken rule of one source or node, with its life from firing to its end.

import { MINUTE } from './duration.ts';
import type { Readings, RuleName } from './rule.ts';

export type Severity = 'warning' | 'critical';
export type AlertEvent = 'firing' | 'worse' | 'repeat' | 'resolved';
/** What one reading says of one rule; `unknown` neither fires nor ends anything. */
export type Standing = 'above' | 'between' | 'below' | 'unknown';

/** Ended less than this ago, an alert that is true again is the same one. */
const SAME = 30 * MINUTE;
/** Readings below the lower line that end an alert; more for one that came back. */
const CLEAR = 3;
const MOST_CLEAR = 12;
/** How many readings are remembered. */
export const WINDOW = 24;

export interface Alert {
  /** The newest last: whether the reading was above the line. */
  readonly above: readonly boolean[];
  readonly slow: readonly boolean[];
  readonly below: number;
  readonly firing: boolean;
  /** When it last began and ended; null for never. */
  readonly since: number | null;
  readonly endedAt: number | null;
  readonly returns: number;
  readonly severity: Severity;
  /** The value last told to anybody, and when. */
  readonly told: number;
  readonly toldAt: number;
}

export const CALM: Alert = {
  above: [],
  slow: [],
  below: 0,
  firing: false,
  since: null,
  endedAt: null,
  returns: 0,
  severity: 'warning',
  told: 0,
  toldAt: 0,
};

export interface Finding {
  readonly at: number;
  readonly standing: Standing;
  /** Above the lower line of what lasts. */
  readonly isSlow: boolean;
  readonly value: number;
  readonly severity: Severity;
  readonly readings: Readings;
  readonly slowReadings: Readings | null;
  /** Why it must not begin now although the count says so; null for nothing. */
  readonly heldBack: string | null;
  /** It ends now, whatever the value. */
  readonly ends: boolean;
  readonly repeat: number;
}

export interface Turn {
  readonly alert: Alert;
  readonly event: AlertEvent | null;
  readonly counted: string;
}

/** The next state of an alert, and what is to be said of it. */
export function advance(alert: Alert, finding: Finding): Turn {
  if (finding.standing === 'unknown') return { alert, event: repeated(alert, finding), counted: 'not counted' };
  const above = [...alert.above, finding.standing === 'above'].slice(-WINDOW);
  const slow = [...alert.slow, finding.isSlow].slice(-WINDOW);
  const below = finding.standing === 'below' ? alert.below + 1 : 0;
  const next = { ...alert, above, slow, below };
  const counted = countedText(next, finding);
  const turn = alert.firing ? go(next, finding) : begin(next, finding);
  return { ...turn, counted };
}

/** Forgets what was counted: the readings on either side of a gap are not neighbours. */
export function afterGap(alert: Alert): Alert {
  return { ...alert, above: [], slow: [], below: 0 };
}

function begin(alert: Alert, finding: Finding): Omit<Turn, 'counted'> {
  const { at, value, severity } = finding;
  const isDue =
    count(alert.above, finding.readings) || (finding.slowReadings !== null && count(alert.slow, finding.slowReadings));
  if (finding.heldBack !== null || !isDue || finding.standing === 'below') return { alert, event: null };
  const isSame = alert.endedAt !== null && at - alert.endedAt <= SAME;
  const returns = isSame ? alert.returns + 1 : 0;
  const since = isSame ? alert.since : at;
  return {
    alert: { ...alert, firing: true, since, returns, severity, told: value, toldAt: at, below: 0 },
    event: 'firing',
  };
}

function go(alert: Alert, finding: Finding): Omit<Turn, 'counted'> {
  const { at, value, severity } = finding;
  if (finding.ends || alert.below >= Math.min(MOST_CLEAR, CLEAR * (1 + alert.returns)))
    return { alert: { ...afterGap(alert), firing: false, endedAt: at }, event: 'resolved' };
  const isWorse = (severity === 'critical' && alert.severity === 'warning') || (value >= 2 * alert.told && value > 0);
  if (isWorse && finding.standing === 'above')
    return { alert: { ...alert, severity, told: value, toldAt: at }, event: 'worse' };
  const event = finding.standing === 'below' ? null : repeated(alert, finding);
  return event === null ? { alert, event } : { alert: { ...alert, toldAt: at }, event };
}

function repeated(alert: Alert, { at, repeat, standing }: Finding): AlertEvent | null {
  return alert.firing && standing !== 'unknown' && at - alert.toldAt >= repeat ? 'repeat' : null;
}

function count(marks: readonly boolean[], { needed, of }: Readings): boolean {
  return marks.slice(-of).filter(Boolean).length >= needed;
}

function countedText({ above, slow }: Alert, { readings, slowReadings }: Finding): string {
  const text = (marks: readonly boolean[], { needed, of }: Readings) =>
    `${marks.slice(-of).filter(Boolean).length} of ${of} readings above (needs ${needed})`;
  const fast = text(above, readings);
  return slowReadings === null ? fast : `${fast}, ${text(slow, slowReadings)} the slow line`;
}

export interface AlertKey {
  readonly rule: RuleName;
  readonly source: string | null;
  readonly node: string | null;
}

export function keyOf({ rule, source, node }: AlertKey): string {
  return JSON.stringify([rule, source, node]);
}
