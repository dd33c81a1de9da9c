// The log of a bot that was set up wrong: what an operator finds in it without asking anything.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startProject } from '../sandbox/project.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { openTerminal } from './terminal.ts';

const READY = 'bot is ready';
const NO_CHANNEL = 'no alert channel configured';
const UNREAD = 'cluster could not be read';
const SCHEDULE = '* * * * * *';
const PASSWORD = 'hunter2-is-wrong';

test('a wrong password and a missing channel of alerts are in the log with their remedies, and no secret is', async () => {
  const project = await startProject();
  onTestFinished(project.close);
  const slack = await startSlack();
  onTestFinished(slack.close);
  const directory = await mkdtemp(join(tmpdir(), 'atlas-conns-log-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'settings.yaml');
  await writeFile(file, `schedule: "${SCHEDULE}"\n`);
  const terminal = await openTerminal({ ...project.env, ATLAS_CONNS_CONFIG: file, MONGODB_PASSWORD: PASSWORD });
  const tokens = { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
  const bot = terminal.start(['serve'], { ...tokens, ATLAS_CONNS_DATA_DIR: join(directory, 'data') });
  const gone = new Promise((resolve) => bot.once('exit', resolve));
  onTestFinished(async () => {
    bot.kill('SIGKILL');
    await gone;
    await terminal.close();
  });
  if (bot.stderr === null) throw new Error('the bot has no log');
  const text: string[] = [];
  const said = (sentence: string) =>
    text.map((line) => JSON.parse(line)).filter(({ msg }: { readonly msg: string }) => msg === sentence);
  for await (const line of createInterface({ input: bot.stderr })) {
    text.push(line);
    if ([READY, NO_CHANNEL, UNREAD].every((sentence) => said(sentence).length > 0)) break;
  }
  expect(said(READY)).toMatchObject([{ level: 30, schedule: SCHEDULE, alertChannel: null }]);
  expect(said(NO_CHANNEL)).toMatchObject([{ level: 40, remedy: expect.stringContaining('SLACK_ALERT_CHANNEL') }]);
  const remedy = expect.stringContaining('MONGODB_PASSWORD');
  expect(said(UNREAD)[0]).toMatchObject({ level: 40, code: 'authentication-failed', remedy });
  expect(text.join('\n')).not.toContain(PASSWORD);
});
