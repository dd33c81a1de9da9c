// Something could not be done or read: what, and what to do; with the way to the last reading where there is one.

import type { Button } from '@slack/types';
import type { Problem } from '../../core/base/problem.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { ACTIONS, targetValue } from '../blockkit/action-values.ts';
import { actions, button, message, prose } from '../blockkit/blocks.ts';
import { bold, moment, type Phrase } from '../blockkit/rich-text.ts';
import type { MessageView, Place } from '../blockkit/types.ts';
import { freshReport, homeBack } from './buttons.ts';
import { problemLines, sentence, unreadLines } from './notes.ts';

export interface LastReading {
  readonly cluster: string;
  /** ISO 8601. */
  readonly at: string;
}

export function problemView(problem: Problem, options: { readonly lastReading?: LastReading } = {}): MessageView {
  const { lastReading } = options;
  const lines = [sentence(problem), ...lastReadingLines(lastReading)];
  return message({
    said: lines,
    above: [prose(lines)],
    below: lastReading === undefined ? [] : [actions([showLast(lastReading)])],
  });
}

/** A reading in which no node answered: why, node by node. */
export function unreadView(
  report: ConnectionReport,
  options: { readonly lastReading?: LastReading; readonly place?: Place } = {},
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

function lastReadingLines(lastReading: LastReading | undefined): readonly Phrase[] {
  return lastReading === undefined ? [] : [['The last reading is of ', moment(lastReading.at, 'date-time'), '.']];
}

function showLast({ cluster }: LastReading): Button {
  return button({
    action: ACTIONS.showLast,
    word: 'Show it',
    value: targetValue({ cluster }),
    label: `Show the last reading of ${cluster}`,
  });
}
