// The real bot when things go wrong: nodes that are lost or slow, a Slack that stumbles, restarts, and the end.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RunningCluster } from '../sandbox/scenario/scenario.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import type { SlackOptions } from '../sandbox/slack/server.ts';
import { command, OPS, press } from '../slack/bot-fixture.ts';
import { movesOf, openWorkplace, type Workplace, type WorkplaceOptions, wordsIn } from './slack.ts';

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
});
afterAll(() => work?.close());

const user = ANNA.id;
const said = (words: RegExp) => () => work.slack.messages(OPS, user).findLast(({ text }) => words.test(text));
const ask = (text: string) => work.slack.command({ user, channel: OPS, text });

async function ownWorkplace(options: WorkplaceOptions = {}): Promise<Workplace> {
  const own = await openWorkplace(options);
  onTestFinished(() => own.close());
  return own;
}

/** Its nodes take this long to answer, until the test ends. */
function slow({ set: { nodes } }: RunningCluster, ms: number): void {
  for (const node of nodes) node.trouble.slow(ms, ['aggregate']);
  onTestFinished(() => {
    for (const node of nodes) node.trouble.end();
  });
}

test('a lost node is named with what to do, and the figures are said to be those of the others', async () => {
  const prod = work.project.scenario.cluster('prod');
  const report = await command(work.slack, 'prod');
  await prod.lostNode(2);
  onTestFinished(() => prod.nodeBack(2));
  const { text } = await press(work.slack, report, { actionId: 'refresh' });
  expect(text).toMatch(/^prod — [\d,]+ connections on 2 of 3 nodes, busiest node at \d+ %\n/);
  expect(text).toMatch(/^127\S+ was not read: 127\S+ refuses connections: .*$/m);
  expect(text).toContain('The numbers are those of the other nodes.');
});

test('with all nodes lost the answer is why, and the last reading is one press away', async () => {
  const { slack, project } = work;
  const staging = project.scenario.cluster('staging');
  const report = await command(slack, 'staging');
  await Promise.all([0, 1, 2].map((at) => staging.lostNode(at)));
  onTestFinished(async () => {
    await Promise.all([0, 1, 2].map((at) => staging.nodeBack(at)));
  });
  const failed = await press(slack, report, { actionId: 'refresh' });
  expect(failed.text).toMatch(
    /^I could not read staging\.\n3 nodes were not read \(127.*\): each refuses connections: .*\nThe last reading is of /,
  );
  expect(movesOf(failed.blocks)).toEqual(['show_last', 'fresh_report']);
  expect((await press(slack, failed, { actionId: 'show_last' })).text).toMatch(/^staging — /);
});

test('what takes more than a second says so at once, and the answer takes its place', async () => {
  const { slack, project } = work;
  slow(project.scenario.cluster('prod'), 2_500);
  const report = await command(slack, 'nodes prod');
  const pressed = slack.press({ user, message: { channel: OPS, ts: report.ts }, actionId: 'refresh' });
  const reading = await slack.until(said(/^Reading prod, 3 nodes…$/));
  expect(await pressed).toMatchObject({ acknowledged: true });
  expect(reading.ts).toBe(report.ts);
  await slack.until(() => said(/^prod — 3 nodes/)()?.ts === report.ts);
  expect(said(/^Reading /)()).toBeUndefined();
});

test('a rate limit in the middle delays the answer and loses nothing', async () => {
  const { slack } = work;
  slack.faults.rateLimit('respond', 1);
  const before = slack.calls.filter(({ method }) => method === 'respond').length;
  expect((await command(slack, 'help')).text).toMatch(/^What you can ask/);
  const results = slack.calls.filter(({ method }) => method === 'respond').slice(before);
  expect(results.map(({ result }) => result)).toEqual(['ratelimited', 'ok']);
});

test.each(['disconnect', 'dropSockets'] as const)(
  '%s in the middle of a reading: its answer and the next arrive',
  async (fault) => {
    const { slack, project } = work;
    slow(project.scenario.cluster('prod'), 1_500);
    const report = await command(slack, 'hygiene prod');
    await slack.press({ user, message: { channel: OPS, ts: report.ts }, actionId: 'refresh' });
    slack.faults[fault]();
    await slack.until(said(/^Reading all clusters of the project/));
    await slack.until(said(/^All clusters of the project — \d findings/));
    await slack.until(() => slack.connections() > 0);
    expect((await command(slack, 'status')).text).toMatch(/^atlas-conns /);
  },
);

test('what Slack delivers twice is answered once', async () => {
  const { slack } = work;
  const answers = () => slack.messages(OPS, user).filter(({ user: by }) => by === slack.botUser).length;
  const before = answers();
  slack.faults.deliverTwice();
  await ask('help');
  slack.faults.deliverTwice();
  await slack.say({ user, channel: OPS, text: `<@${slack.botUser}> help` });
  await slack.until(() => answers() >= before + 2);
  await command(slack, 'status');
  expect(answers()).toBe(before + 3);
});

test('a click on a message of before a restart means what it meant', async () => {
  const report = await command(work.slack, 'prod by app');
  await work.restart();
  expect((await press(work.slack, report, { actionId: 'refresh' })).text).toMatch(/^prod by app — /);
});

test('SIGTERM in the middle of a reading: its answer still arrives, and the bot ends well', async () => {
  const own = await ownWorkplace();
  slow(own.project.scenario.cluster('staging'), 2_500);
  const shown = (words: RegExp) => () => own.slack.messages(OPS, user).findLast(({ text }) => words.test(text));
  await own.slack.command({ user, channel: OPS, text: 'staging' });
  await own.slack.until(shown(/^Reading staging/));
  const closed = own.bot().close();
  await own.slack.until(shown(/^staging — /));
  await closed;
  expect(await own.bot().ended).toBe(0);
});

test('a token revoked for good ends the bot with a line that names it, and not well', async () => {
  const own = await ownWorkplace();
  own.slack.faults.revoke();
  own.slack.faults.disconnect();
  expect(await own.bot().ended).toBe(1);
  expect(own.bot().log.slice(-2).join('\n')).toMatch(/SLACK_APP_TOKEN.*\n.*App-Level Tokens/);
});

test.each(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'])(
  'a wrong %s ends the bot before it is ready, and is named',
  async (name) => {
    const wrong = name === 'SLACK_BOT_TOKEN' ? 'xoxb-not-this-one' : 'xapp-not-this-one';
    const failing = openWorkplace({ env: { [name]: wrong } });
    await expect(failing).rejects.toThrow(new RegExp(`^the bot ended with 1:\\n[^]*${name}`));
    await expect(failing).rejects.not.toThrow(wrong);
  },
);

test('a missing scope is named in status, with the line of the manifest that grants it', async () => {
  const scopes: NonNullable<SlackOptions['scopes']> = [
    'commands',
    'chat:write',
    'im:history',
    'users:read',
    'channels:read',
    'groups:read',
  ];
  const own = await ownWorkplace({ slack: { scopes } });
  const words = wordsIn((await command(own.slack, 'status')).blocks);
  expect(words).toMatch(/lacks the scope app_mentions:read: mentions .* are not heard/);
  expect(words).toContain("Add app_mentions:read under oauth_config.scopes.bot in the app's manifest");
});
