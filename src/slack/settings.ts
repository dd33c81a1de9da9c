// What the bot in Slack is told: structurally Slack's part of the settings, with a transport.

import type { Readers } from '../core/permission.ts';

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

export interface SlackSettings {
  readonly transport: SlackTransport;
  /** Another Slack than slack.com, e.g. `http://127.0.0.1:3000/api/`. */
  readonly apiUrl: string | null;
  /** The slash command's name, with its slash. */
  readonly command: string;
  readonly read: Readers;
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
  /** First and longest wait between attempts to reach Slack. */
  readonly reconnect: { readonly least: number; readonly most: number };
}

export const TIMING: Timing = {
  readingAfter: 1_000,
  answer: 150_000,
  stop: 10_000,
  remember: 60_000,
  reconnect: { least: 500, most: 30_000 },
};
