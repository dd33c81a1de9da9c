// A delivery's message. It is drawn from the records when it is sent, so that a delayed message shows the newest state.

import type { WebClient } from '@slack/web-api';
import { type Alert, type AlertGroup, isOpen } from '../../core/alerting/alert.ts';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import { mainOf } from '../../core/alerting/incident-story.ts';
import { destinationOf, type RoutingSettings } from '../../core/alerting/routing.ts';
import { unlessAborted } from '../../core/base/abort.ts';
import { isAboutApp, RULES } from '../../core/detection/rules.ts';
import { type LimitReach, reaches } from '../../core/forecast/growth.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UserError } from '../../errors.ts';
import { link, type Phrase } from '../blockkit/rich-text.ts';
import { slackErrorCode } from '../client/errors.ts';
import type { Rendering } from '../client/send.ts';
import { at, titleOf } from '../views/alert.ts';
import { type AlertShown, alertView, type RelatedAlert } from '../views/alert-card.ts';
import { groupTitle, groupView, incidentTitle, incidentView, joinedView } from '../views/alert-group.ts';
import { ALERT_CHART, alertChart, type Chart } from '../views/chart.ts';
import { linesOf, noticeView } from '../views/notices.ts';

/** The current records of a delivery. */
export interface MessageSubject {
  readonly alert: Alert | null;
  /** The incident of the alert, or the group that the message is about. */
  readonly group: AlertGroup | null;
  /** The alerts of the group. */
  readonly members: readonly Alert[];
}

/** The message of an incident is that of its lead. */
const isIncident = ({ alert, group }: MessageSubject) => alert !== null && group !== null && alert.lead === alert.id;

/** The alert is a row of another alert's message; of its own message, if it had one, a line is left. */
export const isMember = (alert: Alert): alert is Alert & { readonly lead: string } =>
  alert.lead !== null && alert.lead !== alert.id;

/** URLs of a cluster's pages in Atlas. */
export type AtlasLinks = (cluster: string) => AlertShown['links'];

export interface DrawingInput {
  readonly monitor: Pick<Monitor, 'alert' | 'board' | 'group' | 'growth' | 'history'>;
  readonly outbox: Pick<Outbox, 'place'>;
  readonly routing: RoutingSettings;
  readonly links: AtlasLinks;
  readonly client: WebClient;
  /** The slash command's name. */
  readonly command: string;
  /** IANA name, for the times below a chart; null or left out: the machine's own. */
  readonly timeZone?: string | null;
  readonly log: Log;
}

export interface Drawing {
  /** Rejects when the store does not answer. */
  subject(delivery: LeasedDelivery, signal: AbortSignal): Promise<MessageSubject>;
  /** Null when the record of the message no longer exists. */
  rendering(delivery: LeasedDelivery, subject: MessageSubject, drawn: Drawn): Promise<Rendering | null>;
}

interface Drawn {
  readonly late: Phrase | null;
  readonly signal: AbortSignal;
}

/** Links that Slack told before, by channel and ts: they never change, and each edit would ask for its four again. */
interface DrawingContext extends DrawingInput {
  readonly permalinks: Map<string, string>;
}

export function createDrawing(settings: DrawingInput): Drawing {
  const input: DrawingContext = { ...settings, permalinks: new Map() };
  const { monitor, routing, links } = input;
  return {
    async subject({ about }, signal) {
      if (about === null) return { alert: null, group: null, members: [] };
      const alert = await monitor.alert(about, signal);
      // In a group of the version before each alert has a message of its own in the thread.
      const id = alert === null ? about : alert.lead === null ? null : alert.group;
      const group = id === null ? null : await monitor.group(id, signal);
      const members = await Promise.all((group?.alerts ?? []).map((id) => monitor.alert(id, signal)));
      return { alert, group, members: members.filter((member) => member !== null) };
    },
    async rendering(delivery, subject, { late, signal }) {
      const { mentions } = delivery;
      if (delivery.kind !== 'message') {
        const notice = noticeView({ lines: await noticeLines(delivery, input), mentions, late });
        return () => notice;
      }
      const { alert, group, members } = subject;
      const drawn = { ...input, mentions: mentionsOf(subject, delivery, routing), late, signal };
      if (alert !== null && isMember(alert)) {
        const view = joinedView({ alert, permalink: await linkTo(alert.lead, input) });
        return () => view;
      }
      const main = isIncident(subject) ? mainOf(members) : alert;
      if (main !== null) {
        const shown = await alertShown(main, drawn);
        if (group === null || members.length < 2) {
          const view = alertView(shown);
          return () => view;
        }
        return (tables) => incidentView({ ...shown, group, members, tables });
      }
      if (group === null || members.length === 0) return null;
      const shown = { group, alerts: members, links: links(group.cluster), mentions, late };
      return (tables) => groupView({ ...shown, tables });
    },
  };

  async function alertShown(
    alert: Alert,
    drawn: DrawingContext & Drawn & Pick<LeasedDelivery, 'mentions'>,
  ): Promise<AlertShown> {
    const { command, mentions, late, signal } = drawn;
    const { owner, runbook } = destinationOf(alert, routing);
    const [chart, previous, related, reach] = await Promise.all([
      chartOf(alert, drawn, signal),
      previousOf(alert, drawn, signal),
      relatedTo(alert, drawn, signal),
      reachOf(alert, drawn, signal),
    ]);
    const known = { alert, owner, runbook, links: links(alert.cluster), previous, related, chart, reach };
    return { ...known, command, mentions, late, hasButtons: true };
  }
}

/** Whom the message concerns now. A later decision may have replaced the one that mentioned them. */
function mentionsOf(
  { alert, members }: MessageSubject,
  { mentions }: LeasedDelivery,
  routing: RoutingSettings,
): readonly string[] {
  const shown = members.length === 0 && alert !== null ? [alert] : members;
  const firing = shown.filter(({ state }) => state === 'firing');
  return [...new Set([...mentions, ...firing.flatMap((one) => destinationOf(one, routing).mentions)])];
}

/** A note is in another channel than the alert's own message, so it links to that message. */
async function noticeLines(
  { kind, about, text, at: decidedAt }: LeasedDelivery,
  input: DrawingContext,
): Promise<readonly Phrase[]> {
  const lines = linesOf(text ?? '', decidedAt);
  const permalink = kind === 'note' && about !== null ? await linkTo(about, input) : null;
  return permalink === null ? lines : [...lines, [link(permalink, 'The alert')]];
}

/** One line about the alert or group; without a record, the first line of the text. */
export function subjectLine({ text }: LeasedDelivery, subject: MessageSubject): Phrase {
  const { alert, group, members } = subject;
  if (isIncident(subject)) return incidentTitle(members);
  if (alert !== null) return titleOf(alert);
  if (group !== null) return groupTitle(group, members);
  return linesOf(text ?? '')[0] ?? ['a message'];
}

/** Whether the alert has ended, or all alerts of the incident or group have. */
export function isOver(subject: MessageSubject): boolean {
  const { alert, members } = subject;
  if (alert !== null && !isIncident(subject)) return !isOpen(alert);
  return members.length > 0 && !members.some(isOpen);
}

/** Null for an alert of a cluster or an app. Null also when the history cannot be read, because the chart is optional. */
async function chartOf(
  { source, node, cluster, rule, state, endedAt }: Alert,
  { monitor, log, timeZone = null }: DrawingInput,
  signal: AbortSignal,
): Promise<Chart | null> {
  if ((source === null && node === null) || isAboutApp(rule)) return null;
  const isOver = state === 'ended';
  const end = isOver && endedAt !== null ? endedAt : 'newest';
  try {
    // The alert does not wait longer, even if the store ignores the signal.
    const of = { cluster, source, ...(node !== null && { node }) };
    const history = await unlessAborted(monitor.history({ ...of, ...ALERT_CHART, end, signal }), signal);
    return alertChart(history, { figure: RULES[rule].figure ?? 'dormant', timeZone, isOver });
  } catch (error) {
    // A source that is not in a scheduled reading yet has no history.
    if (!(error instanceof UserError)) log.warn({ cluster, source, node, err: error }, 'alert posted without chart');
    return null;
  }
}

/** Null for a node that does not grow, and when the store does not answer: the sentence is optional. */
async function reachOf(alert: Alert, { monitor, log }: DrawingInput, signal: AbortSignal): Promise<LimitReach | null> {
  const node = alert.rule === 'node-headroom' && isOpen(alert) ? (alert.evidence?.node ?? null) : null;
  if (node === null) return null;
  const { cluster } = alert;
  const { host, limit, at: now } = node;
  try {
    const growth = (await unlessAborted(monitor.growth(cluster, [host], signal), signal)).get(host);
    return growth === undefined ? null : reaches(growth, { limit, now });
  } catch (error) {
    log.warn({ cluster, node: host, err: error }, 'alert posted without growth');
    return null;
  }
}

async function previousOf(
  { previous }: Alert,
  input: DrawingContext,
  signal: AbortSignal,
): Promise<AlertShown['previous']> {
  if (previous === null) return null;
  const before = await input.monitor.alert(previous, signal);
  return before === null ? null : { since: before.since, permalink: await linkTo(previous, input) };
}

const MOST_RELATED = 3;

/**
 * The open alerts of the same story in other messages: of a node the sources that fill it, of a source the nodes, and
 * the apps that wait for their own pools. Empty
 * also when the store does not answer, because links are optional.
 */
async function relatedTo(alert: Alert, input: DrawingContext, signal: AbortSignal): Promise<readonly RelatedAlert[]> {
  if (!isOpen(alert) || alert.evidence === null) return [];
  try {
    const { alerts } = await unlessAborted(input.monitor.board(signal), signal);
    const others = alerts.filter((other) => isOpen(other) && isElsewhere(alert, other) && isSameStory(alert, other));
    return await Promise.all(
      onePerPlace(others).map(async (other) => ({
        alert: other,
        permalink: await linkTo(messageAbout(other), input),
      })),
    );
  } catch (error) {
    input.log.warn({ alert: alert.id, err: error }, 'alert posted without links');
    return [];
  }
}

function isElsewhere(alert: Alert, other: Alert): boolean {
  return other.cluster === alert.cluster && messageAbout(other) !== messageAbout(alert);
}

/** A member of an incident is a row of the lead's message. */
const messageAbout = ({ id, lead }: Alert): string => lead ?? id;

function isSameStory(one: Alert, other: Alert): boolean {
  if (isAboutApp(other.rule)) return (other.evidence?.pools?.sources ?? []).some(({ id }) => id === one.source);
  if (isAboutApp(one.rule)) return false;
  const [node, source] = one.node === null ? [other, one] : [one, other];
  const isFull = node.rule === 'node-headroom' || node.rule === 'rejected';
  return isFull && source.source !== null && fillers(node).includes(source.source);
}

const fillers = ({ evidence }: Alert): readonly string[] => (evidence?.culprits ?? []).map(({ source }) => source);

/** The alerts of one node or one source that began first. */
function onePerPlace(alerts: readonly Alert[]): readonly Alert[] {
  const places = Map.groupBy(
    alerts.toSorted((a, b) => a.since - b.since),
    ({ source, node }) => JSON.stringify([source, node]),
  );
  return [...places.values()].flatMap((own) => own.slice(0, 1)).slice(0, MOST_RELATED);
}

/** A link to the message of an alert, a group or a note; null while it has none. */
async function linkTo(about: string, input: DrawingContext): Promise<string | null> {
  const place = await input.outbox.place(about);
  return place === null ? null : permalinkOf(place, input);
}

const MOST_PERMALINKS = 1_000;

async function permalinkOf(
  { channel, ts }: MessageRef,
  { client, permalinks, log }: Pick<DrawingContext, 'client' | 'permalinks' | 'log'>,
): Promise<string | null> {
  const key = `${channel} ${ts}`;
  const known = permalinks.get(key);
  if (known !== undefined) return known;
  try {
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    if (permalink === undefined) return null;
    permalinks.set(key, permalink);
    for (const oldest of [...permalinks.keys()].slice(0, -MOST_PERMALINKS)) permalinks.delete(oldest);
    return permalink;
  } catch (error) {
    log.info({ channel, error: slackErrorCode(error) }, 'message link not available');
    return null;
  }
}

/** Why a message is late. The message shows it. */
export interface Lateness {
  /** Slack refused, did not answer, or limited the rate. */
  trouble(now: number): void;
  /** Null for a punctual message. Times in milliseconds since 1970. */
  of(decidedAt: number, now: number): Phrase | null;
}

export function createLateness(input: { readonly startedAt: number; readonly afterMs: number }): Lateness {
  let troubleAt = Number.NEGATIVE_INFINITY;
  const why = (decidedAt: number, now: number): string => {
    // A trouble in the future is ignored: the clock was set back.
    if (troubleAt >= decidedAt && troubleAt <= now) return 'Delayed by Slack';
    return decidedAt < input.startedAt ? 'Delayed while the bot was not running' : 'Delayed';
  };
  return {
    trouble(now) {
      troubleAt = now;
    },
    of: (decidedAt, now) =>
      now - decidedAt > input.afterMs ? [`${why(decidedAt, now)}: decided at `, at(decidedAt), '.'] : null,
  };
}
