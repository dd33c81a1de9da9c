// Talking with the bot: what a person types, presses and sends, and the text of what they see.

import { unescaped } from '../slack/page/field.ts';
import type { Message } from '../slack/stand-in.ts';
import type { Stage } from './stage.ts';

/** Says whether a message is the one that is waited for. */
type Wanted = (message: Message) => boolean;

export interface Talk {
  /** Types a command. */
  type(text: string): Promise<Message>;
  press(title: string, message: Message, what: Pressed): Promise<Message>;
  /** The same, where what comes of it is for all to see. */
  push(title: string, message: Message, what: Pressed, wanted: Wanted): Promise<Message>;
  /** Does something, and waits for a message that is new or changed. */
  answer(title: string, act: () => unknown, wanted: Wanted): Promise<Message>;
  /** Waits for a message, shown or edited from now on or before, and says it. */
  wait(title: string, wanted: Wanted): Promise<Message>;
  /** The modal on the screen, sent with these values by block_id. */
  send(title: string, values: Readonly<Record<string, object>>): Promise<Message>;
  readonly user: string;
}

interface Pressed {
  readonly actionId: string;
  readonly option?: string;
}

const PATIENCE_MS = 60_000;

export function createTalk({ slack, channel }: Pick<Stage, 'slack' | 'channel'>, say: (text: string) => void): Talk {
  const [person] = slack.people.filter(({ guest, team }) => guest !== true && team === undefined);
  if (person === undefined) throw new Error('the stand-in Slack has nobody to talk to');
  const user = person.id;
  const seen = () => slack.messages(channel, user);
  const isMine: Wanted = ({ ephemeralTo, text }) => ephemeralTo === user && !text.startsWith('Reading ');
  const until = async (look: () => Message | undefined, title: string) => {
    try {
      return await slack.until(look, AbortSignal.timeout(PATIENCE_MS));
    } catch (error) {
      throw new Error(`nothing came of: ${title}`, { cause: error });
    }
  };
  const shown = (message: Message) => {
    say(readable(message.text).replace(/^/gm, '  '));
    return message;
  };
  const answer: Talk['answer'] = async (title, act, wanted) => {
    say(`\n> ${title}`);
    const before = new Set(seen().map(keyOf));
    await act();
    return shown(await until(() => seen().findLast((one) => !before.has(keyOf(one)) && wanted(one)), title));
  };
  const push: Talk['push'] = (title, { ts }, what, wanted) =>
    answer(title, () => slack.press({ user, message: { channel, ts }, ...what }), wanted);
  return {
    user,
    answer,
    type: (text) => answer(`/atlas-conns ${text}`, () => slack.command({ user, channel, text }), isMine),
    press: (title, message, what) => push(title, message, what, isMine),
    push,
    async wait(title, wanted) {
      say(`\n> ${title}`);
      return shown(await until(() => seen().findLast(wanted), title));
    },
    send: (title, values) => answer(title, () => slack.submit(user, values), isMine),
  };
}

const keyOf = ({ ts, edits, text }: Message): string => `${ts} ${edits} ${text}`;

/** A message's text as it reads where nobody draws it: dates by their fallback, links by their words. */
export function readable(text: string): string {
  return unescaped(
    text.replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1').replace(/<(?:https?:[^|>]*)\|([^>]*)>/g, '$1'),
  ).replaceAll('\u2060', '');
}
