// A silence mutes the notifications of alerts for a while. It never hides anything from a report.

import { DAY, MINUTE } from '../base/duration.ts';
import { sum } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { instantOf, wallTimeAt } from '../base/time-zone.ts';
import type { AlertKey } from '../detection/alert-state.ts';
import type { RuleName } from '../detection/rules.ts';
import type { Alert } from './alert.ts';

export interface Silence {
  readonly id: string;
  /** 1 when it is new; each write adds one. */
  readonly version: number;
  /** Null matches all. A source by its id or by one address of it, a node by its host. */
  readonly cluster: string | null;
  readonly source: string | null;
  readonly node: string | null;
  readonly rule: RuleName | null;
  /** The target in words. */
  readonly who: string;
  /** Slack's id of the person; null for the configuration or the terminal. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: number;
  readonly until: number;
  /** Whether it mutes critical alerts too. */
  readonly hold: boolean;
  /** When it ended, by time or by a person; null while it is in force. */
  readonly endedAt: number | null;
}

type Subject = AlertKey & Pick<Alert, 'cluster'>;

/** Whether a silence covers an alert alone, in force or not. */
export function isAbout(silence: Silence, alert: Subject): boolean {
  return isInScope(silence, alert) && (silence.source === null || silence.source === alert.source);
}

function isInScope(silence: Silence, alert: Subject): boolean {
  return (
    (silence.cluster === null || silence.cluster === alert.cluster) &&
    (silence.node === null || silence.node === alert.node) &&
    (silence.rule === null || silence.rule === alert.rule)
  );
}

type WithEvidence = Subject & Pick<Alert, 'evidence'>;

/** Whether a silence names an address of the alert's source that grew. */
function isAboutAddress(silence: Silence, alert: WithEvidence): boolean {
  return isInScope(silence, alert) && silence.source !== null && moreOf([silence], alert) > 0;
}

/** Whether a silence concerns an alert, alone or together with others. */
export function concerns(silence: Silence, alert: WithEvidence): boolean {
  return isAbout(silence, alert) || isAboutAddress(silence, alert);
}

/** An alert is of silenced addresses when they have this share of its source's growth. */
const MOST_GROWTH = 0.75;

/** Whether the growth of the alert's source comes from the addresses that the silences name. */
export function isOfAddresses(silences: readonly Silence[], alert: WithEvidence): boolean {
  const more = moreOf(silences, alert);
  return more > 0 && more >= MOST_GROWTH * (growthOf(alert)?.more ?? 0);
}

function moreOf(silences: readonly Silence[], alert: WithEvidence): number {
  const addresses = new Set(silences.map(({ source }) => source));
  const grown = growthOf(alert)?.grown ?? [];
  return sum(
    grown.filter(({ kind, name }) => kind === 'address' && addresses.has(name)),
    ({ more }) => more,
  );
}

/** The growth of the alert's own source. */
function growthOf({ evidence, source }: WithEvidence) {
  return evidence?.culprits.find((culprit) => culprit.source === source) ?? null;
}

export function isInForce({ endedAt, until }: Silence, now: number): boolean {
  return endedAt === null && now < until;
}

/**
 * The silence in force that mutes an alert; of several, the one that ends last. A critical alert is muted only by a
 * silence with `hold`, or by one made when it was already critical. Silences of addresses mute it together, as long as
 * its source grows there.
 * @param found.before the stored alert of the same key, or the previous one
 */
export function silenceOver(found: {
  readonly alert: WithEvidence & Pick<Alert, 'severity'>;
  readonly before: Alert | null;
  readonly silences: readonly Silence[];
  readonly at: number;
}): Silence | null {
  const { alert, before, at } = found;
  const able = found.silences
    .filter(
      (silence) =>
        isInForce(silence, at) && (alert.severity !== 'critical' || silence.hold || wasPutOnCritical(silence, before)),
    )
    .toSorted((a, b) => b.until - a.until || (a.id < b.id ? -1 : 1));
  const whole = able.find((silence) => isAbout(silence, alert)) ?? null;
  const ofAddresses = silenceOfAddresses(able, alert);
  return [whole, ofAddresses].filter((one) => one !== null).toSorted((a, b) => b.until - a.until)[0] ?? null;
}

/** Of silences that are together enough, the one that ends first. */
function silenceOfAddresses(latestFirst: readonly Silence[], alert: WithEvidence): Silence | null {
  const named = latestFirst.filter((silence) => isAboutAddress(silence, alert));
  return named.find((_, index) => isOfAddresses(named.slice(0, index + 1), alert)) ?? null;
}

function wasPutOnCritical({ at }: Silence, before: Alert | null): boolean {
  if (before?.severity !== 'critical') return false;
  return before.state === 'silenced' || (before.lastAction?.act === 'silenced' && before.lastAction.at === at);
}

/** A duration in milliseconds, or a local time of the bot's zone. */
export type SilenceEnd =
  | { readonly for: number }
  | {
      /** `2026-11-30`, `today`, `tomorrow`, `monday`, `next monday` (never today); null for the next such time. */
      readonly day: string | null;
      /** `18:00` */
      readonly time: string;
    };

export const WEEKDAYS: readonly string[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

/** A shorter silence has no effect; for a longer one the rule's settings should change. */
const SHORTEST_SILENCE = 5 * MINUTE;
const LONGEST_SILENCE = 400 * DAY;

export type SilenceUntil =
  /** Milliseconds since 1970. */
  { readonly ok: true; readonly until: number } | { readonly ok: false; readonly problem: Problem };

/** @param at `timeZone` is an IANA name, `Europe/Berlin`; null for the machine's own */
export function silenceUntil(
  end: SilenceEnd,
  at: { readonly now: number; readonly timeZone: string | null },
): SilenceUntil {
  const until = 'for' in end ? at.now + end.for : endOfTime(end, at);
  if (until < at.now) return refused('silence-in-the-past', 'That is in the past.');
  const lasts = until - at.now;
  if (lasts < SHORTEST_SILENCE) return refused('silence-too-short', 'A silence lasts at least 5 minutes.');
  return lasts > LONGEST_SILENCE
    ? refused('silence-too-long', 'A silence lasts at most 400 days.')
    : { ok: true, until };
}

/** Before a weekday: never today. */
export const NEXT = 'next ';

function endOfTime(
  { day, time }: Exclude<SilenceEnd, { readonly for: number }>,
  { now, timeZone }: { readonly now: number; readonly timeZone: string | null },
): number {
  const today = wallTimeAt(now, timeZone);
  const on = (days: number) => {
    const date = new Date(Date.parse(today.date) + days * DAY).toISOString().slice(0, today.date.length);
    return instantOf({ date, time }, timeZone);
  };
  if (day === 'today') return on(0);
  if (day === 'tomorrow') return on(1);
  const isNext = day?.startsWith(NEXT) === true;
  const weekday = day === null ? -1 : WEEKDAYS.indexOf(isNext ? day.slice(NEXT.length) : day);
  if (day !== null && weekday < 0) return instantOf({ date: day, time }, timeZone);
  const present = WEEKDAYS.indexOf(today.weekday.toLowerCase());
  const ahead = day === null ? 0 : (weekday - present + WEEKDAYS.length) % WEEKDAYS.length;
  // The time of today may be over.
  const isToCome = on(ahead) > now && !(isNext && ahead === 0);
  return isToCome ? on(ahead) : on(day === null ? 1 : WEEKDAYS.length);
}

function refused(code: string, text: string): SilenceUntil {
  return { ok: false, problem: { code, text, remedy: REMEDY } };
}

const REMEDY = 'Write a duration such as 30m, 4h, 1d or 1w, or a time such as "until tomorrow 18:00".';
