// The result of a silence, and the choice between several targets.

import type { Alert } from '../../core/alerting/alert.ts';
import type { Silence, SilenceTarget } from '../../core/alerting/silence.ts';
import { count, counted, joinWords } from '../../core/base/format.ts';
import { ACTIONS, recordValue } from '../blockkit/action-values.ts';
import { actions, button, message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase, plain } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { at, byWhom } from './alert.ts';

const MOST_NAMED = 5;
const LONGEST_NAME = 60;

/** `Silenced until 14:00: Billing API in prod (deploy). 1 open alert is muted.` */
export function silencedView(input: {
  /** At least one, all with the same end and reason. */
  readonly silences: readonly Silence[];
  /** The number of open alerts that they mute. */
  readonly quiet: number;
}): MessageView {
  const { silences, quiet } = input;
  const [first] = silences;
  if (first === undefined) return said([['There is nothing left to silence: it has ended.']]);
  const { until, reason, hold } = first;
  const critical = hold
    ? ' Critical alerts are muted, too.'
    : ' An alert that becomes critical is posted all the same.';
  const about = `${counted(quiet, 'open alert')} ${quiet === 1 ? 'is' : 'are'} muted.`;
  const line: Phrase = [
    'Silenced until ',
    at(until),
    ': ',
    ...names(silences),
    reason === null ? '.' : ` (${reason}).`,
  ];
  const shown = [line, [quiet === 0 ? `No alert of it is open.${critical}` : `${about}${critical}`]];
  const [only, ...others] = silences;
  const end = only !== undefined && others.length === 0 ? [actions([unsilence(only, 'Unsilence')])] : [];
  return message({ said: shown, above: [prose(shown)], below: end });
}

/** Above the form: the targets of the silence. */
export function formLines(targets: readonly SilenceTarget[]): readonly Phrase[] {
  return [['What is silenced is kept quiet, and stays visible in reports: ', ...names(targets), '.']];
}

function names(silences: readonly Pick<Silence, 'who' | 'rule' | 'cluster'>[]): Phrase {
  const more = silences.length - MOST_NAMED;
  const named = silences
    .slice(0, MOST_NAMED)
    .flatMap((silence, index): Phrase => [index === 0 ? '' : ', ', ...nameOf(silence)]);
  return more > 0 ? [...named, ` and ${count(more)} more`] : named;
}

function nameOf({ who, rule, cluster }: Pick<Silence, 'who' | 'rule' | 'cluster'>): Phrase {
  const narrowed = rule === null || who === `rule ${rule}` ? '' : ` (${rule})`;
  return [bold(who), narrowed, cluster === null ? ' in every cluster' : ` in ${cluster}`];
}

function unsilence({ id, who }: Silence, word: string) {
  return button({ action: ACTIONS.unsilence, word, value: recordValue(id), label: `End the silence of ${who}` });
}

/** `"10.40" matches 3 targets. Which one?` Each has a button that silences it. */
export function targetChoiceView(input: {
  readonly text: string;
  /** `value` is the value of its button. */
  readonly choices: readonly { readonly target: SilenceTarget; readonly value: string }[];
  /** The number of other targets that match. */
  readonly more: number;
}): MessageView {
  const { text, choices, more } = input;
  const question: Phrase = [
    `"${plain(text, { max: LONGEST_NAME })}" matches ${count(choices.length + more)} targets. Which one is to be silenced?`,
  ];
  const rest: Phrase = [`Write more of the name for the other ${count(more)}.`];
  const lines = more > 0 ? [question, rest] : [question];
  return message({
    said: [...lines, [joinWords(choices.map(({ target }) => nameWords(target)))]],
    above: [prose(lines)],
    below: choices.map(({ target, value }) =>
      actions([
        button({
          action: ACTIONS.silenceChosen,
          word: nameWords(target),
          value,
          label: `Silence ${nameWords(target)}`,
        }),
      ]),
    ),
  });
}

/** @param text the text that matches all of them; null when nothing was named */
export function silenceChoiceView(text: string | null, silences: readonly Silence[]): MessageView {
  const shown = silences.slice(0, MOST_CHOICES);
  const many =
    text === null
      ? `${counted(silences.length, 'silence')} ${silences.length === 1 ? 'is' : 'are'} in force.`
      : `"${plain(text, { max: LONGEST_NAME })}" matches ${count(silences.length)} silences.`;
  const question: Phrase = [`${many} Which one is to end?`];
  return message({
    said: [question, [joinWords(shown.map(nameWords))]],
    above: [prose([question])],
    below: shown.map((silence) => actions([unsilence(silence, nameWords(silence))])),
  });
}

export const MOST_CHOICES = 10;

function nameWords({ who, cluster }: Pick<Silence, 'who' | 'cluster'>): string {
  return `${plain(who, { max: LONGEST_NAME })} ${cluster === null ? 'in every cluster' : `in ${cluster}`}`;
}

/** Answers Acknowledge: the acknowledged alerts, and why the others were not. */
export function acknowledgedView(input: {
  readonly done: readonly Alert[];
  readonly before: readonly Alert[];
}): MessageView {
  const { done, before } = input;
  const acknowledged: readonly Phrase[] = done.length === 0 ? [] : [['Acknowledged: ', ...alertNames(done), '.']];
  const lines = [...acknowledged, ...before.slice(0, MOST_NAMED).map(stateLine)];
  return said(lines.length === 0 ? [['No alert of it is open.']] : lines);
}

function alertNames(alerts: readonly Alert[]): Phrase {
  const more = alerts.length - MOST_NAMED;
  const named = alerts.slice(0, MOST_NAMED).flatMap(({ who }, index): Phrase => [index === 0 ? '' : ', ', bold(who)]);
  return more > 0 ? [...named, ` and ${count(more)} more`] : named;
}

function stateLine({ who, state, lastAction, endedAt, judgedAt }: Alert): Phrase {
  switch (state) {
    case 'ended':
      return [bold(who), ' has ended, ', at(endedAt ?? judgedAt), '.'];
    case 'acknowledged':
    case 'silenced': {
      const acted: Phrase = lastAction === null ? [] : [' ', ...byWhom(lastAction.by), ', ', at(lastAction.at)];
      return [bold(who), ` is ${state} already`, ...acted, '.'];
    }
    case 'firing':
      return [bold(who), ' is firing.'];
  }
}

/** A message without blocks other than these lines. */
function said(lines: readonly Phrase[]): MessageView {
  return message({ said: lines, above: [prose(lines)], below: [] });
}
