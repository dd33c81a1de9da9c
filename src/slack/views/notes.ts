// Notes beside the numbers: warnings, nodes that were not read, problems.

import type { ContextBlock } from '@slack/types';
import type { Alert } from '../../core/alerting/alert.ts';
import { HOUR } from '../../core/base/duration.ts';
import { clipped, count, counted, joinWords, percent, span, sum } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Clients } from '../../core/connections/clients.ts';
import { clientsBy, clientsLeftOut, type Dimension } from '../../core/connections/group-by.ts';
import {
  byFullness,
  type FullNode,
  nodesRead,
  nodesUnread,
  shortHosts,
  TIGHT,
  type UnreadCause,
  unreadByCause,
} from '../../core/connections/node-usage.ts';
import type { ConnectionReport } from '../../core/connections/report.ts';
import { type ConnectionSource, neverAuthenticated } from '../../core/connections/source.ts';
import { RULES } from '../../core/detection/rules.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import type { Diagnosis, Why } from '../../core/diagnosis/diagnosis.ts';
import { inShort, warningOfEach } from '../../core/diagnosis/in-words.ts';
import { farBelowUsual } from '../../core/evidence/culprits.ts';
import { isAtLimit, type ShutOut } from '../../core/evidence/evidence.ts';
import { context } from '../blockkit/blocks.ts';
import { bold, code, moment, type Phrase, type Timestamp, who } from '../blockkit/rich-text.ts';
import type { MessagePlace } from '../blockkit/types.ts';
import { at, byWhom, endingWords, factsOf, markOf, stateWord } from './alert.ts';
import type { ReportContext } from './alert-status.ts';

const MOST_ALERTS = 5;
const MOST_SHUT_OUT = 3;
const MOST_LEFT_OUT = 3;
const MOST_WARNINGS = 3;
const MOST_UNREAD = 5;
/** Names of nodes in one line. */
const MOST_NAMED = 9;
const MOST_PROBLEMS = 3;

// What is abnormal: it leads a view, above its table.

/**
 * The open alerts with their marks, the most severe first. Their figures are those of the report where it has them.
 * @param options.more the command that lists the others
 */
export function alertLines(
  report: ConnectionReport,
  reportContext: ReportContext | null,
  options: { readonly place: MessagePlace; readonly more: string },
): readonly Phrase[] {
  const alerts = (reportContext?.alerts ?? []).toSorted(byWeight);
  const more = alerts.length - MOST_ALERTS;
  return [
    ...alerts.slice(0, MOST_ALERTS).map((alert) => alertLine(alert, { report, reportContext, place: options.place })),
    ...(more > 0 ? [[`and ${counted(more, 'more alert')}: `, code(options.more)]] : []),
  ];
}

/** The silences that the lines of silenced alerts do not say. */
export function unsaidSilences(reportContext: ReportContext | null): ReportContext['silences'] {
  const { alerts = [], silences = [] } = reportContext ?? {};
  const isSaid = ({ source, node }: ReportContext['silences'][number]) =>
    (source !== null || node !== null) &&
    alerts.some((alert) => alert.state === 'silenced' && alert.source === source && alert.node === node);
  return silences.filter((silence) => !isSaid(silence));
}

const STATES = ['firing', 'acknowledged', 'silenced', 'ended'] as const;

function byWeight(a: Alert, b: Alert): number {
  const order = ({ state, severity, calmSince }: Alert) =>
    STATES.indexOf(state) * 4 + (calmSince === null ? 0 : 2) + (severity === 'critical' ? 0 : 1);
  return order(a) - order(b) || b.value - a.value;
}

interface AlertContext {
  readonly report: ConnectionReport;
  readonly reportContext: ReportContext | null;
  readonly place: MessagePlace;
}

/** `🟠 Warning — Billing API holds 412 dormant connections, usually 61. Since 09:55.` */
function alertLine(alert: Alert, context: AlertContext): Phrase {
  const { rule, since, state, calmSince, lastAction } = alert;
  const start: Phrase = [`${markOf(alert)} `, bold(`${stateWord(alert)} — `)];
  if (state === 'firing' && calmSince !== null) {
    const { calm } = RULES[rule].words;
    return [...start, bold(subjectName(alert)), `: ${calm} since `, at(calmSince), ', ', ...endingWords(alert), '.'];
  }
  const facts: Phrase = [...start, ...figuresNow(alert, context), '. '];
  const by: Phrase = lastAction === null || context.place.kind === 'shared' ? [] : [' ', ...byWhom(lastAction.by)];
  if (state === 'acknowledged') return [...facts, 'Acknowledged', ...by, ', firing since ', at(since), '.'];
  if (state !== 'silenced') return [...facts, 'Since ', at(since), '.'];
  const until: Phrase = lastAction?.until == null ? [] : [' until ', at(lastAction.until)];
  const reason = lastAction?.reason == null ? '' : ` (${lastAction.reason})`;
  return [...facts, 'Silenced', ...until, ...by, reason, ', firing since ', at(since), '.'];
}

/** The figures of this report; those of the alert, with their time, where the report has none. */
function figuresNow(alert: Alert, { report, reportContext }: AlertContext): Phrase {
  const { rule, source, node, usual, judgedAt } = alert;
  const dormant = report.sources.find(({ id }) => id === source)?.dormant;
  // The table beside it has the usual of the context.
  const usually = reportContext?.usual.get(source ?? '')?.usual ?? usual;
  if (RULES[rule].figure === 'dormant' && dormant !== undefined && usually !== null) {
    const held = counted(dormant, 'dormant connection');
    return [bold(alert.who), ` holds ${held}, usually ${count(Math.round(usually))}`];
  }
  const full = rule === 'node-headroom' ? byFullness(report).find(({ host }) => host === node) : undefined;
  if (full !== undefined) return [bold(shortHosts(report)(full.host)), ` is at ${usedOf(full)}`];
  return [...factsOf(alert), ', as of ', at(judgedAt)];
}

const usedOf = ({ ratio, current, limit }: FullNode): string =>
  `${percent(ratio)} of its limit, ${count(current)} of ${count(limit)} connections`;

/** At most one line: the fullest node, and how many others are tight too. Nodes that an alert names are left out. */
export function tightLines(report: ConnectionReport, reportContext: ReportContext | null = null): readonly Phrase[] {
  const isTold = (host: string) =>
    reportContext?.alerts.some(({ rule, node }) => rule === 'node-headroom' && node === host) ?? false;
  const tight = byFullness(report).filter(({ ratio, host }) => ratio >= TIGHT && !isTold(host));
  const [worst, ...others] = tight;
  if (worst === undefined) return [];
  const rest = others.length === 0 ? '.' : `; ${counted(others.length, 'more node')} above ${percent(TIGHT)}.`;
  return [[bold(shortHosts(report)(worst.host)), ` is at ${usedOf(worst)}${rest}`]];
}

/** A source far below its usual, with its active and dormant connections: 0 if it is not in the report. */
export interface FarBelow extends ShutOut {
  /** A node of the cluster is at its limit or refuses connections. */
  readonly isShutOut: boolean;
}

/**
 * What a source holds on an unread node is unknown: then these are the sources that the alerts name, with the figures of
 * their reading. A source without any connection may have ended its work, so it is here only while a node is at its
 * limit.
 */
export function farBelow(report: ConnectionReport, reportContext: ReportContext | null): readonly FarBelow[] {
  if (reportContext === null || report.totals.active === null) return [];
  const held = new Map(report.sources.map(({ id, name, active, dormant }) => [id, { name, now: active + dormant }]));
  const told = toldShutOut(reportContext.alerts);
  if (nodesUnread(report).length > 0)
    return farBelowUsual(told.map((one) => ({ ...one, now: Math.max(one.now, held.get(one.source)?.now ?? 0) }))).map(
      (one) => ({ ...one, isShutOut: true }),
    );
  const isShutOut =
    told.length > 0 ||
    byFullness(report).some(isAtLimit) ||
    reportContext.alerts.some(({ rule, calmSince }) => rule === 'rejected' && calmSince === null);
  const known = [...reportContext.usual].map(([source, { name, pooled, usual }]) => ({
    ...{ source, name, now: 0, ...held.get(source) },
    usual: pooled === null ? 0 : Math.round(Math.max(pooled, usual ?? 0)),
  }));
  return farBelowUsual(known)
    .filter(({ source }) => isShutOut || held.has(source))
    .map((one) => ({ ...one, isShutOut }));
}

/** By the newest reading that an open alert shows. */
function toldShutOut(alerts: readonly Alert[]): readonly ShutOut[] {
  const shown = alerts.flatMap(({ evidence }) => (evidence === null || evidence.readAt === null ? [] : [evidence]));
  return shown.toSorted((a, b) => (b.readAt ?? 0) - (a.readAt ?? 0))[0]?.shutOut ?? [];
}

/** `Shut out: 198.51.100.128/28 (0, usually 24).` */
export function shutOutLines(below: readonly FarBelow[]): readonly Phrase[] {
  const shutOut = below.filter(({ isShutOut }) => isShutOut);
  if (shutOut.length === 0) return [];
  const more = shutOut.length - MOST_SHUT_OUT;
  const named = shutOut.slice(0, MOST_SHUT_OUT).flatMap(({ name, now, usual }, index): Phrase => {
    return [index === 0 ? '' : ', ', bold(name), ` (${count(now)}, usually ${count(usual)})`];
  });
  return [['Shut out while a node is at its limit: ', ...named, more > 0 ? ` and ${count(more)} more.` : '.']];
}

/** Warnings of diagnoses, one for each source. */
export interface SourceWarnings {
  /** As many as a report may show. */
  readonly worst: readonly Diagnosis[];
  readonly more: number;
}

export function sourceWarnings({ diagnoses }: Pick<Why, 'diagnoses'>): SourceWarnings {
  const all = warningOfEach(diagnoses);
  const worst = all.slice(0, MOST_WARNINGS);
  return { worst, more: all.length - worst.length };
}

/**
 * At most three: sources with a diagnosis by what would be freed, then the access list. Its worst one keeps its place,
 * because clients may be cut off.
 */
export function warningLines(
  report: ConnectionReport,
  { command, sources }: { readonly command: string; readonly sources: SourceWarnings },
): readonly Phrase[] {
  const ofList = report.findings.some(({ severity }) => severity === 'warning') ? 1 : 0;
  const shown = sources.worst.slice(0, MOST_WARNINGS - ofList);
  const more = sources.more + sources.worst.length - shown.length;
  const short = shortHosts(report);
  return [
    ...shown.map((diagnosis): Phrase => [bold(clipped(diagnosis.name)), `: ${inShort(diagnosis, short)}`]),
    ...(more === 0 ? [] : [[`and ${counted(more, 'more source')}: `, code(`${command} why ${report.cluster}`)]]),
    ...listLines(report, { command, most: MOST_WARNINGS - shown.length }),
  ];
}

/** Warnings about the access list; empty without one, whatever the number of notices in the hygiene view. */
function listLines(
  report: ConnectionReport,
  { command, most }: { readonly command: string; readonly most: number },
): readonly Phrase[] {
  const shown = report.findings.filter(({ severity }) => severity === 'warning').slice(0, most);
  const more = report.findings.length - shown.length;
  return [
    ...shown.map((finding) => entryFirst(finding)),
    ...(shown.length === 0 || more === 0
      ? []
      : [[`and ${counted(more, 'more finding')}: `, code(`${command} hygiene ${report.cluster}`)]]),
  ];
}

/** A finding, with its entry in bold if the text begins with it. */
export function entryFirst({ entry, text }: { readonly entry: string; readonly text: string }): Phrase {
  return entry !== '' && text.startsWith(entry) ? [bold(entry), text.slice(entry.length)] : [text];
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

/** Whose answer everyone sees; nothing for an answer to one person. */
export function sharerLines(place: MessagePlace): readonly Phrase[] {
  return place.kind === 'shared' ? [[place.isAnswer === true ? 'Asked by ' : 'Shared by ', who(place.by)]] : [];
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
    ...leftOutLines(clientsLeftOut(report, by)),
    ...unsignedLines(sources),
    ...(isEstimated('users') && by === 'user'
      ? [['Users are incomplete: this server does not report the users of idle connections.']]
      : []),
  ];
}

function leftOutLines(names: readonly string[]): readonly Phrase[] {
  const more = names.length - MOST_LEFT_OUT;
  const named = [...names.slice(0, MOST_LEFT_OUT), ...(more > 0 ? [`${count(more)} more`] : [])];
  return names.length === 0 ? [] : [[`The numbers of clients leave out ${joinWords(named)}: their drivers poll.`]];
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
