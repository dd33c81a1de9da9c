// What other tools call our settings: Terraform's key is taken, other names are suggested, and none is shown.

import { expect, test } from 'vitest';
import { readConfig, secretsOfEnvironment } from '../../src/config/config.ts';
import type { Need } from '../../src/config/file.ts';
import { ConfigError } from '../../src/errors.ts';

type Env = Readonly<Record<string, string>>;
const read = (env: Env, needs: readonly Need[] = ['clusters'], file = '') =>
  readConfig({ env, readFile: async () => file, needs });

async function problemsOf(env: Env, needs?: readonly Need[]): Promise<readonly string[]> {
  const error: unknown = await read(env, needs).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('these settings are fine');
  return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
}

const PROJECT = { MONGODB_ATLAS_PROJECT_ID: '64b0c0ffee64b0c0ffee64b0', MONGODB_URI: 'mongodb://db' };
const TERRAFORM = { MONGODB_ATLAS_PUBLIC_KEY: 'terrafrm', MONGODB_ATLAS_PRIVATE_KEY: 'private-terraform' };
const OURS = { MONGODB_ATLAS_PUBLIC_API_KEY: 'ourselfs', MONGODB_ATLAS_PRIVATE_API_KEY: 'private-ours' };

test("Terraform's names of an API key are taken", async () => {
  const { projects, notices } = await read({ ...PROJECT, ...TERRAFORM });
  expect(projects).toMatchObject([
    { atlas: { kind: 'api-key', publicKey: 'terrafrm', privateKey: 'private-terraform' } },
  ]);
  expect(notices).toEqual([]);
});

test('our names take precedence, and a notice says what is not used', async () => {
  const { projects, notices } = await read({ ...PROJECT, ...TERRAFORM, ...OURS });
  expect(projects).toMatchObject([{ atlas: { publicKey: 'ourselfs', privateKey: 'private-ours' } }]);
  const above = 'MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY take precedence.';
  expect(notices).toEqual([
    `MONGODB_ATLAS_PUBLIC_KEY is not used: ${above}`,
    `MONGODB_ATLAS_PRIVATE_KEY is not used: ${above}`,
  ]);
  const same = { MONGODB_ATLAS_PUBLIC_KEY: 'ourselfs', MONGODB_ATLAS_PRIVATE_KEY: 'private-ours' };
  expect((await read({ ...PROJECT, ...same, ...OURS })).notices).toEqual([]);
});

test('halves of two keys are not a key; a missing half is reported under its own pair of names', async () => {
  const { MONGODB_ATLAS_PUBLIC_API_KEY } = OURS;
  expect(await problemsOf({ ...PROJECT, MONGODB_ATLAS_PUBLIC_API_KEY, ...TERRAFORM })).toEqual([
    expect.stringMatching(/^MONGODB_ATLAS_PRIVATE_API_KEY is missing\./),
  ]);
  const { MONGODB_ATLAS_PUBLIC_KEY } = TERRAFORM;
  expect(await problemsOf({ ...PROJECT, MONGODB_ATLAS_PUBLIC_KEY })).toEqual([
    'MONGODB_ATLAS_PRIVATE_KEY is missing. MONGODB_ATLAS_PUBLIC_KEY is set: set both or neither.',
  ]);
});

test('a service account wins over a key under any name', async () => {
  const account = { MONGODB_ATLAS_CLIENT_ID: 'id', MONGODB_ATLAS_CLIENT_SECRET: 'secret-of-account' };
  const { projects, notices } = await read({ ...PROJECT, ...TERRAFORM, ...account });
  expect(projects).toMatchObject([{ atlas: { kind: 'service-account' } }]);
  expect(notices).toEqual([
    'MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_PUBLIC_KEY are both set: the service account is used.',
  ]);
});

test.each([
  'MONGO_URL',
  'MONGODB_URL',
  'MONGO_URI',
  'MONGODB_CONNECTION_STRING',
  'MONGO_CONNECTION_STRING',
  'ATLAS_URI',
  'DATABASE_URL',
])('%s alone is not taken: MONGODB_URI is suggested, and the value is shown nowhere', async (name) => {
  const value = 'mongodb+srv://app:hunter22@shop.abcde.mongodb.net/?appName=shop';
  const problems = await problemsOf({ [name]: ` ${value}\n` });
  expect(problems).toEqual([
    expect.stringMatching(/^No cluster is configured\./),
    `${name} is set, but atlas-conns reads MONGODB_URI. Set MONGODB_URI if you want this value used.`,
  ]);
  expect(problems.join()).not.toContain('hunter22');
  expect(secretsOfEnvironment({ [name]: value })).toEqual(expect.arrayContaining([value, 'hunter22']));
});

test.each([
  ['MCLI_PUBLIC_API_KEY', 'MONGODB_ATLAS_PUBLIC_API_KEY'],
  ['MCLI_PRIVATE_API_KEY', 'MONGODB_ATLAS_PRIVATE_API_KEY'],
  ['ATLAS_PUBLIC_KEY', 'MONGODB_ATLAS_PUBLIC_API_KEY'],
  ['MCLI_PROJECT_ID', 'MONGODB_ATLAS_PROJECT_ID'],
  ['MDB_MCP_API_CLIENT_SECRET', 'MONGODB_ATLAS_CLIENT_SECRET'],
])('%s is suggested as %s where nothing names the sources', async (name, ours) => {
  const { notices } = await read({ MONGODB_URI: 'mongodb://db', [name]: 'a-value' });
  expect(notices).toEqual([`${name} is set, but atlas-conns reads ${ours}. Set ${ours} if you want this value used.`]);
  expect(secretsOfEnvironment({ [name]: 'a-value' })).toEqual(/PRIVATE|SECRET/.test(name) ? ['a-value'] : []);
});

test('nothing is suggested where nothing is missing, or where the command reads no cluster', async () => {
  const others = { MONGO_URL: 'mongodb://app', MCLI_PUBLIC_API_KEY: 'x', MCLI_PROJECT_ID: 'y', MONGO_PASSWORD: 'z' };
  expect((await read({ ...PROJECT, ...TERRAFORM, ...others })).notices).toEqual([]);
  expect((await read(others, [])).notices).toEqual([]);
  expect(await problemsOf({ DATABASE_URL: 'postgres://u:p@db' })).toHaveLength(1);
});
