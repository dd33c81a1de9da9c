// The notifier inside the bot: from the poke to the message, the channels at the start, and the test alert.

import { expect, test } from 'vitest';
import { DEFAULT_SCOPES } from '../../sandbox/slack/scopes.ts';
import { type BotOptions, makeBot, newSlack, OPS, runBot } from '../bot-fixture.ts';
import { boardOf } from '../views/watch-sample.ts';
import { alertOf, botMessages, emptied, messageFor, newStore, ROUTING, TIMING, write } from './fixture.ts';

type Watch = NonNullable<BotOptions['watch']>;

async function watchOf(
  parts: Partial<Watch> = {},
): Promise<Watch & { readonly store: Awaited<ReturnType<typeof newStore>> }> {
  const store = await newStore();
  return {
    store,
    monitor: {
      alert: (id) => store.alert(id),
      board: async () => boardOf([]),
      group: (id) => store.group(id),
      growth: async () => new Map(),
      history: () => Promise.reject(new Error('no history in this test')),
    },
    outbox: store,
    mayRefresh: async () => true,
    routing: ROUTING,
    instance: 'one',
    links: (cluster) => ({ cluster: `https://atlas.example/${cluster}`, accessList: 'https://atlas.example/list' }),
    ...parts,
  };
}

test('the bot sends what is written when it is poked, with the ways to Atlas', async () => {
  const slack = await newSlack();
  const watch = await watchOf();
  const { bot } = await runBot(slack, { watch, timing: { notifier: { ...TIMING, idle: 3_600_000 } } });
  const alert = alertOf();
  await write(watch.store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  bot.poke();
  await emptied(watch.store);
  const [message] = botMessages(slack);
  expect(message?.text).toContain('<https://atlas.example/prod|Metrics of prod in Atlas>');
  expect(message?.text).toContain('<https://atlas.example/list|Access list in Atlas>');
  expect(JSON.stringify(message?.blocks)).toContain('alert_acknowledge');
});

test('after the bot was stopped nothing is taken any more', async () => {
  const slack = await newSlack();
  const watch = await watchOf();
  const { bot } = await makeBot(slack, { watch });
  await bot.start();
  await bot.stop();
  const alert = alertOf();
  await write(watch.store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  bot.poke();
  const [given] = await watch.store.take({ instance: 'two', now: Date.now(), leaseMs: 1_000, limit: 9, refreshes: 9 });
  expect(given).toMatchObject({ about: alert.id, attempts: 0 });
});

test('channels that cannot get alerts are named at the start, until one takes an alert', async () => {
  const slack = await newSlack({ scopes: DEFAULT_SCOPES.filter((scope) => scope !== 'chat:write.public') });
  slack.archive('C000SECRET');
  slack.botIn(OPS, false);
  const route = {
    cluster: null,
    source: null,
    node: null,
    rule: null,
    channel: 'C000SHARED',
    owner: null,
    runbook: null,
  };
  const routing = { ...ROUTING, critical: { channel: 'C000SECRET', mention: null }, routes: [route] };
  const watch = await watchOf({ routing });
  const { bot } = await runBot(slack, { watch, timing: { notifier: TIMING } });
  const texts = () => bot.problems().map(({ text }) => text);
  expect(texts()).toEqual([
    expect.stringContaining('#db-ops (C0000DBOPS): the app is not in it'),
    expect.stringContaining('#secret (C000SECRET): it is archived'),
    expect.stringContaining('#with-partner (C000SHARED): it is shared with another organisation'),
  ]);
  expect(bot.problems()[0]?.remedy).toContain('/invite @atlas-conns');
  slack.botIn(OPS, true);
  const alert = alertOf();
  await write(watch.store, { alerts: [alert], deliveries: [messageFor(alert.id)] });
  bot.poke();
  await emptied(watch.store);
  expect(texts()).toHaveLength(2);
});

test('that it may not read the channels of alerts is worth a line in the log, and no problem', async () => {
  const slack = await newSlack({ scopes: DEFAULT_SCOPES.filter((scope) => !scope.endsWith('s:history')) });
  const { bot, log } = await runBot(slack, { watch: await watchOf() });
  expect(bot.problems()).toEqual([]);
  const told = log.filter(({ message }) => message === 'duplicate posts possible after crash');
  expect(told).toMatchObject([{ level: 'info', remedy: expect.stringContaining('channels:history') }]);
});

test('a test alert is posted, answered in its thread and ended, in every channel of alerts', async () => {
  const slack = await newSlack();
  const routing = { ...ROUTING, critical: { channel: 'C000SECRET', mention: '@dba' } };
  const { bot } = await makeBot(slack, { watch: await watchOf({ routing }) });
  const steps = [];
  for await (const step of bot.testAlert()) steps.push(step);
  expect(steps).toHaveLength(6);
  expect(steps.filter(({ problem }) => problem !== null)).toEqual([]);
  for (const channel of [OPS, 'C000SECRET']) {
    const [message, reply] = botMessages(slack, channel);
    expect(message).toMatchObject({ edits: 1, text: expect.stringContaining('Resolved — Test alert') });
    expect(JSON.stringify(message?.blocks)).not.toContain('alert_');
    expect(reply).toMatchObject({ threadTs: message?.ts });
  }
});

test('a test alert says what is in its way, channel by channel', async () => {
  const slack = await newSlack();
  slack.archive(OPS);
  const routing = { ...ROUTING, critical: { channel: 'C000SHARED', mention: null } };
  const { bot } = await makeBot(slack, { watch: await watchOf({ routing }) });
  const problems = [];
  for await (const { problem } of bot.testAlert()) problems.push(problem?.text ?? null);
  expect(problems).toEqual([expect.stringContaining('archived'), expect.stringContaining('shared with another')]);
  expect(botMessages(slack, 'C000SHARED')).toEqual([]);
});
