// No secret of any setting in anything that leaves the process, whatever goes wrong.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openTerminal, type Terminal } from '../e2e/terminal.ts';
import { apiError } from '../sandbox/atlas/fault.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import type { Slack } from '../slack/bot-fixture.ts';
import { leaksIn, SECRETS } from './secret.ts';

let directory: string;
let project: StandInProject;
let slack: Slack;
let terminal: Terminal;

type Environment = Readonly<Record<string, string | undefined>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-secrets-'));
  [project, slack] = await Promise.all([startProject(), startSlack()]);
  const data = { ATLAS_CONNS_DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'trace' };
  terminal = await openTerminal({ ...project.env, ...data, SLACK_API_URL: slack.apiUrl });
});
afterAll(async () => {
  await terminal?.close();
  await Promise.all([slack?.close(), project?.close()]);
  await rm(directory, { recursive: true });
});
afterEach(() => {
  project.atlas.faults.clear();
  slack.faults.clear();
});

const node = (): string => project.scenario.cluster('prod').set.nodes[0]?.host ?? '';
const uri = (host: string, password = encodeURIComponent(SECRETS.uriPassword)) =>
  `mongodb://reader:${password}@${host}/?authSource=admin`;
const file = async (text: string): Promise<string> => {
  const path = join(directory, 'settings.yaml');
  await writeFile(path, text);
  return path;
};
/** By connection string alone, without Atlas. */
const alone = {
  MONGODB_ATLAS_PROJECT_ID: undefined,
  MONGODB_ATLAS_CLIENT_ID: undefined,
  MONGODB_ATLAS_CLIENT_SECRET: undefined,
};
const byUri = (text: string): Environment => ({
  ...alone,
  MONGODB_USERNAME: undefined,
  MONGODB_PASSWORD: undefined,
  MONGODB_URI: text,
});
const inSlack = { SLACK_BOT_TOKEN: SECRETS.botToken, SLACK_APP_TOKEN: SECRETS.appToken };

/** What is typed, with which environment, and what has to be said: a failure that did not happen proves nothing. */
const FAILURES: Readonly<Record<string, readonly [string, () => Environment | Promise<Environment>, RegExp]>> = {
  'a wrong database password': ['report prod', () => ({ MONGODB_PASSWORD: SECRETS.password }), /password/],
  'a wrong password in a connection string': ['report', () => byUri(uri(node())), /password/],
  'a node that nobody reaches': ['report', () => byUri(uri('127.0.0.1:1')), /127\.0\.0\.1:1/],
  'TLS that the node does not speak': ['report', () => byUri(`${uri(node())}&tls=true`), /TLS/],
  'a connection string with bare characters': ['check', () => byUri(uri(node(), SECRETS.uriPassword)), /./],
  'a connection string that is none': ['check', () => byUri(`mongo:/${uri(node())}`), /MONGODB_URI/],
  'a connection string with a wrong option': ['report', () => byUri(`${uri(node())}&wtimeoutMS=x&bogus=1`), /./],
  'a wrong Atlas secret': ['check', () => ({ MONGODB_ATLAS_CLIENT_SECRET: SECRETS.atlasSecret }), /missing/],
  'a wrong API key': [
    'check',
    () => ({
      MONGODB_ATLAS_CLIENT_ID: undefined,
      MONGODB_ATLAS_CLIENT_SECRET: undefined,
      MONGODB_ATLAS_PUBLIC_API_KEY: 'abcdefgh',
      MONGODB_ATLAS_PRIVATE_API_KEY: SECRETS.privateKey,
    }),
    /missing/,
  ],
  'an Atlas that refuses and repeats what it was told': [
    'report prod',
    () => {
      const detail = `${SECRETS.atlasSecret} ${SECRETS.password}`;
      project.atlas.faults.add(/./, apiError(403, 'NOPE', { detail, parameters: [SECRETS.password] }), 50);
      return { MONGODB_PASSWORD: SECRETS.password };
    },
    /403|Atlas/,
  ],
  'an Atlas that breaks': [
    'check',
    () => {
      project.atlas.faults.add(/accessList/, apiError(500, 'UNEXPECTED', { detail: SECRETS.password }), 50);
      return { MONGODB_PASSWORD: SECRETS.password };
    },
    /missing/,
  ],
  'tokens that Slack refuses': ['serve', () => inSlack, /SLACK_BOT_TOKEN/],
  'an app token that Slack refuses': [
    'serve',
    () => ({ ...inSlack, SLACK_BOT_TOKEN: slack.botToken }),
    /SLACK_APP_TOKEN/,
  ],
  'a token in the wrong variable': [
    'serve',
    () => ({ SLACK_BOT_TOKEN: SECRETS.appToken, SLACK_APP_TOKEN: SECRETS.botToken }),
    /SLACK_BOT_TOKEN/,
  ],
  'a Slack that is away': ['check', () => ({ ...inSlack, SLACK_API_URL: 'http://127.0.0.1:1/api/' }), /Slack/],
  'HTTP without a port': [
    'serve',
    () => ({ SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: undefined, SLACK_SIGNING_SECRET: SECRETS.signing }),
    /PORT/,
  ],
  'a store that nobody reaches': ['alerts', () => ({ ANALYSIS_URI: store('127.0.0.1:1') }), /127\.0\.0\.1:1/],
  'a store with another password': ['alerts', () => ({ ANALYSIS_URI: store(node()) }), /./],
  'a store that is none': [
    'check',
    () => ({ ANALYSIS_URI: `postgres://x:${SECRETS.storePassword}@h` }),
    /ANALYSIS_URI/,
  ],
  'a directory that is a file': [
    'watch',
    async () => ({ ATLAS_CONNS_DATA_DIR: join(await file(''), 'below'), MONGODB_PASSWORD: SECRETS.password }),
    /ATLAS_CONNS_DATA_DIR/,
  ],
  'YAML that breaks at a secret': [
    'check',
    async () => ({ ATLAS_CONNS_CONFIG: await file(`projects:\n  - password: ${SECRETS.filled}\n`) }),
    /not valid YAML/,
  ],
  'YAML from a template that nobody filled in': [
    'check',
    async () => ({ ATLAS_CONNS_CONFIG: await file('projects:\n  - password: {{ "Qz7FilledInMx5cGd" }}\n') }),
    /settings\.yaml/,
  ],
  'YAML with secrets where none belong': [
    'check',
    async () => ({
      ATLAS_CONNS_CONFIG: await file(
        `projects:\n  - password: [${JSON.stringify(SECRETS.password)}]\n    clientSecret: { a: ${JSON.stringify(
          SECRETS.atlasSecret,
        )} }\nstore: { uri: ${JSON.stringify(SECRETS.storePassword)} }\n`,
      ),
    }),
    /settings\.yaml/,
  ],
  'YAML filled in from a variable that would be YAML': [
    'check',
    async () => ({
      FILLED: SECRETS.filled,
      PASSWORD: SECRETS.password,
      ATLAS_CONNS_CONFIG: await file(
        [
          'default: nobody',
          'projects:',
          '  - clusters:',
          `    - { name: one, uri: "mongodb://a:$\{FILLED}@h/" }`,
          `    password: $\{PASSWORD}`,
          '    username: me',
        ].join('\n'),
      ),
    }),
    /settings\.yaml|one/,
  ],
};

const store = (host: string) => uri(host, encodeURIComponent(SECRETS.storePassword));

test.each(Object.entries(FAILURES))('%s is told, and no secret with it', async (_, [typed, environment, says]) => {
  const { code, out, err } = await terminal.type(typed.split(' '), await environment());
  expect(out + err).toMatch(says);
  expect(code).toBeGreaterThan(0);
  expect(leaksIn(out + err)).toEqual([]);
});

test('the search finds a secret in every disguise', () => {
  const { password } = SECRETS;
  const login = Buffer.from(`someone:${password}`).toString('base64');
  for (const text of [password, encodeURIComponent(password), JSON.stringify({ password }), login, password.slice(15)])
    expect(leaksIn(`before ${text} behind`)).toEqual(['password']);
  expect(leaksIn('nothing to see')).toEqual([]);
});
