// What an operator may write: the YAML file, the rules, variables, connection strings.

import fc from 'fast-check';
import { parseTarget } from '../../src/cluster/connection-string.ts';
import { readConfig } from '../../src/config/config.ts';
import { readRules } from '../../src/config/rules.ts';
import { clusterNameOf, secretsInUri } from '../../src/config/schemas.ts';
import { ConfigError, UserError } from '../../src/errors.ts';
import { damaged, hostile, spoiled } from './outside.ts';
import { refused, understood } from './rules.ts';
import { type Target, target } from './target.ts';

const SECRET = 'Wq4Password9Zk';
const FILE = [
  'default: prod',
  'projects:',
  '  - username: me',
  `    password: ${SECRET}`,
  '    clusters: [prod, { name: own, uri: "mongodb://u:p@h:1/" }]',
  'labels: [{ cidr: 10.0.0.0/8, name: VPC, owner: U0000AAAA, channel: C0000AAAA }]',
  'rules: { dormant-threshold: { limit: 1, readings: 1 of 1 }, overrides: [{ source: x, rules: { dormant-spike: null } }] }',
  'schedule: { default: "*/5 * * * *", "stage-*": "0 * * * *" }',
  'slack: { channel: C0000AAAA, read: { users: [U0000AAAA] }, routes: [{ cluster: prod, channel: C0000AAAA }] }',
  'store: { keep: { readings: 35d, hours: 400d } }',
  'health: { port: 8080 }',
  '',
].join('\n');

const whole = {
  default: 'prod',
  projects: [{ username: 'me', password: SECRET, clusters: ['prod', { name: 'own', uri: 'mongodb://u:p@h:1/' }] }],
  labels: [{ cidr: '10.0.0.0/8', name: 'VPC' }],
  rules: { 'dormant-threshold': { limit: 1, readings: '1 of 1' } },
  schedule: { default: '* * * * *' },
  slack: { channel: 'C0000AAAA', read: { users: ['U0000AAAA'] }, act: { groups: [] } },
  store: { uri: 'mongodb://u:p@h:1/', keep: { readings: '35d' } },
  health: { port: 8080, host: '0.0.0.0' },
};

const settings = target({
  name: 'settings in YAML',
  share: 5,
  // JSON is YAML.
  inputs: fc.oneof(
    damaged([FILE]),
    spoiled(whole).map((value) => JSON.stringify(value)),
  ),
  async check(source) {
    const env = { ATLAS_CONNS_CONFIG: 'settings.yaml' };
    const needs = ['clusters', 'slack', 'store'] as const;
    await readConfig({ env, readFile: async () => source, needs }).catch(withoutSecret);
    understood(() => readRules('rules.yaml', source));
  },
});

function withoutSecret(error: unknown): null {
  if (error instanceof ConfigError && error.message.includes(SECRET)) throw new Error(`tells: ${error.message}`);
  return refused(error);
}

const variables = target({
  name: 'variables',
  share: 3,
  inputs: fc.dictionary(
    fc.constantFrom('MONGODB_URI', 'ANALYSIS_URI', 'PORT', 'HEALTH_HOST', 'TZ', 'SLACK_BOT_TOKEN', 'MONGODB_USERNAME'),
    fc.oneof(hostile, damaged(['mongodb://u:p@h:1/', '8080', 'Europe/Berlin', 'xoxb-1'])),
  ),
  async check(env) {
    await readConfig({ env, readFile: async () => '', needs: ['clusters', 'store'] }).catch(refused);
  },
});

const strings: readonly [string, ...string[]] = [
  `mongodb://me:${SECRET}@a:27017,b:27018/db?replicaSet=rs&tls=true`,
  `mongodb+srv://me:${SECRET}@cluster0.abcde.mongodb.net/?retryWrites=true`,
  `mongodb://me:${SECRET}@[::1]:27017/?authMechanism=MONGODB-X509&readPreferenceTags=a:b`,
];

const connectionString = target({
  name: 'connection strings',
  share: 5,
  inputs: damaged(strings),
  check(uri) {
    clusterNameOf(uri);
    secretsInUri(uri);
    try {
      parseTarget({ uri, cluster: 'prod' });
    } catch (error) {
      refused(error);
      if (error instanceof UserError && `${error.message} ${error.remedy}`.includes(SECRET))
        throw new Error(`tells: ${error.message}`);
    }
  },
});

export const SETTINGS_TARGETS: readonly Target[] = [settings, variables, connectionString];
