// What the bot in Slack is told: structurally Slack's part of the settings, with a transport.

import type { SocketModeReceiver } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import type { Readers } from '../../core/base/permissions.ts';
import type { Waits } from '../../core/base/retry.ts';

export type SlackTransport =
  | { readonly kind: 'socket'; readonly botToken: string; readonly appToken: string }
  | {
      readonly kind: 'http';
      readonly botToken: string;
      readonly signingSecret: string;
      readonly port: number;
      /** Which address to listen on; all of them unless told. */
      readonly host?: string;
    };

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
  /** Who may acknowledge and silence, of those who may read; without lists all of them. */
  readonly act: Readers;
  /** IANA name of the zone that dates are typed in; the machine's own unless told. */
  readonly timeZone?: string | null;
  /** Null, or missing, where Slack is reached directly. */
  readonly proxy?: SlackProxy | null;
}

/** Milliseconds. */
export interface Timing {
  /** From when on "Reading prod…" is shown. */
  readonly readingAfter: number;
  /** What a request may take before it is answered with a problem. */
  readonly answer: number;
  /** How long stopping waits for what runs. */
  readonly stop: number;
  /** What is known of people and channels is asked for again after this. */
  readonly remember: number;
  /** How long a new socket may be silent before it is left. */
  readonly greeting: number;
  /** First and longest wait between attempts to reach Slack. */
  readonly reconnect: Waits;
  readonly notifier: NotifierTiming;
}

/** Milliseconds. */
export interface NotifierTiming {
  /** Between two messages to one channel: Slack takes about one a second. */
  readonly pace: number;
  /** How long a message may wait for its turn in memory; what waits longer goes back to the outbox. */
  readonly horizon: number;
  /** How often the outbox is looked at when nobody says that something is in it. */
  readonly idle: number;
  readonly lease: number;
  /** First and longest wait after Slack's own trouble. */
  readonly retry: Waits;
  /** After a post without an answer: it may still appear, so that looking at once would find nothing. */
  readonly doubt: number;
  /** First and longest wait where a channel takes nothing. */
  readonly outage: Waits;
  /** How long what a channel does not take is kept. */
  readonly keep: number;
  /** From when on a message says that it comes late. */
  readonly late: number;
  /** What reading the records of a message may take. */
  readonly draw: number;
  /** How long it is remembered who reads a channel. */
  readonly remember: number;
}

export const TIMING: Timing = {
  readingAfter: 1_000,
  answer: 150_000,
  stop: 10_000,
  remember: 60_000,
  greeting: 30_000,
  reconnect: { least: 500, most: 30_000 },
  notifier: {
    pace: 1_000,
    horizon: 5_000,
    idle: 5_000,
    lease: 60_000,
    retry: { least: 1_000, most: 60_000 },
    doubt: 5_000,
    outage: { least: 60_000, most: 30 * 60_000 },
    keep: 24 * 3_600_000,
    late: 2 * 60_000,
    draw: 5_000,
    remember: 60_000,
  },
};
