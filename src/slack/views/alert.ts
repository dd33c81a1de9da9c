// An alert in words: its mark, its state, its title, and what a person did about it.

import { type Alert, type AlertState, endOf, isOpen, type UserAction } from '../../core/alerting/alert.ts';
import { counted, span } from '../../core/base/format.ts';
import { calmTime } from '../../core/detection/alert-state.ts';
import type { Severity } from '../../core/detection/rule.ts';
import { RULES } from '../../core/detection/rules.ts';
import { headline, subjectName } from '../../core/detection/sentences.ts';
import { bold, moment, near, type Phrase, plain, type RichTextPart, timed, who } from '../blockkit/rich-text.ts';

/** What people see of state, severity and recovery. */
type Face = Exclude<AlertState, 'firing'> | Severity | 'recovering';
type Faced = Pick<Alert, 'state' | 'severity' | 'calmSince'>;

/** A mark is always shown together with the word. */
const MARKS: Readonly<Record<Face, string>> = {
  critical: '🔴',
  warning: '🟠',
  recovering: '🟡',
  acknowledged: '🔵',
  silenced: '🔕',
  ended: '🟢',
};

const WORDS: Readonly<Record<Face, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  recovering: 'Recovering',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  ended: 'Resolved',
};

function faceOf({ state, severity, calmSince }: Faced): Face {
  if (state !== 'firing') return state;
  return calmSince === null ? severity : 'recovering';
}

/** `🔴`, … Recovering is a firing alert below its line; acknowledged and silenced win. */
export function markOf(alert: Faced): string {
  return MARKS[faceOf(alert)];
}

/** `Critical`, `Warning`, `Recovering`, `Acknowledged`, `Silenced`, `Resolved` */
export function stateWord(alert: Faced): string {
  return WORDS[faceOf(alert)];
}

/** `Acknowledged, critical`, for places that show nothing else of the alert */
export function stateWords(alert: Faced): string {
  const isHandled = alert.state === 'acknowledged' || alert.state === 'silenced';
  return isHandled ? `${stateWord(alert)}, ${severityOf(alert)}` : stateWord(alert);
}

/** Below the line the severity no longer holds. */
function severityOf({ severity, calmSince }: Faced): string {
  return calmSince === null ? severity : 'recovering';
}

const LONGEST_WHO = 60;

/**
 * The first line without its mark: the part that a phone shows.
 * @param others the number of the other rows of its incident: open ones while it is open, else all
 */
export function titleOf(alert: Alert, others = 0): Phrase {
  const { state, cluster, lastAction } = alert;
  const more: Phrase = others === 0 ? [] : [bold(`, and ${counted(others, 'more alert')}`)];
  const tail: Phrase = [...more, ' · ', cluster];
  const word = stateWord(alert);
  switch (state) {
    case 'firing':
      return [bold(`${word} — `), ...factsOf(alert), ...tail, ...resolvesAt(alert)];
    case 'acknowledged':
    case 'silenced': {
      const until: Phrase = state === 'silenced' && lastAction?.until != null ? [' until ', at(lastAction.until)] : [];
      const acted: Phrase = lastAction === null ? [] : [' ', ...byWhom(lastAction.by)];
      // Below the line its severity no longer holds.
      const standing = alert.calmSince === null ? ` (${alert.severity})` : ', recovering';
      return [bold(word), ...until, ...acted, bold(' — '), ...factsOf(alert), bold(standing), ...tail];
    }
    case 'ended':
      return [bold(`${word} — ${resolvedWords(alert)}`), ...acceptance(alert), ...tail];
  }
}

/** `Billing API: 412 dormant connections, usually 61` */
export function factsOf(alert: Alert): Phrase {
  const short = { ...alert, who: plain(alert.who, { max: LONGEST_WHO }) };
  return timed(headline(short), alert.judgedAt).map((part) =>
    typeof part === 'string' && part !== '' ? bold(part) : part,
  );
}

/** `Billing API was above its usual for 1 h 12 min` */
function resolvedWords(alert: Alert): string {
  const name = plain(subjectName(alert), { max: LONGEST_WHO });
  return `${name} ${RULES[alert.rule].words.was} for ${span(endOf(alert) - alert.since)}`;
}

function resolvesAt(alert: Alert): Phrase {
  return alert.calmSince === null ? [] : [' · ', ...endingWords(alert)];
}

/** `resolves at 10:25 if it stays so`; past that time, the next reading decides. */
export function endingWords({ calmSince, refires, judgedAt, unreadSince }: Alert): Phrase {
  const end = (calmSince ?? judgedAt) + calmTime(refires);
  return unreadSince !== null || judgedAt >= end
    ? ['resolves with the next reading if it stays so']
    : ['resolves at ', near(end, judgedAt), ' if it stays so'];
}

function acceptance({ lastAction }: Alert): Phrase {
  return lastAction?.act === 'accepted' ? [', accepted as normal ', ...byWhom(lastAction.by)] : [];
}

/** `by @who`; without an id, the configuration or the terminal acted. */
export function byWhom(by: string | null): Phrase {
  return by === null ? ['by the configuration or the terminal'] : ['by ', who(by)];
}

/** Why it fires: line, ratio, readings. Null below the line, and for a node check: its title says it. */
export function reasonOf(alert: Alert): string | null {
  const { rule, reason, calmSince } = alert;
  return isOpen(alert) && calmSince === null && reason !== '' && RULES[rule].isNodeCheck !== true ? reason : null;
}

/** People would read a time of day without a date as today's. */
export function at(time: number): RichTextPart {
  return moment(new Date(time).toISOString(), 'date-time');
}

const ACTS: Readonly<Record<UserAction['act'], string>> = {
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  accepted: 'Accepted as normal',
};

/** `Silenced until 14:00 by @who: "load test"`; null without an action. */
export function handlingLine({ lastAction }: Pick<Alert, 'lastAction'>): Phrase | null {
  if (lastAction === null) return null;
  const { act, by, until, reason } = lastAction;
  const start: Phrase = until === null ? [ACTS[act]] : [`${ACTS[act]} until `, at(until)];
  return [...start, ' ', ...byWhom(by), ', ', at(lastAction.at), reason === null ? '' : `: "${reason}"`];
}

export function mentioned(mentions: readonly string[]): Phrase {
  return ['cc ', ...mentions.flatMap((one, index): Phrase => (index === 0 ? [who(one)] : [' ', who(one)]))];
}
