// Scores a kind of days: what is found, how late, and what is wrong. Tests and tuning scripts share it.

import { DAY, HOUR, MINUTE, WEEK } from '../../../src/core/base/duration.ts';
import { type WallMoment, wallMoment } from '../../../src/core/base/time-zone.ts';
import { usualAt } from '../../../src/core/baseline/baseline.ts';
import { keyOf } from '../../../src/core/detection/alert-state.ts';
import type { ClusterState } from '../../../src/core/detection/cluster-state.ts';
import { evaluate } from '../../../src/core/detection/evaluate.ts';
import type { Notification } from '../../../src/core/detection/findings.ts';
import { DEFAULT_BOOK } from '../../../src/core/detection/rules.ts';
import { type Day, dayOf, type Kind, type Label, readingAt, STEP } from './days.ts';

const EXEMPT = new Set(['unreadable', 'node-headroom']);
/** The text of an alert about a habit says how often the source does that. */
const SAYS_HOW_OFTEN = /times a week/;
/** Firings of a habit in each week. */
const LEAST_A_WEEK = 1;
const MOST_A_WEEK = 3;
/** How far the usual may be from what it was. */
const MOVED = 0.1;

export interface Score {
  readonly labels: number;
  readonly found: number;
  /** Of each found label: the readings from its beginning to its alert. */
  readonly late: readonly number[];
  /** Each list is empty when all is well. First: labels without an alert. */
  readonly missed: readonly string[];
  /** Alerts without a reason. */
  readonly wrong: readonly string[];
  /** Labels with more alerts than they may have. */
  readonly again: readonly string[];
  /** Weeks of a habit with too few or too many alerts, and alerts that do not say how often the habit occurs. */
  readonly habits: readonly string[];
  /** Times at which the usual is not what it was. */
  readonly moved: readonly string[];
  /** Scored alerts of all sources, and the weeks of all sources in which they could be. */
  readonly firings: number;
  readonly sourceWeeks: number;
}

/** @param minutes between readings */
export function scoreOf(kind: Kind, seed: number, minutes = 5): Score {
  const day = dayOf(kind, seed, minutes);
  const { notifications, moved } = evaluated(day, kind);
  const firing = notifications.filter(
    ({ event, at, rule }) => event === 'firing' && Date.parse(at) >= day.warm && !EXEMPT.has(rule),
  );
  const timeOf = (index: number) => readingAt(index, kind.start);
  const grace = 2 * minutes * MINUTE;
  const within = ({ source, from, until }: Label) =>
    firing.filter((fired) => {
      const at = Date.parse(fired.at);
      return fired.source === source && at >= timeOf(from) - grace && at <= timeOf(until) + grace;
    });
  const labels = day.labels.map((label) => {
    const hits = within(label);
    const first = hits.find(({ rule }) => rule === 'dormant-spike');
    const late = first === undefined ? null : (Date.parse(first.at) - timeOf(label.from)) / (minutes * MINUTE);
    return { label, hits, late, name: `${isoOf(timeOf(label.from))} ${label.source}` };
  });
  const ofLabels = new Set(labels.flatMap(({ hits }) => hits));
  const ofHabits = (kind.habits ?? []).flatMap(within).filter((fired) => !ofLabels.has(fired));
  const free = new Set([...ofLabels, ...ofHabits, ...(kind.free ?? []).flatMap(within)]);
  const last = day.snapshots.at(-1)?.at ?? 0;
  return {
    labels: labels.length,
    found: labels.filter(({ late }) => late !== null).length,
    late: labels.flatMap(({ late }) => (late === null ? [] : [late])),
    missed: labels.filter(({ late }) => late === null).map(({ name }) => name),
    wrong: firing.filter((fired) => !free.has(fired)).map(({ at, text }) => `${at} ${text}`),
    again: labels
      .filter(({ label, hits }) => hits.length > (label.most ?? hits.length))
      .map(({ name, hits }) => `${name}: ${hits.map(({ at, rule }) => `${rule} ${at}`).join(', ')}`),
    habits: [
      ...ofHabits.filter(({ text }) => !SAYS_HOW_OFTEN.test(text)).map(({ at, text }) => `${at} ${text}`),
      ...weeksOfHabits(kind, [...ofHabits, ...ofLabels], { from: day.warm, until: last }),
    ],
    moved,
    firings: firing.length,
    sourceWeeks: ((day.snapshots[0]?.sources.length ?? 0) * (last - day.warm)) / WEEK,
  };
}

function weeksOfHabits(
  { habits = [] }: Kind,
  firings: readonly Notification[],
  { from, until }: { readonly from: number; readonly until: number },
): readonly string[] {
  const weeks = Array.from({ length: Math.floor((until + STEP - from) / WEEK) }, (_, week) => from + week * WEEK);
  return [...new Set(habits.map(({ source }) => source))].flatMap((source) =>
    weeks.flatMap((week) => {
      const own = firings.filter(
        ({ source: id, at }) => id === source && Date.parse(at) >= week && Date.parse(at) < week + WEEK,
      );
      const isRight = own.length >= LEAST_A_WEEK && own.length <= MOST_A_WEEK;
      return isRight ? [] : [`${own.length} alerts about the habit of ${source} in the week of ${isoOf(week)}`];
    }),
  );
}

/** After a spike the usual is looked at when its alert has ended, and again after these times. */
const LOOKS = [0, HOUR, DAY, 2 * DAY];

interface Look {
  readonly source: string;
  readonly before: ClusterState | null;
  /** When the alert had ended; null before. */
  readonly ended: number | null;
  readonly done: number;
}

/** Evaluates all readings. @returns all that is told, and where the usual is not what it was before a spike */
export function evaluated(
  { snapshots }: Day,
  { kept = [], start, timeZone }: Kind = {},
): { readonly notifications: readonly Notification[]; readonly moved: readonly string[] } {
  const book = timeZone === undefined ? DEFAULT_BOOK : { ...DEFAULT_BOOK, timeZone };
  let state: ClusterState | null = null;
  const notifications: Notification[] = [];
  const moved: string[] = [];
  const looks: Look[] = kept.map(({ source }) => ({ source, before: null, ended: null, done: 0 }));
  for (const snapshot of snapshots) {
    const { at } = snapshot;
    for (const [index, { from }] of kept.entries()) {
      const look = looks[index];
      if (look !== undefined && look.before === null && at >= readingAt(from, start))
        looks[index] = { ...look, before: state };
    }
    const judged = evaluate(state, snapshot, book);
    state = judged.state;
    notifications.push(...judged.notifications);
    for (const [index, { until, settles }] of kept.entries()) {
      const look = looks[index];
      if (look === undefined || at < readingAt(until + settles, start) || isFiring(state, look.source)) continue;
      const ended = look.ended ?? at;
      const isDue = at - ended >= (LOOKS[look.done] ?? Number.POSITIVE_INFINITY);
      if (isDue) moved.push(...movedUsual(look, state, wallMoment(at, timeZone)));
      looks[index] = { ...look, ended, done: look.done + Number(isDue) };
    }
  }
  moved.push(
    ...looks.filter(({ done }) => done < LOOKS.length).map(({ source }) => `${source}: its alert never ended`),
  );
  return { notifications, moved };
}

function isFiring({ alerts }: ClusterState, source: string): boolean {
  return (['dormant-spike', 'pooled-spike'] as const).some(
    (rule) => alerts[keyOf({ rule, source, node: null })]?.firing === true,
  );
}

const BLOCK = 6;

/** Compares the usual of the next seven days, as means of six hours: a single slot has noise. */
function movedUsual({ source, before }: Look, after: ClusterState, now: WallMoment): readonly string[] {
  const mean = (state: ClusterState | null, block: number) => {
    const hours = Array.from({ length: BLOCK }, (_, hour) => now.at + (block * BLOCK + hour) * HOUR);
    return hours.reduce((sum, at) => sum + (usualOf(state, source, { ...now, at }) ?? Number.NaN), 0) / BLOCK;
  };
  const blocks = Array.from({ length: WEEK / HOUR / BLOCK }, (_, block) => ({
    at: now.at + block * BLOCK * HOUR,
    was: mean(before, block),
    is: mean(after, block),
  }));
  const worst = blocks.reduce((most, one) => (changeOf(one) > changeOf(most) ? one : most));
  if (changeOf(worst) <= MOVED) return [];
  const [was, is] = [worst.was, worst.is].map((value) => value.toFixed(1));
  return [`${isoOf(now.at)} ${source}: the usual of ${isoOf(worst.at)} was ${was} and is ${is}`];
}

function changeOf({ was, is }: { readonly was: number; readonly is: number }): number {
  return Math.abs(is / was - 1);
}

/** What is usual for the dormant connections of a source; null when nothing is. */
function usualOf(state: ClusterState | null, source: string, moment: WallMoment): number | null {
  const past = state?.sources[source];
  return past === undefined ? null : (usualAt(past.dormant, moment)?.value ?? null);
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}

/** The scores of the variants of a kind, each with its own seed. */
export function scoresOf(kinds: readonly Kind[], seed = 11): readonly Score[] {
  return kinds.map((kind, index) => scoreOf(kind, seed + index));
}

/** A line for each kind. The delay is the median, in readings. */
export function tableOf(scores: Readonly<Record<string, readonly Score[]>>): string {
  const head = ['kind', 'labels', 'found', 'wrong', 'again', 'habits', 'moved', 'firings/source-week', 'delay'];
  const rows = Object.entries(scores).map(([name, own]) => {
    const sum = (figure: (score: Score) => number) => own.reduce((all, score) => all + figure(score), 0);
    const late = own.flatMap((score) => score.late).toSorted((a, b) => a - b);
    return [
      name,
      sum(({ labels }) => labels),
      sum(({ found }) => found),
      ...(['wrong', 'again', 'habits', 'moved'] as const).map((list) => sum((score) => score[list].length)),
      (sum(({ firings }) => firings) / sum(({ sourceWeeks }) => sourceWeeks)).toFixed(2),
      late[Math.floor(late.length / 2)]?.toFixed(0) ?? '–',
    ].map(String);
  });
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [head, ...rows].map(lineOf).join('\n');
}
