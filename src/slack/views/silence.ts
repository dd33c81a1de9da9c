// The result of a silence, the questions before it, and the question which silence is to end.

import type { KnownBlock } from '@slack/types';
import type { Alert } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { isWholeCluster, type SilenceTarget, silencesOver } from '../../core/alerting/silence-target.ts';
import { count, counted, joinWords } from '../../core/base/format.ts';
import { ACTIONS, endingAllValue, recordValue } from '../blockkit/action-values.ts';
import { actions, button, message, prose } from '../blockkit/blocks.ts';
import { bold, type Phrase, who as person, plain } from '../blockkit/rich-text.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import { at, byWhom } from './alert.ts';
import { silenceLine } from './alert-status.ts';

const MOST_NAMED = 5;
const LONGEST_NAME = 60;

/** Who reads an answer, and where. In a shared message a mention would ping the person. */
export interface Reader {
  /** Slack's id. */
  readonly user: string;
  readonly place: MessagePlace;
}

/** `Quiet until 14:00: Billing API in prod (deploy). 1 open alert is muted.` */
export function silencedView(input: {
  /** At least one, all with the same end and reason. */
  readonly silences: readonly Silence[];
  /** All in force, these included. */
  readonly standing: readonly Silence[];
  /** The number of open alerts that they mute. */
  readonly quiet: number;
  readonly reader: Reader;
}): MessageView {
  const { silences, standing, quiet, reader } = input;
  const [first, ...others] = silences;
  if (first === undefined) return said([['The alert is resolved, so there is nothing to silence.']]);
  const quieted = silences.map((silence) => quietOf(silence, standing, reader));
  const isPlain = quieted.every(({ over }) => over.length === 1);
  const lines = isPlain
    ? [quietLine({ until: first.until, names: names(silences), why: reasonOf(first) })]
    : quieted.slice(0, MOST_NAMED).map(({ line }) => line);
  const more = isPlain ? 0 : quieted.length - lines.length;
  const about =
    quiet === 0 ? 'No alert of it is open.' : `${counted(quiet, 'open alert')} ${quiet === 1 ? 'is' : 'are'} muted.`;
  const shown: readonly Phrase[] = [
    ...lines,
    ...(more > 0 ? [[`and ${count(more)} more.`]] : []),
    [about, ...criticalWords(quieted[0]?.over ?? [first])],
  ];
  const end = others.length === 0 ? [actions([unsilence(first, 'Unsilence')])] : [];
  return message({ said: shown, above: [prose(shown)], below: end });
}

/** What is true of a target: `Quiet until 13:51: … (yours until 10:21 and @anna's until 13:51, deploy).` */
function quietOf(
  target: Omit<SilenceTarget, 'who'> & { readonly who: string },
  standing: readonly Silence[],
  reader: Reader,
) {
  const over = silencesOver(target, standing);
  const last = over.at(-1);
  const until = last?.until ?? 0;
  const [only] = over;
  const why = over.length === 1 && only !== undefined ? reasonOf(only) : [' (', ...owners(over, target, reader), ')'];
  return { over, line: quietLine({ until, names: nameOf(target), why }) };
}

function quietLine({ until, names: about, why }: { until: number; names: Phrase; why: Phrase }): Phrase {
  return ['Quiet until ', at(until), ': ', ...about, ...why, '.'];
}

const reasonOf = ({ reason }: Silence): Phrase => (reason === null ? [] : [` (${reason})`]);

/** `yours until 10:21 and @anna's of all of prod until 13:51, deploy` */
function owners(all: readonly Silence[], target: Omit<SilenceTarget, 'who'>, { user, place }: Reader): Phrase {
  // Of several silences of one person the last to end counts.
  const last = new Map(all.map((silence) => [JSON.stringify([silence.by, targetKey(silence)]), silence]));
  const over = all.filter((silence) => [...last.values()].includes(silence));
  return over.slice(0, MOST_NAMED).flatMap((silence, index): Phrase => {
    const { by, until, reason } = silence;
    const isSame = (['cluster', 'source', 'node', 'rule'] as const).every((field) => silence[field] === target[field]);
    const wider: Phrase = isSame ? [] : [' of ', ...nameOf(silence)];
    const link = index === 0 ? '' : index === Math.min(over.length, MOST_NAMED) - 1 ? ' and ' : ', ';
    return [
      link,
      ...ownerOf(by, { user, place }),
      ...wider,
      ' until ',
      at(until),
      reason === null ? '' : `, ${reason}`,
    ];
  });
}

function ownerOf(by: string | null, { user, place }: Reader): Phrase {
  if (place.kind === 'shared') return ['one'];
  if (by === user) return ['yours'];
  return by === null ? ['one of the configuration'] : [person(by), "'s"];
}

function criticalWords(over: readonly Silence[]): Phrase {
  const held = over.filter(({ hold }) => hold);
  const until = Math.max(...held.map((silence) => silence.until));
  if (held.length === 0) return [' An alert that becomes critical is posted all the same.'];
  return over.every((silence) => silence.until <= until)
    ? [' Critical alerts are muted, too.']
    : [' Critical alerts are muted until ', at(until), ', too.'];
}

/** `No longer silenced: Billing API in prod. Web EU in prod stays quiet (@anna's until 13:51, deploy).` */
export function unsilencedPhrase(input: {
  readonly ended: readonly Silence[];
  /** All that are still in force. */
  readonly standing: readonly Silence[];
  readonly reader: Reader;
}): Phrase {
  const { ended, standing, reader } = input;
  const targets = [...new Map(ended.map((silence) => [targetKey(silence), silence])).values()];
  const found = targets.map((target) => ({ target, over: silencesOver(target, standing) }));
  const loud = found.filter(({ over }) => over.length === 0).map(({ target }) => target);
  const quiet = found.filter(({ over }) => over.length > 0);
  const many = ended.length === 1 ? 'The silence has ended.' : 'The silences have ended.';
  return [
    ...(loud.length === 0 ? [many] : ['No longer silenced: ', ...names(loud), '.']),
    ...quiet
      .slice(0, MOST_NAMED)
      .flatMap(
        ({ target, over }): Phrase => [' ', ...nameOf(target), ' stays quiet (', ...owners(over, target, reader), ').'],
      ),
  ];
}

function targetKey({ cluster, source, node, rule }: Silence): string {
  return JSON.stringify([cluster, source, node, rule]);
}

/** Above the form: the targets of the silence. */
export function formLines(targets: readonly SilenceTarget[]): readonly Phrase[] {
  return [['You silence ', ...names(targets), '. Reports still show it.']];
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

/** A target to choose; `value` is the value of its button. */
export interface OfferedTarget {
  readonly target: SilenceTarget;
  readonly value: string;
}

/** `"10.40" matches 3 targets. Which one is to be silenced?` Each has a button that silences it. */
export function targetChoiceView(input: {
  readonly text: string;
  readonly choices: readonly OfferedTarget[];
  /** The number of other targets that match. */
  readonly more: number;
  /** `4 h`; how long the silence lasts. */
  readonly length: string;
}): MessageView {
  const { text, choices, more, length } = input;
  const question: Phrase = [
    `"${plain(text, { max: LONGEST_NAME })}" matches ${count(choices.length + more)} targets. Which one is to be silenced?`,
  ];
  const rest: Phrase = [`Write more of the name for the other ${count(more)}.`];
  const lines = more > 0 ? [question, rest] : [question];
  return message({
    said: [...lines, [joinWords(choices.map(({ target }) => nameWords(target)))]],
    above: [prose(lines)],
    below: choices.map((choice) => silenceButton(choice, { word: nameWords(choice.target), length })),
  });
}

/** Slack asks again before a whole cluster is silenced. */
function silenceButton(
  { target, value }: OfferedTarget,
  { word, length }: { word: string; length: string },
): KnownBlock {
  const { cluster } = target;
  const confirm = isWholeCluster(target) && {
    question: `Silence all of ${plain(cluster ?? '', { max: LONGEST_NAME })}?`,
    words: `Every source, node and rule of the cluster is quiet for ${length}.`,
    yes: 'Silence it',
  };
  const label = `Silence ${nameWords(target)}`;
  return actions([
    button({ action: ACTIONS.silenceChosen, word, value, label, ...(confirm !== false && { isGrave: true, confirm }) }),
  ]);
}

/** `This silences all of prod for 4 h: every source, node and rule.` The button does it. */
export function wholeClusterView(input: { readonly choice: OfferedTarget; readonly length: string }): MessageView {
  const { choice, length } = input;
  const name = choice.target.cluster ?? '';
  const line: Phrase = [
    'This silences ',
    bold(`all of ${name}`),
    ` for ${length}: every source, node and rule. Nothing is silenced yet.`,
  ];
  const press = button({
    action: ACTIONS.silenceChosen,
    word: `Silence all of ${plain(name, { max: 50 })}`,
    value: choice.value,
    isGrave: true,
  });
  return message({ said: [line], above: [prose([line])], below: [actions([press])] });
}

/** `203.0.113.5 belongs to Billing API in prod. Silence all of Billing API, or only this address?` */
export function partChoiceView(input: {
  readonly address: string;
  readonly sources: readonly OfferedTarget[];
  readonly only: readonly OfferedTarget[];
  readonly length: string;
}): MessageView {
  const { address, sources, only, length } = input;
  const owners = sources.flatMap(({ target }, index): Phrase => {
    const link = index === 0 ? '' : index === sources.length - 1 ? ' and ' : ', ';
    return [link, bold(target.who), ` in ${target.cluster ?? ''}`];
  });
  const [first, ...others] = sources;
  const all = others.length === 0 && first !== undefined ? `all of ${first.target.who}` : 'all of one source';
  const belongs: Phrase = [`${address} belongs to `, ...owners, '. '];
  const question: Phrase =
    only.length === 0
      ? [...belongs, `A silence names a source or one address. Silence ${all}?`]
      : [...belongs, `Silence ${all}, or only this address?`];
  const note: Phrase = [
    'Only this address: alerts of its source are muted as long as at least three quarters of the growth come from it.',
  ];
  const lines = only.length === 0 ? [question] : [question, note];
  const where = ({ target }: OfferedTarget) => (others.length === 0 ? '' : ` in ${target.cluster ?? ''}`);
  return message({
    said: lines,
    above: [prose(lines)],
    below: [
      ...sources.map((choice) =>
        silenceButton(choice, { word: `All of ${choice.target.who}${where(choice)}`, length }),
      ),
      ...only.map((choice) => silenceButton(choice, { word: `Only ${address}${where(choice)}`, length })),
    ],
  });
}

/**
 * Each with its end, person and reason, and a button.
 * @param input.text the text that matches all of them; null when nothing was named
 */
export function silenceChoiceView(input: {
  readonly text: string | null;
  readonly silences: readonly Silence[];
  readonly place: MessagePlace;
}): MessageView {
  const { text, silences, place } = input;
  const many =
    text === null
      ? `${counted(silences.length, 'silence')} ${silences.length === 1 ? 'is' : 'are'} in force.`
      : `"${plain(text, { max: LONGEST_NAME })}" matches ${count(silences.length)} silences.`;
  const question: Phrase = [`${many} Which one is to end?`];
  const { lines, more } = choicesOf(silences, place);
  return message({
    said: [question, ...lines.map(({ line }) => line), ...more],
    above: [prose([question])],
    below: [
      ...lines.flatMap(({ line, silence }) => [prose([line]), actions([unsilence(silence, 'Unsilence')])]),
      more.length === 0 ? null : prose(more),
    ],
  });
}

/** `3 silences are in force. End all of them?` */
export function endAllView(input: {
  readonly silences: readonly Silence[];
  /** Null for those of all clusters. */
  readonly cluster: string | null;
  readonly asked: number;
  readonly place: MessagePlace;
}): MessageView {
  const { silences, cluster, asked, place } = input;
  const many = silences.length === 1 ? 'One silence is' : `${count(silences.length)} silences are`;
  const where = cluster === null ? '' : ` in ${cluster}`;
  const question: Phrase = [`${many} in force${where}. End ${silences.length === 1 ? 'it' : 'all of them'}?`];
  const { lines, more } = choicesOf(silences, place);
  const shown = [question, ...lines.map(({ line }) => line), ...more];
  const press = button({
    action: ACTIONS.unsilenceAll,
    word: silences.length === 1 ? 'End it' : `End all ${count(silences.length)}`,
    value: endingAllValue({ cluster, asked }),
    isGrave: true,
  });
  return message({ said: shown, above: [prose(shown)], below: [actions([press])] });
}

function choicesOf(silences: readonly Silence[], place: MessagePlace) {
  const lines = silences.slice(0, MOST_CHOICES).map((silence) => {
    const where = silence.cluster === null ? '' : ` · ${silence.cluster}`;
    return { silence, line: [...silenceLine(silence, { place }), where] };
  });
  const left = silences.length - lines.length;
  const more: readonly Phrase[] = left > 0 ? [[`and ${count(left)} more: write the name of one.`]] : [];
  return { lines, more };
}

export const MOST_CHOICES = 10;

/** Two targets of one name differ by their rule or cluster. */
function nameWords({ who, rule, cluster }: Pick<Silence, 'who' | 'rule' | 'cluster'>): string {
  const narrowed = rule === null || who === `rule ${rule}` ? '' : ` (${rule})`;
  return `${plain(who, { max: 40 })}${narrowed} ${cluster === null ? 'in every cluster' : `in ${cluster}`}`;
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
      return [bold(who), ' was resolved, ', at(endedAt ?? judgedAt), '.'];
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
