// The stand-in Slack's page in a real browser: what people do there, and what bots and strangers may write on it.

import { once } from 'node:events';
import { request } from 'node:http';
import type { Locator, Page } from 'playwright-core';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { COMMANDS } from '../../src/core/commands/commands.ts';
import { openBrowser } from './slack/page/browser-for-tests.ts';
import type { PageOptions } from './slack/page/page.ts';
import { home, report, source } from './slack/page/sample-for-tests.ts';
import { BOT, type Remembered, startRemembered } from './slack/page/stand-in-for-tests.ts';

const PHONE = { viewport: { width: 390, height: 844 } };

async function slack(options: PageOptions = {}): Promise<Remembered> {
  const standIn = await startRemembered(options);
  onTestFinished(() => standIn.close());
  return standIn;
}

/** The page of a channel, live; errors of its script fail the test. */
async function visit(
  context: TestContext,
  input: { standIn: Remembered; at?: string; phone?: boolean; viewport?: { width: number; height: number } },
): Promise<Page> {
  const browser = await openBrowser(context);
  const page = await browser.page(input.viewport ? { viewport: input.viewport } : input.phone ? PHONE : {});
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  onTestFinished(() => expect(errors).toEqual([]));
  await page.goto(`${input.standIn.url}/?${input.at ?? 'channel=C1&as=U1'}`);
  await page.locator('body[data-live]').waitFor();
  return page;
}

const column = (page: Page, at: number) => page.locator(`tbody tr:visible > :nth-child(${at})`).allInnerTexts();

test('a command is completed from the table of commands and sent as it was typed', async (context) => {
  const standIn = await slack();
  const page = await visit(context, { standIn });
  const box = page.getByRole('combobox', { name: 'Message to # db-help' });
  await box.fill('/atlas');
  expect(await page.getByRole('listbox').getByRole('option').count()).toBe(Object.keys(COMMANDS).length);
  await box.fill('/atlas-conns n');
  await box.press('ArrowDown');
  expect(await page.getByRole('listbox').getByRole('option', { selected: true }).innerText()).toContain(
    'nodes [cluster]',
  );
  await box.press('Enter');
  await box.pressSequentially('prod');
  await box.press('Enter');
  await expect
    .poll(() => standIn.asked)
    .toEqual([['command', { user: 'U1', channel: 'C1', text: '/atlas-conns nodes prod' }]]);
  expect(await box.inputValue()).toBe('');
});

test('what the app leaves unanswered is told, and the text comes back; other commands never leave the page', async (context) => {
  const standIn = await slack();
  standIn.answerWith({ acknowledged: false, tookMs: null });
  const page = await visit(context, { standIn });
  const box = page.getByRole('combobox', { name: 'Message to' });
  await box.fill('/weather');
  await box.press('Enter');
  await page.getByText('/weather is not a command here').waitFor();
  expect(standIn.asked).toEqual([]);
  await box.fill('/atlas-conns prod');
  await box.press('Enter');
  await page.getByText('The app did not answer within 3 s.').waitFor();
  expect(await box.inputValue()).toBe('/atlas-conns prod');
});

test('a number column sorts as numbers, and its order, what is typed and the focus outlive an edit of the message', async (context) => {
  const standIn = await slack();
  const { ts } = standIn.put({ blocks: report });
  const page = await visit(context, { standIn });
  const dormant = page.getByRole('columnheader', { name: 'Dormant' });
  await dormant.getByRole('button').click();
  expect(await dormant.getAttribute('aria-sort')).toBe('descending');
  expect((await column(page, 3)).slice(0, 3)).toEqual(['1,005', '412', '96']);
  await dormant.getByRole('button').press('Enter');
  expect(await dormant.getAttribute('aria-sort')).toBe('ascending');
  const sorted = await column(page, 3);
  expect(sorted.at(-1)).toBe('1,005');
  await page.getByText('Reply in thread').click();
  await page.getByLabel('Reply', { exact: true }).fill('half a sent');
  await dormant.getByRole('button').focus();
  standIn.put({ ts, blocks: report, edits: 1 });
  standIn.put({ user: 'U2', text: 'meanwhile' });
  await page.getByText('meanwhile').waitFor();
  await page.locator('.edited', { hasText: 'edited' }).waitFor();
  expect(await column(page, 3)).toEqual(sorted);
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Dormant');
  expect(await page.getByLabel('Reply', { exact: true }).first().inputValue()).toBe('half a sent');
});

test('rows beyond the first page of a table are one press away', async (context) => {
  const standIn = await slack();
  standIn.put({ blocks: report.map((block) => (block['type'] === 'data_table' ? { ...block, page_size: 4 } : block)) });
  const page = await visit(context, { standIn });
  expect(await column(page, 1)).toHaveLength(4);
  await page.getByRole('button', { name: 'Show all 10 rows' }).click();
  expect(await column(page, 1)).toHaveLength(10);
});

test('buttons and selects press what they stand for, after the question that a button asks', async (context) => {
  const standIn = await slack();
  const { ts } = standIn.put({ blocks: report });
  const page = await visit(context, { standIn });
  const message = { channel: 'C1', ts };
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('combobox', { name: 'Choose a source' }).selectOption('Web EU');
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Share' }).click();
  await expect
    .poll(() => standIn.asked)
    .toEqual([
      ['press', { user: 'U1', message, actionId: 'refresh', blockId: 'acts' }],
      ['press', { user: 'U1', message, actionId: 'choose_source', blockId: 'acts', option: 's1' }],
      ['press', { user: 'U1', message, actionId: 'share', blockId: 'acts' }],
    ]);
});

test('an ephemeral message is marked and shown to nobody else; a chart and an unknown block are seen', async (context) => {
  const standIn = await slack();
  standIn.put({ blocks: [...source, { type: 'hologram' }], ephemeralTo: 'U1', edits: 3 });
  const page = await visit(context, { standIn });
  const message = page.getByRole('article', { name: 'only visible to you' });
  expect(await message.innerText()).toMatch(/Only visible to you[\s\S]*edited 3 times/);
  expect(await message.getByRole('img').getAttribute('aria-label')).toContain('Dormant ends at 412');
  expect(await message.getByText('block type hologram').isVisible()).toBe(true);
  await page.getByLabel('You are').selectOption('Gus (guest)');
  await page.getByText('Nothing here yet').waitFor();
  expect(await page.getByText('Billing API').count()).toBe(0);
  expect(await page.getByRole('link', { name: 'partners' }).count()).toBe(0);
});

test('a reply in a thread mentions the app by its id, and stands under what it answers', async (context) => {
  const standIn = await slack();
  const { ts } = standIn.put({ user: 'U2', text: 'is prod fine?' });
  standIn.put({ user: 'U2', text: 'something else' });
  const page = await visit(context, { standIn });
  await page.getByText('Reply in thread').first().click();
  await page.getByLabel('Reply', { exact: true }).first().fill('@atlas-conns nodes <b> & co');
  await page.getByLabel('Reply', { exact: true }).first().press('Enter');
  await page.locator('.reply', { hasText: '@atlas-conns nodes <b> & co' }).waitFor();
  const text = `<@${BOT}> nodes <b> & co`;
  expect(standIn.asked).toEqual([['say', { user: 'U1', channel: 'C1', threadTs: ts, text }]]);
  expect(await page.locator('article .text').allInnerTexts()).toEqual([
    'is prod fine?',
    '@atlas-conns nodes <b> & co',
    'something else',
  ]);
});

test('hostile text shows as itself, wherever a message has text, and runs nothing', async (context) => {
  const standIn = await slack();
  const long = 'x'.repeat(10_000);
  const hostile = `<script>document.title='owned'</script> <!channel> \u202Eevil\u202C *a _b ~c \`d 10:30:45 2001:db8:1:2 &amp; ${long}`;
  const escaped = hostile.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  standIn.put({ text: escaped });
  standIn.put({
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: hostile } },
      { type: 'section', text: { type: 'mrkdwn', text: escaped } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: escaped }] },
      { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: hostile }] }] },
      {
        type: 'data_table',
        caption: hostile,
        rows: [[{ type: 'raw_text', text: hostile }], [{ type: 'raw_text', text: hostile }]],
      },
    ],
  });
  const page = await visit(context, { standIn });
  const shown = page.locator('.text, .rich, h3, caption, thead button, tbody th');
  const brief = (text: string) => text.replaceAll(long, '[10,000]');
  expect((await shown.allTextContents()).map(brief)).toEqual(Array(8).fill(brief(hostile)));
  expect(
    await page.evaluate('document.getElementById("log").scrollWidth - document.getElementById("log").clientWidth'),
  ).toBe(0);
  expect(await page.locator('.mention').count()).toBe(0);
  expect(await page.title()).toBe('# db-help · stand-in Slack');
});

test('text that a bot forgot to escape pings visibly, so that it is seen here first', async (context) => {
  const standIn = await slack();
  standIn.put({ text: '<!channel> <script>alert(1)</script> <javascript:alert(1)|x>' });
  const page = await visit(context, { standIn });
  expect(await page.locator('.mention.loud').innerText()).toBe('@channel');
  expect(await page.locator('.text').innerText()).toContain('<script>alert(1)</script> <javascript:alert(1)|x>');
  expect(await page.locator('#entries a').count()).toBe(0);
});

test('at phone width nothing scrolls sideways but tables, and a select leads to App Home, which opens and can be pressed', async (context) => {
  const standIn = await slack({
    controls: [{ id: 'spike', label: 'Start a spike', expect: 'an alert in # db-help', run: async () => {} }],
  });
  standIn.put({ blocks: report });
  standIn.put({ blocks: source, ephemeralTo: 'U1' });
  standIn.putHome('U1', home);
  const page = await visit(context, { standIn, phone: true });
  const width = () => page.evaluate('document.documentElement.scrollWidth');
  expect(await width()).toBe(390);
  expect(await page.evaluate('document.getElementById("log").scrollWidth')).toBe(390);
  await page.getByLabel('Go to').selectOption('atlas-conns Home');
  const refresh = page.getByRole('region', { name: 'App Home' }).getByRole('button', { name: 'Refresh' });
  await expect.poll(() => standIn.asked).toEqual([['home', 'U1']]);
  await refresh.click();
  const press = { user: 'U1', message: null, actionId: 'home_refresh' };
  await expect
    .poll(() => standIn.asked)
    .toEqual([
      ['home', 'U1'],
      ['press', press],
    ]);
  expect(await width()).toBe(390);
});

test('nothing can be pressed before the script listens, so that no press is lost', async (context) => {
  const standIn = await slack();
  standIn.putHome('U1', home);
  const page = await (await openBrowser(context)).page();
  const script = Promise.withResolvers<void>();
  await page.route('**/browser.js', async (route) => {
    await script.promise;
    await route.continue();
  });
  await page.goto(`${standIn.url}/?channel=home&as=U1`, { waitUntil: 'commit' });
  const refresh = page.getByRole('button', { name: 'Refresh' });
  await refresh.waitFor();
  await expect(refresh.click({ timeout: 1_000 })).rejects.toThrow('Timeout');
  script.resolve();
  await refresh.click();
  await expect.poll(() => standIn.asked).toContainEqual(['press', expect.objectContaining({ user: 'U1' })]);
});

test('a message that is edited while a button of it is down is pressed all the same, and then shows the edit', async (context) => {
  const standIn = await slack();
  const { ts } = standIn.put({ blocks: report });
  const page = await visit(context, { standIn });
  const refresh = page.getByRole('button', { name: 'Refresh' });
  for (const edits of [1, 2]) {
    await refresh.hover();
    await page.mouse.down();
    const fetched = page.waitForResponse(/fragment/);
    standIn.put({ ts, blocks: report, edits });
    await (await fetched).finished();
    // The page has time to swap the message now, and must not.
    for (let frame = 0; frame < 10; frame++) await page.evaluate('new Promise(requestAnimationFrame)');
    await page.mouse.up();
    await expect.poll(() => standIn.asked).toHaveLength(edits);
    await page.locator('.edited', { hasText: edits === 1 ? 'edited' : 'edited 2 times' }).waitFor();
  }
});

test.for([
  { name: 'a phone', viewport: { width: 390, height: 844 } },
  { name: 'a low screen', viewport: { width: 1280, height: 900 } },
])(
  'on $name every control of the demo can be reached, the last one too, and says what to expect',
  async ({ viewport }, context) => {
    const ran: number[] = [];
    const controls = Array.from({ length: 20 }, (_, at) => ({
      ...{
        id: `c${at}`,
        label: `Control ${at}`,
        expect: `An alert about the thing that happens in #db-ops within ${at} s`,
      },
      run: async () => void ran.push(at),
    }));
    const standIn = await slack({ controls, clock: { now: () => new Date(0), speed: () => 60 } });
    const page = await visit(context, { standIn, viewport });
    const [first, last] = [0, 19].map((at) => page.locator(`[data-control=c${at}]`)) as [Locator, Locator];
    if (viewport.width < 700) {
      expect(await first.isVisible()).toBe(false);
      await page.getByText('Make something happen').click();
    }
    for (const button of [last, first]) {
      await button.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await button.boundingBox()) ?? expect.unreachable('it is not on the page');
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(viewport.width);
      expect(y + height).toBeLessThanOrEqual(viewport.height);
      await button.click();
    }
    await expect.poll(() => ran).toEqual([19, 0]);
    expect(await last.innerText()).toContain('within 19 s');
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(viewport.height);
  },
);

test('tables with names as long as Atlas’s do not widen the page, on a phone neither', async (context) => {
  const node = 'atlas-x1y2z3-shard-00-01.ab1cd.mongodb.net:27017';
  const raw = (text: string) => ({ type: 'raw_text', text });
  const rows = [['Node', 'Role', 'Usage', 'Since', 'Address'].map(raw), [node, 'primary', node, node, node].map(raw)];
  const standIn = await slack();
  standIn.put({
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: `${node}: 3,000 of 3,000` } },
      { type: 'section', text: { type: 'mrkdwn', text: `*${node}* and \`${node}\`` } },
      { type: 'data_table', caption: node, rows },
      { type: 'table', rows },
    ],
  });
  for (const phone of [false, true]) {
    const page = await visit(context, { standIn, phone });
    const overflow = `[document.documentElement, document.getElementById('log')].map((el) => el.scrollWidth - el.clientWidth)`;
    expect(await page.evaluate(overflow)).toEqual([0, 0]);
    // A long name is broken within its cell, so that the next column is on the screen beside it.
    const [screen, ...cells]: number[] = await page.evaluate(
      `[document.querySelector('.scroll'), ...document.querySelectorAll('th, td')].map((el) => el.clientWidth)`,
    );
    for (const width of cells) expect(width).toBeLessThan((screen ?? 0) * 0.65);
  }
});

test('a control of the demo runs, and says so when it fails', async (context) => {
  const ran: string[] = [];
  const fails = async () => {
    throw new Error('no node is left');
  };
  const standIn = await slack({
    controls: [
      { id: 'spike', label: 'Start a spike', expect: 'an alert in # db-help', run: async () => void ran.push('spike') },
      { id: 'lose', label: 'Lose a node', expect: 'another alert', run: fails },
    ],
  });
  const page = await visit(context, { standIn });
  await page.getByRole('button', { name: 'Start a spike' }).click();
  await expect.poll(() => ran).toEqual(['spike']);
  await page.getByRole('button', { name: 'Lose a node' }).click();
  await page.getByText('no node is left').waitFor();
});

test('a request under another host name, or from another site, gets nothing', async () => {
  const standIn = await slack();
  const status = async (method: string, headers: Record<string, string>) => {
    const asking = request(standIn.url, { method, headers }).end();
    const [response] = await once(asking, 'response');
    response.resume();
    return { status: response.statusCode, policy: response.headers['content-security-policy'] };
  };
  expect(await status('GET', {})).toMatchObject({ status: 200, policy: expect.stringContaining("script-src 'self'") });
  expect(await status('GET', { host: 'evil.example' })).toMatchObject({ status: 403 });
  expect(await status('POST', { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403 });
});
