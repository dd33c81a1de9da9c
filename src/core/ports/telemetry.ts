// What the bot tells whoever measures it, as it happens. Types, and the relay for a listener who comes later.

import type { ConnectionReport } from '../connections/report.ts';

/** Fixed phrases, with the data in fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `rate_limited`: Slack asks to wait. `error`: it refuses, or what answers is not Slack. `unanswered`: no answer came. */
export type SlackResult = 'ok' | 'error' | 'rate_limited' | 'unanswered';

/** Each returns at once and never throws. */
export interface Observer {
  /** Which clusters are watched from now on: what is told of any other is nobody's. */
  watched(clusters: readonly string[]): void;
  /** A reading, whoever asked for it; null for one that did not come about. */
  reading(reading: {
    readonly cluster: string;
    readonly report: ConnectionReport | null;
    readonly tookMs: number;
  }): void;
  /** A slot of a schedule: of a cluster's readings where the key is its name. */
  claim(claim: { readonly key: string; readonly won: boolean }): void;
  /** One HTTP exchange with Atlas; null where no answer came. */
  atlasCall(call: { readonly status: number | null }): void;
  /** One HTTP exchange with Slack; `method` is one that the bot calls, or `other`. */
  slackCall(call: {
    readonly method: string;
    readonly result: SlackResult;
    /** What answered is not Slack: a proxy's page, or something cut off. */
    readonly isForeign?: true;
    /** How long Slack asks to wait, in milliseconds. */
    readonly waitMs?: number;
  }): void;
}

export interface Relay {
  readonly observer: Observer;
  /** From now on this one is told. */
  listen(to: Observer): void;
}

/** What is told before anybody listens is lost. */
export function relay(): Relay {
  let listener: Observer | null = null;
  return {
    observer: {
      watched: (clusters) => listener?.watched(clusters),
      reading: (reading) => listener?.reading(reading),
      claim: (claim) => listener?.claim(claim),
      atlasCall: (call) => listener?.atlasCall(call),
      slackCall: (call) => listener?.slackCall(call),
    },
    listen(to) {
      listener = to;
    },
  };
}
