// The settings from the environment: what is asked for, what is wrong, and what stays secret.

import { expect, test } from 'vitest';
import { readConfig, secretsOf } from '../../src/config/config.ts';
import { withDotEnv } from '../../src/config/environment.ts';
import type { Need } from '../../src/config/file.ts';
import { ConfigError } from '../../src/errors.ts';

type Env = Readonly<Record<string, string>>;
const noFile = () => Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' }));
const read = (env: Env, needs: readonly Need[] = ['clusters']) => readConfig({ env, readFile: noFile, needs });

/** The lines of the ConfigError that these settings end in. */
async function problems(env: Env, needs?: readonly Need[]): Promise<readonly string[]> {
  const error: unknown = await read(env, needs).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('these settings are fine');
  return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
}

const PROJECT = {
  MONGODB_ATLAS_PROJECT_ID: '64b0123456789abcdef01234',
  MONGODB_ATLAS_CLIENT_ID: 'mdb_sa_id_1',
  MONGODB_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_secret',
  MONGODB_USERNAME: 'atlas-conns',
  MONGODB_PASSWORD: 'clusterMonitor1',
};

test('a project with a service account and a database user watches all its clusters', async () => {
  const { projects } = await read(PROJECT);
  expect(projects).toEqual([
    {
      id: PROJECT.MONGODB_ATLAS_PROJECT_ID,
      atlas: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_secret' },
      database: { username: 'atlas-conns', password: 'clusterMonitor1' },
      connection: 'standard',
      clusters: null,
      ownClusters: [],
    },
  ]);
});

test.each([
  ['mongodb+srv://u:p@cluster0.abcde.mongodb.net/?appName=x', 'cluster0'],
  ['mongodb://prod-shard-00-00.abcde.mongodb.net:27017,b:27017/?ssl=true', 'prod-shard-00-00'],
  ['mongodb://127.0.0.1:27018', '127.0.0.1'],
  ['mongodb://[::1]:27018/', '::1'],
  ['mongodb://%2Ftmp%2Fmongodb-27017.sock/', 'mongodb-27017'],
])('%s is one cluster, %s', async (uri, name) => {
  const { projects } = await read({ MONGODB_URI: uri });
  expect(projects).toEqual([
    {
      ...{ id: null, atlas: null, database: null, connection: 'standard', clusters: [] },
      ownClusters: [{ name, uri, setting: 'MONGODB_URI' }],
    },
  ]);
});

test.each([
  'localhost:27017',
  'mongodb://',
  'mongodb://u:p@ss@host/',
  'mongodb://u:p/ss@host/',
  'mongodb+srv://cluster0.abcde.mongodb.net:27017/',
  'mongodb+srv://a.abcde.mongodb.net,b.abcde.mongodb.net/',
  'mongodb://host:port',
])('%s is no connection string, and is not repeated', async (uri) => {
  const [problem, ...more] = await problems({ MONGODB_URI: uri });
  expect(problem).toMatch(/^MONGODB_URI is not a usable connection string\. (The|A) /);
  expect(problem).not.toContain(`${uri}.`);
  expect(more).toEqual([]);
});

test('all problems are reported at once, with the name and what was expected', async () => {
  const found = await problems(
    {
      MONGODB_ATLAS_PROJECT_ID: 'prod',
      MONGODB_ATLAS_CLIENT_ID: 'id',
      MONGODB_ATLAS_BASE_URL: 'ftp://cloud.mongodb.com',
      MONGODB_PASSWORD: 'half',
      SLACK_BOT_TOKEN: 'xapp-swapped-1',
      PORT: '70000',
      LOG_LEVEL: 'inf',
    },
    ['clusters', 'slack'],
  );
  const about = (name: string) => found.filter((line) => line.startsWith(`${name} is `)).join();
  expect(about('MONGODB_ATLAS_PROJECT_ID')).toContain('"prod". Expected the 24 hexadecimal digits');
  expect(about('MONGODB_ATLAS_CLIENT_SECRET')).toContain('missing. MONGODB_ATLAS_CLIENT_ID is set');
  expect(about('MONGODB_ATLAS_BASE_URL')).toContain('Expected a URL that starts with https:// or http://');
  expect(about('MONGODB_USERNAME')).toContain('missing. MONGODB_PASSWORD is set');
  expect(about('SLACK_BOT_TOKEN')).toContain('starts with xoxb-');
  expect(about('SLACK_SIGNING_SECRET')).toContain('missing. PORT is set');
  expect(about('PORT')).toContain('Expected a port number, 1 to 65535.');
  expect(about('LOG_LEVEL')).toContain('Did you mean info?');
  expect(found).toHaveLength(8);
  expect(found.join()).not.toContain('swapped');
});

test('nothing set: one problem that names the ways there are', async () => {
  const [only, ...more] = await problems({ MONGODB_URI: '  ', MONGODB_ATLAS_PROJECT_ID: '' });
  expect(only).toMatch(/^No cluster is configured\. Set MONGODB_URI .* MONGODB_ATLAS_PROJECT_ID .* ATLAS_CONNS_CONFIG/);
  expect(more).toEqual([]);
});

test('a project alone lacks Atlas credentials and the database user', async () => {
  const found = await problems({ MONGODB_ATLAS_PROJECT_ID: PROJECT.MONGODB_ATLAS_PROJECT_ID });
  expect(found).toHaveLength(2);
  expect(found[0]).toContain(
    'Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or MONGODB_ATLAS_PUBLIC_API_KEY',
  );
  expect(found[1]).toContain('Set MONGODB_USERNAME and MONGODB_PASSWORD to a user with the role clusterMonitor.');
});

test('credentials beside a connection string need the project whose list they read', async () => {
  const { MONGODB_ATLAS_PROJECT_ID: _, ...rest } = PROJECT;
  const found = await problems({ ...rest, MONGODB_URI: 'mongodb://localhost' });
  expect(found).toEqual([expect.stringContaining('MONGODB_ATLAS_PROJECT_ID is missing.')]);
});

test('what the command does not need may be missing', async () => {
  const config = await read({ MONGODB_ATLAS_CLIENT_ID: 'half', SLACK_SIGNING_SECRET: 'half' }, []);
  expect(config.projects).toEqual([]);
  expect(config.slack.transport).toBeNull();
});

test('a service account wins over an API key, with a notice', async () => {
  const keys = { MONGODB_ATLAS_PUBLIC_API_KEY: 'public', MONGODB_ATLAS_PRIVATE_API_KEY: 'private-part' };
  const { projects, notices } = await read({ ...PROJECT, ...keys });
  expect(projects[0]?.atlas?.kind).toBe('service-account');
  expect(notices).toEqual([
    expect.stringMatching(/MONGODB_ATLAS_CLIENT_ID and .*PUBLIC_API_KEY .* service account is used/),
  ]);
});

test('Slack speaks over Socket Mode or over HTTP', async () => {
  const socket = await read({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }, ['slack']);
  expect(socket.slack.transport).toEqual({ kind: 'socket', botToken: 'xoxb-1', appToken: 'xapp-1' });
  const http = await read({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', PORT: '3000' }, ['slack']);
  expect(http.slack.transport).toEqual({ kind: 'http', botToken: 'xoxb-1', signingSecret: 's', port: 3000 });
});

test('HTTP listens on the address that HOST names, and HOST must be one', async () => {
  const http = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', PORT: '3000' };
  const { slack } = await read({ ...http, HOST: '127.0.0.1' }, ['slack']);
  expect(slack.transport).toMatchObject({ port: 3000, host: '127.0.0.1' });
  for (const HOST of ['127.0.0.1:3000', 'http://x', 'a b'])
    await expect(read({ ...http, HOST }, ['slack'])).rejects.toThrow(/HOST/);
});

test('every secret is known, passwords of connection strings as written and as meant', async () => {
  const secrets = secretsOf(
    await read({ ...PROJECT, MONGODB_URI: 'mongodb://u:p%40ssword@h', SLACK_APP_TOKEN: 'xapp-unused' }),
  );
  for (const secret of ['mdb_sa_sk_secret', 'clusterMonitor1', 'p%40ssword', 'p@ssword', 'xapp-unused'])
    expect(secrets).toContain(secret);
  expect(secrets).not.toContain('atlas-conns');
});

test('a secret that ends with a line, as one from a file does, is used and hidden without it', async () => {
  const env = {
    SLACK_BOT_TOKEN: 'xoxb-1-token\n',
    SLACK_APP_TOKEN: ' xapp-1-token\n',
    MONGODB_URI: 'mongodb://u:pass1@h\n',
  };
  const config = await read(env, ['slack']);
  expect(config.slack.transport).toMatchObject({ botToken: 'xoxb-1-token', appToken: 'xapp-1-token' });
  for (const secret of ['xoxb-1-token', 'xapp-1-token', 'pass1']) expect(secretsOf(config)).toContain(secret);
});

test('.env completes the environment: what is set stands, what is empty counts as unset', async () => {
  const file = 'LOG_LEVEL=debug\nTZ="Europe/Berlin"\nMONGODB_URI=mongodb://from-file\n';
  const given = { LOG_LEVEL: 'warn', MONGODB_URI: '', PATH: '/bin' };
  const paths: string[] = [];
  const env = await withDotEnv(given, (path) => {
    paths.push(path);
    return Promise.resolve(file);
  });
  expect(env).toEqual({ LOG_LEVEL: 'warn', TZ: 'Europe/Berlin', MONGODB_URI: 'mongodb://from-file', PATH: '/bin' });
  expect(paths).toEqual(['.env']);
});

test('no .env is fine, one that cannot be read is a problem', async () => {
  expect(await withDotEnv({ TZ: 'UTC' }, noFile)).toEqual({ TZ: 'UTC' });
  const forbidden = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
  await expect(withDotEnv({}, forbidden)).rejects.toThrow(/\.env of the working directory cannot be read \(EACCES\)/);
});
