// Before the first command: what is wrong with tokens, scopes, channels and groups, and what is only missing.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { type Bot, createBot } from '../../src/slack/bot.ts';
import { OPTIONAL_SCOPES, SCOPES } from '../../src/slack/client/preflight.ts';
import { type LogLine, silentLog } from '../recorded-log.ts';
import { command, makeBot, newSlack, OPS, poll, runBot, type Slack, testDesk } from './bot-fixture.ts';

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof UpstreamError ? error.problem : error),
  );

test('a wrong bot token is fatal, and named', async () => {
  const slack = await newSlack();
  const made = makeBot({ ...slack, botToken: 'xoxb-wrong' });
  expect(await problemOf(made)).toMatchObject({
    code: 'slack-token',
    text: 'Slack refuses SLACK_BOT_TOKEN: invalid_auth.',
  });
});

test('a wrong app token is fatal, and named', async () => {
  const slack = await newSlack();
  const { bot } = await makeBot({ ...slack, appToken: 'xapp-wrong' });
  expect(await problemOf(bot.start())).toMatchObject({ text: 'Slack refuses SLACK_APP_TOKEN: invalid_auth.' });
  await bot.stop();
});

// A restart of the bot while Slack is away must not end it: the watch goes on, and nobody comes to start it again.
test('a Slack that cannot be reached at the start is logged and retried', async () => {
  const slack = await newSlack();
  await slack.faults.away();
  const log: LogLine[] = [];
  const running = runBot(slack, { log });
  await poll(() => log.filter(({ message }) => message === 'bot not identified by Slack').length >= 2);
  await slack.faults.back();
  await running;
  expect((await command(slack, 'help')).text).toContain('What you can ask');
});

test('a connection that cannot be opened at the start is tried more often than five times', async () => {
  const slack = await newSlack();
  slack.faults.fail('apps.connections.open', 'internal_error', 7);
  const { log } = await runBot(slack);
  expect(log.filter(({ message }) => message === 'Slack connection failed')).toHaveLength(7);
});

test('a bot that waits for Slack ends with its signal', async () => {
  const slack = await newSlack();
  await slack.faults.away();
  const stop = new AbortController();
  const log: LogLine[] = [];
  const made = makeBot(slack, { log, signal: stop.signal });
  await poll(() => log.some(({ message }) => message === 'bot not identified by Slack'));
  stop.abort(new Error('stopped'));
  await expect(made).rejects.toThrow('stopped');
});

test('the scopes that it needs and no more leave nothing to say, and everything works', async () => {
  const slack = await newSlack({ scopes: [...SCOPES, ...OPTIONAL_SCOPES].map(({ name }) => name) });
  const { bot } = await runBot(slack);
  expect(bot.problems()).toEqual([]);
  expect((await command(slack, 'prod')).text).toContain('prod — 65');
});

test('each missing scope is a problem that names the line of the manifest', async () => {
  const slack = await newSlack({ scopes: ['commands', 'chat:write', 'users:read'] });
  const { bot, log } = await makeBot(slack, { read: { groups: ['S0000DBA01'] } });
  const problems = bot.problems().filter(({ code }) => code === 'slack-scope');
  expect(problems.map(({ remedy }) => /Add (\S+) under (\S+)/.exec(remedy)?.slice(1))).toEqual([
    ['app_mentions:read', 'oauth_config.scopes.bot'],
    ['im:history', 'oauth_config.scopes.bot'],
    ['channels:read', 'oauth_config.scopes.bot_optional'],
    ['groups:read', 'oauth_config.scopes.bot_optional'],
    ['usergroups:read', 'oauth_config.scopes.bot_optional'],
  ]);
  expect(log.filter(({ message }) => message === 'Slack permission or channel missing')).toHaveLength(problems.length);
});

test('configured channels without the bot and groups that do not exist are problems', async () => {
  const slack = await newSlack({ groups: [{ id: 'S0000DBA01', handle: 'dba', users: [] }] });
  slack.addChannel({ id: 'C0000OTHER', name: 'other', kind: 'private', members: [] });
  const channels = [OPS, 'C000RANDOM', 'C0000OTHER'];
  const { bot } = await makeBot(slack, { read: { channels, groups: ['S0000DBA01', 'S00000GONE'] } });
  expect(bot.problems().map(({ code, text }) => `${code} ${text}`)).toEqual([
    'slack-channel The app is not in the channel #random (C000RANDOM): mentions there are not heard.',
    'slack-channel The app is not in the channel C0000OTHER: mentions there are not heard.',
    'slack-group There is no user group S00000GONE, which is to read connections.',
    'slack-disconnected There is no connection to Slack at the moment.',
  ]);
  expect(bot.problems()[0]?.remedy).toContain('/invite');
});

test('a port that is taken is a problem that names it', async () => {
  const slack = await newSlack();
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const bot = await botAt(slack, { port, host: '127.0.0.1' });
  expect(await problemOf(bot.start())).toMatchObject({
    code: 'port',
    text: `Port ${port} cannot be listened on (EADDRINUSE).`,
  });
  await bot.stop();
});

test('an address that is not of this machine is a problem that names it and its setting', async () => {
  const bot = await botAt(await newSlack(), { port: 3000, host: '203.0.113.7' });
  expect(await problemOf(bot.start())).toMatchObject({
    code: 'port',
    text: '203.0.113.7 port 3000 cannot be listened on (EADDRNOTAVAIL).',
    remedy: 'Set HOST to an address of this machine.',
  });
  await bot.stop();
});

async function botAt(slack: Slack, place: { readonly port: number; readonly host: string }): Promise<Bot> {
  const { botToken, signingSecret, apiUrl } = slack;
  return createBot({
    settings: {
      transport: { kind: 'http', botToken, signingSecret, ...place },
      apiUrl,
      command: '/atlas-conns',
      read: { users: [], groups: [], channels: [] },
      act: { users: [], groups: [], channels: [] },
    },
    reports: testDesk(),
    log: await silentLog(),
    now: () => new Date(),
    random: () => 0.5,
    version: '1.2.3',
    watch: null,
  });
}

test('Bolt makes no call of its own before a delivery is acknowledged', async () => {
  const slack = await newSlack();
  await runBot(slack);
  await command(slack, 'help');
  await command(slack, 'help');
  expect(slack.calls.filter(({ method }) => method === 'auth.test')).toHaveLength(1);
});
