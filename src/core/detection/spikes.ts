// dormant-spike and pooled-spike: a source holds many more connections than usual.

import { HOUR } from '../base/duration.ts';
import { count } from '../base/format.ts';
import { atSteadyLevel, type Usual } from '../baseline/baseline.ts';
import { type BurstHabit, isGradual, isRecurring, recordBurst } from '../baseline/bursts.ts';
import type { Compared } from '../baseline/source-history.ts';
import { expectedChange } from './expected-changes.ts';
import { electionNote, growthOf, spikeAdvice } from './explain.ts';
import {
  PLAIN,
  type Readings,
  type Rule,
  type RuleEvaluation,
  readingsInTime,
  risingText,
  type Severity,
  type SourceRuleInput,
  type ThresholdLevel,
} from './rule.ts';

interface SpikeSettings {
  readonly ratio: number;
  /** The least number of connections above the usual. */
  readonly minimum: number;
  readonly readings: Readings;
  /** Below this ratio a reading counts towards the end of the alert. */
  readonly clear: number;
  /** A lower ratio that counts when it persists: a leak. */
  readonly slowRatio: number;
  /** For readings five minutes apart. Another schedule takes as many readings as fill the same time. */
  readonly slowReadings: Readings;
  readonly severity: Severity;
}

export const dormantSpike = spikeRule(
  'dormant',
  "a source holds 2.5 × its usual dormant connections and at least 30 more, in 2 of 3 readings; or 1.6 × for most of an hour. In a source's first week the lines are wider: 3.5 × and 2.24 ×",
);
export const pooledSpike = spikeRule(
  'pooled',
  'the same for active and dormant connections together, when dormant ones are not the cause',
);

function spikeRule(figure: 'dormant' | 'pooled', firesWhen: string): Rule<SpikeSettings> {
  const name = `${figure}-spike` as const;
  return {
    settings: {
      readings: 'readings',
      severity: 'severity',
      ratio: 'ratio',
      minimum: 'positive',
      clear: 'ratio',
      slowRatio: 'ratio',
      slowReadings: 'readings',
    },
    defaults: {
      ratio: 2.5,
      minimum: 30,
      readings: { needed: 2, of: 3 },
      clear: 1.4,
      slowRatio: 1.6,
      slowReadings: { needed: 10, of: 12 },
      severity: 'warning',
    },
    figure,
    words: {
      was: 'was above its usual',
      several: 'above their usual',
      calm: 'back to usual',
      threshold: risingText,
      firesWhen,
    },
    // A lower ratio lowers the other two lines, unless they are set.
    adjust(next, set) {
      const slowRatio = set.slowRatio ?? Math.min(next.slowRatio, next.ratio);
      const lowest = Math.min(next.ratio, slowRatio);
      return { ...next, slowRatio, clear: next.clear < lowest ? next.clear : 1 + (lowest - 1) * 0.7 };
    },
    contradiction: (set, now) =>
      set.clear === undefined || set.clear === now.clear
        ? null
        : {
            setting: 'clear',
            found: `is ${set.clear}, not below ${Math.min(now.ratio, now.slowRatio)}`,
            remedy: 'Expected less than ratio and slowRatio: the alert resolves below it.',
          },
    source(settings, input) {
      const { past, source, snapshot, elected, compared } = input;
      const { at } = snapshot;
      const { level, slow, value, usual, ratio, excess, against, reason } = measureSpike(settings, figure, input);
      const isFiring = input.isFiring(name);
      const isUnusual = level === 'above' || slow > 0;
      const isAbove = level === 'above';
      const habit = past.habits[name];
      const next =
        ratio !== null && compared.isWhole ? recordBurst(habit, { at, isUnusual, isAbove, ratio, value }) : habit;
      const isUsualNow = isFiring && atSteadyLevel(past[figure]) !== null && level !== 'below' && compared.isWhole;
      const suppressedBy =
        isUnusual && ratio !== null
          ? (expectedChange({ at, source, past, excess, ratio, line: settings.ratio, elected }) ??
            isRecurring(next, at))
          : null;
      const pooled = (input.usual.pooled?.value ?? 0) * compared.share;
      return {
        ...PLAIN,
        level,
        slow,
        value,
        usual,
        severity: settings.severity,
        readings: settings.readings,
        slowReadings: readingsInTime(settings.slowReadings, input.interval),
        suppressedBy,
        ending: isUsualNow
          ? `it held ${count(value)} ${figure} connections for a day, and this is its usual now`
          : null,
        what: `${count(value)} ${figure} connections${usual === null ? '' : `, usually ${count(usual)}`}`,
        against,
        reason,
        isUnusual,
        habits: { [name]: next },
        ...((isUnusual || isFiring) && spikeNotes(input, { usual: pooled, habit: next })),
      };
    },
  };
}

/** @param now.usual pooled connections, over the nodes that were read */
export function spikeNotes(
  input: SourceRuleInput,
  { usual, habit }: { readonly usual: number; readonly habit: BurstHabit },
): Pick<RuleEvaluation, 'notes' | 'app'> {
  const { source, past, snapshot, elected, compared } = input;
  const { at } = snapshot;
  const usualClients = input.usual.clients?.value ?? null;
  const { app, notes } = growthOf({ past, source, snapshot, usual });
  const all = [
    ...notes,
    ...(compared.note === null ? [] : [`Judged ${compared.note}.`]),
    ...accessListNote(input),
    ...electionNote(elected, at),
    spikeAdvice({ source, usualClients, nodes: source.nodes.length, isGradual: isGradual(habit, at) }),
  ];
  return { app, notes: all };
}

/** The effect of a change of the access list on the source within the last hour. */
export function accessListNote({ past, snapshot }: SourceRuleInput): readonly string[] {
  const { touched } = past;
  return touched !== null && snapshot.at - touched.at <= HOUR ? [touched.note] : [];
}

/** The number of independent connections varies by its square root. A margin of this many roots is noise. */
const SIGMAS = 4;
/** Without a week of history a Monday is compared with a Sunday, so the ratios are wider. */
const DOUBT = 1.4;
/** A reading weighs at most this much on the slow line, so that one reading never starts an alert. */
const HEAVIEST = 2;

interface Measured extends Pick<RuleEvaluation, 'level' | 'slow' | 'value' | 'usual' | 'against' | 'reason'> {
  readonly ratio: number | null;
  /** Connections above the usual; 0 without a baseline. */
  readonly excess: number;
}

function measureSpike(settings: SpikeSettings, figure: 'dormant' | 'pooled', input: SourceRuleInput): Measured {
  const { compared } = input;
  const value = compared[figure];
  const known = input.usual[figure];
  if (known === null || compared.incomparable !== null) {
    const reason = compared.incomparable ?? 'it waits: less than a day of history';
    return { level: 'unknown', slow: 0, value, usual: null, ratio: null, excess: 0, against: null, reason };
  }
  const usual = known.value * compared.share;
  const ratio = value / Math.max(1, usual);
  const excess = value - usual;
  const doubt = known.from === 'week' ? 1 : DOUBT;
  const line = settings.ratio * doubt;
  const slowLine = settings.slowRatio * doubt;
  const margin = SIGMAS * Math.sqrt(Math.max(1, usual));
  const least = Math.max(settings.minimum, margin);
  const isMore = excess >= least;
  const objectionAt = otherFigure(figure, input, excess);
  const objection = objectionAt(line);
  const isSlow = isMore && ratio >= slowLine && objectionAt(slowLine) === null;
  const level = levelOf({
    above: isMore && ratio >= line && objection === null,
    below: ratio < settings.clear || excess < settings.minimum / 2,
    compared,
  });
  const against = `${ratio.toFixed(1)} × its usual for ${timeText(input, known)}`;
  const reason = [
    `${against} (${count(usual)}; the line is ${Number(line.toFixed(2))} ×), ${moreText(excess)} (at least ${count(least)})`,
    ...(isMore && objection !== null ? [objection] : []),
    ...(compared.note === null ? [] : [compared.note]),
  ].join('; ');
  const slow = isSlow ? Math.min(HEAVIEST, (ratio - 1) / (slowLine - 1)) : 0;
  return { level, slow, value, usual, ratio, excess, against, reason };
}

function moreText(excess: number): string {
  return excess < 0 ? `${count(-excess)} fewer` : `${count(excess)} more`;
}

/** `Saturday 10:00`; `10:00` with less than a week of history. */
function timeText({ wall }: SourceRuleInput, { from }: Usual): string {
  return from === 'week' ? `${wall.weekday} ${wall.time}` : wall.time;
}

/** Why the other figure explains the rise at a ratio; null when it does not. */
function otherFigure(
  figure: 'dormant' | 'pooled',
  { compared, usual }: SourceRuleInput,
  excess: number,
): (ratio: number) => string | null {
  if (figure === 'dormant') {
    const pooled = (usual.pooled?.value ?? 0) * compared.share;
    return (ratio) =>
      compared.pooled >= pooled * (1 + (ratio - 1) / 3)
        ? null
        : `active and dormant together, ${count(compared.pooled)}, are near their usual of ${count(pooled)}: load fell, nobody came`;
  }
  const rise = compared.dormant - (usual.dormant?.value ?? 0) * compared.share;
  return () => (rise < excess / 2 ? null : 'it is the dormant ones that rose: dormant-spike judges them');
}

/** An incomplete reading may fire an alert, and never resolves one. */
function levelOf({
  above,
  below,
  compared,
}: {
  readonly above: boolean;
  readonly below: boolean;
  readonly compared: Compared;
}): ThresholdLevel {
  if (above) return 'above';
  if (!compared.isWhole) return 'unknown';
  return below ? 'below' : 'between';
}
