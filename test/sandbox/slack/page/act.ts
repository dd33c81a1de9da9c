// What a person does on the page, handed to the stand-in Slack, and what came of it.

import type { Delivery } from '../stand-in.ts';
import { fieldsOf, stringOf } from './field.ts';
import type { PageStandIn } from './page.ts';
import { json, type Reply } from './reply.ts';

export type Act = 'command' | 'say' | 'press' | 'home' | 'control' | 'submit' | 'close';

interface Acting {
  readonly standIn: PageStandIn;
  readonly controls: readonly { readonly id: string; run(): Promise<void> }[];
  readonly botName: string;
  readonly act: Act;
  /** As it came from the browser. */
  readonly body: unknown;
}

/** `{ok: true}`, or `{ok: false, note}` with what to tell the person. */
export async function act(acting: Acting): Promise<Reply> {
  if (acting.act === 'submit') return submit(acting);
  const note = await deliver(acting).then(noteOf, (error: unknown) => {
    return error instanceof Error ? error.message : String(error);
  });
  return json(200, note === null ? { ok: true } : { ok: false, note });
}

/** As `act`, with what was entered wrongly by block. */
async function submit({ standIn, body }: Acting): Promise<Reply> {
  const fields = fieldsOf(body);
  try {
    const sent = await standIn.submit?.(stringOf(fields['as']), fieldsOf(fields['values']));
    const trouble = sent?.refused ? `We had some trouble connecting. (${sent.refused.error})` : null;
    const note = sent === undefined ? 'no modal is open' : (noteOf(sent) ?? trouble);
    const errors = fieldsOf(fieldsOf(sent?.answer)['errors']);
    return json(200, note === null ? { ok: true, errors } : { ok: false, note });
  } catch (error) {
    return json(200, { ok: false, note: error instanceof Error ? error.message : String(error) });
  }
}

async function deliver({ standIn, controls, botName, act, body }: Acting): Promise<Delivery | null> {
  const fields = fieldsOf(body);
  const [user, channel, text] = [stringOf(fields['as']), stringOf(fields['channel']), stringOf(fields['text'])];
  if (act === 'home') return standIn.openHome(user);
  if (act === 'close') {
    standIn.closeModal?.(user);
    return null;
  }
  if (act === 'command') return standIn.command({ user, channel, text });
  if (act === 'say') {
    const threadTs = stringOf(fields['threadTs']);
    return standIn.say({ user, channel, text: typed(text, { standIn, botName }), ...(threadTs && { threadTs }) });
  }
  if (act === 'press') {
    const [ts, blockId, option] = [stringOf(fields['ts']), stringOf(fields['blockId']), stringOf(fields['option'])];
    return standIn.press({
      user,
      message: ts ? { channel, ts } : null,
      actionId: stringOf(fields['actionId']),
      ...(blockId && { blockId }),
      ...(option && { option }),
    });
  }
  const control = controls.find(({ id }) => id === fields['id']);
  if (control === undefined) throw new Error('no such control');
  await control.run();
  return null;
}

/** With names as the ids that Slack's list of names puts in their place; the stand-in escapes the rest. */
function typed(text: string, { standIn, botName }: { standIn: PageStandIn; botName: string }): string {
  const people = [{ id: standIn.botUser, name: botName }, ...standIn.people];
  return people.reduce((sent, { id, name }) => {
    const mention = new RegExp(`(?<!\\S)@${name.replace(/[^\w\s]/g, '\\$&')}(?![\\w-])`, 'g');
    return sent.replace(mention, `<@${id}>`);
  }, text);
}

function noteOf(delivery: Delivery | null): string | null {
  if (delivery === null || delivery.acknowledged) return null;
  const late = delivery.tookMs === null ? '' : ` It did after ${(delivery.tookMs / 1000).toFixed(1)} s.`;
  return `The app did not answer within 3 s.${late}`;
}
