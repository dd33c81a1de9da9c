// Variables that are nearly ours: said, with the one that was meant; and those of others, of which nothing is said.

import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import type { Need } from '../../src/config/file.ts';
import { ConfigError } from '../../src/errors.ts';

const read = (env: Readonly<Record<string, string>>, file = '', needs: readonly Need[] = []) =>
  readConfig({ env, readFile: async () => file, needs });

test.each([
  ['ATLAS_CONNS_CONFG', 'ATLAS_CONNS_CONFIG'],
  ['ATLAS_CONN_DATA_DIR', 'ATLAS_CONNS_DATA_DIR'],
  ['HEALTH_PROT', 'HEALTH_PORT'],
  ['SLACK_BOTTOKEN', 'SLACK_BOT_TOKEN'],
  ['MONGODB_USERNMAE', 'MONGODB_USERNAME'],
  ['mongodb_uri', 'MONGODB_URI'],
])('%s is reported as misspelled: %s is meant', async (written, meant) => {
  const { notices } = await read({ [written]: 'a-value' });
  expect(notices).toEqual([`${written} is not a setting. Did you mean ${meant}?`]);
});

test('variables of other programs, empty ones, and those near a set one are not reported', async () => {
  const foreign = ['SLACK_WEBHOOK_URL', 'SLACK_CHANNEL', 'MONGODB_VERSION', 'MONGODB_DATABASE', 'HEALTH_PATH', 'PORTS'];
  const others = ['XPORT', 'TZDIR', 'LOG_LEVELS', 'ATLAS_PROJECT_ID', 'ATLAS_CONNS_SERVICE_HOST', 'toString'];
  const env = Object.fromEntries([...foreign, ...others].map((name) => [name, 'a-value']));
  const both = { MONGODB_URI: 'mongodb://db', MONGODB_URL: 'mongodb://db' };
  expect((await read({ ...env, ...both, HEALTH_PROT: ' ' })).notices).toEqual([]);
});

test('a variable that the file uses is not misspelled, however near to one of ours', async () => {
  const file = `projects: [{ clusters: [{ name: prod, uri: "\${MONGODB_URI_A}" }] }]`;
  const env = { ATLAS_CONNS_CONFIG: 'settings.yaml', MONGODB_URI_A: 'mongodb://db' };
  expect((await read(env, file, ['clusters'])).notices).toEqual([]);
});

test('where something is missing, the variable that was misspelled is named with it, and never its value', async () => {
  const error: unknown = await read({ SLACK_BOTTOKEN: 'xoxb-1-hidden', SLACK_APP_TOKEN: 'xapp-1' }, '', [
    'slack',
  ]).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('these settings are fine');
  expect(error.problems.map(({ text, remedy }) => `${text} ${remedy}`)).toEqual([
    'SLACK_BOT_TOKEN is missing. Set it to the Bot User OAuth Token, xoxb-….',
    'SLACK_BOTTOKEN is not a setting. Did you mean SLACK_BOT_TOKEN?',
  ]);
});
