// The YAML file: the whole of it, and every way to get it wrong.

import { expect, test } from 'vitest';
import { readConfig, secretsOf } from '../../src/config/config.ts';
import type { Need } from '../../src/config/file.ts';
import { DAY } from '../../src/core/base/duration.ts';
import { ConfigError } from '../../src/errors.ts';

type Env = Readonly<Record<string, string>>;
const read = (yaml: string, env: Env = {}, needs: readonly Need[] = ['clusters']) =>
  readConfig({ env: { ATLAS_CONNS_CONFIG: 'conns.yml', ...env }, readFile: () => Promise.resolve(yaml), needs });

async function problems(yaml: string, env?: Env, needs?: readonly Need[]): Promise<readonly string[]> {
  const error: unknown = await read(yaml, env, needs).catch((reason: unknown) => reason);
  if (!(error instanceof ConfigError)) throw new Error('this file is fine');
  return error.problems.map(({ text, remedy }) => `${text} ${remedy}`);
}

const WHOLE = `
default: prod
projects:
  - id: 64b0123456789abcdef01234
    clientId: \${MONGODB_ATLAS_CLIENT_ID}
    clientSecret: \${MONGODB_ATLAS_CLIENT_SECRET}
    username: \${MONGODB_USERNAME}
    password: \${MONGODB_PASSWORD}
    connection: private
    clusters: [prod, "stage-*"]
  - clusters: [{ name: onprem, uri: "\${ONPREM_URI}" }]
labels:
  - { cidr: 203.0.113.9/28, name: "Kubernetes egress", owner: "@team", runbook: "https://wiki.example.net", channel: C0123 }
rules:
  dormant-spike: { ratio: 2.5, minimum: 30, readings: "2 of 3", clear: 1.5 }
  overrides:
    - { source: "Nightly*", cluster: prod, dormant-spike: off }
schedule: "*/5 * * * *"
slack:
  command: /conns
  channel: C0123
  critical: { channel: C0456, mention: "@dba-oncall" }
  read: { users: [], groups: [], channels: [] }
  act: { groups: [S0123] }
store: { uri: "\${ANALYSIS_URI}", keep: { readings: 35d, hours: 400d } }
`;
const VARIABLES = {
  MONGODB_ATLAS_CLIENT_ID: 'mdb_sa_id_1',
  MONGODB_ATLAS_CLIENT_SECRET: 'mdb_sa_sk_secret',
  MONGODB_USERNAME: 'atlas-conns',
  MONGODB_PASSWORD: 'has: "yaml" #in it',
  ONPREM_URI: 'mongodb://u:hunter22@db.example.net:27017/',
};

test('the whole file is understood, and a variable’s value never becomes YAML', async () => {
  const config = await read(WHOLE, { ...VARIABLES, ANALYSIS_URI: 'mongodb://history' }, ['clusters', 'store']);
  expect(config.defaultCluster).toBe('prod');
  expect(config.projects).toEqual([
    {
      id: '64b0123456789abcdef01234',
      atlas: { kind: 'service-account', clientId: 'mdb_sa_id_1', clientSecret: 'mdb_sa_sk_secret' },
      database: { username: 'atlas-conns', password: 'has: "yaml" #in it' },
      connection: 'private',
      clusters: ['prod', 'stage-*'],
      ownClusters: [],
    },
    {
      id: null,
      atlas: null,
      database: null,
      connection: 'standard',
      clusters: [],
      ownClusters: [{ name: 'onprem', uri: VARIABLES.ONPREM_URI, setting: 'projects[1].clusters[0].uri' }],
    },
  ]);
  expect(config.labels[0]).toEqual({
    cidr: '203.0.113.0/28',
    name: 'Kubernetes egress',
    owner: '@team',
    runbook: 'https://wiki.example.net',
    channel: 'C0123',
  });
  expect(config.book.overrides).toMatchObject([
    { source: 'Nightly*', cluster: 'prod', rules: { 'dormant-spike': null } },
  ]);
  expect(config.routing).toMatchObject({ channel: 'C0123', critical: { channel: 'C0456', mention: '@dba-oncall' } });
  expect(config.schedules).toEqual({ default: '*/5 * * * *', clusters: [] });
  expect(config.slack.act).toEqual({ users: [], groups: ['S0123'], channels: [] });
  expect(config.store).toMatchObject({ uri: 'mongodb://history', keep: { readings: 35 * DAY, hours: 400 * DAY } });
  expect(secretsOf(config)).toEqual(expect.arrayContaining(['mdb_sa_sk_secret', 'has: "yaml" #in it', 'hunter22']));
});

test('a variable that ends with a line is filled in and hidden without it', async () => {
  const config = await read(WHOLE, { ...VARIABLES, ONPREM_URI: 'mongodb://u:pass1word@onprem\n' });
  expect(JSON.stringify(config.projects)).toContain('pass1word@onprem"');
  expect(secretsOf(config)).toContain('pass1word');
});

test('a variable that is not set is a problem only where the command needs it', async () => {
  expect((await read(WHOLE, VARIABLES)).store.uri).toBeNull();
  expect(await problems(WHOLE)).toEqual(
    [
      ['projects[0].clientId', 'MONGODB_ATLAS_CLIENT_ID'],
      ['projects[0].clientSecret', 'MONGODB_ATLAS_CLIENT_SECRET'],
      ['projects[0].username', 'MONGODB_USERNAME'],
      ['projects[0].password', 'MONGODB_PASSWORD'],
      ['projects[1].clusters[0].uri', 'ONPREM_URI'],
    ].map(([key, name]) => expect.stringMatching(startOf(`${key} in conns.yml uses \${${name}}, which is not set.`))),
  );
  expect((await read(WHOLE, {}, [])).labels).toHaveLength(1);
});

const startOf = (text: string) => new RegExp(`^${text.replace(/[[\]{}()$.*+?|^\\]/g, '\\$&')}`);

test('a project without credentials of its own uses those of the environment', async () => {
  const { projects } = await read('projects: [{ id: 64b0123456789abcdef01234 }]', VARIABLES);
  expect(projects[0]?.atlas).toEqual({
    kind: 'service-account',
    clientId: 'mdb_sa_id_1',
    clientSecret: 'mdb_sa_sk_secret',
  });
  expect(projects[0]?.database?.username).toBe('atlas-conns');
});

test('without projects in the file those of the environment count', async () => {
  const { projects, labels } = await read('labels: [{ cidr: 10.0.0.1, name: x }]', { MONGODB_URI: 'mongodb://db.x' });
  expect(projects[0]?.ownClusters).toEqual([{ name: 'db', uri: 'mongodb://db.x', setting: 'MONGODB_URI' }]);
  expect(labels).toEqual([{ cidr: '10.0.0.1/32', name: 'x' }]);
});

test.each([
  ['deflt: x', 'deflt in conns.yml is not a setting. Did you mean default?'],
  ['slack: { chanel: C0123 }', 'slack.chanel in conns.yml is not a setting. Did you mean channel?'],
  ['store: { zzzzzzzzz: 1 }', 'store.zzzzzzzzz in conns.yml is not a setting. Known settings: uri, keep.'],
  ['rules: { dormant-spik: off }', 'rules.dormant-spik in conns.yml is not a setting. Did you mean dormant-spike?'],
  ['rules: { churn: 3 }', 'rules.churn in conns.yml is 3. Expected off, or parameters'],
  [
    'labels: [{ cidr: 0.0.0.0/0, name: x }]',
    'labels[0].cidr in conns.yml is "0.0.0.0/0". A /0 block matches every address',
  ],
  ['labels: [{ cidr: "::/0", name: x }]', 'labels[0].cidr in conns.yml is "::/0". A /0 block matches every address'],
  ['labels: [{ cidr: 10.0.0.0/33, name: x }]', 'labels[0].cidr in conns.yml is "10.0.0.0/33". Expected a CIDR block'],
  ['labels: [{ cidr: 10.0.0.0/8 }]', 'labels[0].name in conns.yml is missing. This setting is required.'],
  ['schedule: often', 'schedule in conns.yml is "often". Expected a cron expression'],
  ['store: { keep: { readings: long } }', 'store.keep.readings in conns.yml is "long". Expected a duration'],
  ['store: { keep: { readings: 12h } }', 'store.keep.readings in conns.yml is "12h". Expected 1d at least and 3650d'],
  ['store: { keep: { hours: 9999w } }', 'store.keep.hours in conns.yml is "9999w". Expected 1d at least'],
  [
    'store: { keep: { readings: 60d, hours: 30d } }',
    'store.keep.hours in conns.yml is "30d". Expected at least as long as readings',
  ],
  ['store: 3', 'store in conns.yml is 3. Expected keys with values.'],
  ['- a list', 'conns.yml is a list. Expected keys with values.'],
  ['projects: []', 'projects in conns.yml is a list. Expected at least one project.'],
  ['projects: [{ clusters: [3] }]', 'projects[0].clusters[0] in conns.yml is 3. Expected a name, a pattern'],
  [
    'projects: [{ clusters: [{ nam: a, uri: "mongodb://h" }] }]',
    'projects[0].clusters[0].name in conns.yml is missing.',
  ],
  [
    'projects: [{ clusters: [{ name: a, uri: "mongodb://u:p@ss@h" }] }]',
    'projects[0].clusters[0].uri in conns.yml is not a usable connection string. The password has',
  ],
  [
    'projects: [{ connection: privat }]',
    'projects[0].connection in conns.yml is "privat". Expected one of standard, private, private-endpoint. Did you mean private?',
  ],
  ['projects: [{ password: 123456 }]', 'projects[0].password in conns.yml is invalid. Expected text'],
  ['default: a\nslack: {\n  x', 'conns.yml is not valid YAML at line '],
  ['default: *nobody', 'conns.yml has an alias (*name) without an anchor'],
])('%j is answered with %s', async (yaml, expected) => {
  const found = await problems(yaml, { MONGODB_URI: 'mongodb://db' });
  expect(found).toContainEqual(expect.stringMatching(startOf(expected)));
});

const PLAIN_URIS = ['mongodb+srv://anna:hunter22@prod.example.net', 'mongodb://hunter22@h:1', ' MongoDB://h/hunter22'];

test.each(PLAIN_URIS)('a connection string for a name, %j, is refused and not repeated', async (uri) => {
  for (const [yaml, key] of [
    [`projects: [{ clusters: ["${uri}"] }]`, 'projects[0].clusters[0]'],
    [`projects: [{ clusters: [{ name: "${uri}", uri: "mongodb://h" }] }]`, 'projects[0].clusters[0].name'],
    [`default: "${uri}"`, 'default'],
    [`labels: [{ cidr: "${uri}", name: x }]`, 'labels[0].cidr'],
  ] as const) {
    const found = await problems(yaml, { MONGODB_URI: 'mongodb://db' });
    expect(found).toContainEqual(
      expect.stringMatching(startOf(`${key} in conns.yml is a connection string. Expected `)),
    );
    expect(found.join()).not.toContain('hunter22');
  }
  const [first] = await problems(`projects: [{ clusters: ["${uri}"] }]`);
  expect(first).toContain('one with a connection string is written as { name, uri } under projects[].clusters.');
});

test('a password in a connection string is a secret wherever it was written', async () => {
  const env = { MONGODB_URI: 'mongodb://db' };
  const config = await read('labels: [{ cidr: 10.0.0.1, name: "mongodb://anna:hunter%32%32@h" }]', env);
  expect(secretsOf(config)).toEqual(expect.arrayContaining(['hunter%32%32', 'hunter22']));
});

test('a YAML error never quotes the file, which may hold secrets', async () => {
  const found = await problems('projects:\n  - password: "hunter22\n');
  expect(found.length).toBeGreaterThan(0);
  expect(found.join()).not.toContain('hunter22');
});

test('half a pair in the file names the missing half', async () => {
  const found = await problems(
    'projects: [{ id: 64b0123456789abcdef01234, publicKey: abc, username: u, password: p }]',
  );
  expect(found).toEqual([
    expect.stringMatching(/^projects\[0\]\.privateKey is missing\. projects\[0\]\.publicKey is set/),
  ]);
});

test('two clusters of one name, and a default that is none of them, are problems', async () => {
  const own = (name: string) => `{ name: ${name}, uri: "mongodb://h" }`;
  const found = await problems(`default: prdo\nprojects: [{ clusters: [${own('prod')}, ${own('a')}, ${own('a')}] }]`);
  expect(found).toEqual([
    expect.stringContaining('Two clusters are called "a".'),
    'default is "prdo", but no configured cluster has that name. Did you mean prod?',
  ]);
});

test('a missing file is a problem of ATLAS_CONNS_CONFIG', async () => {
  const readFile = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }));
  await expect(readConfig({ env: { ATLAS_CONNS_CONFIG: 'nope.yml' }, readFile, needs: [] })).rejects.toThrow(
    'ATLAS_CONNS_CONFIG is "nope.yml", which cannot be read (ENOENT).',
  );
});
