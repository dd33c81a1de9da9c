// Sends the outbox to Slack. At-least-once: prefer late over duplicate, duplicate over lost.

import type { RoutingSettings } from '../../core/alerting/routing.ts';
import type { Problem } from '../../core/base/problem.ts';
import type { Monitor } from '../../core/ports/monitor.ts';
import type { LeasedDelivery, Outbox } from '../../core/ports/store.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import type { Identity } from '../client/decode.ts';
import { createSender } from '../client/send.ts';
import type { NotifierTiming } from '../client/settings.ts';
import type { WebClients } from '../client/web-client.ts';
import { linesOf } from '../views/notices.ts';
import { createAudience, createOutages } from './channel-health.ts';
import { createDelivery } from './deliver.ts';
import { type AtlasLinks, createDrawing, createLateness } from './message.ts';
import { createLoop, type Loop } from './outbox-loop.ts';
import { createPacing, createRefreshTurns } from './pacing.ts';
import { createDeliveryPolicy } from './policy.ts';
import { createMessagePoster } from './post.ts';

export interface Notifier {
  /** Starts to send the outbox. */
  start(): void;
  /** Leases no more and waits for running deliveries, at most this many milliseconds. */
  stop(waitMs: number): Promise<void>;
  /** Reports that something is in the outbox. */
  poke(): void;
  /**
   * Posts plain text at once, without the outbox: to the alert channel, else to the configured people.
   * @returns whether it arrived anywhere
   */
  direct(text: string): Promise<boolean>;
  /** Channels that refuse posts, and alerts without a channel. */
  problems(): readonly Problem[];
}

/** The part of the monitor that the notifier needs. */
export interface NotifierMonitor {
  readonly monitor: Pick<Monitor, 'alert' | 'board' | 'group' | 'growth' | 'history'>;
  readonly outbox: Outbox;
  /**
   * True for exactly one replica in each minute: it sends the refreshes. `minute` in milliseconds since 1970. Rejects when
   * the store does not answer.
   */
  readonly mayRefresh: (minute: number) => Promise<boolean>;
  readonly routing: RoutingSettings;
  /** Identifies this replica. */
  readonly instance: string;
  readonly links: AtlasLinks;
}

export interface NotifierInput extends NotifierMonitor {
  /** Channels that refused posts at the start. */
  readonly suspected: readonly { readonly channel: string; readonly problem: Problem }[];
  readonly clients: WebClients;
  /** The slash command's name. */
  readonly command: string;
  /** IANA name, for the times below charts; null or left out: the machine's own. */
  readonly timeZone?: string | null;
  readonly identity: Identity;
  readonly timing: NotifierTiming;
  readonly now: () => Date;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Called with Slack's code when it no longer takes the token. */
  readonly onTokenGone: (code: string) => void;
}

export function createNotifier(input: NotifierInput): Notifier {
  const { clients, identity, routing, timing, now, log, outbox } = input;
  const stopping = new AbortController();
  // Separate from the sender of answers, because a channel's refusals do not concern answers.
  const sender = createSender({ log, onTokenGone: input.onTokenGone });
  const pacing = createPacing({ gapMs: timing.pace, horizonMs: timing.horizon });
  const onEditAgain = () => pacing.edited(now().getTime());
  const poster = createMessagePoster({ clients, sender, paceMs: timing.pace, onEditAgain });
  const tell = async (to: string, lines: readonly Phrase[]) => (await poster.postText(to, lines)).ok;
  const outages = createOutages({
    tell,
    people: routing.fallback,
    suspected: input.suspected,
    timing: timing.outage,
    now,
    log,
  });
  const audience = createAudience({ client: clients.posts, keepMs: timing.remember, now, log });
  const deliver = createDelivery({
    ...input,
    drawing: createDrawing({ ...input, client: clients.posts }),
    poster,
    audience,
    client: clients.posts,
    bot: identity.botId,
    pacing,
    outages,
    lateness: createLateness({ startedAt: now().getTime(), afterMs: timing.late }),
    policy: createDeliveryPolicy({ timing, now, random: input.random }),
    stopping: stopping.signal,
  });
  let dropped = 0;
  const onDropped = ({ channel, refresh }: LeasedDelivery) => {
    if (channel === null && refresh === null) dropped += 1;
  };
  const refreshes = createRefreshTurns({ ...input, pacing, onTurn: () => loop.poke() });
  const parts = { outbox, deliver, refreshes, instance: input.instance, timing, now, log, onDropped, stopping };
  const loop: Loop = createLoop(parts);

  const isOurs = async (channel: string) => ['ours', 'unknown'].includes(await audience(channel));

  return {
    start: () => loop.start(),
    stop: (waitMs) => loop.stop(waitMs),
    poke: () => loop.poke(),
    async direct(text) {
      const lines = linesOf(text);
      const { channel, fallback } = routing;
      if (channel !== null && (await isOurs(channel)) && (await tell(channel, lines))) return true;
      const arrived = await Promise.all(fallback.map((user) => tell(user, lines)));
      const hasArrived = arrived.includes(true);
      if (!hasArrived) log.error({ channel, people: fallback }, 'direct message not delivered');
      return hasArrived;
    },
    problems: () => [...outages.problems(), ...(dropped === 0 ? [] : [noChannelProblem(dropped)])],
  };
}

function noChannelProblem(many: number): Problem {
  return {
    code: 'slack-no-alert-channel',
    text: `${many === 1 ? 'A notification was' : `${many} notifications were`} not posted: no channel is configured for alerts.`,
    remedy: 'Set SLACK_ALERT_CHANNEL, or slack.channel in the file, to the id of a channel.',
  };
}
