// Who reads along in a channel of alerts: asked before anything is posted there.

import type { WebClient } from '@slack/web-api';
import { createCache } from './client/cache.ts';
import { isPassing, slackErrorCode } from './client/errors.ts';
import type { BotLog } from './client/log.ts';
import { channelFacts } from './requests/decode.ts';

/**
 * `untold`: Slack does not tell, for want of a permission or of the channel. `unanswered`: it may another time.
 */
export type Audience = 'ours' | 'shared' | 'untold' | 'unanswered';

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
      log.info({ channel, error: code }, 'Slack does not tell who reads a channel of alerts');
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
      log.warn({ channel, error: slackErrorCode(error) }, 'Slack did not say who reads a channel of alerts');
      return 'unanswered';
    }
  };
}
