// The one message of an alert, in the order in which people need it: title, impact, likely cause, what to do, chart,
// buttons, links. Resolved, it is the first page of the post-mortem.

import type { ContextBlock } from '@slack/types';
import { type Alert, endOf, isOpen } from '../../core/alerting/alert.ts';
import { MINUTE } from '../../core/base/duration.ts';
import { clipped, count, counted, percent, span } from '../../core/base/format.ts';
import { isAboutApp, RULES } from '../../core/detection/rules.ts';
import { isRefusing } from '../../core/detection/sentences.ts';
import { isAtLimit, type NodeImpact, type ShutOut } from '../../core/evidence/evidence.ts';
import { type LimitReach, reachWords } from '../../core/forecast/growth.ts';
import { context, message, prose } from '../blockkit/blocks.ts';
import { bold, code, link, near, type Phrase, timed, who } from '../blockkit/rich-text.ts';
import type { MessageView, ViewBlock } from '../blockkit/types.ts';
import { at, endingWords, handlingLine, markOf, mentioned, reasonOf, titleOf } from './alert.ts';
import { alertButtons, culpritLine, nameOf } from './alert-details.ts';
import { poolCauseLines, poolImpactWords, poolSourceLine, processesLine } from './alert-status.ts';
import type { Chart } from './chart.ts';

/** An open alert of the same story with a message of its own. */
export interface RelatedAlert {
  readonly alert: Alert;
  readonly permalink: string | null;
}

export interface AlertShown {
  readonly alert: Alert;
  /** In an incident the alert that found the culprits, if it is another one. */
  readonly foundBy?: Alert;
  /** The slash command's name. */
  readonly command: string;
  readonly owner: string | null;
  readonly runbook: string | null;
  /** URLs of Atlas pages; null for none. */
  readonly links: { readonly cluster: string | null; readonly accessList: string | null };
  /** The previous alert of the same source and rule. */
  readonly previous: { readonly since: number; readonly permalink: string | null } | null;
  /** Of a source's alert the nodes that it fills and its apps that wait for pools, of a node's the sources that fill it. */
  readonly related: readonly RelatedAlert[];
  readonly chart: Chart | null;
  /** When the node reaches its limit at its recent growth; null or left out where it does not. */
  readonly reach?: LimitReach | null;
  /** Ids of users and user groups, or words. */
  readonly mentions: readonly string[];
  /** Why the message is late; null if it is punctual. */
  readonly late: Phrase | null;
  /** A test has nothing to acknowledge. */
  readonly hasButtons: boolean;
}

export function alertView(shown: AlertShown): MessageView {
  const { alert, hasButtons } = shown;
  const title = titleOf(alert);
  const card = cardOf(shown);
  return message({
    said: [title, ...card.said],
    above: [prose([[`${markOf(alert)} `, ...title], ...card.head]), ...card.above],
    below: [card.chart, hasButtons && isOpen(alert) ? alertButtons(alert) : null, card.small],
  });
}

/** The parts of a card below its title, for messages that have more to show. */
export interface AlertCard {
  /** In the block of the title. */
  readonly head: readonly Phrase[];
  readonly above: readonly (ViewBlock | null)[];
  readonly chart: ViewBlock | null;
  readonly small: ContextBlock;
  /** The lines of all parts. */
  readonly said: readonly Phrase[];
}

export function cardOf(shown: AlertShown): AlertCard {
  const { alert, command, mentions, late, chart } = shown;
  const head = [...courseLines(alert), ...impactLines(shown)];
  const cause = alert.evidence === null ? recordedLines(alert) : causeLines(shown, alert.evidence);
  const advice = [
    ...adviceLines(alert),
    ...processesLine(alert, command),
    ...ownerLine(shown),
    ...linkLine(shown),
    ...previousLine(shown),
    ...(mentions.length === 0 ? [] : [mentioned(mentions)]),
  ];
  const lateLine = late === null ? [] : [late];
  const small = [...checkedLines(alert), ...(chart?.notes ?? []), ...lateLine];
  return {
    head,
    above: [cause, advice].map((lines) => (lines.length === 0 ? null : prose(lines))),
    chart: chart?.block ?? null,
    small: context(small),
    said: [...head, ...cause, ...advice, ...lateLine],
  };
}

/** Since when, how high, how often; of a resolved alert from when to when, and what was done. */
function courseLines(alert: Alert): readonly Phrase[] {
  const { rule, since, peak, value, usual, refires, calmSince, endReason, unreadSince } = alert;
  const highest = RULES[rule].hasNoPeak || rule === 'rejected' ? '' : `, peak ${figureOf(alert, peak)}`;
  const handled = handlingLine(alert);
  if (!isOpen(alert)) {
    const back = usual === null && rule !== 'node-headroom' ? '' : `, ${figureOf(alert, value)} at the end`;
    return [
      ['From ', at(since), ' to ', at(endOf(alert)), `${highest}${back}.`],
      ...(endReason === null ? [] : [[`It was resolved because ${endReason}.`]]),
      ...(handled === null ? [] : [handled]),
    ];
  }
  const again = refires === 0 ? '' : `; resolved and came back ${refires === 1 ? 'once' : `${count(refires)} times`}`;
  return [
    ['Since ', at(since), `${peak > value ? highest : ''}${again}`, ...handledWords(alert), '.'],
    ...(calmSince === null ? [] : calmLine(alert, calmSince)),
    ...(unreadSince === null ? [] : [unreadLine(alert, unreadSince)]),
  ];
}

/** A reading without one of the nodes neither confirms nor resolves the alert of a source. */
function unreadLine({ source, rule }: Alert, since: number): Phrase {
  if (isAboutApp(rule))
    return [bold('No report of its pools since '), at(since), bold('.'), ' The figures are of then.'];
  if (source === null) return [bold('Nothing was read since '), at(since), bold('.')];
  const then = ': the figures are of then. It resolves after a complete reading.';
  return [bold('Not every node was read since '), at(since), then];
}

/** `; acknowledged 14:44`: the title says by whom. */
function handledWords({ lastAction, judgedAt }: Alert): Phrase {
  if (lastAction === null) return [];
  const { act, at: acted, reason } = lastAction;
  return [`; ${act} `, near(acted, judgedAt), reason === null ? '' : `: "${reason}"`];
}

/** `Back to usual since 10:15.`, and when it resolves; not what the title says. */
function calmLine(alert: Alert, calmSince: number): readonly Phrase[] {
  const isTitled = alert.state === 'firing';
  if (isTitled && alert.rule === 'rejected') return [];
  const words = RULES[alert.rule].words.calm;
  return [
    [
      `${capitalized(words)} since `,
      near(calmSince, alert.judgedAt),
      ...(isTitled ? [] : ['; ', ...endingWords(alert)]),
      '.',
    ],
  ];
}

function capitalized(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** `440`, `25.5 a second`, `3 processes` */
function figureOf({ rule }: Alert, value: number): string {
  if (isAboutApp(rule)) return counted(value, 'process');
  return rule === 'churn' ? `${value.toFixed(1)} a second` : count(value);
}

// Impact: the node, refused connections, the time to its limit, and who is shut out.

const MOST_VICTIMS = 5;

function impactLines({ alert, related, reach = null }: AlertShown): readonly Phrase[] {
  const { evidence, rule, source } = alert;
  const isResolved = !isOpen(alert);
  if (evidence === null) return rule === 'unreadable' && !isResolved ? [UNREAD] : [];
  const { node, shutOut, hurt, pools } = evidence;
  if (pools !== undefined) return [[bold('Impact: '), ...poolImpactWords(pools, alert)], ...poolSourceLine(pools)];
  const now = isResolved ? [] : shutOut;
  const earlier = hurt.filter((victim) => !now.some((one) => one.source === victim.source));
  return [
    ...(node === null ? [] : [[bold('Impact: '), ...nodeWords(node, alert, reach)]]),
    ...(source === null ? [] : related.flatMap(fillsLine)),
    ...(now.length === 0 ? [] : [[bold('Shut out: '), victimWords(now, ':'), ...victimsRead(alert), '.']]),
    ...(earlier.length === 0
      ? []
      : [[bold(`Shut out ${isResolved ? 'meanwhile' : 'earlier'}: `), victimWords(earlier, ', down to'), '.']]),
  ];
}

/** When the figures of those who are shut out were read. A node below its line keeps the time of its culprits. */
function victimsRead({ source, calmSince, judgedAt, evidence }: Alert): Phrase {
  const ofNode = calmSince === null ? (evidence?.readAt ?? null) : null;
  const readAt = source === null ? ofNode : judgedAt;
  return readAt === null ? [] : [', as of ', near(readAt, judgedAt)];
}

const UNREAD: Phrase = [bold('Impact: '), 'until it is read again, no alert of it starts or resolves.'];

function nodeWords(node: NodeImpact, alert: Alert, reach: LimitReach | null): Phrase {
  const isResolved = !isOpen(alert);
  const { short, role, current, limit } = node;
  const name = `${short}${role === null ? '' : ` (${role})`}`;
  const share = `at ${percent(current / limit)} of ${count(limit)} as of `;
  const refused = refusedWords(node, alert);
  return [
    `${name} ${isResolved ? 'was' : 'is'} ${share}`,
    near(node.at, alert.judgedAt),
    '.',
    ...refused,
    ...(isResolved ? [] : [roomWords(node, reach)]),
  ];
}

function refusedWords(node: NodeImpact, alert: Alert): Phrase {
  if (node.refused === null) return [];
  const { count: many, since, last } = node.refused;
  const start = ` It refused ${counted(many, 'connection')} `;
  const time = (at: number) => near(at, alert.judgedAt);
  if (isOpen(alert) && isRefusing(node)) return [start, 'since ', time(since), '.'];
  const times: Phrase = last - since < MINUTE ? ['at ', time(last)] : ['from ', time(since), ' to ', time(last)];
  return [start, ...times, '.'];
}

/** A rate stays the same for minutes, not for hours. */
const LONGEST_FORECAST = 180 * MINUTE;

/** ` Nobody is refused; 38 % left.`, ` At this rate (+40 a minute) shard-00-00 reaches its limit in about 25 min.` */
function roomWords(node: NodeImpact, reach: LimitReach | null): string {
  const { short, current, limit, perMinute, refused } = node;
  if (isAtLimit(node)) return refused === null ? ' No connection is left for new clients.' : '';
  const ms = perMinute === null || perMinute <= 0 ? LONGEST_FORECAST : ((limit - current) / perMinute) * MINUTE;
  if (perMinute !== null && ms < LONGEST_FORECAST) {
    const when = ms < MINUTE ? 'within a minute' : `in about ${span(ms)}`;
    return ` At this rate (+${rateText(perMinute)} a minute) ${short} reaches its limit ${when}.`;
  }
  const left = `${percent(1 - current / limit)} left.`;
  const later = reach === null ? '' : ` At its recent growth it ${reachWords(reach)}.`;
  return `${refused === null ? ` Nobody is refused; ${left}` : ` ${left}`}${later}`;
}

function rateText(rate: number): string {
  return rate < 10 ? String(Number(rate.toFixed(1))) : count(rate);
}

/** `Fills shard-00-00 (100 %)`; of an app that waits for its own pools what does not help it */
function fillsLine({ alert: { evidence, who: name, rule }, permalink }: RelatedAlert): readonly Phrase[] {
  if (isAboutApp(rule)) return [waitsLine(name, permalink)];
  const node = evidence?.node ?? null;
  const words = node === null ? name : `${node.short} (${percent(node.current / node.limit)})`;
  return [['Fills ', permalink === null ? words : link(permalink, words), '.']];
}

function waitsLine(app: string, permalink: string | null): Phrase {
  const words = `app ${nameOf(app)} waits for its own pools`;
  const named = permalink === null ? words : link(permalink, words);
  return ['Its ', named, '. maxIdleTimeMS does nothing for connections that are checked out.'];
}

/** `198.51.100.128/28: 0, usually 24; Reports: 3, usually 40`, `Reports, down to 3, usually 40` */
function victimWords(victims: readonly ShutOut[], down: string): string {
  const named = victims
    .slice(0, MOST_VICTIMS)
    .map(({ name, now, usual }) => `${nameOf(name)}${down} ${count(now)}, usually ${count(usual)}`);
  return `${named.join('; ')}${moreText(victims.length - MOST_VICTIMS, 'source')}`;
}

const LONGEST_SENTENCE = 300;

/** `; and 3 more sources`; empty for none. */
function moreText(more: number, noun: string): string {
  return more <= 0 ? '' : `; and ${count(more)} more ${noun}${more === 1 ? '' : 's'}`;
}

// Likely cause: who grew, on what, and what changed.

const MOST_CULPRITS = 3;
const MOST_CHANGES = 4;

function causeLines(
  { alert, foundBy = alert, related }: AlertShown,
  evidence: NonNullable<Alert['evidence']>,
): readonly Phrase[] {
  const { culprits, changed, pools } = evidence;
  if (pools !== undefined) return poolCauseLines(alert, pools);
  const ofNode = alert.node !== null;
  const shown = culprits.slice(0, MOST_CULPRITS);
  const told = { place: placeOf(alert, foundBy), isNamed: ofNode, onAll: foundBy.node === null };
  const alertOf = (source: string) => (ofNode ? related.find((one) => one.alert.source === source) : undefined);
  const lines = shown.map((culprit) =>
    culpritLine(culprit, { ...told, permalink: alertOf(culprit.source)?.permalink ?? null }),
  );
  const [first = [], ...others] = lines;
  const changes = changed
    .slice(-MOST_CHANGES)
    .map((sentence): Phrase => timed(clipped(sentence, LONGEST_SENTENCE), alert.judgedAt));
  return [
    ...(lines.length === 0 && !ofNode ? [] : [[bold('Likely cause'), ...readWords(alert, evidence.readAt), ...first]]),
    ...others,
    ...(culprits.length > shown.length
      ? [[`${capitalized(moreText(culprits.length - shown.length, 'source').slice(2))}.`]]
      : []),
    ...changes.map((change, index): Phrase => (index === 0 ? [bold('Changed: '), ...change] : change)),
  ];
}

/** What the figures of a culprit count. */
function placeOf(alert: Alert, { node, evidence }: Alert): string {
  if (node === null) return ' active and dormant';
  return node === alert.node ? ' on this node' : ` on ${evidence?.node?.short ?? node}`;
}

/** ` (as read at 14:42): `; for a node, whether that was before its alert, and when there is nothing to name. */
function readWords(alert: Alert, readAt: number | null): Phrase {
  const isNamed = (alert.evidence?.culprits.length ?? 0) > 0;
  if (readAt === null) return [': not read yet.'];
  const before = alert.node !== null && readAt < alert.since ? ', before this' : '';
  const read: Phrase = [' (as read at ', near(readAt, alert.judgedAt), `${before}): `];
  return isNamed ? read : [...read, 'no source grew on this node.'];
}

/** For a rule without evidence, and for records of the version before: why it fires, and what was noted. */
function recordedLines(alert: Alert): readonly Phrase[] {
  const { rule, reason, notes, calmSince } = alert;
  if (!isOpen(alert) || calmSince !== null) return [];
  const cause = rule === 'unreadable' ? 'Likely cause: ' : 'Why: ';
  const remedy = rule === 'unreadable' ? 'Do now: ' : '';
  return [
    ...(reason === '' ? [] : [[bold(cause), reason]]),
    ...notes.map((note): Phrase => {
      if (note.startsWith('Try: ')) return [bold('Try: '), note.slice('Try: '.length)];
      return remedy === '' ? [note] : [bold(remedy), note];
    }),
  ];
}

// What to do, who owns it, and where to look.

const MOST_REMEDIES = 3;

function adviceLines({ evidence, calmSince, ...alert }: Alert): readonly Phrase[] {
  if (evidence === null) return [];
  const { doNow, thenFix } = evidence;
  // Old figures are no reason to act.
  const isOver = alert.state === 'ended' || calmSince !== null || alert.unreadSince !== null;
  return [...(isOver ? [] : remedyLine('Do now: ', doNow)), ...remedyLine(isOver ? 'Fix: ' : 'Then fix: ', thenFix)];
}

function remedyLine(word: string, remedies: readonly string[]): readonly Phrase[] {
  const shown = remedies.slice(0, MOST_REMEDIES).map((remedy) => clipped(remedy, LONGEST_SENTENCE));
  const sentences = shown.map((remedy) => (/[.!?…]$/.test(remedy) ? remedy : `${remedy}.`));
  return shown.length === 0
    ? []
    : [[bold(word), ...sentences.flatMap((one, index) => (index === 0 ? [one] : [' ', one]))]];
}

/** The owner and the runbook, or the setting of an owner: the details say where it is set. */
function ownerLine({ alert, owner, runbook, hasButtons }: AlertShown): readonly Phrase[] {
  const book: Phrase = runbook === null ? [] : ['Runbook: ', link(runbook, runbook)];
  if (owner !== null) return [['Owner: ', who(owner), ...(runbook === null ? [] : [' · ']), ...book]];
  if (!isOpen(alert) || !hasButtons) return runbook === null ? [] : [book];
  return [['No owner set (setting ', code('owner'), ').', ...(runbook === null ? [] : [' ', ...book])]];
}

/** An Atlas page of a node has an address that no API tells: the node is named beside the link. */
function linkLine({ alert, links }: AlertShown): readonly Phrase[] {
  const node = alert.evidence?.node?.short ?? null;
  const ways: readonly Phrase[] = [
    ...(links.cluster === null
      ? []
      : [[link(links.cluster, `Metrics of ${alert.cluster} in Atlas`), node === null ? '' : ` (${node})`]]),
    ...(links.accessList === null ? [] : [[link(links.accessList, 'Access list in Atlas')]]),
  ];
  const line = ways.flatMap((way, index): Phrase => (index === 0 ? way : [' · ', ...way]));
  return line.length === 0 ? [] : [line];
}

function previousLine({ previous }: AlertShown): readonly Phrase[] {
  if (previous === null) return [];
  const { since, permalink } = previous;
  const before: Phrase = permalink === null ? ['It fired before'] : [link(permalink, 'It fired before')];
  return [[...before, ', ', at(since), '.']];
}

/** `dormant-spike on prod · last checked 14:46 · figures as of 14:41`, and why the rule fires. */
function checkedLines(alert: Alert): readonly Phrase[] {
  const { rule, cluster, judgedAt, evidence } = alert;
  const readAt = evidence?.readAt ?? null;
  const isOlder = readAt !== null && readAt < judgedAt;
  const figures: Phrase = isOlder ? [' · figures as of ', at(readAt)] : [];
  const reason = evidence === null ? null : reasonOf(alert);
  return [
    [`${rule} on ${cluster} · last checked `, at(judgedAt), ...figures],
    ...(reason === null ? [] : [[`Why it fires: ${clipped(reason, 2 * LONGEST_SENTENCE)}`]]),
  ];
}
