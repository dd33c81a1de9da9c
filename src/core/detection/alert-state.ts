// An alert: one broken rule of one source or node, with its life from firing to its end.

import { HOUR, MINUTE } from '../base/duration.ts';
import type { Readings, RuleName, Severity } from './rules.ts';

export type AlertEvent = 'firing' | 'worse' | 'repeat' | 'resolved';
/** Where one reading stands to the line of one rule; `unknown` neither fires nor ends anything. */
export type ThresholdLevel = 'above' | 'between' | 'below' | 'unknown';

/** Ended less than this ago, an alert that is true again is the same one. */
const SAME = 30 * MINUTE;
/** How long it must be below the lower line to end: longer with every return, within limits. */
const CLEAR = 10 * MINUTE;
const CLEAR_MORE = 15 * MINUTE;
const MOST_CLEAR = 55 * MINUTE;
/** Readings are not made on the second. */
const TOLERANCE = MINUTE / 2;
/** How many readings are remembered. */
const WINDOW = 60;

/** One reading of a rule. */
interface Mark {
  readonly at: number;
  readonly above: boolean;
  /** How much it counts for what lasts: 0 below the slow line, 1 on it, more above. */
  readonly slow: number;
}

export interface RuleState {
  /** The newest last. */
  readonly marks: readonly Mark[];
  /** Readings in a row below the lower line, and when the first of them was. */
  readonly below: number;
  readonly belowSince: number | null;
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

export const INITIAL_STATE: RuleState = {
  marks: [],
  below: 0,
  belowSince: null,
  firing: false,
  since: null,
  endedAt: null,
  returns: 0,
  severity: 'warning',
  told: 0,
  toldAt: 0,
};

export interface StateInput {
  readonly at: number;
  readonly standing: ThresholdLevel;
  /** See `Mark`. */
  readonly slow: number;
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

export interface StateChange {
  readonly alert: RuleState;
  readonly event: AlertEvent | null;
  readonly counted: string;
}

/** The next state of an alert, and what is to be said of it. */
export function advance(alert: RuleState, finding: StateInput): StateChange {
  const { at, standing } = finding;
  if (standing === 'unknown') return { alert, event: null, counted: 'not counted' };
  const marks = [...alert.marks, { at, above: standing === 'above', slow: finding.slow }].slice(-WINDOW);
  const isBelow = standing === 'below';
  const next = {
    ...alert,
    marks,
    below: isBelow ? alert.below + 1 : 0,
    belowSince: isBelow ? (alert.belowSince ?? at) : null,
  };
  const turn = alert.firing ? go(next, finding) : begin(next, finding);
  return { ...turn, counted: countedText(next, finding) };
}

/** Forgets what was counted: the readings on either side of a gap are not neighbours. */
export function afterGap(alert: RuleState): RuleState {
  return { ...alert, marks: [], below: 0, belowSince: null };
}

/** Nothing in it that a fresh one had not: it need not be kept. */
export function isDefaultState({ firing, marks, endedAt }: RuleState, at: number): boolean {
  return !firing && !marks.some(({ above, slow }) => above || slow > 0) && (endedAt === null || at - endedAt > HOUR);
}

function begin(alert: RuleState, finding: StateInput): Omit<StateChange, 'counted'> {
  const { at, value, severity, heldBack } = finding;
  // What was held back begins in no reading that is itself as usual.
  const isNow = finding.standing === 'above' || finding.slow > 0;
  const first = isNow && heldBack === null ? firstOf(alert, finding) : null;
  if (first === null) return { alert, event: null };
  const isSame = alert.endedAt !== null && at - alert.endedAt <= SAME;
  const returns = isSame ? alert.returns + 1 : 0;
  const since = isSame ? alert.since : first;
  return { alert: { ...told(alert, finding), firing: true, since, returns, severity, told: value }, event: 'firing' };
}

function go(alert: RuleState, finding: StateInput): Omit<StateChange, 'counted'> {
  const { at, value, severity, standing } = finding;
  const calm = Math.min(MOST_CLEAR, CLEAR + CLEAR_MORE * alert.returns) - TOLERANCE;
  const isOver = alert.below >= 2 && alert.belowSince !== null && at - alert.belowSince >= calm;
  if (finding.ends || isOver) return { alert: { ...afterGap(alert), firing: false, endedAt: at }, event: 'resolved' };
  const isWorse = (severity === 'critical' && alert.severity === 'warning') || (value >= 2 * alert.told && value > 0);
  if (isWorse && standing === 'above')
    return { alert: { ...told(alert, finding), severity, told: value }, event: 'worse' };
  const isDue = standing !== 'below' && at - alert.toldAt >= finding.repeat;
  return isDue ? { alert: told(alert, finding), event: 'repeat' } : { alert, event: null };
}

function told(alert: RuleState, { at }: StateInput): RuleState {
  return { ...alert, toldAt: at };
}

/** The first of the readings that together make it begin; null where they are not enough. */
function firstOf({ marks }: RuleState, { readings, slowReadings }: StateInput): number | null {
  const above = marks.slice(-readings.of).filter((mark) => mark.above);
  if (above.length >= readings.needed) return above[0]?.at ?? null;
  if (slowReadings === null) return null;
  const slow = marks.slice(-slowReadings.of).filter((mark) => mark.slow > 0);
  // What is twice as far above its usual needs half as many readings, but never fewer than that, nor than three.
  const isEnough =
    slow.length >= Math.min(slowReadings.needed, Math.max(3, slowReadings.needed / 2)) &&
    weightOf(slow) >= slowReadings.needed;
  return isEnough ? (slow[0]?.at ?? null) : null;
}

function weightOf(marks: readonly Mark[]): number {
  return marks.reduce((sum, { slow }) => sum + slow, 0);
}

function countedText({ marks }: RuleState, { readings, slowReadings }: StateInput): string {
  const above = marks.slice(-readings.of).filter((mark) => mark.above).length;
  const fast = `${above} of ${readings.of} readings above (needs ${readings.needed})`;
  if (slowReadings === null) return readings.of === 1 ? '' : fast;
  const { needed, of } = slowReadings;
  return `${fast}, the slow line ${weightOf(marks.slice(-of)).toFixed(1)} in ${of} (needs ${needed})`;
}

export interface AlertKey {
  readonly rule: RuleName;
  readonly source: string | null;
  readonly node: string | null;
}

export function keyOf({ rule, source, node }: AlertKey): string {
  return JSON.stringify([rule, source, node]);
}
