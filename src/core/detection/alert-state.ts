// The state of one rule for one source or node, and how a reading changes it.

import { HOUR, MINUTE } from '../base/duration.ts';
import type { RuleEvaluation, Severity } from './rule.ts';
import type { RuleName } from './rules.ts';

export type AlertEvent = 'firing' | 'worse' | 'repeat' | 'resolved';

export interface AlertKey {
  readonly rule: RuleName;
  readonly source: string | null;
  readonly node: string | null;
}

export function keyOf({ rule, source, node }: AlertKey): string {
  return JSON.stringify([rule, source, node]);
}

/** The result of one rule for one subject in one reading. */
export interface RuleResult extends AlertKey, RuleEvaluation {
  /** The source, node or cluster in words: `Billing API`, `Node a:27017`. */
  readonly who: string;
  /** Milliseconds after which a firing alert is repeated. */
  readonly repeat: number;
}

/** An alert that fires again within this time keeps its id. */
const SAME = 30 * MINUTE;
/** A value must stay below the lower line for this long. Each return adds time, up to a maximum. */
const CLEAR = 10 * MINUTE;
const CLEAR_MORE = 15 * MINUTE;
const MOST_CLEAR = 55 * MINUTE;

/** How long a value has to stay below the lower line until the alert is resolved, in milliseconds. */
export function calmTime(returns: number): number {
  return Math.min(MOST_CLEAR, CLEAR + CLEAR_MORE * returns);
}

/** Readings do not start on the exact second. */
const TOLERANCE = MINUTE / 2;
const WINDOW = 60;

/** One reading of a rule. */
interface Mark {
  readonly at: number;
  readonly above: boolean;
  /** Weight for the slow line: 0 below it, 1 on it, more above. */
  readonly slow: number;
}

export interface RuleState {
  /** The newest last. */
  readonly marks: readonly Mark[];
  /** Consecutive readings below the lower line, and the time of the first. */
  readonly below: number;
  readonly belowSince: number | null;
  readonly firing: boolean;
  /** When it last started and ended; null for never. */
  readonly since: number | null;
  readonly endedAt: number | null;
  readonly returns: number;
  readonly severity: Severity;
  /** The value of the last notification, and its time. */
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

/** Decides whether the alert of one rule fires after one reading. */
export function advance(
  state: RuleState,
  result: RuleResult,
  at: number,
): { readonly state: RuleState; readonly event: AlertEvent | null; readonly counted: string } {
  const { level } = result;
  if (level === 'unknown') return { state, event: null, counted: 'not counted' };
  const marks = [...state.marks, { at, above: level === 'above', slow: result.slow }].slice(-WINDOW);
  const isBelow = level === 'below';
  const next = {
    ...state,
    marks,
    below: isBelow ? state.below + 1 : 0,
    belowSince: isBelow ? (state.belowSince ?? at) : null,
  };
  const after = state.firing ? whileFiring(next, result, at) : whileQuiet(next, result, at);
  return { ...after, counted: countedText(next, result) };
}

/** Readings before a gap do not count together with readings after it. */
export function afterGap(state: RuleState): RuleState {
  return { ...state, marks: [], below: 0, belowSince: null };
}

/** The state of an alert that ends whatever its value is. */
export function endedState(state: RuleState, at: number): RuleState {
  return state.firing ? { ...afterGap(state), firing: false, endedAt: at } : state;
}

/** Such a state is equal to a new one, and is not stored. */
export function isDefaultState({ firing, marks, endedAt }: RuleState, at: number): boolean {
  return !firing && !marks.some(({ above, slow }) => above || slow > 0) && (endedAt === null || at - endedAt > HOUR);
}

type Step = Omit<ReturnType<typeof advance>, 'counted'>;

function whileQuiet(state: RuleState, result: RuleResult, at: number): Step {
  const { value, severity, suppressedBy } = result;
  // A suppressed alert never starts in a reading that is itself usual.
  const isNow = result.level === 'above' || result.slow > 0;
  const first = isNow && suppressedBy === null ? firstCounted(state, result) : null;
  if (first === null) return { state, event: null };
  const isSame = state.endedAt !== null && at - state.endedAt <= SAME;
  const returns = isSame ? state.returns + 1 : 0;
  const since = isSame ? state.since : first;
  return { state: { ...state, firing: true, since, returns, severity, told: value, toldAt: at }, event: 'firing' };
}

function whileFiring(state: RuleState, result: RuleResult, at: number): Step {
  const { value, severity, level } = result;
  const calm = calmTime(state.returns) - TOLERANCE;
  const isOver = state.below >= 2 && state.belowSince !== null && at - state.belowSince >= calm;
  if (result.ending !== null || isOver) return { state: endedState(state, at), event: 'resolved' };
  const isWorse =
    (severity === 'critical' && state.severity === 'warning') ||
    (result.isCounter !== true && value >= 2 * state.told && value > 0);
  if (isWorse && level === 'above') return { state: { ...state, severity, told: value, toldAt: at }, event: 'worse' };
  const isDue = level !== 'below' && at - state.toldAt >= result.repeat;
  return isDue ? { state: { ...state, toldAt: at }, event: 'repeat' } : { state, event: null };
}

/** The first of the readings that together start the alert; null when they are not enough. */
function firstCounted({ marks }: RuleState, { readings, slowReadings }: RuleResult): number | null {
  const above = marks.slice(-readings.of).filter((mark) => mark.above);
  if (above.length >= readings.needed) return above[0]?.at ?? null;
  if (slowReadings === null) return null;
  const slow = marks.slice(-slowReadings.of).filter((mark) => mark.slow > 0);
  // A value twice as far above its usual needs half as many readings, and at least three.
  const isEnough =
    slow.length >= Math.min(slowReadings.needed, Math.max(3, slowReadings.needed / 2)) &&
    weightOf(slow) >= slowReadings.needed;
  return isEnough ? (slow[0]?.at ?? null) : null;
}

function weightOf(marks: readonly Mark[]): number {
  return marks.reduce((sum, { slow }) => sum + slow, 0);
}

function countedText({ marks }: RuleState, { readings, slowReadings }: RuleResult): string {
  const above = marks.slice(-readings.of).filter((mark) => mark.above).length;
  const fast = `${above} of ${readings.of} readings above (needs ${readings.needed})`;
  if (slowReadings === null) return readings.of === 1 ? '' : fast;
  const { needed, of } = slowReadings;
  return `${fast}, the slow line ${weightOf(marks.slice(-of)).toFixed(1)} in ${of} (needs ${needed})`;
}
