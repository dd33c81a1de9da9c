// Lines about alerts and silences: firing, acknowledged, silenced; and the pools of an app's alert.

import { type Alert, isOpen } from '../../core/alerting/alert.ts';
import type { Silence } from '../../core/alerting/silence.ts';
import { clipped, count, counted, joinWords } from '../../core/base/format.ts';
import type { Problem } from '../../core/base/problem.ts';
import { poolsText } from '../../core/commands/pools.ts';
import { isAboutApp } from '../../core/detection/rules.ts';
import { subjectName } from '../../core/detection/sentences.ts';
import type { ExhaustedProcess, PoolImpact } from '../../core/evidence/evidence.ts';
import { waitParts } from '../../core/evidence/pools.ts';
import { waitText } from '../../core/pools/look.ts';
import type { AlertOverview, BaselineComparison, History } from '../../core/ports/monitor.ts';
import { bold, code, moment, near, type Phrase, timed } from '../blockkit/rich-text.ts';
import type { MessagePlace } from '../blockkit/types.ts';

import { at, byWhom, stateWord } from './alert.ts';

/** The context that a report shows beside its own figures. */
export interface ReportContext {
  /** By id of the source. */
  readonly usual: ReadonlyMap<string, BaselineComparison>;
  /** The cluster's open alerts. */
  readonly alerts: readonly Alert[];
  /** The silences in force for the cluster. */
  readonly silences: readonly Silence[];
  /** The last day of the source in the view; null without a source, or before its first scheduled reading. */
  readonly history: History | null;
  /** Why the context is missing; null when it is not. */
  readonly problem: Problem | null;
}

const MOST_QUIET = 3;
const MOST_LEARNING = 3;

/** Silences stay visible. */
export function silenceLines(
  silences: readonly Silence[],
  { place, more: command }: { readonly place: MessagePlace; readonly more: string },
): readonly Phrase[] {
  const more = silences.length - MOST_QUIET;
  return [
    ...silences.slice(0, MOST_QUIET).map((silence) => silenceLine(silence, { place })),
    ...(more > 0 ? [[`and ${counted(more, 'more silence')}: `, code(command)]] : []),
  ];
}

/** `Billing API: acknowledged by @who, 10:07`, for places that show the figures beside it */
export function acknowledgedWords(alert: Alert, { place }: { readonly place: MessagePlace }): Phrase {
  const { lastAction } = alert;
  const acted: Phrase = lastAction === null ? [] : [...person(lastAction.by, place), ', ', at(lastAction.at)];
  return [bold(subjectName(alert)), ': acknowledged', ...acted];
}

/** `Billing API: silenced until 14:00 by @who (deploy)` */
export function silenceLine(silence: Silence, { place }: { readonly place: MessagePlace }): Phrase {
  const { who, until, by, reason, rule, hold } = silence;
  const narrowed = rule === null || who === `rule ${rule}` ? '' : `, ${rule}`;
  const where = silence.cluster === null ? ' in every cluster' : '';
  const critical = hold ? ', held also when critical' : '';
  const why = reason === null ? '' : ` (${reason})`;
  return [bold(who), `${narrowed}${where}: silenced until `, at(until), critical, ...person(by, place), why];
}

/** In a shared message a mention would ping the person. */
function person(by: string | null, place: MessagePlace): Phrase {
  return place.kind === 'shared' ? [] : [' ', ...byWhom(by)];
}

/** `1 critical, 2 warnings, 1 recovering, 1 acknowledged, 1 silenced`; empty without an open alert */
export function stateCounts(alerts: readonly Alert[]): string {
  const words = Map.groupBy(alerts.filter(isOpen), (alert) => stateWord(alert).toLowerCase());
  const found = ['critical', 'warning', 'recovering', 'acknowledged', 'silenced'].flatMap((word) => {
    const many = words.get(word)?.length ?? 0;
    return many === 0 ? [] : [word === 'warning' ? counted(many, word) : `${count(many)} ${word}`];
  });
  return found.join(', ');
}

/** `prod and reports have less than a day of history; baseline rules start at Nov 22, 10:05.` */
export function learningLines(learning: AlertOverview['learning']): readonly Phrase[] {
  const last = learning.at(-1);
  if (last === undefined) return [];
  const names = learning.slice(0, MOST_LEARNING).flatMap(({ cluster }, index): Phrase => {
    return [index === 0 ? '' : index === learning.length - 1 ? ' and ' : ', ', bold(cluster)];
  });
  const more = learning.length - MOST_LEARNING;
  return [
    [
      ...names,
      more > 0 ? ` and ${count(more)} more` : '',
      learning.length === 1 ? ' has' : ' have',
      ' less than a day of history; baseline rules start at ',
      at(last.until),
      '.',
    ],
  ];
}

/** Deliveries that Slack does not have yet. */
export function waitingLines(waiting: { readonly count: number; readonly oldest: number | null }): readonly Phrase[] {
  if (waiting.count === 0) return [];
  const since: Phrase =
    waiting.oldest === null ? [] : [', the oldest since ', moment(new Date(waiting.oldest).toISOString(), 'date-time')];
  return [
    [
      `${counted(waiting.count, 'message')} for Slack ${waiting.count === 1 ? 'waits' : 'wait'} to be sent`,
      ...since,
      '.',
    ],
  ];
}

// The pools of an app. Its alert has no source, no history and no growth: the processes are what there is to show.

/**
 * `3 of 12 processes wait for a connection of their own pools as of 14:46: 300 of 300 in use, 17 operations waiting. Since
 * 14:45: 1,204 checkouts succeeded, 41 timed out, the mean wait was 450 ms. 380 timed out since 14:20.` Resolved, the
 * figures of its last minute say little.
 */
export function poolImpactWords(pools: PoolImpact, alert: Alert): Phrase {
  const { processes, exhausted, waiting, at: seenAt, since } = pools;
  if (!isOpen(alert)) return wholeWords(pools, alert);
  const isPast = alert.calmSince !== null;
  const verb = isPast ? 'waited' : exhausted === 1 ? 'waits' : 'wait';
  const queue = waiting === 0 ? '' : `, ${counted(waiting, 'operation')} waiting`;
  return [
    `${count(exhausted)} of ${counted(processes, 'process')} ${verb} for a connection of ${exhausted === 1 ? 'its' : 'their'} own pools as of `,
    near(seenAt, alert.judgedAt),
    `: ${useText(pools)}${queue}. `,
    ...(isPast
      ? ['From ', near(since, alert.judgedAt), ' to ', near(seenAt, alert.judgedAt)]
      : ['Since ', near(since, alert.judgedAt)]),
    `: ${checkoutText(pools)}.`,
    ...timedOutWords(pools, alert),
  ];
}

/** `1,204 checkouts succeeded, 41 timed out, the mean wait was 450 ms`, `no checkout succeeded` */
function checkoutText({ checkouts, meanWaitMs, timeouts }: PoolImpact): string {
  return [
    meanWaitMs === null ? 'no checkout succeeded' : `${counted(checkouts, 'checkout')} succeeded`,
    ...(timeouts === 0 ? [] : [`${count(timeouts)} timed out`]),
    ...(meanWaitMs === null ? [] : [`the mean wait was ${waitText(meanWaitMs)}`]),
  ].join(', ');
}

/** ` 380 timed out since 14:20.`; empty where the last minute had all of them */
function timedOutWords({ whole, timeouts }: PoolImpact, { judgedAt }: Alert): Phrase {
  if (whole === undefined || whole.timeouts <= timeouts) return [];
  return [` ${count(whole.timeouts)} timed out since `, near(whole.since, judgedAt), '.'];
}

/** `At most 5 processes waited for a connection of their own pools. 380 checkouts timed out from 14:20 to 14:46: these operations failed.` */
function wholeWords(pools: PoolImpact, { peak, judgedAt }: Alert): Phrase {
  const { timeouts, since } = pools.whole ?? pools;
  const most = `${peak === 1 ? '1 process' : `At most ${counted(peak, 'process')}`} waited for a connection of ${peak === 1 ? 'its' : 'their'} own pools.`;
  if (timeouts === 0) return [most];
  return [
    `${most} ${counted(timeouts, 'checkout')} timed out from `,
    near(since, judgedAt),
    ' to ',
    near(pools.at, judgedAt),
    `: ${timeouts === 1 ? 'this operation' : 'these operations'} failed.`,
  ];
}

/** `Source: Billing API`; empty where no reading tells it */
export function poolSourceLine({ sources = [] }: PoolImpact): readonly Phrase[] {
  if (sources.length === 0) return [];
  const names = joinWords(sources.map(({ name }) => clipped(name, 60)));
  return [[bold(sources.length === 1 ? 'Source: ' : 'Sources: '), names, '.']];
}

/** `300 of 300 in use` */
function useText({ inUse, capacity }: Pick<PoolImpact, 'inUse' | 'capacity'>): string {
  return `${useFigure({ inUse, capacity })} in use`;
}

/** `300 of 300` */
export function useFigure({ inUse, capacity }: Pick<PoolImpact, 'inUse' | 'capacity'>): string {
  return capacity === null ? count(inUse) : `${count(inUse)} of ${count(capacity)}`;
}

const LONGEST_CAUSE = 900;
const MOST_PROCESSES = 3;

/** The cause, and the processes that wait most. */
export function poolCauseLines(alert: Alert, { cause, worst, exhausted, at: seenAt }: PoolImpact): readonly Phrase[] {
  const { judgedAt } = alert;
  const named = worst.slice(0, MOST_PROCESSES);
  const more = exhausted - named.length;
  const rest = more > 0 ? `; and ${count(more)} more` : '';
  return [
    [bold('Likely cause: '), ...timed(clipped(cause, LONGEST_CAUSE), judgedAt)],
    [...mostWords(alert, seenAt), `${named.map(processText).join('; ')}${rest}.`],
  ];
}

/** `Waiting most: `, `Waited most, as of 14:46: ` */
function mostWords(alert: Alert, seenAt: number): Phrase {
  if (isOpen(alert)) return [bold('Waiting most: ')];
  return [bold('Waited most'), ', as of ', near(seenAt, alert.judgedAt), ': '];
}

/** `web-7 (pid 4711): 100 of 100 in use, 9 waiting, mean wait 2.1 s` */
function processText(one: ExhaustedProcess): string {
  return `${processName(one)}: ${[useText(one), ...waitParts(one)].join(', ')}`;
}

/** `web-7 (pid 4711)` */
export function processName({ host, pid }: Pick<ExhaustedProcess, 'host' | 'pid'>): string {
  return `${clipped(host, 60)} (pid ${pid})`;
}

/**
 * An app has no page of its own: the command that lists its processes.
 * @param command the slash command's name
 */
export function processesLine(
  { rule, who, cluster }: Pick<Alert, 'rule' | 'who' | 'cluster'>,
  command: string,
): readonly Phrase[] {
  if (!isAboutApp(rule)) return [];
  return [['All of its processes: ', code(`${command} ${poolsText(clipped(who, 100), cluster)}`)]];
}
