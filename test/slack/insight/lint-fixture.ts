// The form of the linter on the stand-in Slack, filled in as a person does.

import { ANNA } from '../../sandbox/slack/people.ts';
import type { Message } from '../../sandbox/slack/stand-in.ts';
import type { Slack } from '../bot-fixture.ts';

type Modal = NonNullable<ReturnType<Slack['modal']>>;

export const titleOf = ({ given }: Modal): unknown => (given['title'] as { readonly text: string }).text;

/** The form on a person's screen. */
export function openForm(slack: Slack, user: string = ANNA.id): Promise<Modal> {
  return slack.until(() => {
    const modal = slack.modal(user);
    return modal !== null && modal.given['submit'] !== undefined && modal;
  });
}

/** The id of a field's block, by the id of its element. */
export function blockOf({ blocks }: Modal, action: string): string {
  const block = blocks.find(({ element }) => (element as { action_id?: string } | undefined)?.action_id === action);
  if (block === undefined) throw new Error(`the form has no ${action}`);
  return String(block['block_id']);
}

/** Sends the open form with these fields. */
export function send(slack: Slack, fields: Readonly<Record<string, object>>, user: string = ANNA.id) {
  const modal = slack.modal(user);
  if (modal === null) throw new Error('no form is open');
  const values = Object.entries(fields).map(([action, element]) => [blockOf(modal, action), { [action]: element }]);
  return slack.submit(user, Object.fromEntries(values));
}

export const string = (value: string) => ({ string: { value } });
export const option = (value: string) => ({ selected_option: { value } });

/** Messages of the bot in a channel, as a person sees them. */
export function ofBot(slack: Slack, channel: string, user: string): readonly Message[] {
  return slack.messages(channel, user).filter((message) => message.user === slack.botUser);
}
