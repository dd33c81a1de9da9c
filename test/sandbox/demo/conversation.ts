// A conversation with the bot, scripted: what a person types and clicks, and the text of what they see.

import type { RunningCluster } from '../scenario/scenario.ts';
import type { Message, SlackStandIn } from '../slack/stand-in.ts';

export interface ConversationInput {
  readonly slack: SlackStandIn;
  readonly prod: RunningCluster;
  readonly say: (text: string) => void;
}

/** Rejects when an answer stays away. */
export async function converse({ slack, prod, say }: ConversationInput): Promise<void> {
  const [person] = slack.people.filter(({ guest, team }) => guest !== true && team === undefined);
  const [channel] = slack.channels.filter(({ kind, shared }) => kind === 'public' && shared !== true);
  if (person === undefined || channel === undefined) throw new Error('the stand-in Slack has nobody to talk to');
  const [user, place] = [person.id, channel.id];
  const seen = () => slack.messages(place, user);
  const answer = async (title: string, act: () => Promise<unknown>): Promise<Message> => {
    say(`\n> ${title}`);
    const before = fingerprint(seen());
    await act();
    const message = await changed(slack, () => {
      const fresh = seen().findLast((one) => !before.has(keyOf(one)));
      return fresh?.text.startsWith('Reading ') ? undefined : fresh;
    });
    say(message.text.replace(/^/gm, '  '));
    return message;
  };
  const type = (text: string) => answer(`/atlas-conns ${text}`, () => slack.command({ user, channel: place, text }));
  const press = (title: string, message: Message, what: { actionId: string; option?: string }) =>
    answer(title, () => slack.press({ user, message: { channel: place, ts: message.ts }, ...what }));

  const report = await type('prod');
  const option = optionFor(report, 'Billing API');
  const source = await press('(chooses Billing API)', report, { actionId: 'choose_source', option });
  const back = await press('(Back)', source, { actionId: 'back' });
  await press('(Share)', back, { actionId: 'share' });
  await type('prod by app');
  await type('nodes prod');
  prod.spike('Billing API', 6);
  await prod.lostNode(2);
  await press('(Refresh, while one source spikes and a node is lost)', await type('prod'), { actionId: 'refresh' });
  await type('sorce Billing');
  await type('status');
}

const keyOf = ({ ts, edits, text }: Message): string => `${ts} ${edits} ${text}`;
const fingerprint = (messages: readonly Message[]): ReadonlySet<string> => new Set(messages.map(keyOf));

/** The value behind the option of this label, in whichever select of the message has it. */
function optionFor(message: Message, label: string): string {
  const options = message.blocks.flatMap((block) => {
    const { accessory, elements } = block as { accessory?: Select; elements?: readonly Select[] };
    return [accessory, ...(elements ?? [])].flatMap((element) => element?.options ?? []);
  });
  const found = options.find(({ text }) => text.text.startsWith(label));
  if (found === undefined) throw new Error(`the message does not offer ${label}`);
  return found.value;
}

interface Select {
  readonly options?: readonly { readonly text: { readonly text: string }; readonly value: string }[];
}

const PATIENCE_MS = 30_000;

function changed<T>(slack: SlackStandIn, look: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      stop();
      clearTimeout(timer);
    };
    const check = () => {
      const value = look();
      if (value === undefined) return;
      finish();
      resolve(value);
    };
    const stop = slack.onChange(check);
    const timer = setTimeout(() => {
      finish();
      reject(new Error('the bot did not answer'));
    }, PATIENCE_MS);
    check();
  });
}
