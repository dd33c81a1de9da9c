// The Web API and response URLs of the stand-in Slack, asked by Slack's own client.

import { ErrorCode, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ANNA, BEN } from './slack/people.ts';
import { DEFAULT_SCOPES } from './slack/scopes.ts';
import { type SlackControls, startSlack } from './slack/server.ts';
import type { SlackStandIn } from './slack/stand-in.ts';

const IN = 'C0000DBOPS';
const OUT = 'C000RANDOM';
let slack: SlackStandIn & SlackControls;
let client: WebClient;
let time: number;

beforeEach(async () => {
  time = Date.parse('2026-11-21T10:00:00Z');
  slack = await startSlack({
    now: () => new Date(time),
    scopes: [...DEFAULT_SCOPES, 'chat:write.public', 'files:write'],
  });
  client = clientOf(slack.botToken);
});

afterEach(() => slack.close());

function clientOf(token: string): WebClient {
  const options = { slackApiUrl: slack.apiUrl, timeout: 10_000, retryConfig: { retries: 0 } };
  return new WebClient(token, { ...options, rejectRateLimitedCalls: true, logLevel: 'error' as never });
}

/** Slack's error of a refused call. */
async function errorOf(call: Promise<unknown>): Promise<unknown> {
  const refused = await call.then(
    () => null,
    (error) => error.data?.error ?? error.code,
  );
  expect(refused, 'the call was taken').not.toBeNull();
  return refused;
}

test('a wrong token is invalid, a revoked one says so, the app token is not the bot token', async () => {
  expect(await errorOf(clientOf('xoxb-other').auth.test())).toBe('invalid_auth');
  expect(await errorOf(client.apps.connections.open())).toBe('not_allowed_token_type');
  slack.faults.revoke('account_inactive');
  expect(await errorOf(client.auth.test())).toBe('account_inactive');
});

test('a missing scope is named, and every answer tells the scopes there are', async () => {
  slack.setScopes(['commands', 'chat:write']);
  expect((await client.auth.test()).response_metadata).toMatchObject({ scopes: ['commands', 'chat:write'] });
  const refused = client.users.info({ user: ANNA.id });
  await expect(refused).rejects.toMatchObject({
    data: { error: 'missing_scope', needed: 'users:read', provided: 'commands,chat:write' },
  });
  expect(await errorOf(client.conversations.info({ channel: IN }))).toBe('missing_scope');
  expect(slack.calls.at(-1)).toMatchObject({ method: 'conversations.info', result: 'missing_scope' });
});

test('a method that there is not is unknown', async () => {
  expect(await errorOf(client.apiCall('chat.shout'))).toBe('unknown_method');
});

test('the bot posts where it belongs, and in public channels with chat:write.public', async () => {
  expect(await client.chat.postMessage({ channel: OUT, text: 'x' })).toMatchObject({ ok: true });
  slack.setScopes(['chat:write']);
  expect(await errorOf(client.chat.postMessage({ channel: OUT, text: 'x' }))).toBe('not_in_channel');
  expect(await errorOf(client.chat.postMessage({ channel: 'C0000000NO', text: 'x' }))).toBe('channel_not_found');
  slack.archive(IN);
  expect(await errorOf(client.chat.postMessage({ channel: IN, text: 'x' }))).toBe('is_archived');
});

test('an ephemeral message needs both in the channel', async () => {
  expect(await errorOf(client.chat.postEphemeral({ channel: OUT, user: ANNA.id, text: 'x' }))).toBe('not_in_channel');
  const other = client.chat.postEphemeral({ channel: 'C000SECRET', user: BEN.id, text: 'x' });
  expect(await errorOf(other)).toBe('user_not_in_channel');
  await client.chat.postEphemeral({ channel: IN, user: BEN.id, text: 'x' });
  expect([slack.messages(IN, BEN.id).length, slack.messages(IN, ANNA.id).length]).toEqual([1, 0]);
});

test('blocks that Slack does not take are told by JSON pointer, and nothing is posted', async () => {
  const posted = client.chat.postMessage({ channel: IN, text: 'x', blocks: [{ type: 'header' } as never] });
  await expect(posted).rejects.toMatchObject({
    data: {
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] missing required field: text [json-pointer:/blocks/0]'] },
    },
  });
  expect(slack.messages(IN, ANNA.id)).toEqual([]);
});

test('an edit keeps the message, loses blocks it was not given, and is the bot’s own right', async () => {
  const blocks = [{ type: 'divider' as const }];
  const { ts = '' } = await client.chat.postMessage({ channel: IN, text: 'old', blocks });
  await client.chat.update({ channel: IN, ts, text: 'new' });
  expect(slack.messages(IN, ANNA.id)).toMatchObject([{ ts, text: 'new', blocks: [], edits: 1 }]);
  await slack.say({ user: ANNA.id, channel: IN, text: 'mine' });
  const other = slack.messages(IN, ANNA.id)[1]?.ts ?? '';
  expect(await errorOf(client.chat.update({ channel: IN, ts: other, text: 'x' }))).toBe('cant_update_message');
  expect(await errorOf(client.chat.update({ channel: IN, ts: '1.1', text: 'x' }))).toBe('message_not_found');
  await client.chat.delete({ channel: IN, ts });
  expect(slack.messages(IN, ANNA.id).map(({ text }) => text)).toEqual(['mine']);
});

test('history tells what all can see, with the metadata that was asked for', async () => {
  const metadata = { event_type: 'alert', event_payload: { id: 'a1' } };
  await client.chat.postMessage({ channel: IN, text: 'x', metadata });
  await client.chat.postEphemeral({ channel: IN, user: ANNA.id, text: 'hidden' });
  const { messages } = await client.conversations.history({ channel: IN, include_all_metadata: true });
  expect(messages).toMatchObject([{ text: 'x', metadata, bot_id: expect.any(String) }]);
  const bare = await client.conversations.history({ channel: IN });
  expect(bare.messages?.[0]).not.toHaveProperty('metadata');
});

test('a reply stands in its thread, in the history only where it was sent to the channel too', async () => {
  const metadata = { event_type: 'alert', event_payload: { id: 'a1' } };
  const { ts = '' } = await client.chat.postMessage({ channel: IN, text: 'x' });
  await client.chat.postMessage({ channel: IN, text: 'quiet', thread_ts: ts, metadata });
  await client.chat.postMessage({ channel: IN, text: 'loud', thread_ts: ts, reply_broadcast: true });
  const { messages: thread } = await client.conversations.replies({ channel: IN, ts, include_all_metadata: true });
  expect(thread?.map(({ text }) => text)).toEqual(['x', 'quiet', 'loud']);
  expect(thread?.[1]).toMatchObject({ metadata, thread_ts: ts });
  const { messages: channel } = await client.conversations.history({ channel: IN });
  expect(channel?.map(({ text }) => text)).toEqual(['loud', 'x']);
  expect(await errorOf(client.conversations.replies({ channel: IN, ts: '1.1' }))).toBe('thread_not_found');
  slack.setScopes(['chat:write', 'channels:read']);
  expect(await errorOf(client.conversations.replies({ channel: IN, ts }))).toBe('missing_scope');
});

test('a history of many messages comes in pages', async () => {
  for (const text of ['1', '2', '3']) await client.chat.postMessage({ channel: IN, text });
  const first = await client.conversations.history({ channel: IN, limit: 2 });
  expect([first.messages?.map(({ text }) => text), first.has_more]).toEqual([['3', '2'], true]);
  const cursor = first.response_metadata?.next_cursor ?? '';
  const second = await client.conversations.history({ channel: IN, limit: 2, cursor });
  expect([second.messages?.map(({ text }) => text), second.has_more]).toEqual([['1'], false]);
});

test('a message has a link until somebody deletes it', async () => {
  const { ts = '' } = await client.chat.postMessage({ channel: IN, text: 'x' });
  const link = () => client.chat.getPermalink({ channel: IN, message_ts: ts });
  expect((await link()).permalink).toBe(`${slack.url}/archives/${IN}/p${ts.replace('.', '')}`);
  slack.remove({ channel: IN, ts });
  expect(await errorOf(link())).toBe('message_not_found');
});

test('a bot that was taken out of a channel cannot write there until it is back', async () => {
  slack.setScopes(['chat:write']);
  slack.botIn(IN, false);
  expect(await errorOf(client.chat.postMessage({ channel: IN, text: 'x' }))).toBe('not_in_channel');
  slack.botIn(IN, true);
  await client.chat.postMessage({ channel: IN, text: 'x' });
});

test('an upload arrives whole in three steps', async () => {
  await client.filesUploadV2({ channel_id: IN, filename: 'a.csv', file: Buffer.from('a,b\n'), title: 'A' });
  expect(slack.files).toMatchObject([{ title: 'A', channel: IN, content: Buffer.from('a,b\n') }]);
});

test('a rate limit is one post a second in each channel where it is on', async () => {
  slack.faults.pace(true);
  await client.chat.postMessage({ channel: IN, text: '1' });
  await client.chat.postMessage({ channel: OUT, text: '1' });
  const second = client.chat.postMessage({ channel: IN, text: '2' });
  await expect(second).rejects.toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 1 });
  time += 1000;
  await client.chat.postMessage({ channel: IN, text: '2' });
});

test('a rate limit is fifty edits in any minute, in all channels together, where it is on', async () => {
  const { ts = '' } = await client.chat.postMessage({ channel: IN, text: '1' });
  const edit = () => client.chat.update({ channel: IN, ts, text: 'x' });
  for (let count = 0; count < 51; count++) await edit();
  time += 20_000;
  slack.faults.pace(true);
  await expect(edit()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 40 });
  time += 40_000;
  await edit();
});

test('faults are met as often as they were scripted', async () => {
  slack.faults.fail('auth.test', 'internal_error');
  slack.faults.fail('auth.test', 503);
  slack.faults.rateLimit('auth.test', 30);
  expect(await errorOf(client.auth.test())).toBe('internal_error');
  await expect(client.auth.test()).rejects.toMatchObject({ statusCode: 503 });
  await expect(client.auth.test()).rejects.toMatchObject({ retryAfter: 30 });
  expect(await client.auth.test()).toMatchObject({ ok: true });
  expect(slack.calls.map(({ result }) => result)).toEqual(['internal_error', 'http_503', 'ratelimited', 'ok']);
});

test('a call can be carried out without an answer', async () => {
  slack.faults.answerThenDrop('chat.postMessage');
  await expect(client.chat.postMessage({ channel: IN, text: 'x' })).rejects.toThrow();
  slack.faults.answerThenFail('chat.postMessage', 502);
  await expect(client.chat.postMessage({ channel: IN, text: 'x' })).rejects.toMatchObject({ statusCode: 502 });
  expect(slack.messages(IN, ANNA.id)).toHaveLength(2);
});

test('Home refuses an old hash', async () => {
  const view = { type: 'home' as const, blocks: [] };
  const { view: first } = await client.views.publish({ user_id: ANNA.id, view });
  await client.views.publish({ user_id: ANNA.id, view, hash: first?.hash ?? '' });
  const late = client.views.publish({ user_id: ANNA.id, view, hash: first?.hash ?? '' });
  expect(await errorOf(late)).toBe('hash_conflict');
});
