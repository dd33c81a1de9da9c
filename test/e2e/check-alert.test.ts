// `check --alert` as a person types it: the way to the channel of alerts, proven on a stand-in Slack.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandInProject, startProject } from '../sandbox/project.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { startSlack } from '../sandbox/slack/server.ts';
import { PAGE_WORDS } from '../sandbox/slack/stranger.ts';
import { OPS, type Slack } from '../slack/bot-fixture.ts';
import { openTerminal, type Terminal } from './terminal.ts';

let project: StandInProject;
let slack: Slack;
let terminal: Terminal;

beforeAll(async () => {
  project = await startProject();
  slack = await startSlack();
  terminal = await openTerminal({
    ...project.env,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    SLACK_ALERT_CHANNEL: OPS,
    LOG_LEVEL: 'error',
  });
});
afterAll(async () => {
  await terminal?.close();
  await slack?.close();
  await project?.close();
});

test('check posts nothing; with --alert a marked alert is posted and resolved, and each step has its line', async () => {
  const quiet = await terminal.type(['check']);
  expect(quiet.out).toMatch(/^ok {7}store: SQLite data\/.*, can be written, no history yet$/m);
  expect(quiet.out).toMatch(/^ok {7}schedule \*\/5 \* \* \* \*: .*prod.*, next at /m);
  expect(slack.messages(OPS, ANNA.id)).toEqual([]);
  const { out } = await terminal.type(['check', '--alert']);
  for (const step of ['a test alert', 'a reply in its thread', 'its end, as an edit,'])
    expect(out).toMatch(new RegExp(`^ok {7}Slack: ${step} in ${OPS}$`, 'm'));
  const [alert] = slack.messages(OPS, ANNA.id);
  expect(alert).toMatchObject({ text: expect.stringContaining('Test alert'), edits: 1 });
});

test('a page in Slack’s place is reported as one: no channel and no token is blamed', async () => {
  slack.faults.answerAs('html', 'chat.postMessage');
  slack.faults.answerAs('html', 'apps.connections.open', 3);
  const { code, out, err } = await terminal.type(['check', '--alert']);
  slack.faults.clear();
  expect(code).toBe(1);
  expect(out.match(/What answered in Slack's place is not Slack\./g)).toHaveLength(2);
  expect(`${out}${err}`).not.toMatch(/Slack refuses|the channel's settings/);
  expect(`${out}${err}`).not.toContain(PAGE_WORDS);
});

test('without a channel the test alert is missing, and says which setting names one', async () => {
  const { code, out } = await terminal.type(['check', '--alert'], { SLACK_ALERT_CHANNEL: undefined });
  expect(code).toBe(1);
  expect(out).toMatch(/^missing {2}Slack: a test alert\n.*\n.*SLACK_ALERT_CHANNEL/m);
});

test('without Slack --alert is a wrong setting', async () => {
  const { code, out, err } = await terminal.type(['check', '--alert'], { SLACK_BOT_TOKEN: undefined });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('SLACK_BOT_TOKEN is missing.');
});
