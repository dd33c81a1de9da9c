// The line to Slack: it ends, Slack is away, tokens are revoked, deliveries are forged, and the bot stops.

import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ANNA } from '../sandbox/slack/people.ts';
import { command, makeBot, newSlack, OPS, poll, prodReport, runBot, type Slack, testDesk } from './bot-fixture.ts';

const answers = (slack: Slack) => slack.messages(OPS, ANNA.id).filter(({ user }) => user === slack.botUser);
const type = (slack: Slack, text: string) => slack.command({ user: ANNA.id, channel: OPS, text });

test.each([
  ['Slack refreshes it', (slack: Slack) => slack.faults.disconnect('refresh_requested')],
  ['it breaks', (slack: Slack) => slack.faults.dropSockets()],
])('the connection is opened again at once when %s, also in the middle of an answer', async (_, end) => {
  const slack = await newSlack();
  const reports = testDesk();
  const slow = Promise.withResolvers<typeof prodReport>();
  reports.reports.set('prod', () => slow.promise);
  const { log } = await runBot(slack, { reports });
  await type(slack, 'prod');
  end(slack);
  slow.resolve(prodReport);
  await slack.until(() => answers(slack).find(({ text }) => text.includes('prod — 65')));
  await connectedAgain(slack, log, 2);
  expect((await command(slack, 'help')).text).toContain('What you can ask');
});

async function connectedAgain(slack: Slack, log: readonly { readonly message: string }[], times: number) {
  await poll(
    () => log.filter(({ message }) => message === 'connected to Slack').length >= times && slack.connections() > 0,
  );
}

test('the bot outlives a Slack that is away, and says so meanwhile', async () => {
  const slack = await newSlack();
  const { bot, log } = await runBot(slack);
  expect(bot.problems()).toEqual([]);
  await slack.faults.away();
  await poll(() => log.some(({ message }) => message === 'Slack connection failed'));
  expect(bot.problems()).toMatchObject([{ code: 'slack-disconnected' }]);
  await slack.faults.back();
  await connectedAgain(slack, log, 2);
  expect(bot.problems()).toEqual([]);
  expect((await command(slack, 'help')).text).toContain('What you can ask');
});

// Slack's library calls each of these an error, and what heals by itself is none.
test('an unreachable Slack is logged as short warnings with the next attempt, and as nothing else', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack);
  await slack.faults.away();
  const failures = () => log.filter(({ message }) => message === 'Slack connection failed');
  await poll(() => failures().length >= 2);
  await slack.faults.back();
  await connectedAgain(slack, log, 2);
  for (const failure of failures())
    expect(failure).toEqual({
      level: 'warn',
      message: 'Slack connection failed',
      attempt: expect.any(Number),
      error: expect.stringMatching(/^(unreachable [A-Z_]+|http_\d+|the WebSocket was closed.*)$/),
      nextInMs: expect.any(Number),
    });
  const library = log.filter(({ message }) => message === 'told by the Slack library');
  expect(library.map(({ level }) => level)).not.toEqual([]);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  expect(library.filter(({ level }) => level !== 'debug')).toEqual([]);
});

test('a reconnect that fails in passing is tried again', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack);
  slack.faults.fail('apps.connections.open', 'internal_error', 2);
  slack.faults.fail('apps.connections.open', 503);
  slack.faults.disconnect('warning');
  await connectedAgain(slack, log, 2);
  expect(log.filter(({ message }) => message === 'Slack connection failed')).toHaveLength(3);
});

test.each(['token_revoked', 'account_inactive', 'invalid_auth'] as const)(
  'the bot ends with a clear problem when Slack refuses the reconnect with %s',
  async (error) => {
    const slack = await newSlack();
    const { bot, log } = await runBot(slack);
    slack.faults.revoke(error);
    slack.faults.disconnect();
    expect(await bot.ended).toMatchObject({ code: 'slack-token', text: `Slack refuses SLACK_APP_TOKEN: ${error}.` });
    expect(log).toContainEqual({ level: 'error', message: 'Slack connection failed', attempt: 1, error });
  },
);

test('the bot ends too when an answer shows that the bot token is gone', async () => {
  const slack = await newSlack();
  const { bot } = await runBot(slack, { transport: 'http' });
  slack.faults.revoke();
  await type(slack, 'prod');
  expect(await bot.ended).toMatchObject({ text: 'Slack refuses SLACK_BOT_TOKEN: token_revoked.' });
});

test.each(['signature', 'timestamp'] as const)('a delivery with a wrong %s is not taken', async (what) => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports, transport: 'http' });
  expect(await slack.verifyUrl()).toBe(true);
  slack.faults.forge(what);
  expect((await type(slack, 'prod')).acknowledged).toBe(false);
  expect(answers(slack)).toEqual([]);
  expect(reports.asked).toEqual([]);
});

test('stopping finishes what runs and takes nothing more', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  const slow = Promise.withResolvers<typeof prodReport>();
  reports.reports.set('prod', () => slow.promise);
  const { bot } = await runBot(slack, { reports });
  await type(slack, 'prod');
  await poll(() => reports.asked.length === 1);
  const stopped = bot.stop();
  slow.resolve(prodReport);
  await stopped;
  expect(answers(slack)).toMatchObject([{ text: expect.stringContaining('prod — 65') }]);
  await poll(() => slack.connections() === 0);
});

test('a request that outlasts the stop limit is answered with the restart', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  reports.reports.set('prod', () => new Promise(() => undefined));
  const { bot } = await runBot(slack, { reports, timing: { stop: 1 } });
  await type(slack, 'prod');
  await poll(() => reports.asked.length === 1);
  await bot.stop();
  expect(answers(slack)).toMatchObject([{ text: expect.stringContaining('I am being restarted.') }]);
});

test('a bot that was never started stops', async () => {
  const slack = await newSlack();
  for (const transport of ['socket', 'http'] as const) {
    const { bot } = await makeBot(slack, { transport });
    await expect(bot.stop()).resolves.toBeUndefined();
  }
});

test('a button without a listener is acknowledged too', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack, { transport: 'http' });
  const port = log
    .filter(({ message }) => message === 'listening for Slack')
    .map(({ address }) => (address as AddressInfo).port)[0];
  const payload = {
    type: 'block_actions',
    trigger_id: '1.2',
    user: { id: ANNA.id, username: 'anna' },
    team: { id: 'T1', domain: 'x' },
    container: { type: 'view' },
    actions: [{ type: 'button', action_id: 'of_a_later_version', block_id: 'b', action_ts: '1.0', value: '' }],
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', slack.signingSecret).update(`v0:${time}:${body}`).digest('hex');
  const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
  expect(response.status).toBe(200);
});
