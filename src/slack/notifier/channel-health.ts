// Channels that refuse posts. They are retried with growing waits, reported once to the configured people, and shown in
// `status`.

import type { WebClient } from '@slack/web-api';
import type { Problem } from '../../core/base/problem.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { createCache } from '../client/cache.ts';
import { channelFacts } from '../client/decode.ts';
import { isPassing, slackErrorCode } from '../client/errors.ts';
import { alertChannelProblem } from '../client/preflight.ts';
import type { NotifierTiming } from '../client/settings.ts';

export interface Outages {
  /** Records a refusal. Informs the configured people once an outage. @returns milliseconds until the next attempt */
  refused(input: { readonly channel: string; readonly code: string; readonly about: Phrase }): Promise<number>;
  accepted(channel: string): void;
  /** Milliseconds until the next attempt; 0 for a channel without refusals. */
  waitFor(channel: string): number;
  problems(): readonly Problem[];
}

interface Outage {
  readonly problem: Problem;
  readonly tries: number;
  /** Milliseconds since 1970. */
  readonly next: number;
}

export function createOutages(input: {
  /** Posts to a person; resolves with whether it arrived. */
  readonly tell: (user: string, lines: readonly Phrase[]) => Promise<boolean>;
  readonly people: readonly string[];
  /** Channel problems found at the start, before any post. */
  readonly suspected: readonly { readonly channel: string; readonly problem: Problem }[];
  readonly timing: NotifierTiming['outage'];
  readonly now: () => Date;
  readonly log: Log;
}): Outages {
  const { timing, log } = input;
  const outages = new Map(
    input.suspected.map(({ channel, problem }): [string, Outage] => [channel, { problem, tries: -1, next: 0 }]),
  );
  const reported = new Set<string>();
  const now = () => input.now().getTime();

  const report = async (channel: string, { text, remedy }: Problem, about: Phrase) => {
    if (reported.has(channel)) return;
    // Added before the first await, because two deliveries may find the channel gone at the same moment.
    reported.add(channel);
    log.error({ channel, problem: text, remedy }, 'channel refuses alerts');
    const lines: readonly Phrase[] = [
      [text, ' ', remedy],
      ['Waiting for it: ', ...about],
    ];
    const arrived = await Promise.all(input.people.map((user) => input.tell(user, lines)));
    if (arrived.length > 0 && !arrived.includes(true)) reported.delete(channel);
  };

  return {
    async refused({ channel, code, about }) {
      const known = outages.get(channel);
      // A post that was running at the same moment does not count as another attempt.
      const tries = known === undefined ? 0 : known.next > now() ? known.tries : known.tries + 1;
      const waitMs = Math.min(timing.most, timing.least * 2 ** tries);
      const problem = alertChannelProblem(channel, code);
      outages.set(channel, { problem, tries, next: now() + waitMs });
      await report(channel, problem, about);
      return waitMs;
    },
    accepted(channel) {
      reported.delete(channel);
      if (outages.delete(channel)) log.info({ channel }, 'channel accepts alerts again');
    },
    waitFor(channel) {
      const left = (outages.get(channel)?.next ?? 0) - now();
      // Further in the future than the longest wait: the clock was set back.
      return left > 0 && left <= timing.most ? left : 0;
    },
    problems: () => [...outages.values()].map(({ problem }) => problem),
  };
}

/**
 * The audience of an alert channel, checked before any post there. `unknown`: Slack does not report it, because a
 * permission or the channel is missing. `unanswered`: Slack may answer another time.
 */
type Audience = 'ours' | 'shared' | 'unknown' | 'unanswered';

export type AudienceOf = (channel: string) => Promise<Audience>;

/** Never rejects. */
export function createAudience(input: {
  readonly client: WebClient;
  readonly keepMs: number;
  readonly now: () => Date;
  readonly log: Log;
}): AudienceOf {
  const { client, log } = input;
  const load = async (channel: string): Promise<Audience> => {
    try {
      const { isShared } = channelFacts(await client.conversations.info({ channel }));
      return isShared === null ? 'unknown' : isShared ? 'shared' : 'ours';
    } catch (error) {
      const code = slackErrorCode(error);
      if (isPassing(code)) throw error;
      log.info({ channel, error: code }, "alert channel's readers unknown");
      return 'unknown';
    }
  };
  // Failures are not cached.
  const known = createCache({ ...input, load });
  return async (channel) => {
    // Direct messages: a person or a conversation with one.
    if (!/^[CG]/.test(channel)) return 'ours';
    try {
      return await known.get(channel);
    } catch (error) {
      log.warn({ channel, error: slackErrorCode(error) }, 'alert channel lookup failed');
      return 'unanswered';
    }
  };
}
