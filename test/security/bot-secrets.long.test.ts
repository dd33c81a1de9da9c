// The bot that runs: no secret in its log, its messages, its HTTP answers, or its last words.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startBot } from '../sandbox/demo/bot.ts';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { command, OPS, type Slack } from '../slack/bot-fixture.ts';
import { leaksIn, SECRETS } from './secret.ts';

let directory: string;
let project: StandInProject;
let slack: Slack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atlas-conns-bot-secrets-'));
  [project, slack] = await Promise.all([startProject(), startSlack()]);
});
afterAll(async () => {
  await Promise.all([slack?.close(), project?.close()]);
  await rm(directory, { recursive: true });
});

/** Everything that is secret here: ours, and what the stand-ins were given. */
function toldIn(text: string): readonly string[] {
  const { MONGODB_PASSWORD, MONGODB_ATLAS_CLIENT_SECRET } = project.env;
  const theirs = [slack.botToken, slack.appToken, MONGODB_PASSWORD ?? '', MONGODB_ATLAS_CLIENT_SECRET ?? ''];
  return [...leaksIn(text), ...theirs.filter((secret) => text.includes(secret))];
}

async function run(env: Readonly<Record<string, string>>) {
  const data = { ATLAS_CONNS_DATA_DIR: await mkdtemp(join(directory, 'data-')), LOG_LEVEL: 'trace' };
  const bot = await startBot({ project, slack, env: { ...data, ...env } });
  onTestFinished(() => bot.close());
  return bot;
}

test('a connection string that somebody types is never shown with its password, nor logged', async () => {
  const bot = await run({});
  const uri = "mongodb://anna:it'sTyped0nce@c.example.com/?tls=true";
  const words = [
    '{}',
    'source {} in prod',
    'nodes {}',
    'history "{}" in prod',
    'silence {} 1h',
    'unsilence {}',
    'alerts {}',
  ];
  for (const word of words) expect((await command(slack, word.replace('{}', uri))).text).not.toBe('');
  const shown = slack.messages(OPS, ANNA.id).map((message) => JSON.stringify(message));
  expect([...shown, ...bot.log].filter((text) => /Typed0nce/.test(text))).toEqual([]);
  expect(shown.some((text) => text.includes('<user>:<password>@c.example.com'))).toBe(true);
});

test('a bot by HTTP whose database refuses it: neither log, messages, nor any HTTP answer tells a secret', async () => {
  const [port, health] = [await freePort(), await freePort()];
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  const bot = await run({
    MONGODB_PASSWORD: SECRETS.password,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_APP_TOKEN: '',
    PORT: String(port),
    HEALTH_PORT: String(health),
  });
  const answer = await command(slack, 'prod');
  expect(answer.text).toContain('password');
  await command(slack, 'status');
  const asked = [
    ...['/livez', '/readyz', '/metrics', '/nowhere'].map((path) => fetch(`http://127.0.0.1:${health}${path}`)),
    fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', body: 'payload={"x":', headers: forged }),
    fetch(`http://127.0.0.1:${port}/slack/events`),
  ];
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 401, 404]);
  const bodies = await Promise.all(
    answers.map(async (one) => `${JSON.stringify([...one.headers])}${await one.text()}`),
  );
  const shown = JSON.stringify([slack.messages(OPS, ANNA.id), slack.calls]);
  expect(bot.log.length).toBeGreaterThan(2);
  expect(toldIn([...bot.log, ...bodies, shown].join('\n'))).toEqual([]);
});

const forged = { 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': '1', 'content-type': 'text/plain' };

test.each([
  ['an exception that nobody catches', 'throw crash'],
  ['a promise that nobody awaits', 'Promise.reject(crash)'],
])('%s ends the bot with a word in the log, and with no secret', async (_, last) => {
  // Loaded before the bot: it waits until the bot is ready, and then breaks as a defect would.
  const saboteur = `
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text, ...rest) => {
      if (String(text).includes('bot is ready')) setImmediate(() => {
        const { MONGODB_PASSWORD, SLACK_BOT_TOKEN } = process.env;
        const crash = new Error('lost ' + MONGODB_PASSWORD, { cause: new Error(encodeURIComponent(MONGODB_PASSWORD)) });
        crash.options = { uri: 'mongodb://me:' + encodeURIComponent(MONGODB_PASSWORD) + '@h/', token: SLACK_BOT_TOKEN };
        ${last};
      });
      return write(text, ...rest);
    };`;
  const bot = await run({
    MONGODB_PASSWORD: SECRETS.password,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(saboteur)}`,
  });
  expect(await bot.ended).toBe(1);
  expect(bot.log.join('\n')).toMatch(/lost/);
  expect(toldIn(bot.log.join('\n'))).toEqual([]);
});
