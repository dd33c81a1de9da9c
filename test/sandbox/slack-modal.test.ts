// A modal on the page, in a real browser: filled in, refused with words at the field, kept, sent, closed.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModalView } from '@slack/types';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import type { LintReport } from '../../src/core/lint/lint.ts';
import { packOrigin } from '../../src/slack/blockkit/silence-fields.ts';
import { lintForm } from '../../src/slack/insight/lint-form.ts';
import { lintedModal } from '../../src/slack/insight/lint-view.ts';
import { silenceForm } from '../../src/slack/views/silence-form.ts';
import { openBrowser } from './slack/page/browser-for-tests.ts';
import { slackPage } from './slack/page/page.ts';
import { startRemembered } from './slack/page/stand-in-for-tests.ts';
import type { Modals } from './slack/stand-in.ts';

/** A page that shows the view, and keeps what is sent of it. */
async function pageOf(context: TestContext, view: () => Shown | null, submit: Modals['submit']) {
  const browser = await openBrowser(context);
  const standIn = await startRemembered();
  onTestFinished(() => standIn.close());
  const server = createServer(slackPage({ ...standIn, modal: view, submit, closeModal: () => undefined }));
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close().closeAllConnections());
  await new Promise((resolve) => void server.once('listening', resolve));
  const page = await browser.page();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?channel=C1&as=U1`);
  return { page, changed: () => standIn.put({ text: 'x' }) };
}

type Shown = NonNullable<ReturnType<Modals['modal']>>;
const shownOf = (view: ModalView): Shown => ({
  id: 'V1',
  blocks: view.blocks.map((block) => ({ ...block })),
  given: { ...view },
});

const origin = { subject: 'x', channel: null, responseUrl: null, threadTs: null };

test('what is entered is sent as Slack tells it; a wrong field says so and keeps the rest', async (context) => {
  const given = { ...silenceForm(origin, []) };
  expect(given.private_metadata).toBe(packOrigin(origin));
  let shown = shownOf(given);
  const sent: unknown[] = [];
  let isOpen = true;
  const { page, changed } = await pageOf(
    context,
    () => (isOpen ? shown : null),
    async (_, values) => {
      sent.push(values);
      const common = { acknowledged: true, tookMs: 1, refused: null };
      if (sent.length === 1) return { ...common, answer: { errors: { date: 'In the past.' } } };
      isOpen = false;
      changed();
      return { ...common, answer: null };
    },
  );

  const modal = page.getByRole('dialog', { name: 'Silence' });
  await modal.getByLabel('4 hours').check();
  await modal.getByLabel('Reason (optional)').pressSequentially('load ');
  // The app draws the view again while a person types.
  const more = { type: 'section', text: { type: 'mrkdwn', text: 'Three targets.' } };
  shown = { ...shown, blocks: [more, ...shown.blocks] };
  changed();
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
  expect(await modal.getByLabel('Reason (optional)').inputValue()).toBe('load test');
  await modal.getByRole('button', { name: 'Silence' }).click();
  await modal.waitFor({ state: 'hidden' });
  expect(sent).toHaveLength(2);
});

const report: LintReport = {
  ...{ valid: true, hosts: ['h:27017'], srv: false, database: null, authSource: null, options: {} },
  findings: [{ id: 'app-name-missing', severity: 'info', text: 'appName is not set.', fix: 'Add appName=NAME.' }],
  repaired: 'mongodb://<user>:<password>@h:27017/',
  effective: [{ name: 'maxPoolSize', value: '100', fallback: '100', from: 'default' }],
  forecast: null,
};

test('menus, numbers and long texts are filled in; the view of an answer takes their place, without a way to send it', async (context) => {
  const place = { channel: null, key: 'k' };
  let view = shownOf(lintForm(place, ['prod', 'staging']));
  const sent: unknown[] = [];
  const { page, changed } = await pageOf(
    context,
    () => view,
    async (_, values) => {
      sent.push(values);
      view = shownOf(lintedModal({ report, fleet: null }, place));
      changed();
      return { acknowledged: true, tookMs: 1, answer: null, refused: null };
    },
  );
  const modal = page.getByRole('dialog', { name: 'Lint a connection string' });
  await modal.getByText('what Slack keeps is your workspace').waitFor();
  await modal.getByLabel('Connection string').fill('mongodb://h\n');
  await modal.getByLabel('Driver').selectOption('Go');
  await modal.getByLabel('As functions').check();
  await modal.getByLabel('Instances of the application (optional)').fill('40');
  await modal.getByLabel('Cluster (optional)').selectOption('staging');
  await modal.getByRole('button', { name: 'Lint' }).click();

  const answer = page.getByRole('dialog', { name: 'Connection string' });
  await answer.getByText('appName is not set.').waitFor();
  await answer.getByText('mongodb://<user>:<password>@h:27017/').waitFor();
  expect(await answer.getByRole('button').allTextContents()).toEqual(['Lint another', 'Close']);
  expect(sent).toEqual([
    {
      'string k': { string: { type: 'plain_text_input', value: 'mongodb://h\n' } },
      'driver k': { driver: { type: 'static_select', selected_option: { value: 'go' } } },
      'functions k': { functions: { type: 'checkboxes', selected_options: [{ value: 'functions' }] } },
      'instances k': { instances: { type: 'number_input', value: '40' } },
      'cluster k': { cluster: { type: 'static_select', selected_option: { value: 'staging' } } },
    },
  ]);
});
