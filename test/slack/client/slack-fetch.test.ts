// What is counted of Slack's Web API: each exchange, by a method that the bot knows, and what came of it.

import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createBot } from '../../../src/slack/bot.ts';
import { libraryLogger } from '../../../src/slack/client/log.ts';
import { createWebClients } from '../../../src/slack/client/web-client.ts';
import { silentLog } from '../../recorded-log.ts';
import { command, newSlack, OPS, testDesk } from '../bot-fixture.ts';

const nobody = { users: [], groups: [], channels: [] };
const log = await silentLog();

interface Counted {
  readonly calls: string[];
  readonly onCall: (call: { readonly method: string; readonly result: string }) => void;
}

function counted(): Counted {
  const calls: string[] = [];
  return { calls, onCall: ({ method, result }) => void calls.push(`${method} ${result}`) };
}

function settingsOf(apiUrl: string, tokens: { readonly botToken: string; readonly appToken: string }) {
  const transport = { kind: 'socket', ...tokens } as const;
  return { transport, apiUrl, command: '/atlas-conns', read: nobody, act: nobody, timeZone: 'UTC' };
}

test('the bot’s own calls are counted by method, and its answers arrive as before', async () => {
  const slack = await newSlack();
  const { calls, onCall } = counted();
  const bot = await createBot({
    settings: settingsOf(slack.apiUrl, slack),
    ...{ log, onCall, watch: null, version: '1.2.3', reports: testDesk() },
    now: () => new Date(),
    random: () => 0.5,
  });
  onTestFinished(() => bot.stop());
  await bot.start();
  expect((await command(slack, 'prod')).text).toContain('prod');
  expect(calls).toEqual(expect.arrayContaining(['auth.test ok', 'apps.connections.open ok', 'users.info ok']));
  expect(calls.filter((call) => call.startsWith('other'))).toEqual([]);
});

/** Answers each request with the next of these, and with the last from then on. */
async function answering(...answers: readonly { readonly status: number; readonly body?: string }[]): Promise<string> {
  let asked = 0;
  const server = createServer((_, response) => {
    const { status, body = '' } = answers[Math.min(asked++, answers.length - 1)] ?? { status: 500 };
    response.writeHead(status, { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '1' }) });
    response.end(body);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/api/`;
}

const tokens = { botToken: 'xoxb-1', appToken: 'xapp-1' };

test('a refusal, a rate limit, an answer that is none, and no answer are told apart', async () => {
  const { calls, onCall } = counted();
  const refused = { status: 200, body: '{"ok":false,"error":"channel_not_found"}' };
  const apiUrl = await answering(
    { status: 200, body: '{"ok":true}' },
    refused,
    { status: 429 },
    { status: 503 },
    {
      status: 200,
      body: '<html>',
    },
  );
  const { posts } = createWebClients({ settings: settingsOf(apiUrl, tokens), logger: libraryLogger(log), onCall });
  const post = () => posts.chat.postMessage({ channel: OPS, text: 'x' }).catch(() => undefined);
  for (let asked = 0; asked < 5; asked++) await post();
  const method = 'chat.postMessage';
  expect(calls).toEqual([
    `${method} ok`,
    `${method} error`,
    `${method} rate_limited`,
    `${method} error`,
    `${method} error`,
  ]);
});

test('a missing answer is counted as such, and an unknown method as other', async () => {
  const { calls, onCall } = counted();
  const apiUrl = await answering({ status: 200, body: '{"ok":true}' });
  const settings = settingsOf(apiUrl, tokens);
  const { posts } = createWebClients({ settings, logger: libraryLogger(log), onCall });
  await posts.apiCall('emoji.list');
  const gone = createWebClients({
    settings: { ...settings, apiUrl: 'http://127.0.0.1:1/api/' },
    ...{ logger: libraryLogger(log), onCall },
  });
  await gone.posts.apiCall('auth.test').catch(() => undefined);
  expect(calls).toEqual(['other ok', 'auth.test unanswered']);
});
