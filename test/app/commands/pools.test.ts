// Which bot `pools` asks, and with which token.

import { expect, test } from 'vitest';
import { type PoolsCommandInput, pools } from '../../../src/app/commands/pools.ts';
import { ConfigError, UserError } from '../../../src/errors.ts';
import { viewOf } from '../../core/pools/sample.ts';

const view = viewOf([]);

const settings = { host: '127.0.0.1', port: 8086, tokens: ['ours', 'older'] };

async function asked(given: Partial<Pick<PoolsCommandInput, 'url' | 'settings' | 'env'>>) {
  const calls: { readonly url: string; readonly token: string }[] = [];
  const hidden: string[] = [];
  const answer = await pools({
    ...{ url: null, settings: { ...settings, port: null, tokens: [] }, env: {}, ...given },
    fetchPools: async ({ url, token }) => {
      calls.push({ url, token });
      return view;
    },
    hide: (secrets) => void hidden.push(...secrets),
    signal: new AbortController().signal,
  });
  const [call] = calls;
  expect(hidden).toEqual([call?.token]);
  expect(answer.url).toBe(call?.url);
  return { ...call, remarks: answer.remarks };
}

const reporter = {
  ATLAS_CONNS_POOLS_URL: ' http://10.0.0.7:8086/v1/pools , https://b ',
  ATLAS_CONNS_POOLS_TOKEN: 'theirs',
};

test('the bot of the settings, with its first token', async () => {
  const ofSettings = { url: 'http://127.0.0.1:8086', token: 'ours', remarks: [] };
  expect(await asked({ settings })).toEqual(ofSettings);
  expect(await asked({ settings, env: reporter })).toEqual(ofSettings);
});

test.each([
  ['0.0.0.0', 'http://127.0.0.1:8086'],
  ['::', 'http://[::1]:8086'],
  ['::1', 'http://[::1]:8086'],
  ['10.0.0.7', 'http://10.0.0.7:8086'],
])('a bot that listens on %s is asked at %s', async (host, url) => {
  expect((await asked({ settings: { ...settings, host } })).url).toBe(url);
});

test("without a port in the settings, the reporters' first bot, with the reporters' token; the others are named", async () => {
  expect(await asked({ env: reporter, settings: { ...settings, port: null } })).toEqual({
    url: 'http://10.0.0.7:8086',
    token: 'theirs',
    remarks: ['ATLAS_CONNS_POOLS_URL has 2 addresses: http://10.0.0.7:8086 is asked.'],
  });
});

test('--url wins, with whichever token is there', async () => {
  expect(await asked({ url: 'https://bot.example.net/pools/', settings, env: reporter })).toEqual({
    url: 'https://bot.example.net/pools',
    token: 'ours',
    remarks: [],
  });
  expect(await asked({ url: 'http://localhost:1', settings: { ...settings, port: null } })).toMatchObject({
    token: 'ours',
  });
  expect(await asked({ url: 'http://[::1]:1/v1/pools', env: reporter })).toMatchObject({
    url: 'http://[::1]:1',
    token: 'theirs',
  });
});

test.each([
  ['http://bot.example.net', ['The token goes to bot.example.net in plain text: use https.']],
  ['http://203.0.113.9:1', ['The token goes to 203.0.113.9 in plain text: use https.']],
  ['http://192.168.1.4:1', []],
  ['https://203.0.113.9', []],
])('over a network in plain text, %s is remarked on', async (url, remarks) => {
  expect((await asked({ url, env: reporter })).remarks).toEqual(remarks);
});

test.each([
  ['ftp://bot', '--url is no http or https address.'],
  ['bot:8086', '--url is no http or https address.'],
  ['http://user:s3cret@bot', '--url has more than an address in it.'],
  ['http://bot?token=s3cret', '--url has more than an address in it.'],
])('%s is refused, and is not repeated', async (url, text) => {
  const error = await asked({ url, env: reporter }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ message: text, remedy: expect.stringContaining('http://127.0.0.1:8086') });
});

test.each([
  [{}, 'POOLS_PORT is missing.'],
  [{ env: { ATLAS_CONNS_POOLS_URL: ' , ' } }, 'POOLS_PORT is missing.'],
  [{ url: 'http://127.0.0.1:1' }, 'POOLS_TOKEN is missing.'],
  [{ env: { ATLAS_CONNS_POOLS_URL: 'http://127.0.0.1:1' } }, 'POOLS_TOKEN is missing.'],
])('%j: %s', async (given, text) => {
  const error = await asked(given).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ message: expect.stringContaining(text) });
});
