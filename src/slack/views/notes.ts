// Notes beside the numbers: warnings, nodes that were not read, problems.

import type { ContextBlock } from '@slack/types';
import { HOUR } from '../../core/base/duration.ts';
import { count, counted, joinWords, percent, span, sum } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Clients } from '../../core/connections/clients.ts';
import { clientsBy, type Dimension } from '../../core/connections/group-by.ts';
import {
  byFullness,
  nodesRead,
  nodesUnread,
  shortHosts,
  TIGHT,
  type UnreadCause,
  unreadByCause,
} from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type ConnectionSource, neverAuthenticated } from '../../core/connections/source.ts';
import { context } from '../blockkit/blocks.ts';
import { bold, code, moment, type Phrase, type Timestamp } from '../blockkit/rich-text.ts';

const MOST_WARNINGS = 3;
const MOST_UNREAD = 5;
/** Names of nodes in one line. */
const MOST_NAMED = 9;
const MOST_PROBLEMS = 3;

/**
 * The most severe first; empty without a warning, whatever the number of notices in the hygiene view.
 * @param firing lines about firing alerts, the most severe first
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

/** A finding, with its entry in bold if the text begins with it. */
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

/** Every node that was not read, with reason and remedy: a line for each reason. Of many reasons, the first ones. */
export function unreadLines(report: ConnectionReport): readonly Phrase[] {
  const unread = nodesUnread(report);
  const short = shortHosts(report);
  const causes = unreadByCause(unread);
  const more = sum(causes.slice(MOST_UNREAD), ({ hosts }) => hosts.length);
  return [
    ...causes.slice(0, MOST_UNREAD).map((cause) => unreadLine(cause, short)),
    ...(more > 0 ? [[`and ${counted(more, 'more node')} not read.`]] : []),
    ...(unread.length > 0 && nodesRead(report).length > 0 ? [['The numbers are those of the other nodes.']] : []),
  ];
}

function unreadLine({ hosts, problem }: UnreadCause, short: (host: string) => string): Phrase {
  const [first = '', ...others] = hosts.map(short);
  if (others.length === 0) return [bold(first), ' was not read: ', ...sentence(problem)];
  const named = hosts.slice(0, MOST_NAMED).map(short);
  const names = hosts.length > MOST_NAMED ? [...named, `${hosts.length - MOST_NAMED} more`] : named;
  return [bold(counted(hosts.length, 'node')), ` were not read (${joinWords(names)}): `, ...sentence(problem)];
}

/** Incomplete parts of the reading, e.g. the access list. */
export function problemLines({ problems }: { readonly problems: readonly Problem[] }): readonly Phrase[] {
  const more = problems.length - MOST_PROBLEMS;
  return [
    ...problems.slice(0, MOST_PROBLEMS).map(sentence),
    ...(more > 0 ? [[`and ${counted(more, 'more problem')}: the log has them.`]] : []),
  ];
}

export function sentence({ text, remedy }: Problem): Phrase {
  return remedy === '' ? [text] : [text, ' ', remedy];
}

// The small lines below a view: age and completeness of the figures, and the meaning of the marks.

/** From this age on, people would read a time of day without a date as today's. */
const OLD_MS = 12 * HOUR;
/** A younger reading was made for this answer. */
const WORTH_TELLING_MS = 1_000;

export function footer(report: ConnectionReport, input: { ageMs: number; notes?: readonly Phrase[] }): ContextBlock {
  return context([readLine(report, input.ageMs), ...(input.notes ?? [])]);
}

/** `read 10:02:11 in 0.2 s · 3 of 4 nodes · access list of 10:00, 41 entries` */
function readLine(report: ConnectionReport, ageMs: number): Phrase {
  const { at, tookMs, nodes, accessList } = report;
  const age = ageMs < WORTH_TELLING_MS ? '' : `, ${span(Math.floor(ageMs / 1000) * 1000)} ago,`;
  const of = `${nodesRead(report).length} of ${counted(nodes.length, 'node')}`;
  const start: Phrase = ['read ', when(at, { isOld: ageMs > OLD_MS }), `${age} in ${span(tookMs)} · ${of} · `];
  if (accessList === null) return [...start, 'no access list'];
  const isOld = ageMs > OLD_MS || Date.parse(at) - Date.parse(accessList.readAt) > OLD_MS;
  const entries = accessList.entries === 1 ? '1 entry' : `${count(accessList.entries)} entries`;
  const partly = accessList.complete ? '' : ', read in part';
  const list = moment(accessList.readAt, isOld ? 'date-time' : 'time');
  return [...start, 'access list of ', list, `, ${entries}${partly}`];
}

function when(at: string, { isOld }: { isOld: boolean }): Timestamp {
  return moment(at, isOld ? 'date-time' : 'seconds');
}

/** What `~`, `?` and `≥` mean, and what the servers do not report. */
export function doubtLines(report: ConnectionReport, by: Dimension): readonly Phrase[] {
  const { sources } = report;
  const isEstimated = (what: 'monitors' | 'users') => sources.some(({ estimated }) => estimated.includes(what));
  return [
    ...(isEstimated('monitors')
      ? [['~ is an estimate: this server does not distinguish idle heartbeats from pooled connections.']]
      : []),
    ...clientsLines(clientsBy(report, by)),
    ...unsignedLines(sources),
    ...(isEstimated('users') && by === 'user'
      ? [['Users are incomplete: this server does not report the users of idle connections.']]
      : []),
  ];
}

/** The meaning of `?` and `≥`, if a row has them. */
export function clientsLines(shown: readonly Clients[]): readonly Phrase[] {
  return [
    ...(shown.some(({ clients }) => clients === null)
      ? [['? is unknown: drivers that poll do not show how many clients there are.']]
      : []),
    ...(shown.some(({ clientsAtLeast }) => clientsAtLeast === true)
      ? [['≥ is a lower bound: these clients do not explain all of the connections.']]
      : []),
  ];
}

/** Connections that never authenticated. */
export function unsignedLines(sources: readonly ConnectionSource[]): readonly Phrase[] {
  const many = neverAuthenticated(sources);
  return many === 0
    ? []
    : [[`${counted(many, 'dormant connection')} never authenticated, and no heartbeat explains them.`]];
}
