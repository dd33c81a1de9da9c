// The bot's settings and its times.

import type { SocketModeReceiver } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { DAY, MINUTE } from '../../core/base/duration.ts';
import type { Readers } from '../../core/base/permissions.ts';
import type { Waits } from '../../core/base/retry.ts';
import type { SlackTransport } from '../../core/ports/slack.ts';

/** How Slack is reached through a proxy. */
export interface SlackProxy {
  readonly fetch: FetchFunction;
  /** For the WebSocket of Socket Mode. */
  readonly dispatcher: NonNullable<ConstructorParameters<typeof SocketModeReceiver>[0]['dispatcher']>;
}

export interface SlackSettings {
  readonly transport: SlackTransport;
  /** Another Slack than slack.com, e.g. `http://127.0.0.1:3000/api/`. */
  readonly apiUrl: string | null;
  /** The slash command's name, with its slash. */
  readonly command: string;
  readonly read: Readers;
  /** Which readers may acknowledge and silence; without lists, all of them. */
  readonly act: Readers;
  /** IANA name of the zone that dates are typed in; null or absent: the machine's own. */
  readonly timeZone?: string | null;
  /** Null, or missing, where Slack is reached directly. */
  readonly proxy?: SlackProxy | null;
}

/** Milliseconds. */
export interface Timing {
  /** How long a reading takes before "Reading prod…" is shown. */
  readonly readingAfter: number;
  /** How long a request may take before it is answered with a problem. */
  readonly answer: number;
  /** How long stopping waits for running requests. */
  readonly stop: number;
  /** How long facts about people and channels are cached. */
  readonly remember: number;
  /** How long a new socket may take to say hello before it is closed. */
  readonly greeting: number;
  /** First and longest wait between attempts to reach Slack. */
  readonly reconnect: Waits;
  readonly notifier: NotifierTiming;
}

/** Milliseconds. */
export interface NotifierTiming {
  /** Between two messages to one channel: Slack takes about one a second. */
  readonly pace: number;
  /** How long a message may wait for its slot in memory. One that would wait longer goes back to the outbox. */
  readonly horizon: number;
  /** How often the outbox is read without a poke. */
  readonly idle: number;
  readonly lease: number;
  /** First and longest wait after an error of Slack's own. */
  readonly retry: Waits;
  /** Wait after a post without an answer: the message may still appear, so a search at once would find nothing. */
  readonly doubt: number;
  /** First and longest wait while a channel refuses posts. */
  readonly outage: Waits;
  /** How long a delivery is kept for a channel that refuses posts. */
  readonly keep: number;
  /** The delay from which a message says that it is late. */
  readonly late: number;
  /** How long reading the records of a message may take. */
  readonly draw: number;
  /** How long a channel's audience is cached. */
  readonly remember: number;
}

export const TIMING: Timing = {
  readingAfter: 1_000,
  answer: 150_000,
  stop: 10_000,
  remember: MINUTE,
  greeting: 30_000,
  reconnect: { least: 500, most: 30_000 },
  notifier: {
    pace: 1_000,
    horizon: 5_000,
    idle: 5_000,
    lease: MINUTE,
    retry: { least: 1_000, most: MINUTE },
    doubt: 5_000,
    outage: { least: MINUTE, most: 30 * MINUTE },
    keep: DAY,
    late: 2 * MINUTE,
    draw: 5_000,
    remember: MINUTE,
  },
};
