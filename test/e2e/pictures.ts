// `node test/e2e/pictures.ts`: takes the README's pictures of the demo, into test/e2e/pictures/.

import type { Locator, Page } from 'playwright-core';
import { openStage, type Stage } from '../sandbox/demo/stage.ts';
import { fullNodeIncident } from '../sandbox/scenario/full-node.ts';
import { playSteps } from '../sandbox/scenario/steps.ts';
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
  await home(stage, browser);
  await incident(stage, browser);
  await history(stage, browser);
  await why(stage, browser);
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

/** A node fills up, on a wide screen and on a phone; then somebody takes it on, and it ends. */
async function incident(on: Stage, from: OpenBrowser): Promise<void> {
  on.setSpeed(SPEED);
  const page = await channel(on, from, { height: 1_340 });
  const phone = await onPhone(on, from, 'light');
  const stop = new AbortController();
  const played = playSteps(fullNodeIncident.steps, { cluster: on.prod, clock: on.clock, signal: stop.signal });
  const message = page.locator('article').filter({ hasText: '· prod' }).first();
  await message.getByText('Critical —').first().waitFor();
  await page.locator('article.reply').filter({ hasText: 'Billing API' }).first().waitFor();
  await message.getByText('Shut out').waitFor();
  on.setSpeed(1);
  await shot(page, 'alert');
  await phone.evaluate("document.getElementById('log').scrollTo(0, 0)");
  await phone.screenshot({ path: path('alert-phone') });
  await phone.close();
  await message
    .getByRole('button', { name: /^Acknowledge/ })
    .first()
    .click();
  await message.getByText('Acknowledged by').first().waitFor();
  on.setSpeed(SPEED);
  await played;
  await message.getByText('Resolved —').first().waitFor();
  await page.evaluate("document.getElementById('log').scrollTo(0, 0)");
  await shot(page, 'alert-ended');
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
async function home(on: Stage, from: OpenBrowser): Promise<void> {
  const page = await onPhone(on, from, 'dark');
  await page.getByLabel('Go to').selectOption('atlas-conns Home');
  await page.getByRole('region', { name: 'App Home' }).getByText('Last read').nth(2).waitFor();
  await page.screenshot({ path: path('home-dark-phone') });
  await page.close();
}

/** The day as a line. */
async function history(on: Stage, from: OpenBrowser): Promise<void> {
  const page = await channel(on, from, { height: 860, as: BEN });
  const answer = await ask(page, '/atlas-conns history Billing API in prod 24h');
  await answer.getByText('Dormant connections, last').waitFor();
  await shot(page, 'history');
  await page.close();
}

/** Why a source holds so many. */
async function why(on: Stage, from: OpenBrowser): Promise<void> {
  const page = await channel(on, from, { height: 860, as: BEN });
  const answer = await ask(page, '/atlas-conns why 198.51.100.128/28 in prod');
  await answer.getByText('Expected').first().waitFor();
  await shot(page, 'why');
  await page.close();
}

async function onPhone(
  { slack, channel: id }: Stage,
  { page: open }: OpenBrowser,
  colorScheme: 'light' | 'dark',
): Promise<Page> {
  const page = await open({ viewport: { width: 390, height: 750 }, deviceScaleFactor: 1.25, colorScheme });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${slack.url}/?channel=${id}&as=${ANNA.id}`);
  await page.locator('body[data-live]').waitFor();
  // Slack has no such buttons.
  await page.evaluate("document.querySelector('.controls').remove()");
  return page;
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
