// Where reports of pools are taken: from the environment, from the file, or not at all.

import { expect, test } from 'vitest';
import { readConfig, secretsOfEnvironment } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

const TOKEN = '0123456789abcdef';
const NEXT = 'fedcba9876543210';

function read(env: Readonly<Record<string, string>>, file: string | null = null) {
  const path = file === null ? {} : { ATLAS_CONNS_CONFIG: 'settings.yaml' };
  return readConfig({ env: { ...env, ...path }, needs: [], readFile: async () => file ?? '' });
}

async function problemsOf(env: Readonly<Record<string, string>>, file: string | null = null) {
  const error = await read(env, file).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('no problem');
  return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
}

test('off without a port, on this machine’s own address with one', async () => {
  expect((await read({})).pools).toEqual({ host: '127.0.0.1', port: null, tokens: [] });
  const env = { POOLS_PORT: '8086', POOLS_TOKEN: TOKEN };
  expect((await read(env)).pools).toEqual({ host: '127.0.0.1', port: 8086, tokens: [TOKEN] });
  expect((await read({ ...env, POOLS_HOST: '::' })).pools.host).toBe('::');
});

test('a second token, while one is replaced; each is a secret of its own', async () => {
  const env = { POOLS_PORT: '8086', POOLS_TOKEN: `${TOKEN}, ${NEXT}`, ATLAS_CONNS_POOLS_TOKEN: 'ghijklmnopqrstuv' };
  const { pools, secrets } = await read(env);
  expect(pools.tokens).toEqual([TOKEN, NEXT]);
  for (const known of [secrets, secretsOfEnvironment(env)])
    expect(known).toEqual(expect.arrayContaining([TOKEN, NEXT, 'ghijklmnopqrstuv']));
});

test('the file wins over the environment, and its tokens are secrets, too', async () => {
  const env = { POOLS_PORT: '8086', POOLS_TOKEN: TOKEN, OURS: `${NEXT},${TOKEN}` };
  const { pools, secrets } = await read(env, `pools: { host: 10.0.0.1, port: 9000, token: "\${OURS}" }`);
  expect(pools).toEqual({ host: '10.0.0.1', port: 9000, tokens: [NEXT, TOKEN] });
  expect(secrets).toEqual(expect.arrayContaining([NEXT, TOKEN]));
});

test('an address without a port is a notice; a token without one is for the terminal', async () => {
  expect((await read({ POOLS_HOST: '10.0.0.1' })).notices).toEqual([expect.stringMatching(/POOLS_HOST.*POOLS_PORT/)]);
  const { pools, notices } = await read({ POOLS_TOKEN: TOKEN });
  expect([pools.tokens, notices]).toEqual([[TOKEN], []]);
});

test('a token of the settings file without a port is a notice: only the bot reads it', async () => {
  const { pools, notices } = await read({ OURS: TOKEN }, `pools: { token: "\${OURS}" }`);
  expect([pools.port, notices]).toEqual([null, [expect.stringMatching(/pools\.token.*POOLS_PORT/)]]);
});

test('a port is compared as a number, wherever it is set', async () => {
  const env = { POOLS_TOKEN: TOKEN, PORT: '8086' };
  expect(await problemsOf(env, 'pools: { port: 8086 }')).toEqual([
    expect.stringMatching(/^POOLS_PORT is 8086, as PORT is\./),
  ]);
});

test('every problem is named at once, with its setting', async () => {
  expect(await problemsOf({ POOLS_PORT: '80800', POOLS_HOST: 'a b', POOLS_TOKEN: 'short', HEALTH_PORT: '0' })).toEqual([
    expect.stringMatching(/^HEALTH_PORT is "0"/),
    expect.stringMatching(/^POOLS_PORT is "80800"\. Expected a port number/),
    expect.stringMatching(/^POOLS_HOST is "a b"\. Expected an address/),
    expect.stringMatching(/^POOLS_TOKEN is invalid\. Expected a token of at least 16/),
  ]);
});

test.each([
  [{ POOLS_PORT: '8086' }, null, /^POOLS_TOKEN is missing\. POOLS_PORT is set: set both/],
  [{}, 'pools: { port: 8086 }', /^POOLS_TOKEN is missing\./],
  [
    { POOLS_PORT: '80', POOLS_TOKEN: TOKEN, PORT: '80' },
    null,
    /^POOLS_PORT is 80, as PORT is\. Set POOLS_PORT to another/,
  ],
  [{ POOLS_PORT: '80', POOLS_TOKEN: TOKEN, HEALTH_PORT: '80' }, null, /^POOLS_PORT is 80, as HEALTH_PORT is\./],
  [{ POOLS_PORT: '80', POOLS_TOKEN: TOKEN }, 'health: { port: 80 }', /^POOLS_PORT is 80, as HEALTH_PORT is\./],
  [{ POOLS_TOKEN: 'fifteen-letters' }, null, /^POOLS_TOKEN is invalid\./],
  [{ POOLS_TOKEN: `${TOKEN},` }, null, /^POOLS_TOKEN is invalid\./],
  [{ POOLS_TOKEN: `${TOKEN},${NEXT},${TOKEN}` }, null, /^POOLS_TOKEN is invalid\. .* or two/],
  [{ POOLS_TOKEN: 'with blanks in the middle' }, null, /^POOLS_TOKEN is invalid\./],
  [{}, 'pools: { token: "short" }', /^pools\.token in settings\.yaml is invalid\. Expected a token/],
  [{}, 'pools: { prot: 8086 }', /prot.*Did you mean port/s],
])('%j %s is refused', async (env, file, words) => {
  expect(await problemsOf(env, file)).toEqual([expect.stringMatching(words)]);
});

test('a misspelled variable is said', async () => {
  expect(await problemsOf({ POOLS_PORT: '8086', POOLS_TOKNE: TOKEN })).toEqual([
    expect.stringMatching(/^POOLS_TOKEN is missing/),
    'POOLS_TOKNE is not a setting. Did you mean POOLS_TOKEN?',
  ]);
});
