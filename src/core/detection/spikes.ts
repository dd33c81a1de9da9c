// dormant-spike and pooled-spike: a source holds many more connections than usual.

import { HOUR } from '../base/duration.ts';
import { count, counted } from '../base/format.ts';
import { SIGMAS, type Usual } from '../baseline/baseline.ts';
import { type BurstHabit, habitText, isGradual, isRecurring, isTimed, recordBurst } from '../baseline/bursts.ts';
import { atSteadyLevel } from '../baseline/level.ts';
import type { Compared } from '../baseline/source-history.ts';
import { riseAdvice } from '../diagnosis/rise.ts';
import { electionNote, growthOf } from '../evidence/explain.ts';
import { expectedChange } from './expected-changes.ts';
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
    isAcceptable: true,
    words: {
      was: 'was above its usual',
      several: 'above their usual',
      calm: 'back to usual',
      threshold: risingText(`${figure} connections`),
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
      const { past, source, snapshot, elected, compared, moment } = input;
      const { at } = snapshot;
      const { share } = compared;
      const { level, slow, value, usual, ratio, excess, against, reason } = measureSpike(settings, figure, input);
      const since = input.firingSince(name);
      const isFiring = since !== null;
      const isUnusual = level === 'above' || slow > 0;
      const isAbove = level === 'above';
      const habit = past.habits[name];
      const next =
        usual !== null && compared.isWhole
          ? recordBurst(habit, { at, isUnusual, isAbove, isFiring, value, usual, minimum: settings.minimum })
          : habit;
      const isUsualNow =
        isFiring &&
        compared.isWhole &&
        level !== 'below' &&
        level !== 'unknown' &&
        atSteadyLevel(past[figure], since, moment) !== null;
      const suppressedBy =
        isUnusual && ratio !== null && usual !== null
          ? (expectedChange({ at, source, past, excess, ratio, line: settings.ratio, elected }) ??
            isTimed(past[figure], moment, {
              value: value / share,
              line: (settings.slowRatio * usual) / share,
              isAbove,
              interval: input.interval,
            }) ??
            isRecurring(next, { at, interval: input.interval }))
          : null;
      const pooled = (input.usual.pooled?.value ?? 0) * share;
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
        ending: isUsualNow ? `${count(value)} ${figure} connections for a day and a half are the new usual` : null,
        isUsualNow,
        what: `${count(value)} ${figure} connections${usual === null ? '' : `, usually ${count(usual)}`}`,
        against,
        reason,
        isUnusual,
        habits: { [name]: next },
        ...((isUnusual || isFiring) && spikeNotes(input, { usual: pooled, habit: next, known: input.usual[figure] })),
      };
    },
  };
}

/**
 * @param now.usual pooled connections, over the nodes that were read
 * @param now.known what decides how wide the lines are; null for a rule with fixed lines
 */
export function spikeNotes(
  input: SourceRuleInput,
  { usual, habit, known }: { readonly usual: number; readonly habit: BurstHabit; readonly known: Usual | null },
): Pick<RuleEvaluation, 'notes' | 'app'> {
  const { source, past, snapshot, elected, moment, compared } = input;
  const { at } = snapshot;
  const usualClients = input.usual.clients?.value ?? null;
  const { app, notes } = growthOf({ past, source, snapshot, usual });
  const all = [
    ...notes,
    ...(compared.note === null ? [] : [`Judged ${compared.note}.`]),
    ...accessListNote(input),
    ...electionNote(elected, at),
    ...habitNote(habit, input),
    ...doubtNote(known),
    `Try: ${riseAdvice({ source, snapshot, past, elected, moment, usualClients, isGradual: isGradual(habit, at) })}`,
  ];
  return { app, notes: all };
}

function habitNote(habit: BurstHabit, { snapshot, interval }: SourceRuleInput): readonly string[] {
  const text = habitText(habit, { at: snapshot.at, interval });
  return text === null ? [] : [text];
}

function doubtNote(usual: Usual | null): readonly string[] {
  const why = usual === null ? null : doubtText(usual);
  return why === null ? [] : [`The lines are wider ${why}.`];
}

/** The effect of a change of the access list on the source within the last hour. */
export function accessListNote({ past, snapshot }: SourceRuleInput): readonly string[] {
  const { touched } = past;
  return touched !== null && snapshot.at - touched.at <= HOUR ? [touched.note] : [];
}

/** Without a week of history the lines are wider, and more so on a first Monday after a weekend, or the other way. */
const DOUBT = 1.4;
const MORE_DOUBT = 2;
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
    const reason = compared.incomparable ?? 'it waits: less than a day of history, or none of this time';
    return { level: 'unknown', slow: 0, value, usual: null, ratio: null, excess: 0, against: null, reason };
  }
  const usual = known.value * compared.share;
  const ratio = value / Math.max(1, usual);
  const excess = value - usual;
  const doubt = doubtOf(known);
  const line = settings.ratio * doubt;
  const slowLine = settings.slowRatio * doubt;
  const margin = Math.max(settings.minimum, SIGMAS * known.spread * Math.sqrt(compared.share));
  // Within two weeks of a fall a rise has to exceed what was usual before it: a return is no rise.
  const former = known.formerly === null ? null : known.formerly * compared.share;
  const least = former === null ? margin : former - usual + Math.max(margin, SIGMAS * Math.sqrt(former));
  const isMore = excess >= least;
  const objection = isMore ? otherFigure(figure, input, excess) : null;
  const isSlow = isMore && ratio >= slowLine && objection === null;
  const level = levelOf({
    above: isMore && ratio >= line && objection === null,
    below: ratio < settings.clear || excess < settings.minimum / 2,
    compared,
  });
  const against = `${ratio.toFixed(1)} × its usual for ${timeText(input, known)}`;
  const reason = [
    `${against} (${usualText(usual, known, input.wall.weekday)}; the line is ${lineText(line, known)}), ${moreText(excess)} (at least ${count(least)})`,
    ...leftOutText(known),
    ...(former === null ? [] : [`it fell less than two weeks ago, and ${count(former)} were usual before`]),
    ...(objection === null ? [] : [objection]),
    ...(compared.note === null ? [] : [compared.note]),
  ].join('; ');
  const slow = isSlow ? Math.min(HEAVIEST, (ratio - 1) / (slowLine - 1)) : 0;
  return { level, slow, value, usual, ratio, excess, against, reason };
}

function doubtOf({ from, isYoung }: Usual): number {
  return from === 'any' ? MORE_DOUBT : isYoung ? DOUBT : 1;
}

/** `93 ± 10, the median of 4 Saturdays` */
function usualText(usual: number, { spread, days, from, isJob }: Usual, weekday: string): string {
  if (isJob) return `${count(usual)} ± ${count(spread)}, at this exact time on most days`;
  const kind = isWeekend(weekday) ? 'weekend day' : 'working day';
  const day = { weekday, kind, any: 'day' }[from];
  return `${count(usual)} ± ${count(spread)}, the median of ${counted(days, day)}`;
}

function leftOutText({ leftOut }: Usual): readonly string[] {
  return leftOut === 0
    ? []
    : [`${counted(leftOut, 'reading')} left out, which were far from usual or belong to an alert`];
}

/** `2.5 ×`, `3.5 × while there is less than a week of history` */
function lineText(line: number, known: Usual): string {
  return [`${Number(line.toFixed(2))} ×`, doubtText(known)].filter((words) => words !== null).join(' ');
}

/** Why the lines are wider than the settings say. */
function doubtText({ from, isYoung }: Usual): string | null {
  if (from === 'any') return 'until there is a day of this kind in the history';
  return isYoung ? 'while there is less than a week of history' : null;
}

function moreText(excess: number): string {
  return excess < 0 ? `${count(-excess)} fewer` : `${count(excess)} more`;
}

/** `Saturday 10:00`, `10:00 on working days`, `10:00` */
function timeText({ wall }: SourceRuleInput, { from }: Usual): string {
  if (from === 'weekday') return `${wall.weekday} ${wall.time}`;
  return from === 'any' ? wall.time : `${wall.time} on ${isWeekend(wall.weekday) ? 'weekends' : 'working days'}`;
}

function isWeekend(weekday: string): boolean {
  return weekday === 'Saturday' || weekday === 'Sunday';
}

/** Why the other figure explains the rise; null when it does not. */
function otherFigure(
  figure: 'dormant' | 'pooled',
  { compared, usual }: SourceRuleInput,
  excess: number,
): string | null {
  const dormant = (usual.dormant?.value ?? 0) * compared.share;
  if (figure === 'pooled')
    return compared.dormant - dormant < excess / 2 ? null : 'dormant connections rose: dormant-spike evaluates them';
  const active = compared.pooled - compared.dormant;
  const idle = (usual.pooled?.value ?? 0) * compared.share - dormant - active;
  return idle < MOSTLY * excess
    ? null
    : `${count(idle)} fewer connections than usual are active: load fell, and no connections were added`;
}

/** The share of a rise that connections which are no longer active have to explain. */
const MOSTLY = 2 / 3;

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
