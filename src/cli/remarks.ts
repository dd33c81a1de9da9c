// What stands below a report's table: nodes that were not read, warnings, problems, what was left out on purpose.

import wrapAnsi from 'wrap-ansi';
import { count, counted, percent } from '../core/base/format.ts';
import { inWords, type Problem } from '../core/base/problem.ts';
import { fullness, nodesRead, nodesUnread, shortHosts, TIGHT } from '../core/connections/node-usage.ts';
import { type ConnectionReport, isByChoice } from '../core/connections/report.ts';
import { printable } from './printable.ts';
import { tableLines } from './table.ts';
import type { Paint } from './terminal.ts';

const MOST_WARNINGS = 8;

export function remarkLines(report: ConnectionReport, { width, paint }: Page): readonly string[] {
  return [
    ...unreadLines(report, paint),
    ...warningLines(report, paint),
    ...problemLines(report, paint),
    ...report.leftOut.map(({ host, reason }) => `left out: ${printable(host)}  ${printable(reason)}`),
  ].map((line) => wrapped(line, { width, indent: 2 }));
}

/** Why the numbers are not whole: nodes that were not read, and problems. */
export function gapLines(report: ConnectionReport, paint: Paint): readonly string[] {
  return [...unreadLines(report, paint), ...problemLines(report, paint)];
}

export interface Page {
  /** In columns. */
  readonly width: number;
  readonly paint: Paint;
}

/** At words, what follows set in. */
export function wrapped(line: string, { width, indent }: { readonly width: number; readonly indent: number }): string {
  const [first = '', ...rest] = wrapAnsi(line, width, { hard: true }).split('\n');
  if (rest.length === 0) return first;
  // The first line may be as wide as the page, the others begin further in.
  return wrapAnsi(line, Math.max(width - indent, 1), { hard: true }).replaceAll('\n', `\n${' '.repeat(indent)}`);
}

function problemLines({ problems }: ConnectionReport, paint: Paint): readonly string[] {
  const mark = (problem: Problem) => (isByChoice(problem) ? 'remark:' : paint('yellow', 'problem:'));
  return problems.map((problem) => `${mark(problem)} ${sentence(problem)}`);
}

function unreadLines(report: ConnectionReport, paint: Paint): readonly string[] {
  // The sentence names the node.
  return nodesUnread(report).map(({ problem }) => `${paint('red', 'not read:')} ${sentence(problem)}`);
}

/** What happened and what to do, in one line. */
export function sentence(problem: Problem): string {
  return printable(inWords(problem));
}

function warningLines(report: ConnectionReport, paint: Paint): readonly string[] {
  const shown = report.findings.filter(({ severity }) => severity === 'warning').slice(0, MOST_WARNINGS);
  const more = report.findings.length - shown.length;
  return [
    ...tightNodes(report).map((text) => `${paint('red', 'warning:')} ${text}`),
    ...shown.map(({ text }) => `${paint('yellow', 'warning:')} ${printable(text)}`),
    ...(more > 0
      ? [
          `${shown.length > 0 ? 'and ' : ''}${counted(more, shown.length > 0 ? 'more finding' : 'finding')} about the access list: --json lists them`,
        ]
      : []),
  ];
}

function tightNodes(report: ConnectionReport): readonly string[] {
  const short = shortHosts(report);
  return nodesRead(report).flatMap((node) => {
    const full = fullness(node);
    if (full === null || full.ratio < TIGHT) return [];
    return [
      `${printable(short(node.host))} is at ${percent(full.ratio)} of its limit (${count(full.current)} of ${count(full.limit)})`,
    ];
  });
}

/** Server threads by name, summed over the nodes that were read. */
export function threadLines(report: ConnectionReport, { width, paint }: Page): readonly string[] {
  const sums = new Map<string, number>();
  for (const { name, count } of nodesRead(report).flatMap(({ threads }) => threads))
    sums.set(name, (sums.get(name) ?? 0) + count);
  const rows = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (rows.length === 0) return ['No server threads were seen.'];
  const [head = '', ...lines] = tableLines<[string, number]>({
    columns: [
      { title: 'SERVER THREAD', kind: 'name', cell: ([name]) => name },
      { title: 'COUNT', kind: 'figure', cell: ([, sum]) => count(sum) },
    ],
    rows,
    width,
  });
  return [paint('bold', head), ...lines];
}
