// Events for metrics, and the relay for a listener that registers later.

import type { ConnectionReport } from '../connections/report.ts';

/** Messages are fixed phrases; the data is in fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * `rate_limited`: Slack asks to wait. `error`: Slack refuses, or the answer is not Slack's. `unanswered`: no answer
 * came.
 */
export type SlackResult = 'ok' | 'error' | 'rate_limited' | 'unanswered';

/** Each returns at once and never throws. */
export interface Observer {
  /** The monitored clusters from now on. Events of other clusters are dropped. */
  watched(clusters: readonly string[]): void;
  /** A reading for any purpose; null for a failed reading. */
  reading(reading: {
    readonly cluster: string;
    readonly report: ConnectionReport | null;
    readonly tookMs: number;
  }): void;
  /** A slot of a schedule; for readings the key is the cluster's name. */
  claim(claim: { readonly key: string; readonly won: boolean }): void;
  /** One HTTP exchange with Atlas; null when no answer came. */
  atlasCall(call: { readonly status: number | null }): void;
  /** One HTTP exchange with Slack; `method` is one that the bot calls, or `other`. */
  slackCall(call: {
    readonly method: string;
    readonly result: SlackResult;
    /** The answer is not from Slack: a proxy's page, or a truncated one. */
    readonly isForeign?: true;
    /** How long Slack asks to wait, in milliseconds. */
    readonly waitMs?: number;
  }): void;
}

export interface Relay {
  readonly observer: Observer;
  /** From now on this listener gets the events. */
  listen(to: Observer): void;
}

/** Events before the first listener are lost. */
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
