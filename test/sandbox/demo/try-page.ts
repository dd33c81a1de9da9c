import { findChromium, launchBrowser } from '../slack/page/browser-for-tests.ts';
import { openStage } from './stage.ts';

const stage = await openStage({ hour: 10, speed: 120 });
const chromium = await findChromium();
if (chromium === null) throw new Error('no');
const b = await launchBrowser(chromium);
const shot = (n: string) => ({ path: `/tmp/shots/${n}.png` });
try {
  const page = await b.page({ viewport: { width: 1180, height: 1000 }, colorScheme: 'light' });
  page.on('pageerror', (e) => console.log('PAGEERROR', String(e)));
  page.on('console', (m) => console.log('CONSOLE', m.type(), m.text()));
  const { slack, channel, prod } = stage;
  await page.goto(`${slack.url}/?channel=${channel}&as=${slack.people[0]?.id}`);
  await page.locator('body[data-live]').waitFor();
  await page.screenshot(shot('0-start'));
  await page.getByRole('button', { name: 'Billing API spikes' }).click();
  const alert = page.locator('article').filter({ hasText: 'Firing' }).first();
  await alert.waitFor({ timeout: 60000 });
  await page.waitForTimeout(500);
  await page.screenshot(shot('1-firing'));
  await alert.getByRole('button', { name: 'Acknowledge: Billing API' }).click();
  await page.locator('article').filter({ hasText: 'Acknowledged' }).first().waitFor();
  await page.waitForTimeout(500);
  await page.screenshot(shot('2-ack'));
  await page.getByRole('button', { name: 'It gets worse' }).click();
  await page.locator('article.reply').filter({ hasText: 'Worse' }).first().waitFor({ timeout: 60000 });
  await page.waitForTimeout(500);
  await page.screenshot(shot('3-worse'));
  await page.locator('article').first().getByRole('button', { name: 'Silence: Billing API' }).click();
  await page.locator('#modal[open] #modal-view').waitFor();
  await page.waitForTimeout(1000);
  await page.screenshot(shot('4-modal'));
  await page.locator('#modal input[type=datetime-local]').fill('2020-01-01T10:00');
  await page.locator('#modal button[type=submit]').click();
  await page.waitForTimeout(1000);
  await page.screenshot(shot('5-modal-wrong'));
  await page.locator('#modal input[type=datetime-local]').fill('');
  await page.getByLabel('reason/reason').fill('load test');
  await page.locator('#modal button[type=submit]').click();
  await page.waitForTimeout(2000);
  await page.screenshot(shot('6-silenced'));
  await page.locator('article').first().getByRole('button', { name: 'Details of Billing API' }).click();
  await page.waitForTimeout(1500);
  await page.screenshot(shot('7-details'));
  await page.getByRole('button', { name: 'Billing API calms down' }).click();
  await page.locator('article').filter({ hasText: 'Ended' }).first().waitFor({ timeout: 60000 });
  await page.waitForTimeout(500);
  await page.screenshot(shot('8-ended'));
  await page.getByRole('combobox', { name: 'Message to' }).fill('/atlas-conns history Billing API in prod 7d');
  await page.getByRole('combobox', { name: 'Message to' }).press('Enter');
  await page.waitForTimeout(2500);
  await page.screenshot(shot('9-history'));
  await page.getByRole('button', { name: 'Seven sources at once' }).click();
  await page
    .locator('article')
    .filter({ hasText: /sources above/ })
    .first()
    .waitFor({ timeout: 60000 });
  await page.waitForTimeout(2500);
  await page.screenshot(shot('10-group'));
  await page.getByRole('button', { name: 'All seven calm down' }).click();
  await page.getByRole('button', { name: 'An election' }).click();
  await page.getByRole('button', { name: 'Web EU’s access' }).click();
  await page.waitForTimeout(9000);
  await page.screenshot(shot('11-later'));
  await page.getByRole('link', { name: 'atlas-conns Home' }).click();
  await page.waitForTimeout(2500);
  await page.screenshot({ ...shot('12-home'), fullPage: true });
} finally {
  await b.close();
  await stage.close();
}
