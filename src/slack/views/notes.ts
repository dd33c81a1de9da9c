// What is said beside the numbers: warnings, nodes that were not read, problems.

import { count, counted, percent } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { byFullness, nodesRead, nodesUnread, shortHosts, TIGHT } from '../../core/connections/node-usage.ts';
import type { ConnectionReport, UnreadNode } from '../../core/connections/report.ts';
import { bold, code, type Phrase } from '../blockkit/rich-text.ts';

const MOST_WARNINGS = 3;
const MOST_UNREAD = 5;
const MOST_PROBLEMS = 3;

/**
 * The worst first; empty where there is nothing to warn of, however many notices wait in the hygiene view.
 * @param firing what fires, the worst first
 */
export function warningLines(
  report: ConnectionReport,
  command: string,
  firing: readonly Phrase[] = [],
): readonly Phrase[] {
  const tight = tightLines(report);
  const urgent = [...tight, ...firing.slice(0, MOST_WARNINGS - tight.length)];
  const unsaid = tight.length + firing.length - urgent.length;
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  const shown = warnings.slice(0, MOST_WARNINGS - urgent.length);
  const lines: readonly Phrase[] = [...urgent, ...shown.map((finding) => entryFirst(finding))];
  const more = report.findings.length - shown.length;
  return [
    ...lines,
    ...(unsaid === 0 ? [] : [[`and ${counted(unsaid, 'more alert')}: `, code(`${command} alerts ${report.cluster}`)]]),
    ...(lines.length === 0 || more === 0
      ? []
      : [[`and ${counted(more, 'more finding')}: `, code(`${command} hygiene ${report.cluster}`)]]),
  ];
}

/** A finding with the entry that it is about made bold, where it begins with it. */
export function entryFirst({ entry, text }: { readonly entry: string; readonly text: string }): Phrase {
  return entry !== '' && text.startsWith(entry) ? [bold(entry), text.slice(entry.length)] : [text];
}

/** At most one line: the fullest node, and how many others are tight too. */
export function tightLines(report: ConnectionReport): readonly Phrase[] {
  const [worst, ...others] = byFullness(report).filter(({ ratio }) => ratio >= TIGHT);
  if (worst === undefined) return [];
  const { host, ratio, current, limit } = worst;
  const rest = others.length === 0 ? '.' : `; ${counted(others.length, 'more node')} above ${percent(TIGHT)}.`;
  const at = ` is at ${percent(ratio)} of its limit, ${count(current)} of ${count(limit)} connections${rest}`;
  return [[bold(shortHosts(report)(host)), at]];
}

/** Every node that was not read, with reason and remedy; of many the first. */
export function unreadLines(report: ConnectionReport): readonly Phrase[] {
  const unread = nodesUnread(report);
  const short = shortHosts(report);
  const more = unread.length - MOST_UNREAD;
  return [
    ...unread.slice(0, MOST_UNREAD).map((node) => unreadLine(node, short(node.host))),
    ...(more > 0 ? [[`and ${counted(more, 'more node')} not read.`]] : []),
    ...(unread.length > 0 && nodesRead(report).length > 0 ? [['The numbers are those of the other nodes.']] : []),
  ];
}

function unreadLine({ problem }: UnreadNode, name: string): Phrase {
  return [bold(name), ' was not read: ', ...sentence(problem)];
}

/** What could be read only in part, e.g. the access list. */
export function problemLines({ problems }: { readonly problems: readonly Problem[] }): readonly Phrase[] {
  const more = problems.length - MOST_PROBLEMS;
  return [
    ...problems.slice(0, MOST_PROBLEMS).map(sentence),
    ...(more > 0 ? [[`and ${counted(more, 'more problem')}: the log has them.`]] : []),
  ];
}

/** What happened and what to do. */
export function sentence({ text, remedy }: Problem): Phrase {
  return remedy === '' ? [text] : [text, ' ', remedy];
}
