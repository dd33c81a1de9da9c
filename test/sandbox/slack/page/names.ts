// Names of people and channels, for mentions and authors.

import type { SlackStandIn } from '../stand-in.ts';
import type { LibraryNames } from './library.ts';

export interface Names extends LibraryNames {
  readonly person: (id: string) => string;
  readonly channel: (id: string) => string;
  readonly bot: BotName;
}

export interface BotName {
  readonly id: string;
  readonly name: string;
}

/** Slack's own voice: what a command came to, and who may not do what. */
const SLACKBOT = { id: 'USLACKBOT', name: 'Slackbot' };

/** An id nobody knows is its own name. */
export function namesOf(standIn: SlackStandIn, { bot, now }: { readonly bot: BotName; readonly now: Date }): Names {
  const known = [...standIn.people, bot, SLACKBOT];
  return {
    bot,
    now,
    users: known,
    channels: standIn.channels,
    person: (id) => known.find((person) => person.id === id)?.name ?? id,
    channel: (id) => standIn.channels.find((channel) => channel.id === id)?.name ?? id,
  };
}
