// Several clusters or sources match: asks which one is meant.

import { count } from '../../core/base/format.ts';
import type { ConnectionSource } from '../../core/connections/source.ts';
import type { ClusterList } from '../../core/ports/reports.ts';
import { ACTIONS } from '../blockkit/action-values.ts';
import { actions, type Choice, message, prose, select } from '../blockkit/blocks.ts';
import { LIMITS } from '../blockkit/limits.ts';
import { bold, type Phrase } from '../blockkit/rich-text.ts';
import type { MessageView } from '../blockkit/types.ts';
import { sourceMenu } from './buttons.ts';
import { leftLines } from './status.ts';

/** Names that the fallback text lists. */
const MOST_NAMED = 20;

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
}): MessageView {
  const { cluster, text, candidates } = input;
  const menu = sourceMenu(cluster, candidates);
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
