// Everything that goes wrong between the bot and Slack, and what people see of it.

import { expect, test } from 'vitest';
import { ANNA } from '../sandbox/slack/people.ts';
import { DEFAULT_SCOPES } from '../sandbox/slack/scopes.ts';
import {
  answerTo,
  command,
  newSlack,
  OPS,
  optionOf,
  poll,
  press,
  prodReport,
  runBot,
  type Slack,
  testDesk,
} from './bot-fixture.ts';

const answers = (slack: Slack) => slack.messages(OPS, ANNA.id).filter(({ user }) => user === slack.botUser);
const type = (slack: Slack, text: string) => slack.command({ user: ANNA.id, channel: OPS, text });

test.each(['socket', 'http'] as const)('over %s a delivery that comes twice is answered once', async (transport) => {
  const slack = await newSlack();
  const { log } = await runBot(slack, { transport });
  const repeated = () => log.filter(({ message }) => message === 'delivery repeated').length;
  const text = `<@${slack.botUser}> prod`;
  for (const [times, act] of [
    () => type(slack, 'prod'),
    () => slack.say({ user: ANNA.id, channel: OPS, text }),
    () => slack.press({ user: ANNA.id, message: { channel: OPS, ts: answers(slack)[0]?.ts ?? '' }, actionId: 'share' }),
  ].entries()) {
    slack.faults.deliverTwice();
    await answerTo(slack, act);
    expect(answers(slack).length).toBe(times + 1);
    expect(repeated()).toBe(times + 1);
  }
});

test('a slow reading shows progress, and the answer replaces it', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  const slow = Promise.withResolvers<typeof prodReport>();
  reports.reports.set('prod', () => slow.promise);
  await runBot(slack, { reports, timing: { readingAfter: 1 } });
  const { acknowledged } = await type(slack, 'prod');
  expect(acknowledged).toBe(true);
  const [reading] = await slack.until(() => answers(slack).length > 0 && answers(slack));
  expect(reading?.text).toContain('Reading prod');
  slow.resolve(prodReport);
  const report = await slack.until(() => answers(slack).find(({ text }) => text.includes('prod — 65')));
  expect(report.ts).toBe(reading?.ts);
  expect(answers(slack)).toHaveLength(1);
});

test('in a thread the answer takes the place of "Reading" as an edit', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  const slow = Promise.withResolvers<typeof prodReport>();
  reports.reports.set('prod', () => slow.promise);
  await runBot(slack, { reports, timing: { readingAfter: 1 } });
  await slack.say({ user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> prod` });
  await slack.until(() => answers(slack)[0]?.text.includes('Reading prod'));
  slow.resolve(prodReport);
  await slack.until(() => answers(slack).some(({ text }) => text.includes('prod — 65')));
  expect(answers(slack)).toMatchObject([{ edits: 1, ephemeralTo: null }]);
});

test('a timeout is answered with the problem and the last reading', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports, timing: { answer: 200 } });
  await command(slack, 'prod');
  reports.reports.set('prod', () => new Promise(() => undefined));
  const answer = await command(slack, 'prod');
  expect(answer.text).toContain('There was no answer within 0.2 s.');
  expect(JSON.stringify(answer.blocks)).toContain('show_last');
});

test('a rate limit in the middle of an answer delays it and loses nothing', async () => {
  const slack = await newSlack();
  await runBot(slack);
  slack.faults.rateLimit('respond', 1);
  const report = await command(slack, 'prod');
  expect(report.text).toContain('prod — 65');
  slack.faults.rateLimit('chat.postMessage', 1);
  expect(await press(slack, report, { actionId: 'share' })).toMatchObject({ ephemeralTo: null });
  slack.faults.rateLimit('users.info', 1);
  expect((await command(slack, 'help')).text).toContain('What you can ask');
});

test('a response URL that fails a few times is used until it takes the answer', async () => {
  const slack = await newSlack();
  await runBot(slack);
  slack.faults.fail('respond', 500, 2);
  expect((await command(slack, 'prod')).text).toContain('prod — 65');
});

test.each(['used_url', 'expired_url'])(
  'where a response URL is %s, the answer comes as a new message',
  async (error) => {
    const slack = await newSlack();
    await runBot(slack);
    slack.faults.fail('respond', error);
    expect(await command(slack, 'prod')).toMatchObject({
      ephemeralTo: ANNA.id,
      text: expect.stringContaining('prod — 65'),
    });
    expect(slack.calls.at(-1)).toMatchObject({ method: 'chat.postEphemeral', result: 'ok' });
  },
);

test('a message after a lost answer is not posted twice', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod');
  slack.faults.answerThenDrop('chat.postMessage');
  await slack.press({ user: ANNA.id, message: { channel: OPS, ts: report.ts }, actionId: 'share' });
  const said = await slack.until(() => answers(slack).find(({ text }) => text.includes('could not post')));
  expect(said.ephemeralTo).toBe(ANNA.id);
  expect(answers(slack).filter(({ ephemeralTo }) => ephemeralTo === null)).toHaveLength(1);
});

test('a share that Slack rate-limits for long says to share again later, not to invite the bot', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod');
  slack.faults.rateLimit('chat.postMessage', 600);
  await slack.press({ user: ANNA.id, message: { channel: OPS, ts: report.ts }, actionId: 'share' });
  const said = await slack.until(() => answers(slack).find(({ text }) => text.includes('could not post')));
  expect(said.text).toContain('(ratelimited)');
  expect(said.text).toContain('Slack asked me to wait: share again in a few minutes.');
});

/** Anna shares where the bot is no member; all that became of it, in her eyes, when it is done with. */
async function sharedOutside(slack: Slack, fault: (slack: Slack) => void) {
  slack.setScopes(DEFAULT_SCOPES.filter((scope) => scope !== 'chat:write.public'));
  const { log } = await runBot(slack);
  const report = await command(slack, 'prod', { channel: 'C000RANDOM' });
  fault(slack);
  const { channel, ts } = report;
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'share' });
  await poll(() => log.filter(({ message }) => message === 'request finished').length === 2);
  const seen = slack.messages(channel, ANNA.id).filter((message) => message.ts !== ts);
  return {
    forAll: seen.filter(({ ephemeralTo }) => ephemeralTo === null).length,
    told: seen.filter(({ ephemeralTo }) => ephemeralTo !== null).map(({ text }) => text),
  };
}

test.each([
  ['is lost', (slack: Slack) => slack.faults.answerThenDrop('respond')],
  ['is a failure', (slack: Slack) => slack.faults.answerThenFail('respond', 502)],
])('what a response URL took for all, and whose answer %s, is not sent again', async (_, fault) => {
  const { forAll, told } = await sharedOutside(await newSlack(), fault);
  expect(forAll).toBe(1);
  expect(told).toEqual([expect.stringContaining('the message may be there all the same')]);
});

test('what a response URL is too busy to take for all is sent again, and stands there once', async () => {
  const outcome = await sharedOutside(await newSlack(), (slack) => slack.faults.rateLimit('respond', 0));
  expect(outcome).toEqual({ forAll: 1, told: [] });
});

test('a refused table is sent in the next style, and that style is kept', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack);
  slack.faults.fail('respond', 'invalid_blocks');
  const report = await command(slack, 'prod');
  expect(JSON.stringify(report.blocks)).toContain('"type":"table"');
  expect(log.filter(({ error }) => error === 'invalid_blocks')).toMatchObject([{ form: 'data_table', level: 'warn' }]);
  await poll(() => log.some(({ style }) => style === 'table'));
  expect(JSON.stringify((await command(slack, 'prod')).blocks)).not.toContain('data_table');
});

test('where every form with blocks is refused, the words still come, in App Home too', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack);
  slack.faults.fail('respond', 'msg_blocks_too_long', 3);
  const answer = await command(slack, 'prod');
  expect(answer).toMatchObject({ blocks: [], text: expect.stringContaining('prod — 65') });
  expect(log.filter(({ error }) => error === 'msg_blocks_too_long').map(({ form }) => form)).toEqual([
    'data_table',
    'table',
    'text',
  ]);
  const next = await command(slack, 'prod');
  expect(JSON.stringify(next.blocks)).toContain('data_table');
  slack.faults.fail('views.publish', 'invalid_arguments');
  await slack.openHome(ANNA.id);
  expect((await slack.until(() => slack.home(ANNA.id))).blocks).toHaveLength(1);
});

test('an answer that is not delivered is logged', async () => {
  const slack = await newSlack();
  const { log } = await runBot(slack);
  slack.faults.fail('respond', 'expired_url');
  slack.faults.fail('chat.postEphemeral', 'user_not_in_channel');
  await type(slack, 'prod');
  const line = () => log.find(({ message }) => message === 'answer not delivered');
  await poll(() => line() !== undefined);
  expect(line()).toMatchObject({ level: 'error', error: 'user_not_in_channel', user: ANNA.id });
});

test('a click while Slack does not tell who clicks is refused, and works again afterwards', async () => {
  const slack = await newSlack();
  await runBot(slack, { timing: { remember: 0 } });
  const report = await command(slack, 'prod');
  slack.faults.fail('users.info', 'internal_error', 1);
  const refusal = await press(slack, report, { actionId: 'nodes' });
  expect(refusal.text).toContain('could not find out who you are');
  const again = await command(slack, 'prod');
  const option = optionOf(again, 'Billing API');
  expect((await press(slack, again, { actionId: 'choose_source', option })).text).toContain('Billing API');
});
