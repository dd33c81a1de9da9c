// Odd exchanges with Slack's Web API, each with what must follow: whether it is final, whether it passes by itself, whether
// Slack may have done it, how long to wait.

import { inspect } from 'node:util';
import { WebAPIRateLimitedError } from '@slack/web-api';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { isDoubtful, isFinal, isPassing, slackErrorCode } from '../../../src/slack/client/errors.ts';
import { respond } from '../../../src/slack/client/send.ts';
import { createWebClients } from '../../../src/slack/client/web-client.ts';
import { type LogLine, recordedLog } from '../../recorded-log.ts';

const nobody = { users: [], groups: [], channels: [] };
const transport = { kind: 'socket', botToken: 'xoxb-1', appToken: 'xapp-1' } as const;
const settings = { transport, apiUrl: null, command: '/atlas-conns', read: nobody, act: nobody };

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const HTML = { 'content-type': 'text/html' };
const WORDS = 'Sign in to Contoso guest WiFi';
const PAGE = `<!DOCTYPE html><html><head><title>${WORDS}</title></head><body><form action="/login"></form></body></html>`;
const refusal = (error: string): Reply => ({ body: JSON.stringify({ ok: false, error }), headers: JSON_TYPE });

/** What a call of chat.postMessage that was answered so rejects with, and everything that was logged. */
async function answered({ status = 200, body = '', headers = {} }: Reply) {
  nock('https://slack.com').post('/api/chat.postMessage').reply(status, body, headers);
  const log: LogLine[] = [];
  const said = await recordedLog(log);
  const logger = {
    ...{ debug() {}, info() {}, setLevel() {}, setName() {} },
    warn: (...words: unknown[]) => said.warn({ said: words.map(String) }, 'told by the Slack library'),
    error: (...words: unknown[]) => said.error({ said: words.map(String) }, 'told by the Slack library'),
    getLevel: () => 'info' as never,
  };
  const { posts } = createWebClients({ settings, logger });
  const error: unknown = await posts.chat.postMessage({ channel: 'C1', text: 'x' }).then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, shown: `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${JSON.stringify(log)}` };
}

function verdictOn(error: unknown) {
  const code = slackErrorCode(error);
  return { code, final: isFinal(error), passing: isPassing(code), doubtful: isDoubtful(error) };
}

// https://docs.slack.dev/reference/methods/auth.test, and what Socket Mode's library takes for unrecoverable.
const FINAL = [
  ...['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired', 'not_allowed_token_type'],
  ...['user_removed_from_team', 'team_disabled'],
];

test.each(FINAL)('%s is final: the token will not work again', async (code) => {
  const { error } = await answered(refusal(code));
  expect(verdictOn(error)).toEqual({ code, final: true, passing: false, doubtful: false });
});

test.each([
  ...['org_login_required', 'team_added_to_org', 'accesslimited', 'ekm_access_denied', 'upgrade_required'],
  ...['request_timeout', 'ratelimited', 'message_limit_exceeded'],
])('%s passes, and Slack has done nothing', async (code) => {
  const { error } = await answered(refusal(code));
  expect(verdictOn(error)).toEqual({ code, final: false, passing: true, doubtful: false });
});

test.each(['internal_error', 'fatal_error', 'service_unavailable', 'rollup_error', 'timeout'])(
  '%s passes, and Slack may have done it',
  async (code) => {
    const { error } = await answered(refusal(code));
    expect(verdictOn(error)).toEqual({ code, final: false, passing: true, doubtful: true });
  },
);

test.each(['channel_not_found', 'a_code_of_next_year'])('%s is a refusal and ends no bot', async (code) => {
  const { error } = await answered(refusal(code));
  expect(verdictOn(error)).toEqual({ code, final: false, passing: false, doubtful: false });
});

const NOT_SLACKS: readonly (readonly [string, Reply])[] = [
  ['a page', { body: PAGE, headers: HTML }],
  ['a page that says it is JSON', { body: PAGE, headers: JSON_TYPE }],
  ['a page that says it is gzip', { body: PAGE, headers: { 'content-type': 'application/gzip' } }],
  ['a page that is not gzip, sent as gzip', { body: PAGE, headers: { ...HTML, 'content-encoding': 'gzip' } }],
  ['nothing', { headers: JSON_TYPE }],
  ['a blank', { body: ' \n' }],
  ['null', { body: 'null', headers: JSON_TYPE }],
  ['true', { body: 'true', headers: JSON_TYPE }],
  ['a word', { body: 'ok' }],
  ['JSON that was cut', { body: '{"ok":true,"channel":"C1","ts":"17', headers: JSON_TYPE }],
  ['a list', { body: '[{"ok":true}]', headers: JSON_TYPE }],
  ['a text', { body: JSON.stringify(PAGE), headers: JSON_TYPE }],
  ['another API', { body: '{"status":"UP"}', headers: JSON_TYPE }],
  ['an ok in words', { body: '{"ok":"true"}', headers: JSON_TYPE }],
  ['an ok as a number', { body: '{"ok":1}', headers: JSON_TYPE }],
  ['a refusal without a code', { body: '{"ok":false}', headers: JSON_TYPE }],
  ['a refusal whose code is null', { body: '{"ok":false,"error":null}', headers: JSON_TYPE }],
  ['a refusal whose code is a page', { body: JSON.stringify({ ok: false, error: PAGE }), headers: JSON_TYPE }],
  ['a refusal whose code is a list', { body: '{"ok":false,"error":["invalid_auth"]}', headers: JSON_TYPE }],
  ['a 204', { status: 204 }],
  ['a 302 to a portal', { status: 302, body: PAGE, headers: { ...HTML, location: 'http://portal.example/login' } }],
  ['a 401', { status: 401, body: PAGE, headers: HTML }],
  ['a 403', { status: 403, body: PAGE, headers: { ...HTML, 'set-cookie': `words=${WORDS}` } }],
  ['a 407', { status: 407, body: PAGE, headers: { ...HTML, 'proxy-authenticate': `Basic realm="${WORDS}"` } }],
  ['a 500', { status: 500, body: PAGE, headers: HTML }],
  ['a 502', { status: 502, body: PAGE, headers: HTML }],
  ['a 503 as JSON', { status: 503, body: '{"message":"no healthy upstream"}', headers: JSON_TYPE }],
  ['a 511', { status: 511, body: PAGE, headers: HTML }],
];

test.each(NOT_SLACKS)('%s is not Slack: in doubt, passing, never final, and never shown', async (_, reply) => {
  const { error, shown } = await answered(reply);
  expect(verdictOn(error)).toMatchObject({ final: false, passing: true, doubtful: true });
  expect(shown).not.toContain(WORDS);
});

test.each([
  ['seconds', '30', 30],
  ['none at all', '0', 0],
  ['part of a second', '0.2', 1],
  ['years', '99999999', 300],
  ['more than there are', '9'.repeat(400), 300],
  ['a negative number', '-5', 1],
  ['a word', 'later', 1],
  ['nothing', null, 1],
  ['a date', 'Mon, 30 Nov 2026 10:02:00 GMT', 120],
  ['a date far away', 'Fri, 31 Dec 9999 23:59:59 GMT', 300],
  ['a date that is over', 'Mon, 30 Nov 2020 10:02:00 GMT', 1],
])('a Retry-After of %s is taken, with a bound', async (_, after, seconds) => {
  const headers = {
    ...JSON_TYPE,
    date: 'Mon, 30 Nov 2026 10:00:00 GMT',
    ...(after !== null && { 'retry-after': after }),
  };
  const { error } = await answered({ ...refusal('ratelimited'), status: 429, headers });
  expect(verdictOn(error)).toEqual({ code: 'ratelimited', final: false, passing: true, doubtful: false });
  expect(error instanceof WebAPIRateLimitedError && error.retryAfter).toBe(seconds);
});

test('an exchange with Slack itself is untouched: refused parts and granted scopes arrive', async () => {
  const messages = ['[ERROR] no more than 50 items allowed [json-pointer:/blocks]'];
  const body = JSON.stringify({ ok: false, error: 'invalid_blocks', response_metadata: { messages } });
  const { error } = await answered({ body, headers: JSON_TYPE });
  expect(error).toMatchObject({ data: { error: 'invalid_blocks', response_metadata: { messages } } });
  const scopes = { ...JSON_TYPE, 'x-oauth-scopes': 'commands,chat:write' };
  nock('https://slack.com').post('/api/auth.test').reply(200, '{"ok":true,"team":"T"}', scopes);
  const { answers } = createWebClients({ settings, logger: silent() });
  expect(await answers.auth.test()).toMatchObject({ response_metadata: { scopes: ['commands', 'chat:write'] } });
});

function silent() {
  const quiet = () => undefined;
  return {
    ...{ debug: quiet, info: quiet, warn: quiet, error: quiet, setLevel: quiet, setName: quiet },
    getLevel: () => 'info' as never,
  };
}

test('what may be asked twice is asked again after a page', async () => {
  nock('https://slack.com').post('/api/users.info').times(2).reply(200, PAGE, HTML);
  nock('https://slack.com').post('/api/users.info').reply(200, '{"ok":true,"user":{"id":"U1"}}', JSON_TYPE);
  const { answers } = createWebClients({ settings, logger: silent() });
  expect(await answers.users.info({ user: 'U1' })).toMatchObject({ user: { id: 'U1' } });
});

test('one method that is limited for long holds up no other, and is not asked again at once', async () => {
  const calls: string[] = [];
  const limited = nock('https://slack.com').post('/api/users.info').times(9);
  limited.reply(429, '{"ok":false,"error":"ratelimited"}', { 'retry-after': '99999999' });
  nock('https://slack.com').post('/api/auth.test').reply(200, '{"ok":true}', JSON_TYPE);
  const onCall = ({ method }: { readonly method: string }) => void calls.push(method);
  const { answers } = createWebClients({ settings, logger: silent(), onCall });
  const error: unknown = await answers.users.info({ user: 'U1' }).catch((reason: unknown) => reason);
  expect(error instanceof WebAPIRateLimitedError && error.retryAfter).toBe(300);
  await answers.auth.test();
  expect(calls).toEqual(['users.info', 'auth.test']);
});

const VIEW = { text: 'x', blocks: [] };
const EPHEMERAL = { type: 'ephemeral', replaces: false, threadTs: null } as const;

test.each(NOT_SLACKS.filter(([name]) => name !== 'a word'))(
  'from a response URL, too, %s is no success, and the answer is sent again',
  async (_, { status = 200, body = '', headers = {} }) => {
    nock('https://hooks.slack.com').post('/commands/1').reply(status, body, headers);
    nock('https://hooks.slack.com').post('/commands/1').reply(200, 'ok');
    expect(await respond('https://hooks.slack.com/commands/1', VIEW, EPHEMERAL)).toEqual({ ok: true, ts: null });
  },
);

test('what is for all is not sent to a response URL again after a page: it may stand there', async () => {
  nock('https://hooks.slack.com').post('/commands/1').reply(200, PAGE, HTML);
  const posted = await respond('https://hooks.slack.com/commands/1', VIEW, { ...EPHEMERAL, type: 'in_channel' });
  expect(posted).toEqual({ ok: false, error: 'not_slack', detail: [] });
});

test.each(['ok', '{"ok":true}', '{"ok":true,"ts":"1"}'])(
  'Slack’s own %s from a response URL is a success',
  async (body) => {
    nock('https://hooks.slack.com').post('/commands/1').reply(200, body);
    expect(await respond('https://hooks.slack.com/commands/1', VIEW, EPHEMERAL)).toEqual({ ok: true, ts: null });
  },
);
