// The real bot while something that is not Slack answers in its place, or Slack asks it to wait for years.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ask } from '../http/fixture.ts';
import { startBot } from '../sandbox/demo/bot.ts';
import { freePort } from '../sandbox/free-port.ts';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { PAGE_WORDS } from '../sandbox/slack/stranger.ts';
import { command, newSlack } from '../slack/bot-fixture.ts';
import { openWatched, type Watched } from './alerts.ts';

const POST = 'chat.postMessage';

let project: StandInProject;
beforeAll(async () => {
  project = await startProject();
});
afterAll(() => project?.close());

test.each(['html', 'cut', 'empty', 'null'] as const)(
  'it starts by itself when %s is gone from Slack’s place',
  async (stranger) => {
    const slack = await newSlack();
    slack.faults.answerAs(stranger, 'auth.test', 3);
    slack.faults.answerAs(stranger, 'apps.connections.open', 3);
    const bot = await startBot({ project, slack });
    onTestFinished(() => bot.close());
    expect((await command(slack, 'help')).text).toContain('What you can ask');
    const log = bot.log.join('\n');
    expect(log).toContain('"error":"not_slack"');
    expect(log).not.toContain('SLACK_BOT_TOKEN');
    expect(log).not.toContain(PAGE_WORDS);
  },
);

test('a token that Slack revoked still ends it', async () => {
  const slack = await newSlack();
  slack.faults.revoke('token_revoked');
  await expect(startBot({ project, slack })).rejects.toThrow(
    /ended with 1:[\s\S]*Slack refuses SLACK_BOT_TOKEN: token_revoked/,
  );
});

async function opened(port: number): Promise<Watched> {
  const watched = await openWatched({ schedule: '* * * * * *', env: { HEALTH_PORT: String(port) } });
  onTestFinished(() => watched.close());
  return watched;
}

test('an alert that was posted and answered by a page is there once; one that is to wait for years is said to', async () => {
  const port = await freePort();
  const { work, prod, all, about, inState, ask: type } = await opened(port);
  const { slack } = work;
  slack.faults.answerThenAs('html', POST);
  slack.faults.answerAs('html', 'conversations.history', 2);
  prod.spike('Billing API', 6);
  const fired = await inState('Billing API', 'Warning');
  await slack.until(() =>
    slack.calls.some(({ method, result }) => method === 'conversations.history' && result === 'ok'),
  );
  await slack.until(() => work.bot().log.some((line) => line.includes('message found in Slack')));
  expect(about('Billing API')).toHaveLength(1);

  slack.faults.rateLimit(POST, 99_999_999);
  prod.spike('Web EU', 20);
  await slack.until(() => slack.calls.some(({ method, result }) => method === POST && result === 'ratelimited'));
  const words = /Slack asked to wait 1157 days before the next chat\.\S?postMessage; next try in [45] min/;
  expect((await type('status')).text).toMatch(words);
  const ready = await ask({ port }, '/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body).remarks).toEqual([expect.stringMatching(words)]);
  // It may lead an incident by now, and its title is that of another alert.
  expect(all().map(({ ts }) => ts)).toEqual([fired.ts]);
  expect(work.bot().log.join('\n')).not.toContain(PAGE_WORDS);
});

test('over HTTP a page in Slack’s place is not taken for Slack by probes', async () => {
  const slack = await newSlack();
  const [port, health] = [await freePort(), await freePort()];
  const env = {
    SLACK_APP_TOKEN: undefined,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    PORT: String(port),
    HEALTH_PORT: String(health),
  };
  const bot = await startBot({ project, slack, env });
  onTestFinished(() => bot.close());
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  slack.faults.answerAs('html', 'users.info', 3);
  await command(slack, 'prod');
  const { status, body } = await ask({ port: health }, '/readyz');
  expect({ status, slack: JSON.parse(body).checks[0] }).toMatchObject({
    status: 503,
    slack: { ok: false, says: expect.stringContaining('has not answered') },
  });
});
