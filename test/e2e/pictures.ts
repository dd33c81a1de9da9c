// `node test/e2e/pictures.ts`: takes the README's pictures of the demo, into test/e2e/pictures/.

import type { Locator, Page } from 'playwright-core';
import { openStage, type Stage } from '../sandbox/demo/stage.ts';
import { findChromium, launchBrowser, type OpenBrowser } from '../sandbox/slack/page/browser-for-tests.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';

const path = (name: string) => new URL(`pictures/${name}.png`, import.meta.url).pathname;
const PATIENCE_MS = 120_000;
const SPEED = 120;

const chromium = await findChromium();
if (chromium === null) throw new Error('no Chromium: set CHROMIUM_BINARY');
const stage = await openStage({ hour: 10, speed: SPEED });
const browser = await launchBrowser(chromium);
try {
  await report(stage, browser);
  await alert(stage, browser);
  await home(stage, browser);
  await ended(stage, browser);
} finally {
  await browser.close();
  await stage.close();
}

async function channel(
  { slack, channel: id }: Stage,
  { page: open }: OpenBrowser,
  { height, as = ANNA }: { readonly height: number; readonly as?: typeof ANNA },
): Promise<Page> {
  const page = await open({ viewport: { width: 1240, height }, colorScheme: 'light' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${slack.url}/?channel=${id}&as=${as.id}`);
  await page.locator('body[data-live]').waitFor();
  return page;
}

/** It fires and gets worse; then somebody takes it on. */
async function alert(on: Stage, from: OpenBrowser): Promise<void> {
  on.setSpeed(SPEED);
  const page = await channel(on, from, { height: 860 });
  on.prod.spike('Billing API', 6);
  const message = page.locator('article').filter({ hasText: 'Billing API' }).first();
  await message.getByText(/(?:Firing|Warning) —/).waitFor();
  on.prod.spike('Billing API', 16);
  await page.locator('article.reply').filter({ hasText: 'Worse' }).waitFor();
  await shot(page, 'alert');
  await message.getByRole('button', { name: 'Acknowledge: Billing API' }).click();
  await message.getByText(/Acknowledged\b.*—/).waitFor();
  on.setSpeed(1);
  await page.close();
}

/** The channel with a healthy report, as wide as a README is. Anna does not see what only Ben asked for. */
async function report(on: Stage, from: OpenBrowser): Promise<void> {
  const page = await channel(on, from, { height: 860, as: BEN });
  on.setSpeed(1);
  const answer = await ask(page, '/atlas-conns prod');
  await answer.getByRole('button', { name: 'Share the report of prod' }).waitFor();
  await shot(page, 'report');
  await page.close();
}

/** App Home on a phone in the dark: every cluster at a glance. */
async function home({ slack, channel: id }: Stage, { page: open }: OpenBrowser): Promise<void> {
  const page = await open({ viewport: { width: 390, height: 750 }, deviceScaleFactor: 1.25, colorScheme: 'dark' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${slack.url}/?channel=${id}&as=${ANNA.id}`);
  await page.locator('body[data-live]').waitFor();
  await page.getByLabel('Go to').selectOption('atlas-conns Home');
  await page.getByRole('region', { name: 'App Home' }).getByText('Last read').nth(2).waitFor();
  // Slack has no such buttons.
  await page.evaluate("document.querySelector('.controls').remove()");
  await page.screenshot({ path: path('home-dark-phone') });
  await page.close();
}

/** What is left of it, and the day as a line. */
async function ended(on: Stage, from: OpenBrowser): Promise<void> {
  on.setSpeed(SPEED);
  on.prod.calm('Billing API');
  const page = await channel(on, from, { height: 500 });
  await page.locator('article').filter({ hasText: 'Billing API was above' }).first().waitFor();
  await page
    .locator('article.reply')
    .filter({ hasText: /Ended|Resolved/ })
    .waitFor();
  await page.evaluate("document.getElementById('log').scrollTo(0, 0)");
  await shot(page, 'alert-ended');
  await page.setViewportSize({ width: 1240, height: 860 });
  const answer = await ask(page, '/atlas-conns history Billing API in prod 24h');
  await answer.getByText('Dormant connections, last').waitFor();
  await shot(page, 'history');
  await page.close();
}

/** The channel without the places beside it. */
async function shot(page: Page, name: string): Promise<void> {
  await page.locator('main').screenshot({ path: path(name) });
}

async function ask(page: Page, text: string): Promise<Locator> {
  const before = await page.locator('article').count();
  const box = page.getByRole('combobox', { name: 'Message to' });
  await box.fill(text);
  await box.press('Enter');
  const answer = page.locator('article').nth(before);
  await answer.waitFor();
  return answer;
}
