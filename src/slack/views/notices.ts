// Short messages: problems, refusals, progress, help, and the question which of several is meant.

import type { Button } from '@slack/types';
import { clipped, count, counted } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { COMMANDS } from '../../core/commands/commands.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { ACTIONS, reportValue } from '../blockkit/action-values.ts';
import { actions, bullets, button, type Choice, context, header, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, code, moment, type Phrase, plain, timed, who } from '../blockkit/rich-text.ts';
import type { MessagePlace, MessageView } from '../blockkit/types.ts';
import { mentioned } from './alert.ts';
import { freshReport, homeBack, sourceMenu } from './buttons.ts';
import { problemLines, sentence, unreadLines } from './notes.ts';
import { leftLines } from './status.ts';

export interface PreviousReading {
  readonly cluster: string;
  /** ISO 8601. */
  readonly at: string;
}

export function problemView(problem: Problem, options: { readonly lastReading?: PreviousReading } = {}): MessageView {
  const { lastReading } = options;
  const lines = [sentence(problem), ...lastReadingLines(lastReading)];
  return message({
    said: lines,
    above: [prose(lines)],
    below: lastReading === undefined ? [] : [actions([showLast(lastReading)])],
  });
}

/** A reading in which no node answered, with the reason of each node. */
export function unreadView(
  report: ConnectionReport,
  options: { readonly lastReading?: PreviousReading; readonly place?: MessagePlace } = {},
): MessageView {
  const { lastReading, place } = options;
  const { cluster } = report;
  const lines: readonly Phrase[] = [
    ['I could not read ', bold(cluster), '.'],
    ...unreadLines(report),
    ...problemLines(report),
    ...lastReadingLines(lastReading),
  ];
  const moves = [
    place?.kind === 'home' ? homeBack(cluster) : null,
    lastReading === undefined ? null : showLast(lastReading),
    freshReport(cluster),
  ];
  return message({ said: lines, above: [prose(lines)], below: [actions(moves)] });
}

function lastReadingLines(lastReading: PreviousReading | undefined): readonly Phrase[] {
  return lastReading === undefined ? [] : [['The last reading is of ', moment(lastReading.at, 'date-time'), '.']];
}

function showLast({ cluster }: PreviousReading): Button {
  return button({
    action: ACTIONS.showLast,
    word: 'Show it',
    value: reportValue(cluster),
    label: `Show the last reading of ${cluster}`,
  });
}

/** @param command the slash command's name */
export function helpView(command: string): MessageView {
  const lines = Object.values(COMMANDS).map(({ usage, help }): Phrase => [code(`${command} ${usage}`), ' — ', help]);
  const threads: Phrase = ['Slash commands do not work in threads: mention me there instead.'];
  return message({
    said: [['What you can ask'], ...lines, threads],
    above: [header('What you can ask'), bullets(lines), prose([threads])],
    below: [],
  });
}

/** The most people, groups and channels that a refusal names. */
const MOST = 5;

/** For a connection string that was typed where others may read it. */
export const PASSED: Phrase = [
  bold('This string has passed through Slack. '),
  'A message in a channel or to me stays there until it is deleted. If there was a password in it, change that password.',
];

/**
 * @param input `ask`: ids of users, user groups and channels, or words
 * @param more lines below it
 */
export function refusalView(
  { reason, ask }: { readonly reason: string; readonly ask: readonly string[] },
  more: readonly Phrase[] = [],
): MessageView {
  const asked = ask.slice(0, MOST).flatMap((one, at) => [at === 0 ? ' Ask ' : ' or ', who(one)]);
  const line: Phrase = asked.length === 0 ? [reason] : [reason, ...asked, '.'];
  const lines = [line, ...more];
  return message({ said: lines, above: [prose(lines)], below: [] });
}

/**
 * For a click on an old message.
 * @param input `what` no longer exists, e.g. `The source of this message`; `cluster` if a fresh report is possible
 */
export function goneView({ what, cluster }: { readonly what: string; readonly cluster: string | null }): MessageView {
  const line: Phrase =
    cluster === null
      ? [what, ' no longer exists.']
      : [what, ' no longer exists. A fresh report of ', bold(cluster), ' shows the current sources.'];
  return message({
    said: [line],
    above: [prose([line])],
    below: cluster === null ? [] : [actions([freshReport(cluster)])],
  });
}

/** Share or Back came too late. */
export function notKeptView(cluster: string): MessageView {
  const line: Phrase = [
    'I no longer have this reading of ',
    bold(cluster),
    ': readings are kept for 30 minutes. A fresh report shows the present.',
  ];
  return message({ said: [line], above: [prose([line])], below: [actions([freshReport(cluster)])] });
}

/** Shown while a reading takes longer than a second; `nodes` is null while they are unknown. */
export function readingView({
  cluster,
  nodes,
}: {
  readonly cluster: string;
  readonly nodes: number | null;
}): MessageView {
  const line: Phrase = ['Reading ', bold(cluster), nodes === null ? '…' : `, ${counted(nodes, 'node')}…`];
  return message({ said: [line], above: [prose([line])], below: [] });
}

/** Plain lines: a reply in an alert's thread, a note, a direct message. */
export interface Notice {
  readonly lines: readonly Phrase[];
  /** Ids of users and user groups, or words. */
  readonly mentions: readonly string[];
  /** Why it is late; null if it is punctual. */
  readonly late: Phrase | null;
}

export function noticeView({ lines, mentions, late }: Notice): MessageView {
  const all = mentions.length === 0 ? lines : [...lines, mentioned(mentions)];
  return message({
    said: late === null ? all : [...all, late],
    above: [prose(all)],
    below: [late === null ? null : context([late])],
  });
}

/** A phrase's parts are clipped at a length, so a long line is split into several parts. */
const LONGEST_PART = 400;

/**
 * Plain text, line by line, in parts that fit. Times as ISO 8601 in UTC are shown in the reader's zone.
 * @param at when it was decided, in milliseconds since 1970; null when that is unknown
 */
export function linesOf(text: string, at: number | null = null): readonly Phrase[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => partsOf(line, at));
}

function partsOf(line: string, at: number | null): Phrase {
  if (line.length <= LONGEST_PART) return timed(line, at);
  const blank = line.lastIndexOf(' ', LONGEST_PART);
  const end = blank > 0 ? blank + 1 : LONGEST_PART;
  return [...timed(line.slice(0, end), at), ...partsOf(line.slice(end), at)];
}

// Several clusters or sources match: asks which one is meant.

/** Names that the fallback text lists. */
const MOST_NAMED = 20;
const MOST_BUTTONS = 10;

export function clusterChoiceView(input: {
  readonly names: readonly string[];
  readonly left: ClusterList['left'];
  /** The value of each cluster's option. */
  readonly optionValue: (cluster: string) => string;
}): MessageView {
  const { names, left, optionValue } = input;
  const menu = select({
    action: ACTIONS.chooseCluster,
    placeholder: 'Choose a cluster',
    choices: names.map((cluster) => ({ words: cluster, value: optionValue(cluster) })),
  });
  const question: Phrase = [names.length === 0 ? 'I watch no cluster.' : 'Which cluster?'];
  const lines = [question, ...unshown(names.length), ...leftLines(left)];
  return message({
    said: [names.length === 0 ? question : [`Which cluster? I watch `, named(names), '.'], ...leftLines(left)],
    above: [prose(lines)],
    below: menu === null ? [] : [actions([menu])],
  });
}

/** The cluster or source of a history. The values contain it. */
export function historyChoiceView(input: {
  readonly question: string;
  readonly choices: readonly Choice[];
}): MessageView {
  const { question, choices } = input;
  const menu = select({ action: ACTIONS.history, placeholder: 'Choose one', choices });
  const lines: readonly Phrase[] =
    choices.length === 0 ? [['I watch no cluster.']] : [[question], ...unshown(choices.length)];
  return message({
    said: [...lines, ...(choices.length === 0 ? [] : [[named(choices.map(({ words }) => words))]])],
    above: [prose(lines)],
    below: menu === null ? [] : [actions([menu])],
  });
}

export function sourceChoiceView(input: {
  readonly cluster: string;
  readonly text: string;
  readonly candidates: readonly ConnectionSource[];
  /** What the choice opens; the source in detail by default. */
  readonly view?: 'source' | 'why';
}): MessageView {
  const { cluster, text, candidates, view } = input;
  const menu = sourceMenu(cluster, candidates, view);
  const question: Phrase = [
    `"${text}"`,
    ` matches ${count(candidates.length)} sources of `,
    bold(cluster),
    '. Which one?',
  ];
  return message({
    said: [question, ...(candidates.length === 0 ? [] : [[named(candidates.map(({ name }) => name))]])],
    above: [prose([question, ...unshown(candidates.length)])],
    below: menu === null ? [] : [actions([menu])],
  });
}

/** Sources of several clusters match: a button for each. */
export function sourcesOfClustersView(input: {
  readonly text: string;
  /** At least two. The values are those of their views. */
  readonly candidates: readonly { readonly name: string; readonly cluster: string; readonly value: string }[];
  /** The command that names one of them, such as `/atlas-conns source "web" in <cluster>`. */
  readonly form: string;
}): MessageView {
  const { text, candidates, form } = input;
  const shown = candidates.slice(0, MOST_BUTTONS);
  const wordsOf = ({ name, cluster }: { readonly name: string; readonly cluster: string }) =>
    `${plain(name, { max: 40 })} in ${plain(cluster, { max: 30 })}`;
  // Buttons of one block cannot have the same action.
  const buttons = shown.map((one) =>
    actions([button({ action: ACTIONS.sourceOfCluster, word: wordsOf(one), value: one.value })]),
  );
  const question: Phrase = [`"${clipped(text)}" matches ${count(candidates.length)} sources. Which one?`];
  const more = candidates.length - shown.length;
  const rest: Phrase = [`and ${count(more)} more: `, code(form)];
  return message({
    said: [question, [named(candidates.map(wordsOf))]],
    above: [prose(more > 0 ? [question, rest] : [question])],
    below: buttons,
  });
}

/** A menu has room for a hundred options. */
function unshown(choices: number): readonly Phrase[] {
  const more = choices - LIMITS.options;
  return more > 0
    ? [[`The first ${LIMITS.options} are in the menu; write more of the name for the other ${count(more)}.`]]
    : [];
}

function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}
