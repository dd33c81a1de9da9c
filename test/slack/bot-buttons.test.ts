// Buttons and menus: in the person's own answer, on a message for all, in App Home, and long after.

import { expect, onTestFinished, test } from 'vitest';
import { createShownReadings } from '../../src/app/clusters/shown-readings.ts';
import { packing } from '../../src/store/packing.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { KEEP } from '../store/sample.ts';
import {
  answerTo,
  command,
  newSlack,
  OPS,
  optionOf,
  press,
  prodReport,
  runBot,
  type Slack,
  testDesk,
  unreadReport,
} from './bot-fixture.ts';
import { watchedBot } from './watch-fixture.ts';

const MINUTE = 60_000;

import { drawn } from './views/drawn.ts';

const drawnMessage = (message: object) => drawn(message as Parameters<typeof drawn>[0]);
const has = (message: { readonly blocks: unknown }, words: string) => JSON.stringify(message.blocks).includes(words);

test('a source is opened in place of the report, and Back leads to the report again', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod');
  const source = await press(slack, report, { actionId: 'choose_source', option: optionOf(report, 'Billing API') });
  expect(source).toMatchObject({ ts: report.ts, ephemeralTo: ANNA.id });
  expect(source.text).toContain('Billing API · 203.0.113.0/24');
  const back = await press(slack, source, { actionId: 'back' });
  expect(back.ts).toBe(report.ts);
  expect(back.text).toContain('prod — 65 connections');
});

test('Nodes opens the nodes in place; Refresh reads again and stays in the same view', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  const report = await command(slack, 'prod');
  const nodes = await press(slack, report, { actionId: 'nodes' });
  expect(nodes.text).toContain('prod — 1 node');
  const again = await press(slack, nodes, { actionId: 'refresh' });
  expect(again).toMatchObject({ ts: report.ts, text: expect.stringContaining('prod — 1 node') });
  expect(reports.asked).toEqual(['prod', 'prod', 'prod fresh']);
});

test('a grouped report keeps its grouping after Refresh', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod by app');
  expect((await press(slack, report, { actionId: 'refresh' })).text).toContain('prod by app');
});

test('the choice of a cluster is answered in place', async () => {
  const slack = await newSlack();
  await runBot(slack, { reports: testDesk({ prod: prodReport, staging: prodReport }) });
  const choice = await command(slack, 'by app');
  const report = await press(slack, choice, { actionId: 'choose_cluster', option: optionOf(choice, 'staging') });
  expect(report).toMatchObject({ ts: choice.ts, text: expect.stringContaining('staging by app') });
});

test('every row of a long table is reached by its buttons, on the reading that is on the screen', async () => {
  const slack = await newSlack();
  const [billing, ...others] = prodReport.sources;
  if (billing === undefined) throw new Error('no source');
  const more = [...Array(230).keys()].map((index) => ({ ...billing, id: `10.0.${index}.0/24`, name: `team ${index}` }));
  const reports = testDesk({ prod: { ...prodReport, sources: [...more, ...others] } });
  await runBot(slack, { reports });
  let page = await command(slack, 'prod');
  const seen = new Set<string>();
  for (;;) {
    const names = drawnMessage(page).match(/^team \d+/gm) ?? [];
    for (const name of names) seen.add(name);
    if (!has(page, 'later_rows')) break;
    const next = await press(slack, page, { actionId: 'later_rows' });
    expect(next.ts).toBe(page.ts);
    page = next;
  }
  expect(seen.size).toBe(230);
  expect(drawnMessage(page)).toMatch(/^\d+ before \|/m);
  expect(drawnMessage(await press(slack, page, { actionId: 'earlier_rows' }))).toContain('team 120 |');
  expect(reports.asked).toEqual(['prod']);
});

test('the rows of a source and of the nodes have pages too, and a page survives a restart of the bot', async () => {
  const slack = await newSlack();
  const [billing, ...others] = prodReport.sources;
  const [combination] = billing?.combinations.largest ?? [];
  const [node] = prodReport.nodes;
  if (billing === undefined || combination === undefined || node === undefined) throw new Error('no row');
  const largest = [...Array(150).keys()].map((index) => ({ ...combination, app: `app ${index}` }));
  const nodes = [...Array(150).keys()].map((index) => ({ ...node, host: `shard-${index}.example.net:27017` }));
  const sources = [{ ...billing, combinations: { largest, more: 0 } }, ...others];
  const reports = testDesk({ prod: { ...prodReport, sources, nodes } });
  const before = await runBot(slack, { reports });
  const report = await command(slack, 'prod');
  const source = await press(slack, report, { actionId: 'choose_source', option: optionOf(report, 'Billing API') });
  await before.bot.stop();
  await runBot(slack, { reports });
  expect(drawnMessage(await press(slack, source, { actionId: 'later_rows' }))).toMatch(/^99 before [\s\S]*app 149 \|/m);
  const all = await command(slack, 'nodes');
  expect(drawnMessage(await press(slack, all, { actionId: 'later_rows' }))).toMatch(/^99 before [\s\S]*shard-149 \|/m);
});

test('Share posts for all who shared it; what others open there opens for them alone', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod');
  const shared = await press(slack, report, { actionId: 'share' });
  expect(shared).toMatchObject({ ephemeralTo: null, threadTs: null });
  expect(has(shared, ANNA.id)).toBe(true);
  expect(has(shared, '"share"')).toBe(false);

  const opened = await press(slack, shared, {
    user: BEN.id,
    actionId: 'choose_source',
    option: optionOf(shared, 'Web EU'),
  });
  expect(opened.ephemeralTo).toBe(BEN.id);
  expect(opened.text).toContain('Web EU');
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === shared.ts)).toMatchObject({ edits: 0 });
  const back = await press(slack, opened, { user: BEN.id, actionId: 'back' });
  expect(back).toMatchObject({ ts: opened.ts, ephemeralTo: BEN.id });
});

test('Share and Back mean the very reading on the screen, on any replica, and read nothing', async () => {
  const slack = await newSlack();
  const clock = { now: Date.parse(prodReport.at) };
  const now = () => new Date(clock.now);
  const store = await openSqliteStore({ directory: ':memory:', keep: KEEP, now });
  onTestFinished(() => store.close());
  const replica = () =>
    testDesk(
      { prod: prodReport },
      createShownReadings({ store, packing, version: '1', now, log: { warn: () => expect.unreachable() } }),
    );
  const first = await runBot(slack, { reports: replica() });
  const report = await command(slack, 'prod by app');
  const opened = async () => press(slack, await command(slack, 'prod'), { actionId: 'nodes' });
  const [nodes, left] = [await opened(), await opened()];
  await first.bot.stop();
  // Another replica, and by now another reading.
  const reports = replica();
  const at = new Date(clock.now + MINUTE).toISOString();
  const later = { ...prodReport, at, totals: { ...prodReport.totals, connections: 9_999 } };
  reports.reports.set('prod', later);
  reports.lastAnswers.set('prod', { report: later, ageMs: 0 });
  await runBot(slack, { reports });
  clock.now += 29 * MINUTE;
  const shared = await press(slack, report, { actionId: 'share' });
  expect(shared).toMatchObject({ ephemeralTo: null, text: expect.stringContaining('prod by app — 65 connections') });
  expect(has(shared, ANNA.id) && has(shared, `${Date.parse(prodReport.at) / 1_000}`), 'who and when').toBe(true);
  const back = await press(slack, nodes, { actionId: 'back' });
  expect(back).toMatchObject({ ts: nodes.ts, text: expect.stringContaining('prod — 65 connections') });
  expect(reports.asked).toEqual([]);

  clock.now += MINUTE;
  for (const [message, actionId] of [
    [report, 'share'],
    [left, 'back'],
  ] as const) {
    const late = await press(slack, message, { actionId });
    expect(late).toMatchObject({
      ephemeralTo: ANNA.id,
      text: expect.stringContaining('I no longer have this reading'),
    });
    expect(reports.asked).toEqual([]);
    if (actionId !== 'back') continue;
    const fresh = await press(slack, late, { actionId: 'fresh_report' });
    expect(fresh.text).toContain('prod — 9,999 connections');
  }
});

test('Back leads from the history of a source to the reading that it was opened from', async () => {
  const slack = await newSlack();
  const { reports } = await watchedBot(slack);
  const source = await command(slack, 'source Billing API');
  reports.asked.length = 0;
  const history = await press(slack, source, { actionId: 'history' });
  const week = await press(slack, history, { actionId: 'history_7d' });
  const back = await press(slack, week, { actionId: 'back' });
  expect(back.text).toContain('Billing API · 203.0.113.0/24');
  const report = await press(slack, back, { actionId: 'back' });
  expect([report.text.includes('prod — 65 connections'), reports.asked]).toEqual([true, []]);
});

test('in a direct message an answer changes in place, for it belongs to one person alone', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const place = { channel: 'D0000ANNA1' };
  const report = await answerTo(slack, () => slack.say({ user: ANNA.id, ...place, text: 'prod' }), place);
  const nodes = await press(slack, report, { actionId: 'nodes' });
  expect(nodes).toMatchObject({ ts: report.ts, edits: 1, text: expect.stringContaining('prod — 1 node') });
});

test('Share reaches a channel in which the bot is no member', async () => {
  const slack = await newSlack({ scopes: ['commands', 'chat:write', 'users:read', 'channels:read'] });
  await runBot(slack);
  const place = { channel: 'C000RANDOM' };
  const report = await command(slack, 'prod', place);
  const shared = await press(slack, report, { actionId: 'share' });
  expect(shared.ephemeralTo).toBeNull();
  expect(slack.calls.map(({ method, result }) => `${method} ${result}`)).toContain('chat.postMessage not_in_channel');
});

test('where every node stays unread, the last reading can be shown, and a fresh one asked for', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  await command(slack, 'prod');
  reports.reports.set('prod', unreadReport);
  const unread = await command(slack, 'prod');
  const last = await press(slack, unread, { actionId: 'show_last' });
  expect(last.text).toContain('prod — 65 connections');
  reports.reports.set('prod', prodReport);
  const fresh = await press(slack, await command(slack, 'prod'), { actionId: 'refresh' });
  expect(fresh.text).toContain('prod — 65 connections');
});

test('a click on an old message is understood by a bot that was restarted since', async () => {
  const slack = await newSlack();
  const before = await runBot(slack);
  const report = await command(slack, 'prod');
  await before.bot.stop();
  await runBot(slack);
  const source = await press(slack, report, { actionId: 'choose_source', option: optionOf(report, 'Billing API') });
  expect(source.text).toContain('Billing API');
});

test('a click on a removed source or cluster says so, with a fresh report where possible', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  const report = await command(slack, 'prod');
  reports.reports.set('prod', { ...prodReport, sources: prodReport.sources.slice(1) });
  const gone = await press(slack, report, { actionId: 'choose_source', option: optionOf(report, 'Billing API') });
  expect(gone.text).toMatch(/^The source .*no longer exists/);
  const fresh = await press(slack, gone, { actionId: 'fresh_report' });
  expect(fresh.text).toContain('prod — ');
  expect(reports.asked.at(-1)).toBe('prod fresh');
  reports.reports.clear();
  expect((await press(slack, fresh, { actionId: 'refresh' })).text).toMatch(/^The cluster .*no longer exists/);
});

const homeHas = (slack: Slack, words: string) =>
  slack.until(() => {
    const home = slack.home(ANNA.id);
    return home !== null && JSON.stringify(home.blocks).includes(words) && home;
  });
const pressHome = (slack: Slack, actionId: string) => slack.press({ user: ANNA.id, message: null, actionId });

test('App Home shows every cluster; a report opens inside it and leads back', async () => {
  const slack = await newSlack();
  const reports = testDesk({ prod: prodReport, staging: prodReport });
  await runBot(slack, { reports });
  await slack.openHome(ANNA.id);
  await homeHas(slack, 'Largest');
  expect(JSON.stringify(slack.home(ANNA.id)?.blocks)).toContain('staging');
  await pressHome(slack, 'open_cluster');
  const report = await homeHas(slack, 'choose_source');
  await slack.press({
    user: ANNA.id,
    message: null,
    actionId: 'choose_source',
    option: optionOf(report, 'Billing API'),
  });
  await homeHas(slack, 'on the access list');
  await pressHome(slack, 'back');
  await homeHas(slack, 'home_back');
  await pressHome(slack, 'home_back');
  await homeHas(slack, 'home_refresh');
  reports.asked.length = 0;
  const { version = 0 } = slack.home(ANNA.id) ?? {};
  await pressHome(slack, 'home_refresh');
  await slack.until(() => (slack.home(ANNA.id)?.version ?? 0) > version);
  expect(reports.asked).toEqual(['prod fresh', 'staging fresh']);
});

test('App Home with a cluster that is slow shows what is known meanwhile', async () => {
  const slack = await newSlack();
  const slow = Promise.withResolvers<typeof prodReport>();
  const reports = testDesk();
  reports.reports.set('prod', () => slow.promise);
  await runBot(slack, { reports, timing: { readingAfter: 1 } });
  await slack.openHome(ANNA.id);
  await homeHas(slack, 'not read yet');
  slow.resolve(prodReport);
  await homeHas(slack, 'Largest');
});
