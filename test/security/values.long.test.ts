// A name or comment from outside that is, or holds, a configured secret: no view for people shows it, and our own words,
// figures and columns stay as they are.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { DIMENSIONS } from '../../src/core/connections/group-by.ts';
import { openTerminal, type Terminal } from '../e2e/terminal.ts';
import { startBot } from '../sandbox/demo/bot.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { command, OPS, type Slack } from '../slack/bot-fixture.ts';
import { leaksIn, SECRETS } from './secret.ts';

let directory: string;
let terminal: Terminal;
let project: StandInProject;
let slack: Slack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-values-'));
  terminal = await openTerminal({ ATLAS_CONNS_DATA_DIR: join(directory, 'none') });
  [project, slack] = await Promise.all([startProject(), startSlack()]);
});
afterAll(async () => {
  await terminal?.close();
  await Promise.all([slack?.close(), project?.close()]);
  await rm(directory, { recursive: true });
});

/** A dump and an access list in which every name is the secret, or holds it. */
async function files(secret: string): Promise<readonly string[]> {
  const connection = (client: string, name: string) => ({
    host: `${name}.example.net:27017`,
    client: `${client}:50000`,
    appName: name,
    clientMetadata: { driver: { name, version: name }, os: { type: 'Linux' }, platform: name },
    effectiveUsers: [{ user: name, db: 'admin' }],
    active: false,
  });
  const dump = [
    connection('203.0.113.9', secret),
    ...['198.51.100.7', '10.0.0.1', secret].map((client) => connection(client, `a ${secret} b`)),
    { host: 'a:27017', desc: secret },
  ];
  const list = [
    { cidrBlock: '203.0.113.0/24', comment: secret },
    { cidrBlock: '192.0.2.0/24', comment: `for ${secret}` },
    { awsSecurityGroup: 'sg-0123456789abcdef0', comment: secret },
  ];
  const paths = [join(directory, 'dump.json'), join(directory, 'list.json')];
  await writeFile(paths[0] ?? '', JSON.stringify(dump));
  await writeFile(paths[1] ?? '', JSON.stringify({ results: list }));
  return ['report', '--from', `a:27017=${paths[0]}`, '--access-list', paths[1] ?? ''];
}

const VIEWS = [['--threads'], ...DIMENSIONS.map((by) => ['--by', by])];
const names: readonly (readonly [string, string])[] = Object.entries(SECRETS);

// One view each: what is hidden is hidden before any view is made.
test.each(names.map(([name, secret], at) => [name, VIEWS[at % VIEWS.length] ?? [], secret] as const))(
  '%s as a name: %j of the terminal does not show it',
  async (_, view, secret) => {
    const { out, err } = await terminal.type([...(await files(secret)), ...view], { SLACK_SIGNING_SECRET: secret });
    // A long cell is cut in its middle.
    expect(out).toMatch(/\[redacte(d\]|…)|\[re…/);
    expect(leaksIn(out + err)).toEqual([]);
  },
);

test('columns stay below their titles, and figures and classes what they are', async () => {
  const { out } = await terminal.type(await files('busiest'), { SLACK_SIGNING_SECRET: 'busiest' });
  const lines = out.split('\n');
  const title = lines.findIndex((line) => line.startsWith('SOURCE'));
  const row = lines.slice(title + 1).find((line) => line.startsWith('[redacted] ')) ?? '';
  const end = (lines[title] ?? '').indexOf('DORMANT') + 'DORMANT'.length;
  expect(row.slice(0, end)).toMatch(/^\[redacted\] +\d+$/);
  expect(out).toContain('4 dormant');
});

test('output for programs is not redacted', async () => {
  const typed = await files('wrong');
  for (const form of ['--json', '--csv']) {
    const { out } = await terminal.type([...typed, form], { SLACK_SIGNING_SECRET: 'wrong' });
    expect(out).toContain('wrong');
    expect(out).not.toContain('[redacted]');
  }
});

test('a typed name is found by its own name and by the one that is shown', async () => {
  const typed = await files('wrong');
  for (const name of ['wrong', '[redacted]']) {
    const { code, out } = await terminal.type([...typed, '--source', name], { SLACK_SIGNING_SECRET: 'wrong' });
    expect({ code, head: out.split('\n')[0] }).toMatchObject({ head: expect.stringContaining('[redacted]') });
  }
});

test.each(['Billing', 'prod'])(
  '"%s" is a secret: no view of Slack shows it, and typed it still works',
  async (secret) => {
    const data = { ATLAS_CONNS_DATA_DIR: await mkdtemp(join(directory, 'data-')), SLACK_SIGNING_SECRET: secret };
    const before = slack.messages(OPS, ANNA.id).length;
    const bot = await startBot({ project, slack, env: data });
    onTestFinished(() => bot.close());
    const typed = [
      'prod',
      ...[
        'prod by app',
        'prod by user',
        'nodes prod',
        'hygiene prod',
        'source "Billing API" in prod',
        'status',
        'alerts',
      ],
      ...[
        'silence "Billing API" in prod 4h Billing and prod',
        'alerts prod',
        'unsilence Billing API',
        'Billing prod',
        'help',
      ],
    ];
    for (const text of typed) expect((await command(slack, text)).text, text).not.toBe('');
    const shown = slack
      .messages(OPS, ANNA.id)
      .slice(before)
      .map((message) => JSON.stringify(message));
    expect(shown.length).toBeGreaterThanOrEqual(typed.length);
    expect(shown.filter((text) => text.includes(secret))).toEqual([]);
    expect(shown.filter((text) => text.includes('[redacted]')).length).toBeGreaterThan(3);
  },
);
