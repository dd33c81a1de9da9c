// Alerts in Slack: the list, Acknowledge and Details on messages of alerts and groups; and the past.

import { expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { answerTo, command, newSlack, OPS, optionOf, press } from './bot-fixture.ts';
import { EVIDENCE } from './views/alert-sample.ts';
import { alertOn, TEN } from './views/watch-sample.ts';
import {
  alertMessage,
  BILLING,
  billingFires,
  DAY,
  messageFor,
  pressed,
  toldTo,
  WEB,
  watchedBot,
  webFires,
  written,
} from './watch-fixture.ts';

const has = (message: { readonly blocks: unknown }, words: string) => JSON.stringify(message.blocks).includes(words);

test('alerts lists what is open, by command and by mention in a thread, of all clusters or of one', async () => {
  const slack = await newSlack();
  const staging = alertOn('x', { id: 'x', cluster: 'staging', who: 'Nightly' });
  await watchedBot(slack, { clusters: ['prod', 'staging'], alerts: [billingFires, staging] });
  const all = await command(slack, 'alerts');
  expect(all).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('Alerts: 2 warnings') });
  const one = await command(slack, 'alerts staging');
  expect(one.text).toContain('Nightly: 412 dormant connections, usually 61, in staging');
  expect(one.text).not.toContain('Billing API');
  const { ts: threadTs } = await alertMessage(slack, 'Billing API');
  const said = { user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> alerts prod`, threadTs };
  const inThread = await answerTo(slack, () => slack.say(said));
  expect(inThread).toMatchObject({ threadTs, text: expect.stringContaining('prod — alerts: 1 warning') });
});

test('Acknowledge changes the record and the message once; a second press names the first person', async () => {
  const slack = await newSlack();
  const { store, clock } = await watchedBot(slack, { alerts: [billingFires] });
  const message = await alertMessage(slack, 'Billing API');
  const done = await pressed(slack, message, 'alert_acknowledge');
  expect(done).toMatchObject({ ephemeralTo: ANNA.id, text: 'Acknowledged: Billing API.' });
  const edited = await slack.until(() =>
    slack.messages(OPS, BEN.id).find(({ ts, edits }) => ts === message.ts && edits > 0),
  );
  expect(has(edited, 'Acknowledged') && has(edited, ANNA.id)).toBe(true);
  const record = await store.alert(billingFires.id);
  expect(record).toMatchObject({ state: 'acknowledged', lastAction: { by: ANNA.id, at: clock.now } });
});

test('pressed by two at once, and delivered twice, an alert is acknowledged once', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  const { channel, ts } = await alertMessage(slack, 'Billing API');
  slack.faults.deliverTwice(2);
  const press = (user: string) => slack.press({ user, message: { channel, ts }, actionId: 'alert_acknowledge' });
  const told = [ANNA.id, BEN.id].map((user) => toldTo(slack, () => press(user), user));
  const words = (await Promise.all(told)).map(({ text }) => text);
  expect(words.every((text) => /Acknowledged: Billing API|is acknowledged already/.test(text))).toBe(true);
  expect((await store.alert(billingFires.id))?.version).toBe(2);
});

test('Details opens the source for the person alone, with its history; the message of the channel stays', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { alerts: [billingFires] });
  const message = await alertMessage(slack, 'Billing API');
  const details = await pressed(slack, message, 'alert_details', { user: BEN.id });
  expect(details).toMatchObject({ ephemeralTo: BEN.id, text: expect.stringContaining('Billing API · 203.0.113.0/24') });
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === message.ts)?.edits).toBe(0);
  const past = await pressed(slack, details, 'history', { user: BEN.id });
  expect(past).toMatchObject({ ts: details.ts, text: expect.stringContaining('Billing API in prod — the last 24h') });
  const week = await pressed(slack, past, 'history_7d', { user: BEN.id });
  expect(week).toMatchObject({ ts: details.ts, text: expect.stringContaining('the last 7d') });
  const back = await pressed(slack, week, 'back', { user: BEN.id });
  expect(back.text).toContain('Billing API · 203.0.113.0/24');
});

test('with evidence, Details shows who grew, for the person alone, and leads to the newest reading', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { alerts: [{ ...billingFires, evidence: EVIDENCE }] });
  const message = await alertMessage(slack, 'Billing API');
  const details = await pressed(slack, message, 'alert_details', { user: BEN.id });
  expect(details.ephemeralTo).toBe(BEN.id);
  expect(has(details, 'Growth against the usual') && has(details, 'address 203.0.113.9')).toBe(true);
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === message.ts)?.edits).toBe(0);
  const source = await pressed(slack, details, 'choose_source', { user: BEN.id });
  expect(source).toMatchObject({ ts: details.ts, text: expect.stringContaining('Billing API · 203.0.113.0/24') });
});

test('"This is normal now" resolves the alert for who may act, and its message says by whom', async () => {
  const slack = await newSlack();
  const act = { users: [ANNA.id], groups: [], channels: [] };
  const { store } = await watchedBot(slack, { alerts: [billingFires], act });
  const message = await alertMessage(slack, 'Billing API');
  const option = 'This is normal now';
  const refused = await pressed(slack, message, 'alert_more', { user: BEN.id, option: optionOf(message, option) });
  expect(refused).toMatchObject({ ephemeralTo: BEN.id });
  expect((await store.alert(billingFires.id))?.state).toBe('firing');
  const question = await pressed(slack, message, 'alert_more', { option: optionOf(message, option) });
  expect(question.text).toContain('412 dormant connections, usually 61. Is this level normal from now on?');
  expect((await store.alert(billingFires.id))?.state).toBe('firing');
  const done = await pressed(slack, question, 'alert_accept');
  expect(done.text).toContain('Accepted as normal: Billing API, 412 dormant connections, usually 61.');
  const edited = await slack.until(() =>
    slack.messages(OPS, BEN.id).find(({ ts, edits }) => ts === message.ts && edits > 0),
  );
  expect(edited.text).toContain(`, accepted as normal by <@${ANNA.id}> · prod`);
  expect(await store.alert(billingFires.id)).toMatchObject({ state: 'ended', lastAction: { act: 'accepted' } });
});

test('the other choice of the same menu is the history, for the person alone', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { alerts: [billingFires] });
  const message = await alertMessage(slack, 'Billing API');
  const option = optionOf(message, 'History of the last day');
  const history = await pressed(slack, message, 'alert_more', { option });
  expect(history).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('the last 24h') });
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === message.ts)?.edits).toBe(0);
});

test('Details of a source that holds nothing any more is its past; of a node the nodes', async () => {
  const slack = await newSlack();
  const node = alertOn(null, { id: 'node', node: 'a:27017', rule: 'node-headroom', who: 'node one' });
  const { reports } = await watchedBot(slack, { alerts: [billingFires, node] });
  const { prod } = Object.fromEntries(reports.reports);
  if (prod === undefined || typeof prod === 'function') throw new Error('no report');
  reports.reports.set('prod', { ...prod, sources: prod.sources.filter(({ id }) => id !== BILLING) });
  const past = await pressed(slack, await alertMessage(slack, 'Billing API'), 'alert_details');
  expect(past.text).toContain('Billing API in prod — the last 24h');
  const nodes = await pressed(slack, await alertMessage(slack, 'node one'), 'alert_details');
  expect(nodes.text).toContain('prod — 1 node');
});

test('on a group, Acknowledge is for all of it and the menu for one', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  const group = {
    id: 'the group',
    version: 1,
    cluster: 'prod',
    since: TEN,
    lead: null,
    alerts: [billingFires.id, webFires.id],
    cause: null,
  };
  const alerts = [billingFires, webFires].map((alert) => ({ ...alert, group: group.id }));
  await written(store, { alerts, groups: [group], deliveries: [messageFor(group)] });
  const message = await alertMessage(slack, '2 sources above their usual');
  const one = await pressed(slack, message, 'group_select', { option: optionOf(message, 'Web EU') });
  expect(one.text).toContain(`Web EU · ${WEB}`);
  const acknowledged = await pressed(slack, message, 'alert_acknowledge');
  expect(acknowledged.text).toBe('Acknowledged: Billing API, Web EU.');
  expect((await store.alert('web'))?.state).toBe('acknowledged');
});

test('a click on an alert that the store no longer has says so', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { alerts: [billingFires], seenAs: (monitor) => ({ ...monitor, alert: async () => null }) });
  const message = await alertMessage(slack, 'Billing API');
  expect((await pressed(slack, message, 'alert_acknowledge')).text).toContain('no longer exists');
});

test('a history is of the cluster, or of a source by name, address or part of a name', async () => {
  const slack = await newSlack();
  await watchedBot(slack);
  expect((await command(slack, 'history')).text).toContain('prod — the last 24h');
  expect((await command(slack, 'history prod 7d')).text).toContain('prod — the last 7d');
  for (const text of ['history Billing API 1h', 'history bill 1h', 'history 203.0.113.9 1h']) {
    expect((await command(slack, text)).text).toContain('Billing API in prod — the last 1h');
  }
  expect((await command(slack, 'history Wbe EU')).text).toBe(
    'The history has no source "Wbe EU". Did you mean "Web EU"?',
  );
  const choice = await command(slack, 'history 203.0.0.0/16');
  const shown = await press(slack, choice, { actionId: 'history', option: optionOf(choice, 'Web EU') });
  expect(shown).toMatchObject({ ts: choice.ts, text: expect.stringContaining('Web EU in prod') });
});

test('while Atlas is away, reports, alerts and history of what is watched are answered all the same', async () => {
  const slack = await newSlack();
  const status = {
    clusters: [{ name: 'prod', schedule: '', last: null, lastFailed: false, next: null, holder: null, skipped: 0 }],
  };
  const { reports } = await watchedBot(slack, {
    alerts: [billingFires],
    seenAs: (monitor) => ({ ...monitor, status: async () => ({ ...(await monitor.status()), ...status }) }),
  });
  reports.listingFails = new UpstreamError({ code: 'atlas', text: 'Atlas is away.', remedy: '' });
  expect((await command(slack, 'prod')).text).toContain('prod — 65 connections');
  expect((await command(slack, 'alerts')).text).toContain('Billing API');
  expect((await command(slack, 'history Billing API in prod')).text).toContain('the last 24h');
});

test('while the store is unavailable reports are shown without alerts and say so', async () => {
  const slack = await newSlack();
  const away = () => Promise.reject(new UpstreamError({ code: 'store', text: 'The store is away.', remedy: 'Wait.' }));
  await watchedBot(slack, { seenAs: (monitor) => ({ ...monitor, board: away, usual: away }) });
  const report = await command(slack, 'prod');
  expect(report.text).toContain('prod — 65 connections');
  expect(report.text).toContain('Alerts and usual values are missing here: The store is away. Wait.');
  expect((await command(slack, 'alerts')).text).toContain('The store is away.');
});

test('during a long catch-up reports are shown without alerts and say how far it is', async () => {
  const slack = await newSlack();
  const way = { from: TEN - 10 * DAY, at: TEN - 6 * DAY, to: TEN };
  await watchedBot(slack, {
    seenAs: (monitor) => ({ ...monitor, usual: () => new Promise(() => undefined), catchingUp: () => way }),
  });
  expect((await command(slack, 'prod')).text).toContain(
    'Alerts and usual values are missing here: the history of prod is being evaluated again, 40 % of it is done. Ask again in a minute.',
  );
});

test('App Home shows open alerts and silences; acknowledged there, it leads back to the overview', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  await command(slack, 'silence Web EU 4h');
  await slack.openHome(ANNA.id);
  const homeHas = (words: string) =>
    slack.until(() => {
      const home = slack.home(ANNA.id);
      return home !== null && has(home, words) && home;
    });
  await homeHas('Alerts: ');
  await homeHas('silenced until ');
  const go = (actionId: string, option?: string) =>
    slack.press({ user: ANNA.id, message: null, actionId, ...(option === undefined ? {} : { option }) });
  await go('open_cluster');
  await go('choose_source', optionOf(await homeHas('choose_source'), 'Billing API'));
  await homeHas('alert_acknowledge');
  await go('alert_acknowledge');
  await homeHas('1 acknowledged');
  expect((await store.alert(billingFires.id))?.state).toBe('acknowledged');
});

test('every row of the list of alerts is reached by its buttons, of one cluster or of all', async () => {
  const slack = await newSlack();
  const alerts = [...Array(130).keys()].map((index) => ({
    ...billingFires,
    id: `alert ${index}`,
    source: `10.0.${index}.0/24`,
    who: `team ${index}`,
    cluster: index < 125 ? 'prod' : 'staging',
  }));
  await watchedBot(slack, { clusters: ['prod', 'staging'], alerts });
  const rowsOf = async (text: string) => {
    const names = new Set<string>();
    let page = await command(slack, text);
    for (let turns = 0; turns < 10; turns++) {
      for (const name of JSON.stringify(page.blocks).match(/: team \d+(?=")/g) ?? []) names.add(name);
      if (!JSON.stringify(page.blocks).includes('later_rows')) break;
      page = await press(slack, page, { actionId: 'later_rows' });
    }
    return names.size;
  };
  expect(await rowsOf('alerts')).toBe(130);
  expect(await rowsOf('alerts prod')).toBe(125);
});
