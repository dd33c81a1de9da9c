// Lines about alerts and silences: firing, acknowledged, silenced.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { count, counted } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import type { AlertOverview, BaselineComparison, History } from '../../core/ports/monitor.ts';
import { bold, code, moment, type Phrase } from '../blockkit/rich-text.ts';
import type { MessagePlace } from '../blockkit/types.ts';

import { at, byWhom, stateWord } from './alert.ts';

/** The context that a report shows beside its own figures. */
export interface ReportContext {
  /** By id of the source. */
  readonly usual: ReadonlyMap<string, BaselineComparison>;
  /** The cluster's open alerts. */
  readonly alerts: readonly Alert[];
  /** The silences in force for the cluster. */
  readonly silences: readonly Silence[];
  /** The last day of the source in the view; null without a source, or before its first scheduled reading. */
  readonly history: History | null;
  /** Why the context is missing; null when it is not. */
  readonly problem: Problem | null;
}

const MOST_QUIET = 3;
const MOST_LEARNING = 3;

/** Silences stay visible. */
export function silenceLines(
  silences: readonly Silence[],
  { place, more: command }: { readonly place: MessagePlace; readonly more: string },
): readonly Phrase[] {
  const more = silences.length - MOST_QUIET;
  return [
    ...silences.slice(0, MOST_QUIET).map((silence) => silenceLine(silence, { place })),
    ...(more > 0 ? [[`and ${counted(more, 'more silence')}: `, code(command)]] : []),
  ];
}

/** `Billing API: acknowledged by @who, 10:07`, for places that show the figures beside it */
export function acknowledgedWords(alert: Alert, { place }: { readonly place: MessagePlace }): Phrase {
  const { lastAction } = alert;
  const acted: Phrase = lastAction === null ? [] : [...person(lastAction.by, place), ', ', at(lastAction.at)];
  return [bold(subjectName(alert)), ': acknowledged', ...acted];
}

/** `Billing API: silenced until 14:00 by @who (deploy)` */
export function silenceLine(silence: Silence, { place }: { readonly place: MessagePlace }): Phrase {
  const { who, until, by, reason, rule, hold } = silence;
  const narrowed = rule === null || who === `rule ${rule}` ? '' : `, ${rule}`;
  const where = silence.cluster === null ? ' in every cluster' : '';
  const critical = hold ? ', held also when critical' : '';
  const why = reason === null ? '' : ` (${reason})`;
  return [bold(who), `${narrowed}${where}: silenced until `, at(until), critical, ...person(by, place), why];
}

/** In a shared message a mention would ping the person. */
function person(by: string | null, place: MessagePlace): Phrase {
  return place.kind === 'shared' ? [] : [' ', ...byWhom(by)];
}

/** `1 critical, 2 warnings, 1 recovering, 1 acknowledged, 1 silenced`; empty without an open alert */
export function stateCounts(alerts: readonly Alert[]): string {
  const words = Map.groupBy(alerts.filter(isOpen), (alert) => stateWord(alert).toLowerCase());
  const found = ['critical', 'warning', 'recovering', 'acknowledged', 'silenced'].flatMap((word) => {
    const many = words.get(word)?.length ?? 0;
    return many === 0 ? [] : [word === 'warning' ? counted(many, word) : `${count(many)} ${word}`];
  });
  return found.join(', ');
}

/** `prod and reports have less than a day of history; baseline rules start at Nov 22, 10:05.` */
export function learningLines(learning: AlertOverview['learning']): readonly Phrase[] {
  const last = learning.at(-1);
  if (last === undefined) return [];
  const names = learning.slice(0, MOST_LEARNING).flatMap(({ cluster }, index): Phrase => {
    return [index === 0 ? '' : index === learning.length - 1 ? ' and ' : ', ', bold(cluster)];
  });
  const more = learning.length - MOST_LEARNING;
  return [
    [
      ...names,
      more > 0 ? ` and ${count(more)} more` : '',
      learning.length === 1 ? ' has' : ' have',
      ' less than a day of history; baseline rules start at ',
      at(last.until),
      '.',
    ],
  ];
}

/** Deliveries that Slack does not have yet. */
export function waitingLines(waiting: { readonly count: number; readonly oldest: number | null }): readonly Phrase[] {
  if (waiting.count === 0) return [];
  const since: Phrase =
    waiting.oldest === null ? [] : [', the oldest since ', moment(new Date(waiting.oldest).toISOString(), 'date-time')];
  return [
    [
      `${counted(waiting.count, 'message')} for Slack ${waiting.count === 1 ? 'waits' : 'wait'} to be sent`,
      ...since,
      '.',
    ],
  ];
}
