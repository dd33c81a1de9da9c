// A delivery's message. It is drawn from the records when it is sent, so that a delayed message shows the newest state.

import type { WebClient } from '@slack/web-api';
import { type Alert, type AlertGroup, isOpen } from '../../core/alerting/alert.ts';
import type { MessageRef } from '../../core/alerting/delivery.ts';
import { destinationOf, type RoutingSettings } from '../../core/alerting/routing.ts';
import { unlessAborted } from '../../core/base/abort.ts';
import { DAY } from '../../core/base/duration.ts';
import { RULES } from '../../core/detection/rules.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { UserError } from '../../errors.ts';
import { link, type Phrase } from '../blockkit/rich-text.ts';
import { slackErrorCode } from '../client/errors.ts';
import type { Rendering } from '../client/send.ts';
import { type AlertShown, alertView, at, titleOf } from '../views/alert.ts';
import { groupTitle, groupView } from '../views/alert-group.ts';
import { type Chart, historyChart, zoneName } from '../views/chart.ts';
import { linesOf, noticeView } from '../views/notices.ts';

/** The current records of a delivery. */
export interface MessageSubject {
  readonly alert: Alert | null;
  readonly group: AlertGroup | null;
  /** The alerts of the group. */
  readonly members: readonly Alert[];
}

/** URLs of a cluster's pages in Atlas. */
export type AtlasLinks = (cluster: string) => AlertShown['links'];

export interface DrawingInput {
  readonly monitor: Pick<Monitor, 'alert' | 'group' | 'history'>;
  readonly outbox: Pick<Outbox, 'place'>;
  readonly routing: RoutingSettings;
  readonly links: AtlasLinks;
  readonly client: WebClient;
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

export function createDrawing(input: DrawingInput): Drawing {
  const { monitor, routing, links } = input;
  return {
    async subject({ about }, signal) {
      if (about === null) return { alert: null, group: null, members: [] };
      const alert = await monitor.alert(about, signal);
      const group = alert === null ? await monitor.group(about, signal) : null;
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
      if (alert !== null) {
        const shown = await alertShown(alert, { ...input, mentions, late, signal });
        const view = alertView(shown);
        return () => view;
      }
      if (group === null || members.length === 0) return null;
      const shown = { group, alerts: members, links: links(group.cluster), mentions, late };
      return (tables) => groupView({ ...shown, tables });
    },
  };

  async function alertShown(
    alert: Alert,
    drawn: DrawingInput & Drawn & Pick<LeasedDelivery, 'mentions'>,
  ): Promise<AlertShown> {
    const { mentions, late, signal } = drawn;
    const { owner, runbook } = destinationOf(alert, routing);
    const [chart, previous] = await Promise.all([chartOf(alert, drawn, signal), previousOf(alert, drawn, signal)]);
    return { alert, owner, runbook, links: links(alert.cluster), previous, chart, mentions, late, hasButtons: true };
  }
}

/** A note is in another channel than the alert's own message, so it links to that message. */
async function noticeLines({ kind, about, text }: LeasedDelivery, input: DrawingInput): Promise<readonly Phrase[]> {
  const lines = linesOf(text ?? '');
  const place = kind === 'note' && about !== null ? await input.outbox.place(about) : null;
  const permalink = place === null ? null : await permalinkOf(place, input);
  return permalink === null ? lines : [...lines, [link(permalink, 'The alert')]];
}

/** One line about the alert or group; without a record, the first line of the text. */
export function subjectLine({ text }: LeasedDelivery, { alert, group, members }: MessageSubject): Phrase {
  if (alert !== null) return titleOf(alert);
  if (group !== null) return groupTitle(group, members);
  return linesOf(text ?? '')[0] ?? ['a message'];
}

/** Whether the alert has ended, or all alerts of the group have. */
export function isOver({ alert, members }: MessageSubject): boolean {
  if (alert !== null) return !isOpen(alert);
  return members.length > 0 && !members.some(isOpen);
}

const POINTS = 20;

/** Null for a node, which has no history. Null also when the history cannot be read, because the chart is optional. */
async function chartOf(
  { source, cluster, rule, state }: Alert,
  { monitor, log, timeZone = null }: DrawingInput,
  signal: AbortSignal,
): Promise<Chart | null> {
  if (source === null || state === 'ended') return null;
  try {
    // The alert does not wait longer, even if the store ignores the signal.
    const asked = monitor.history({ cluster, source, window: DAY, points: POINTS, signal });
    const history = await unlessAborted(asked, signal);
    const figure = RULES[rule].figure ?? 'dormant';
    return historyChart(history, { figure, title: `Last 24 h, times in ${zoneName(timeZone)}`, timeZone });
  } catch (error) {
    // A source that is not in a scheduled reading yet has no history.
    if (!(error instanceof UserError)) log.warn({ cluster, source, err: error }, 'alert posted without chart');
    return null;
  }
}

async function previousOf(
  { previous }: Alert,
  { monitor, outbox, client, log }: DrawingInput,
  signal: AbortSignal,
): Promise<AlertShown['previous']> {
  if (previous === null) return null;
  const [before, place] = await Promise.all([monitor.alert(previous, signal), outbox.place(previous)]);
  if (before === null) return null;
  return { since: before.since, permalink: place === null ? null : await permalinkOf(place, { client, log }) };
}

async function permalinkOf(
  { channel, ts }: MessageRef,
  { client, log }: Pick<DrawingInput, 'client' | 'log'>,
): Promise<string | null> {
  try {
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    return permalink ?? null;
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
