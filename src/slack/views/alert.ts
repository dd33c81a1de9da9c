// An alert's one message in each of its states: title, source, start, reason, advice, and the person who acted.

import type { ActionsBlock } from '@slack/types';
import { type Alert, type AlertState, endOf } from '../../core/alerting/alert.ts';
import { count, span } from '../../core/base/format.ts';
import { RULES } from '../../core/detection/rules.ts';
import { ACTIONS, recordValue } from '../blockkit/action-values.ts';
import { actions, button, context, message, prose } from '../blockkit/blocks.ts';
import { bold, link, moment, type Phrase, plain, type RichTextPart, who } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import type { Chart } from './chart.ts';

export interface AlertShown {
  readonly alert: Alert;
  readonly owner: string | null;
  readonly runbook: string | null;
  /** URLs of Atlas pages; null for none. */
  readonly links: { readonly cluster: string | null; readonly accessList: string | null };
  /** The previous alert of the same source and rule. */
  readonly previous: { readonly since: number; readonly permalink: string | null } | null;
  readonly chart: Chart | null;
  /** Ids of users and user groups, or words. */
  readonly mentions: readonly string[];
  /** Why the message is late; null if it is punctual. */
  readonly late: Phrase | null;
  /** A test has nothing to acknowledge. */
  readonly hasButtons: boolean;
}

const LONGEST_WHO = 60;

export function alertView(shown: AlertShown): MessageView {
  const { alert, chart, late } = shown;
  const isEnded = alert.state === 'ended';
  const title = titleOf(alert);
  const lines = [
    ...(isEnded ? endedLines(alert) : openLines(alert)),
    ...whereTo(shown),
    ...(shown.mentions.length === 0 ? [] : [mentioned(shown.mentions)]),
  ];
  const mark = MARKS[alert.state];
  const small: readonly Phrase[] = [
    [`${alert.rule} on ${alert.cluster} · judged `, at(alert.judgedAt)],
    ...(isEnded || chart === null ? [] : chart.notes),
    ...(late === null ? [] : [late]),
  ];
  return message({
    said: [title, ...lines, ...(late === null ? [] : [late])],
    above: [prose([[`${mark} `, ...title], ...lines])],
    below: [
      isEnded ? null : (chart?.block ?? null),
      isEnded || !shown.hasButtons ? null : actionButtons(alert),
      context(small),
    ],
  });
}

/** The first line without its mark: the part that a phone shows. */
export function titleOf(alert: Alert): Phrase {
  const { cluster, lastAction, peak, since } = alert;
  const name = plain(alert.who, { max: LONGEST_WHO });
  const headline = alert.calmSince === null ? [bold(`${name}: ${alert.what}`)] : calmly(alert, alert.calmSince);
  const critical = alert.severity === 'critical' ? ' (critical)' : '';
  switch (alert.state) {
    case 'firing':
      return [bold(`Firing${alert.refires > 0 ? ' again' : ''}${critical} — `), ...headline, ' · ', cluster];
    case 'acknowledged': {
      const acted: Phrase = lastAction === null ? [] : [' · ', ...byWhom(lastAction.by), ' ', at(lastAction.at)];
      const still: Phrase = [' · still firing since ', at(since), `, peak ${count(peak)}`];
      return [bold(`Acknowledged${critical} — `), ...headline, ' · ', cluster, ...acted, ...still];
    }
    case 'silenced': {
      const until: Phrase = lastAction?.until == null ? [] : [' until ', at(lastAction.until)];
      const acted: Phrase = lastAction === null ? [] : [' · ', ...byWhom(lastAction.by)];
      const why = lastAction?.reason == null ? '' : `: "${lastAction.reason}"`;
      return [bold('Silenced'), ...until, bold(`${critical} — `), ...headline, ' · ', cluster, ...acted, why];
    }
    case 'ended':
      return endedTitle(alert, name);
  }
}

/** The value is calm, but not for long enough to end the alert. */
function calmly({ who: name, rule }: Alert, since: number): Phrase {
  return [
    bold(`${plain(name, { max: LONGEST_WHO })}: ${RULES[rule].words.calm} since `),
    at(since),
    ', ends if it stays so',
  ];
}

function endedTitle(alert: Alert, name: string): Phrase {
  const { rule, since, cluster, usual } = alert;
  const end = endOf(alert);
  const back = usual === null ? '' : ` · back to ${count(alert.value)}`;
  return [
    bold('Ended — '),
    bold(name),
    bold(` ${RULES[rule].words.was} for ${span(end - since)}`),
    ' · ',
    cluster,
    ' · ',
    at(since),
    ' to ',
    at(end),
    RULES[rule].hasNoPeak ? '' : `, peak ${count(alert.peak)}`,
    back,
  ];
}

function endedLines(alert: Alert): readonly Phrase[] {
  const { endReason, usual, what } = alert;
  const handled = handlingLine(alert);
  return [
    ...(endReason === null ? [] : [[`It ended because ${endReason}.`]]),
    ...(usual === null && endReason === null ? [[`Now: ${what}.`]] : []),
    ...(handled === null ? [] : [handled]),
  ];
}

function openLines(alert: Alert): readonly Phrase[] {
  const { rule, state, since, peak, value, refires, calmSince } = alert;
  const highest = !RULES[rule].hasNoPeak && peak > value ? `, peak ${count(peak)}` : '';
  const again = refires === 0 ? '' : `; ended and came back ${refires === 1 ? 'once' : `${count(refires)} times`}`;
  const isTold = state === 'acknowledged';
  return [
    ...(isTold ? [] : [[calmSince === null ? 'Since ' : 'Firing since ', at(since), `${highest}${again}.`]]),
    ...(calmSince === null ? accusation(alert) : []),
  ];
}

/** Lines that no longer hold for a calm alert. */
function accusation({ reason, notes }: Alert): readonly Phrase[] {
  return [...(reason === '' ? [] : [[bold('Why: '), reason]]), ...notes.map(noteLine)];
}

function noteLine(note: string): Phrase {
  return note.startsWith('Try: ') ? [bold('Try: '), note.slice('Try: '.length)] : [note];
}

/** The owner, and links for more information. */
function whereTo({ owner, runbook, links, previous, alert }: AlertShown): readonly Phrase[] {
  const ways: readonly Phrase[] = [
    ...(owner === null ? [] : [['Owner: ', who(owner)]]),
    ...(runbook === null ? [] : [['Runbook: ', link(runbook, runbook)]]),
    ...(links.cluster === null ? [] : [[link(links.cluster, 'Cluster in Atlas')]]),
    ...(links.accessList === null || alert.source === null ? [] : [[link(links.accessList, 'Access list in Atlas')]]),
  ];
  const line = ways.flatMap((way, index): Phrase => (index === 0 ? way : [' · ', ...way]));
  return [...(line.length === 0 ? [] : [line]), ...(previous === null ? [] : [previousLine(previous)])];
}

function previousLine({ since, permalink }: NonNullable<AlertShown['previous']>): Phrase {
  const before: Phrase = permalink === null ? ['It fired before'] : [link(permalink, 'It fired before')];
  return [...before, ', ', at(since), '.'];
}

export function mentioned(mentions: readonly string[]): Phrase {
  return ['cc ', ...mentions.flatMap((one, index): Phrase => (index === 0 ? [who(one)] : [' ', who(one)]))];
}

function actionButtons({ id, state, who: name }: Alert): ActionsBlock {
  const value = recordValue(id);
  return actions([
    state === 'firing'
      ? button({ action: ACTIONS.alertAcknowledge, word: 'Acknowledge', value, label: `Acknowledge: ${name}` })
      : null,
    button({ action: ACTIONS.alertSilence, word: 'Silence…', value, label: `Silence: ${name}` }),
    button({ action: ACTIONS.alertDetails, word: 'Details', value, label: `Details of ${name}` }),
  ]);
}

// Words for an alert's state, rule and last action: on its message, in its group and in lists.

/** A mark is always shown together with the word. */
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

/** `by @who`; without an id, the configuration or the terminal acted. */
export function byWhom(by: string | null): Phrase {
  return by === null ? ['by the configuration or the terminal'] : ['by ', who(by)];
}

/** `412 dormant connections, usually 61`; for a calm alert that has not ended yet, since when it is calm. */
export function nowOf({ rule, what, calmSince }: Pick<Alert, 'rule' | 'what' | 'calmSince'>): Phrase {
  return calmSince === null ? [what] : [`${RULES[rule].words.calm} since `, at(calmSince)];
}

/** People would read a time of day without a date as today's. */
export function at(time: number): RichTextPart {
  return moment(new Date(time).toISOString(), 'date-time');
}

/** `Silenced until 14:00 by @who: "load test"`; null without an action. */
export function handlingLine({ lastAction }: Pick<Alert, 'lastAction'>): Phrase | null {
  if (lastAction === null) return null;
  const { act, by, until, reason } = lastAction;
  const start: Phrase =
    act === 'acknowledged' ? ['Acknowledged'] : until === null ? ['Silenced'] : ['Silenced until ', at(until)];
  return [...start, ' ', ...byWhom(by), ', ', at(lastAction.at), reason === null ? '' : `: "${reason}"`];
}
