// Every command, by slash command and by mention, over both transports.

import { describe, expect, test } from 'vitest';
import { UpstreamError } from '../../src/errors.ts';
import { ANNA } from '../sandbox/slack/people.ts';
import { answerTo, command, newSlack, OPS, prodReport, runBot, testDesk, unreadReport } from './bot-fixture.ts';

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  test.each([
    ['prod', 'prod — 65 connections'],
    ['', 'prod — 65 connections'],
    ['by app', 'prod by app'],
    ['source "Billing API" in prod', 'Billing API'],
    ['source 203.0.113.9', 'Billing API'],
    ['nodes', 'prod — 1 node'],
    ['hygiene prod', 'prod'],
    ['status', 'atlas-conns 1.2.3'],
    ['help', 'What you can ask'],
    ['prdo', `I don't know a cluster "prdo"`],
    ['source nothing', 'No source "nothing" has connections to prod.'],
  ])('/atlas-conns %s is acknowledged and answered to who asked alone', async (text, start) => {
    const slack = await newSlack();
    await runBot(slack, { transport });
    let acknowledged = false;
    const act = async () => {
      ({ acknowledged } = await slack.command({ user: ANNA.id, channel: OPS, text }));
    };
    const answer = await answerTo(slack, act);
    expect(acknowledged).toBe(true);
    expect(answer.text).toContain(start);
    expect(answer.ephemeralTo).toBe(ANNA.id);
    expect(answer.blocks.length).toBeGreaterThan(0);
  });

  test('a mention is answered in its thread, for all', async () => {
    const slack = await newSlack();
    await runBot(slack, { transport });
    const text = `<@${slack.botUser}> nodes prod`;
    const answer = await answerTo(slack, () => slack.say({ user: ANNA.id, channel: OPS, text }));
    const question = slack.messages(OPS, ANNA.id).find((message) => message.text.includes('nodes prod'));
    expect(answer).toMatchObject({ ephemeralTo: null, threadTs: question?.ts });
    expect(answer.text).toContain('prod — 1 node');
  });

  test('a direct message is answered in its thread', async () => {
    const slack = await newSlack();
    await runBot(slack, { transport });
    const place = { channel: 'D0000ANNA1' };
    const say = () => slack.say({ user: ANNA.id, ...place, text: 'prod' });
    const answer = await answerTo(slack, say, place);
    expect(answer.text).toContain('prod — 65 connections');
    expect(answer.threadTs).not.toBeNull();
  });
});

test('a bare name or address opens its source, once the sources are known; one that is spelled alike is offered', async () => {
  const slack = await newSlack();
  await runBot(slack);
  expect((await command(slack, 'Billing API')).text).toContain(`I don't know "Billing API".`);
  await command(slack, 'prod');
  for (const text of [
    'Billing API',
    'billing api in prod',
    'prod Billing',
    '203.0.113.9',
    'please show me Billing API',
  ])
    expect((await command(slack, text)).text, text).toMatch(/^Billing API · 203\.0\.113\.0\/24/);
  expect((await command(slack, 'Biling API')).text).toContain('Did you mean the source "Billing API"?');
});

test('a bare name is looked up in every cluster; the one that has it answers', async () => {
  const slack = await newSlack();
  const web = { ...prodReport, sources: prodReport.sources.filter(({ name }) => name === 'Web EU') };
  await runBot(slack, { reports: testDesk({ prod: prodReport, staging: web }) });
  for (const cluster of ['prod', 'staging']) await command(slack, cluster);
  expect((await command(slack, 'Billing API')).text).toMatch(/^Billing API · .* · prod/);
});

test('what people write around a request is left out, in a mention as well', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const text = `hey <@${slack.botUser}> nodes of prod please!`;
  const answer = await answerTo(slack, () => slack.say({ user: ANNA.id, channel: OPS, text }));
  expect(answer.text).toContain('prod — 1 node');
  expect((await command(slack, '?')).text).toContain('What you can ask');
});

test('a mention within a thread is answered in that thread', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const text = `<@${slack.botUser}> help`;
  await slack.say({ user: ANNA.id, channel: OPS, text: 'connections are many today' });
  const root = slack.messages(OPS, ANNA.id).at(-1)?.ts ?? '';
  const say = () => slack.say({ user: ANNA.id, channel: OPS, text, threadTs: root });
  expect((await answerTo(slack, say)).threadTs).toBe(root);
});

test('a name that matches several sources is answered with a choice', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const answer = await command(slack, 'source 113');
  expect(answer.text).toContain('matches 2 sources');
  expect(JSON.stringify(answer.blocks)).toContain('choose_source');
});

test('a cluster of which no node could be read is answered with why, and with the way to the last reading', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  await command(slack, 'prod');
  reports.reports.set('prod', unreadReport);
  const answer = await command(slack, 'prod');
  expect(answer.text).toContain('I could not read');
  expect(answer.text).toContain('refuses the password. Set the right one.');
  expect(JSON.stringify(answer.blocks)).toContain('show_last');
});

test('while clusters cannot be listed the problem is shown, and help still works', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  const problem = { code: 'atlas', text: 'Atlas did not answer.', remedy: 'Ask again later.' };
  reports.listingFails = new UpstreamError(problem);
  await runBot(slack, { reports });
  expect((await command(slack, 'prod')).text).toContain('Atlas did not answer. Ask again later.');
  expect((await command(slack, 'help')).text).toContain('What you can ask');
});

test('an internal error is answered with its reference in the log, and nothing else', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  reports.reports.set('prod', () => Promise.reject(new Error('internal words')));
  const { log } = await runBot(slack, { reports });
  const { text } = await command(slack, 'prod');
  const [, reference] = /reference (\w{5})/.exec(text) ?? [];
  expect(text).not.toContain('internal words');
  expect(reference).toBeDefined();
  const failed = log.find(({ message }) => message === 'request failed');
  expect(failed).toMatchObject({ level: 'error', request: reference });
});

test('a command under another name than the settings have is answered all the same', async () => {
  const slack = await newSlack({ command: '/connections' });
  await runBot(slack);
  expect((await command(slack, 'help')).text).toContain('/atlas-conns help');
});
