// The bot's settings and time limits.

import type { SocketModeReceiver } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { DAY, MINUTE } from '../../core/base/duration.ts';
import type { Readers } from '../../core/base/permissions.ts';
import type { Waits } from '../../core/base/retry.ts';
import type { SlackTransport } from '../../core/ports/slack.ts';

/** The proxy for connections to Slack. */
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
  /** The readers who may acknowledge and silence; without lists, all readers. */
  readonly act: Readers;
  /** IANA name of the zone of typed dates; null or left out: the machine's own. */
  readonly timeZone?: string | null;
  /** Null or left out for direct connections to Slack. */
  readonly proxy?: SlackProxy | null;
}

/** Milliseconds. */
export interface Timing {
  /** How long a reading runs before "Reading prod…" is shown. */
  readonly readingAfter: number;
  /** How long a request may take before the answer is a problem. */
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
  /** How long a message may wait for its slot in memory. A message with a longer wait goes back to the outbox. */
  readonly horizon: number;
  /** How often the outbox is read without a poke. */
  readonly idle: number;
  readonly lease: number;
  /** First and longest wait after an error of Slack's own. */
  readonly retry: Waits;
  /** Wait after a post without an answer. The message may still appear, so an immediate search would find nothing. */
  readonly doubt: number;
  /** First and longest wait while a channel refuses posts. */
  readonly outage: Waits;
  /** How long a delivery is kept for a channel that refuses posts. */
  readonly keep: number;
  /** The delay from which a message is marked as late. */
  readonly late: number;
  /** How long it may take to read the records of a message. */
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
