// A conversation with the bot, scripted: a report from every side, and then the life of an alert.

import type { Message } from '../slack/stand-in.ts';
import type { Stage } from './stage.ts';
import { createTalk, type Talk } from './talk.ts';

/** Rejects when an answer stays away. Every step waits for a message, none for time. */
export async function converse(stage: Stage, say: (text: string) => void): Promise<void> {
  const talk = createTalk(stage, say);
  await reports(talk);
  await alert(stage, talk);
  await pools(stage, talk);
  await troubles(stage, talk);
}

async function reports({ type, press, push }: Talk): Promise<void> {
  const report = await type('prod');
  const option = optionFor(report, 'Billing API');
  const source = await press('(chooses Billing API)', report, { actionId: 'choose_source', option });
  const back = await press('(Back)', source, { actionId: 'back' });
  await push('(Share)', back, { actionId: 'share' }, ({ text }) => text.includes('Shared by'));
  await type('prod by app');
  await type('nodes prod');
  await type('history Billing API in prod 24h');
}

/** It fires, is acknowledged, gets worse, is silenced, and ends. */
async function alert({ prod, slack }: Stage, { type, push, answer, wait, send, user }: Talk): Promise<void> {
  const isAbout = ({ text, threadTs, ephemeralTo }: Message, state: string) =>
    threadTs === null && ephemeralTo === null && text.startsWith(state) && text.includes('— Billing API');
  const fired = await answer(
    '(Billing API spikes)',
    () => prod.spike('Billing API', 6),
    (message) => isAbout(message, 'Warning'),
  );
  const { ts } = fired;
  await push('(Acknowledge)', fired, { actionId: 'alert_acknowledge' }, (message) => isAbout(message, 'Acknowledged'));
  await type('alerts');
  await answer(
    '(it gets worse: a reply in the thread)',
    () => prod.spike('Billing API', 20),
    ({ threadTs }) => threadTs === ts,
  );
  await slack.press({ user, message: { channel: fired.channel, ts }, actionId: 'alert_silence' });
  await slack.until(() => slack.modal(user)?.given['submit']);
  await send('(Silence…, for four hours: load test)', {
    duration: { duration: { type: 'radio_buttons', selected_option: { value: '4h' } } },
    date: { date: { type: 'datetimepicker', selected_date_time: null } },
    reason: { reason: { type: 'plain_text_input', value: 'load test' } },
    options: { options: { type: 'checkboxes', selected_options: [] } },
  });
  await wait('(the alert meanwhile)', (message) => isAbout(message, 'Silenced'));
  await type('unsilence Billing API');
  await wait('(it is told again)', (message) => isAbout(message, 'Warning'));
  await answer(
    '(Billing API calms down)',
    () => prod.calm('Billing API'),
    (message) => isAbout(message, 'Resolved'),
  );
}

/** The app says what no node can see: its connections are checked out, and operations wait. */
async function pools({ apps, prod }: Stage, { type, answer }: Talk): Promise<void> {
  if (apps === null) return;
  const isAbout = ({ text, threadTs }: Message, state: string) =>
    threadTs === null && text.startsWith(state) && text.includes('— billing');
  await type('pools');
  await answer(
    '(Billing API leaks checkouts)',
    () => apps.leak(),
    (message) => isAbout(message, 'Critical'),
  );
  await type('pools billing');
  await type('why Billing API in prod');
  await answer(
    '(Billing API calms down)',
    () => {
      apps.calm();
      prod.calm('Billing API');
    },
    (message) => isAbout(message, 'Resolved'),
  );
}

async function troubles({ prod }: Stage, { type, press }: Talk): Promise<void> {
  await prod.lostNode(2);
  await press('(Refresh, while a node is lost)', await type('prod'), { actionId: 'refresh' });
  await type('sorce Billing');
  await type('status');
}

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
