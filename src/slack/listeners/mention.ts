// "@atlas-conns prod" in channels and threads, and messages to the bot alone: answered in the thread.

import type { App } from '@slack/bolt';
import type { Floor } from '../floor.ts';
import { mentionVisit } from '../requests/decode.ts';

export function listenToMentions(app: App, { reception, answers, identity }: Floor): void {
  const hear = async ({ body }: { readonly body: unknown }) => {
    const heard = mentionVisit(body);
    if (heard === null) return;
    await reception.attend(heard.visit, (guest) => answers.command(guest, withoutName(heard.text, identity.botUser)));
  };
  app.event('app_mention', hear);
  app.event('message', async ({ body, event }) => {
    if (event.channel_type === 'im') await hear({ body });
  });
}

/** The bot's name stands in front, or anywhere in a sentence. */
export function withoutName(text: string, botUser: string): string {
  return text.replaceAll(new RegExp(`<@${botUser}(\\|[^<>]*)?>`, 'g'), ' ');
}
