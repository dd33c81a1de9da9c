// Facts about people and channels, from Slack. Unknown facts are null, never a guess.

import type { WebClient } from '@slack/web-api';
import type { AskedIn, Asker, Readers } from '../../core/base/permissions.ts';
import type { Log } from '../../core/ports/telemetry.ts';
import { createCache } from '../client/cache.ts';
import { askerOf, channelFacts, type Identity, usersIn } from '../client/decode.ts';
import { isTokenGone, slackErrorCode, slackErrorDetail } from '../client/errors.ts';

export interface Members {
  person(id: string): Promise<Asker>;
  /** The channel, with Slack's facts beyond the delivery. */
  channel(asked: AskedIn): Promise<AskedIn>;
}

export function createMembers(input: {
  readonly client: WebClient;
  readonly identity: Identity;
  /** The lists of readers and actors. Their groups are looked up. */
  readonly lists: readonly Pick<Readers, 'groups'>[];
  readonly keepMs: number;
  readonly now: () => Date;
  readonly log: Log;
  readonly onTokenGone: (code: string) => void;
}): Members {
  const { client, identity, keepMs, now, log } = input;
  const listed = [...new Set(input.lists.flatMap((list) => list.groups))];
  const people = createCache({
    keepMs,
    now,
    load: async (user) => askerOf(await client.users.info({ user }), identity),
  });
  const groups = createCache({
    keepMs,
    now,
    load: async (usergroup) => usersIn(await client.usergroups.users.list({ usergroup })),
  });
  const channels = createCache({
    keepMs,
    now,
    load: async (channel) => channelFacts(await client.conversations.info({ channel })),
  });

  const orNull = async <T>(what: object, lookup: Promise<T>): Promise<T | null> => {
    try {
      return await lookup;
    } catch (error) {
      const code = slackErrorCode(error);
      log.warn({ ...what, error: code, detail: slackErrorDetail(error) }, 'Slack lookup failed');
      if (isTokenGone(code)) input.onTokenGone(code);
      return null;
    }
  };
  const groupsOf = async (user: string): Promise<readonly string[] | null> => {
    const each = listed.map(async (group) => ({ group, users: await orNull({ group }, groups.get(group)) }));
    const lookups = await Promise.all(each);
    const mine = lookups.filter(({ users }) => users?.includes(user)).map(({ group }) => group);
    return mine.length === 0 && lookups.some(({ users }) => users === null) ? null : mine;
  };

  return {
    async person(id) {
      const [known, mine] = await Promise.all([orNull({ user: id }, people.get(id)), groupsOf(id)]);
      return known === null
        ? { id, isForeign: null, isGuest: null, isPerson: null, groups: mine }
        : { ...known, id, groups: mine };
    },
    async channel(asked) {
      if (asked.kind !== 'channel' || asked.id === null || asked.isShared !== null) return asked;
      const facts = await orNull({ channel: asked.id }, channels.get(asked.id));
      return { ...asked, isShared: facts?.isShared ?? null };
    },
  };
}
