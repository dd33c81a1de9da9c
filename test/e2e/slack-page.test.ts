// The whole demo in a real browser, as a person uses it: typed, sorted, clicked, shared, at two widths.

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest';
import { openBrowser } from '../sandbox/slack/page/browser-for-tests.ts';
import { slackPage } from '../sandbox/slack/page/page.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { OPS } from '../slack/bot-fixture.ts';
import { openWorkplace, type Workplace } from './slack.ts';

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace({ slack: { page: (standIn) => slackPage(standIn) } });
});
afterAll(() => work?.close());

const WIDTHS = [
  { name: 'a desktop', viewport: { width: 1280, height: 800 } },
  { name: 'a phone', viewport: { width: 390, height: 844 } },
] as const;

/** The channel, live; errors of the page fail the test. */
async function visit(
  context: TestContext,
  viewport: { readonly width: number; readonly height: number },
  channel: string = OPS,
): Promise<Page> {
  const browser = await openBrowser(context);
  const page = await browser.page({ viewport });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  onTestFinished(() => expect(errors).toEqual([]));
  await page.goto(`${work.slack.url}/?channel=${channel}&as=${ANNA.id}`);
  await page.locator('body[data-live]').waitFor();
  return page;
}

/** Its answer: the message that was not there before, which is not the last one until it has come. */
async function ask(page: Page, text: string): Promise<Locator> {
  const before: string[] = await page.evaluate('[...document.querySelectorAll("article")].map(({ id }) => id)');
  const box = page.getByRole('combobox', { name: 'Message to' });
  await box.fill(text);
  await box.press('Enter');
  return page.locator(`article${before.map((id) => `:not([id="${id}"])`).join('')}`).first();
}

const sidewaysOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

for (const { name, viewport } of WIDTHS) {
  test(`on ${name}: a command, its table sorted, into a source and back, and shared`, async (context) => {
    const page = await visit(context, viewport);
    const report = await ask(page, '/atlas-conns prod');
    await report.getByRole('heading', { name: /^prod — [\d,]+ connections/ }).waitFor();
    await expectSorted(report.getByRole('columnheader', { name: 'Dormant' }));
    const billing = await report.locator('option', { hasText: 'Billing API' }).getAttribute('value');
    await report.getByRole('combobox', { name: 'Choose a source' }).selectOption(billing);
    await report.getByText('203.0.113.0/24 on the access list').waitFor();
    expect(await sidewaysOf(page)).toBe(0);
    await report.getByRole('button', { name: 'Back to the report of prod' }).click();
    await report.getByRole('heading', { name: /^prod — / }).waitFor();
    const count = await page.locator('article').count();
    await report.getByRole('button', { name: 'Share the report of prod' }).click();
    await page.locator('article').nth(count).waitFor();
    expect(await page.locator('article').last().innerText()).toMatch(/Shared by\s+@anna/);
    expect(await page.getByRole('article', { name: 'only visible to you' }).last().isVisible()).toBe(true);
    expect(await sidewaysOf(page)).toBe(0);
  });

  test(`on ${name}: App Home, a report opened in it, and back`, async (context) => {
    const page = await visit(context, viewport);
    if (viewport.width > 1000) await page.getByRole('link', { name: 'atlas-conns Home' }).click();
    else await page.getByLabel('Go to').selectOption('atlas-conns Home');
    const home = page.getByRole('region', { name: 'App Home' });
    await home.getByText('busiest node at').first().waitFor();
    expect(await sidewaysOf(page)).toBe(0);
    await home.getByRole('button', { name: 'Open the report of prod' }).click();
    await home.getByRole('columnheader', { name: 'Source' }).waitFor();
    expect(await sidewaysOf(page)).toBe(0);
    await home.getByRole('button', { name: 'Back to all clusters' }).click();
    await home.getByRole('heading', { name: 'This bot' }).waitFor();
  });
}

test('a mention in a channel without the bot is met by Slack’s hint, and after an invitation by an answer', async (context) => {
  const page = await visit(context, WIDTHS[0].viewport, 'C000RANDOM');
  const hint = await ask(page, '@atlas-conns prod');
  await page.getByText("You mentioned @atlas-conns, but they're not in this channel.").waitFor();
  expect(await hint.count()).toBe(1);
  await ask(page, '/invite @atlas-conns');
  await page.getByText('joined the channel').waitFor();
  await ask(page, '@atlas-conns prod');
  await page.getByRole('heading', { name: /^prod — [\d,]+ connections/ }).waitFor();
});

/** By its own figures, the largest first and then the smallest. */
async function expectSorted(column: Locator): Promise<void> {
  const table = column.locator('xpath=ancestor::table');
  const dormant = async () =>
    (await table.locator('tbody tr:visible > :nth-child(2)').allInnerTexts()).map((text) =>
      Number(text.replaceAll(/[^\d]/g, '')),
    );
  await column.getByRole('button').click();
  expect(await column.getAttribute('aria-sort')).toBe('descending');
  const falling = await dormant();
  expect(falling.length).toBeGreaterThan(2);
  expect(falling).toEqual(falling.toSorted((one, other) => other - one));
  await column.getByRole('button').click();
  expect(await column.getAttribute('aria-sort')).toBe('ascending');
  const rising = await dormant();
  expect(rising).toEqual(rising.toSorted((one, other) => one - other));
}
