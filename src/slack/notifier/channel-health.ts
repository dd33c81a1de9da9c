// Channels that take nothing: tried again with growing waits, told to the configured people once, and named in `status`.

import type { WebClient } from '@slack/web-api';
import type { Problem } from '../../core/base/problem.ts';
import type { Phrase } from '../blockkit/rich-text.ts';
import { createCache } from '../client/cache.ts';
import { channelFacts } from '../client/decode.ts';
import { isPassing, slackErrorCode } from '../client/errors.ts';
import type { BotLog } from '../client/log.ts';
import { alertChannelProblem } from '../client/preflight.ts';
import type { NotifierTiming } from '../client/settings.ts';

export interface Outages {
  /** A channel refused. Tells whoever is to be told, once an outage. @returns milliseconds until it is tried again */
  refused(input: { readonly channel: string; readonly code: string; readonly about: Phrase }): Promise<number>;
  taken(channel: string): void;
  /** Milliseconds until the channel is tried again; 0 where nothing is known against it. */
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
  /** Says it to somebody directly; whether they got it. */
  readonly tell: (user: string, lines: readonly Phrase[]) => Promise<boolean>;
  readonly people: readonly string[];
  /** Found at the start, when nothing was to be posted yet. */
  readonly suspected: readonly { readonly channel: string; readonly problem: Problem }[];
  readonly timing: NotifierTiming['outage'];
  readonly now: () => Date;
  readonly log: BotLog;
}): Outages {
  const { timing, log } = input;
  const outages = new Map(
    input.suspected.map(({ channel, problem }): [string, Outage] => [channel, { problem, tries: -1, next: 0 }]),
  );
  const told = new Set<string>();
  const now = () => input.now().getTime();

  const tellAll = async (channel: string, { text, remedy }: Problem, about: Phrase) => {
    if (told.has(channel)) return;
    // Set before anything is awaited: two deliveries find the channel gone at the same moment.
    told.add(channel);
    log.error({ channel, problem: text, remedy }, 'channel refuses alerts');
    const lines: readonly Phrase[] = [
      [text, ' ', remedy],
      ['Waiting for it: ', ...about],
    ];
    const heard = await Promise.all(input.people.map((user) => input.tell(user, lines)));
    if (heard.length > 0 && !heard.includes(true)) told.delete(channel);
  };

  return {
    async refused({ channel, code, about }) {
      const known = outages.get(channel);
      // What was under way at the same moment is no further try.
      const tries = known === undefined ? 0 : known.next > now() ? known.tries : known.tries + 1;
      const waitMs = Math.min(timing.most, timing.least * 2 ** tries);
      const problem = alertChannelProblem(channel, code);
      outages.set(channel, { problem, tries, next: now() + waitMs });
      await tellAll(channel, problem, about);
      return waitMs;
    },
    taken(channel) {
      told.delete(channel);
      if (outages.delete(channel)) log.info({ channel }, 'channel accepts alerts again');
    },
    waitFor(channel) {
      const left = (outages.get(channel)?.next ?? 0) - now();
      // Further away than the longest wait: the clock was set back.
      return left > 0 && left <= timing.most ? left : 0;
    },
    problems: () => [...outages.values()].map(({ problem }) => problem),
  };
}

// Who reads along in a channel of alerts: asked before anything is posted there.

/**
 * `untold`: Slack does not tell, for want of a permission or of the channel. `unanswered`: it may another time.
 */
type Audience = 'ours' | 'shared' | 'untold' | 'unanswered';

export type AudienceOf = (channel: string) => Promise<Audience>;

/** Never rejects. */
export function createAudience(input: {
  readonly client: WebClient;
  readonly keepMs: number;
  readonly now: () => Date;
  readonly log: BotLog;
}): AudienceOf {
  const { client, log } = input;
  const load = async (channel: string): Promise<Audience> => {
    try {
      const { isShared } = channelFacts(await client.conversations.info({ channel }));
      return isShared === null ? 'untold' : isShared ? 'shared' : 'ours';
    } catch (error) {
      const code = slackErrorCode(error);
      if (isPassing(code)) throw error;
      log.info({ channel, error: code }, "alert channel's readers unknown");
      return 'untold';
    }
  };
  // What failed is not kept.
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
