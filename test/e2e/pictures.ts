// `node test/e2e/pictures.ts`: takes the README's pictures of the demo, into test/e2e/pictures/.

import type { Locator, Page } from 'playwright-core';
import { findChromium, launchBrowser, type OpenBrowser } from '../sandbox/slack/page/browser-for-tests.ts';
import { slackPage } from '../sandbox/slack/page/page.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { OPS } from '../slack/bot-fixture.ts';
import { openWorkplace, type Workplace } from './slack.ts';

const path = (name: string) => new URL(`pictures/${name}.png`, import.meta.url).pathname;

const chromium = await findChromium();
if (chromium === null) throw new Error('no Chromium: set CHROMIUM_BINARY');
const work = await openWorkplace({ slack: { page: (standIn) => slackPage(standIn) } });
const browser = await launchBrowser(chromium);
try {
  work.project.scenario.cluster('prod').spike('Billing API', 6);
  await report(work, browser);
  await home(work, browser);
} finally {
  await browser.close();
  await work.close();
}

/** The channel with a report, as wide as a README is. */
async function report({ slack }: Workplace, { page: open }: OpenBrowser): Promise<void> {
  const page = await open({ viewport: { width: 1100, height: 936 }, colorScheme: 'light' });
  await page.goto(`${slack.url}/?channel=${OPS}&as=${ANNA.id}`);
  const answer = await ask(page, '/atlas-conns prod');
  await answer.getByRole('button', { name: 'Share the report of prod' }).waitFor();
  await page.screenshot({ path: path('report') });
}

/** App Home on a phone in the dark: every cluster at a glance. */
async function home({ slack }: Workplace, { page: open }: OpenBrowser): Promise<void> {
  const page = await open({ viewport: { width: 390, height: 750 }, deviceScaleFactor: 1.5, colorScheme: 'dark' });
  await page.goto(`${slack.url}/?channel=${OPS}&as=${ANNA.id}`);
  await page.locator('body[data-live]').waitFor();
  await page.getByLabel('Go to').selectOption('atlas-conns Home');
  await page.getByRole('region', { name: 'App Home' }).getByText('Last read').nth(2).waitFor();
  await page.screenshot({ path: path('home-dark-phone') });
}

async function ask(page: Page, text: string): Promise<Locator> {
  await page.locator('body[data-live]').waitFor();
  const before = await page.locator('article').count();
  const box = page.getByRole('combobox', { name: 'Message to' });
  await box.fill(text);
  await box.press('Enter');
  const answer = page.locator('article').nth(before);
  await answer.waitFor();
  return answer;
}
