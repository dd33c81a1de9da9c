// A modal from its opening to its last answer: what Slack sends of it, and which answers Slack takes.

import type { App } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { boltBySocket } from './slack/bolt.ts';
import { ANNA } from './slack/people.ts';
import { startSlack } from './slack/server.ts';

const CHANNEL = 'C0000DBOPS';
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const said = { type: 'section' as const, text: plain('Done.') };
const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] };
const result = { type: 'modal', title: plain('Answer'), blocks: [said] };

const form = {
  type: 'modal' as const,
  callback_id: 'ask',
  title: plain('Ask'),
  submit: plain('Send'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'words',
      label: plain('Words'),
      element: { type: 'plain_text_input' as const, action_id: 'words', multiline: true, max_length: 3000 },
    },
    {
      type: 'input' as const,
      block_id: 'kind',
      optional: true,
      label: plain('Kind'),
      element: {
        type: 'static_select' as const,
        action_id: 'kind',
        initial_option: { text: plain('One'), value: '1' },
        options: ['One', 'Two'].map((word, at) => ({ text: plain(word), value: String(at + 1) })),
      },
    },
    {
      type: 'input' as const,
      block_id: 'count',
      optional: true,
      label: plain('Count'),
      element: { type: 'number_input' as const, action_id: 'count', is_decimal_allowed: false, min_value: '1' },
    },
  ],
};

/** A Slack with the form open, whose app answers as told. */
async function opened(answer: () => unknown) {
  const slack = await startSlack();
  onTestFinished(() => slack.close());
  const states: unknown[] = [];
  const bolt = await boltBySocket(slack, (app: App) => {
    app.command('/atlas-conns', async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: form });
    });
    app.view('ask', async ({ ack, view }) => {
      states.push(view.state.values);
      await (ack as (given: unknown) => Promise<void>)(answer());
    });
  });
  onTestFinished(() => bolt.close());
  await slack.command({ user: ANNA.id, channel: CHANNEL, text: '' });
  await slack.until(() => slack.modal(ANNA.id));
  return { slack, states };
}

const words = (value: string) => ({ words: { words: { value } } });

test('the app hears the state of every field, and a view in its answer takes the place of the form', async () => {
  const { slack, states } = await opened(() => ({ response_action: 'update', view: result }));
  const id = slack.modal(ANNA.id)?.id;
  expect(await slack.submit(ANNA.id, words('x'.repeat(3000)))).toMatchObject({ acknowledged: true, refused: null });
  expect(states).toMatchObject([
    {
      words: { words: { type: 'plain_text_input', value: 'x'.repeat(3000) } },
      kind: { kind: { selected_option: { text: { text: 'One' }, value: '1' } } },
      count: { count: { type: 'number_input', value: null } },
    },
  ]);
  expect(slack.modal(ANNA.id)).toMatchObject({ id, given: { title: { text: 'Answer' } }, blocks: [said] });
});

test.each([
  ['no value where one is required', {}],
  ['a text of 3,001 characters', words('x'.repeat(3001))],
  ['an option that is not there', { ...words('x'), kind: { kind: { selected_option: { value: '3' } } } }],
  ['a number below the least', { ...words('x'), count: { count: { value: '0' } } }],
  ['a field that is not there', { ...words('x'), other: { other: { value: 'x' } } }],
])('%s is not sent', async (_, values) => {
  const { slack, states } = await opened(() => undefined);
  await expect(slack.submit(ANNA.id, values)).rejects.toThrow();
  expect(states).toEqual([]);
});

test.each([
  ['words beside a field', { response_action: 'errors', errors: { words: 'No.' } }, null],
  ['words beside a field that is not there', { response_action: 'errors', errors: { title: 'No.' } }, 'invalid'],
  ['no words', { response_action: 'errors', errors: { words: '' } }, 'invalid'],
  ['no errors', { response_action: 'errors' }, 'invalid'],
  ['an unknown action', { response_action: 'replace', view: result }, 'invalid'],
  ['a table', { response_action: 'update', view: { ...result, blocks: [table] } }, 'invalid'],
  [
    'a title of 25 characters',
    { response_action: 'update', view: { ...result, title: plain('x'.repeat(25)) } },
    'invalid',
  ],
  ['101 blocks', { response_action: 'update', view: { ...result, blocks: Array(101).fill(said) } }, 'invalid'],
  [
    'too much metadata',
    { response_action: 'update', view: { ...result, private_metadata: 'x'.repeat(3001) } },
    'invalid',
  ],
])('an answer with %s: refused is %3$s, and the form stays', async (_, answer, refused) => {
  const { slack } = await opened(() => answer);
  const sent = await slack.submit(ANNA.id, words('x'));
  if (refused === null) expect(sent.refused).toBeNull();
  else expect(sent.refused?.error).toContain(refused);
  expect(slack.modal(ANNA.id)?.given['submit']).toMatchObject(plain('Send'));
});

test('views.update changes the open modal, and no other', async () => {
  const { slack } = await opened(() => undefined);
  const update = async (id: string | undefined) => {
    const body = JSON.stringify({ view_id: id, view: result });
    const headers = { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${slack.apiUrl}views.update`, { method: 'POST', headers, body });
    return answer.json();
  };
  const id = slack.modal(ANNA.id)?.id;
  expect(await update('V-none')).toMatchObject({ ok: false, error: 'not_found' });
  expect(await update(id)).toMatchObject({ ok: true, view: { id } });
  slack.closeModal(ANNA.id);
  expect(await update(id)).toMatchObject({ ok: false, error: 'not_found' });
});
