// A modal on the page, in a real browser: filled in, refused with words at the field, kept, sent, closed.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { packOrigin } from '../../src/slack/blockkit/silence-fields.ts';
import { silenceForm } from '../../src/slack/views/silence-form.ts';
import { openBrowser } from './slack/page/browser-for-tests.ts';
import { slackPage } from './slack/page/page.ts';
import { startRemembered } from './slack/page/stand-in-for-tests.ts';

const origin = { subject: 'x', channel: null, responseUrl: null, threadTs: null };

test('what is entered is sent as Slack tells it; a wrong field says so and keeps the rest', async (context) => {
  const browser = await openBrowser(context);
  const given = { ...silenceForm(origin, []) };
  expect(given.private_metadata).toBe(packOrigin(origin));
  let blocks: Record<string, unknown>[] = given.blocks.map((block) => ({ ...block }));
  const sent: unknown[] = [];
  let isOpen = true;
  const standIn = await startRemembered();
  onTestFinished(() => standIn.close());
  const withModals = {
    ...standIn,
    modal: () => (isOpen ? { id: 'V1', blocks, given } : null),
    async submit(_: string, values: Readonly<Record<string, unknown>>) {
      sent.push(values);
      if (sent.length === 1) return { acknowledged: true, tookMs: 1, answer: { errors: { date: 'In the past.' } } };
      isOpen = false;
      standIn.put({ text: 'Silenced.' });
      return { acknowledged: true, tookMs: 1, answer: null };
    },
    closeModal() {
      isOpen = false;
    },
  };
  const server = createServer(slackPage(withModals)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close().closeAllConnections());
  await new Promise((resolve) => void server.once('listening', resolve));
  const page = await browser.page();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?channel=C1&as=U1`);

  const modal = page.getByRole('dialog', { name: 'Silence' });
  await modal.getByLabel('4 hours').check();
  await modal.getByLabel('reason/reason').pressSequentially('load ');
  // The app draws the view again while a person types.
  blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'Three targets.' } }, ...blocks];
  standIn.put({ text: 'meanwhile' });
  await modal.getByText('Three targets.').waitFor();
  await page.keyboard.type('test');
  await modal.getByLabel('Every other rule of this source or node').check();
  await modal.getByRole('button', { name: 'Silence' }).click();
  await modal.getByText('In the past.').waitFor();
  expect(sent).toEqual([
    {
      duration: { duration: { type: 'radio_buttons', selected_option: { value: '4h' } } },
      date: { date: { type: 'datetimepicker', selected_date_time: null } },
      reason: { reason: { type: 'plain_text_input', value: 'load test' } },
      options: { options: { type: 'checkboxes', selected_options: [{ value: 'every_rule' }] } },
    },
  ]);
  expect(await modal.getByLabel('reason/reason').inputValue()).toBe('load test');
  await modal.getByRole('button', { name: 'Silence' }).click();
  await modal.waitFor({ state: 'hidden' });
  expect(sent).toHaveLength(2);
});
