// Who is refused, where, and that it is checked on every way in.

import { expect, test } from 'vitest';
import { ANNA, BEN, GUEST, STRANGER } from '../sandbox/slack/people.ts';
import { DEFAULT_SCOPES } from '../sandbox/slack/scopes.ts';
import { answerTo, command, newSlack, OPS, press, runBot, testDesk } from './bot-fixture.ts';

const SHARED = 'C000SHARED';

test.each([
  ['a guest', GUEST.id, OPS, 'Guests may not read connections here.'],
  ['somebody of another organisation', STRANGER.id, SHARED, 'Connections are shown to members of this workspace only.'],
])('%s gets a refusal for their eyes only, and nothing is read', async (_, user, channel, words) => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  const place = { user, channel };
  const text = `<@${slack.botUser}> prod`;
  for (const answer of [
    await command(slack, 'prod', place),
    await answerTo(slack, () => slack.say({ user, channel, text }), place),
  ]) {
    expect(answer).toMatchObject({ ephemeralTo: user, text: expect.stringContaining(words) });
  }
  await slack.openHome(user);
  const home = await slack.until(() => slack.home(user));
  expect(JSON.stringify(home.blocks)).toContain(words);
  expect(reports.asked).toEqual([]);
});

test('a click is checked too: on a message for all, the guest is refused beside it', async () => {
  const slack = await newSlack();
  const reports = testDesk();
  await runBot(slack, { reports });
  const shared = await press(slack, await command(slack, 'prod'), { actionId: 'share' });
  reports.asked.length = 0;
  const refusal = await press(slack, shared, { user: GUEST.id, actionId: 'nodes' });
  expect(refusal).toMatchObject({ ephemeralTo: GUEST.id, text: expect.stringContaining('Guests may not') });
  expect(slack.messages(OPS, ANNA.id).find(({ ts }) => ts === shared.ts)?.edits).toBe(0);
  expect(reports.asked).toEqual([]);
});

test('who is in a configured group may read; who is not is told whom to ask', async () => {
  const slack = await newSlack({ groups: [{ id: 'S0000DBA01', handle: 'dba', users: [ANNA.id] }] });
  await runBot(slack, { read: { groups: ['S0000DBA01'] } });
  expect((await command(slack, 'prod')).text).toContain('prod — 65 connections');
  const refusal = await command(slack, 'prod', { user: BEN.id });
  expect(refusal.text).toContain('You are not in a group that may read connections here.');
  expect(JSON.stringify(refusal.blocks)).toContain('S0000DBA01');
});

test('outside the configured channels every request is refused, in direct messages and App Home too', async () => {
  const slack = await newSlack();
  await runBot(slack, { read: { channels: [OPS] } });
  expect((await command(slack, 'prod')).text).toContain('prod — 65 connections');
  expect((await command(slack, 'prod', { channel: 'C000RANDOM' })).text).toContain('not be read in this channel');
  expect((await command(slack, 'prod', { channel: 'D0000ANNA1' })).text).toContain('not in direct messages');
  await slack.openHome(ANNA.id);
  expect(JSON.stringify((await slack.until(() => slack.home(ANNA.id))).blocks)).toContain('not in App Home');
});

test('in a channel shared with another organisation nothing is posted for all', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const place = { channel: SHARED };
  const report = await command(slack, 'prod', place);
  const refusal = await press(slack, report, { actionId: 'share' });
  expect(refusal).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('I do not share here') });
  const text = `<@${slack.botUser}> prod`;
  const mentioned = await answerTo(slack, () => slack.say({ user: ANNA.id, channel: SHARED, text }), place);
  expect(mentioned).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('prod — 65 connections') });
  expect(slack.messages(SHARED, STRANGER.id).filter(({ user }) => user === slack.botUser)).toEqual([]);
});

test('in the direct messages of two people nothing is posted for both, and who shares is told', async () => {
  const slack = await newSlack();
  slack.addChannel({ id: 'D00ANNAFIL', name: 'fil', kind: 'direct', members: [ANNA.id, STRANGER.id] });
  await runBot(slack);
  const place = { channel: 'D00ANNAFIL' };
  const refusal = await press(slack, await command(slack, 'prod', place), { actionId: 'share' });
  expect(refusal).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('I could not post') });
  expect(slack.calls.map(({ method, result }) => `${method} ${result}`)).toContain(
    'chat.postMessage channel_not_found',
  );
  expect(slack.messages(place.channel, STRANGER.id)).toEqual([]);
});

test('in the direct messages with the bot Share posts, as in any channel', async () => {
  const slack = await newSlack();
  await runBot(slack);
  const report = await command(slack, 'prod', { channel: 'D0000ANNA1' });
  expect(await press(slack, report, { actionId: 'share' })).toMatchObject({ ephemeralTo: null });
});

test('where Slack does not tell whether a channel is shared, nothing is posted for all', async () => {
  const slack = await newSlack({ scopes: DEFAULT_SCOPES.filter((scope) => scope !== 'channels:read') });
  await runBot(slack);
  const refusal = await press(slack, await command(slack, 'prod'), { actionId: 'share' });
  expect(refusal.ephemeralTo).toBe(ANNA.id);
  expect(refusal.text).toContain('I do not share here');
});

test('a person whom Slack does not identify is refused', async () => {
  const slack = await newSlack({ scopes: DEFAULT_SCOPES.filter((scope) => scope !== 'users:read') });
  const reports = testDesk();
  await runBot(slack, { reports });
  expect((await command(slack, 'prod')).text).toContain('I could not find out who you are');
  expect(reports.asked).toEqual([]);
});

test('facts about people expire', async () => {
  const slack = await newSlack();
  let time = Date.parse('2026-11-21T10:00:00Z');
  await runBot(slack, { now: () => new Date(time) });
  const asked = () => slack.calls.filter(({ method }) => method === 'users.info').length;
  await command(slack, 'prod');
  await command(slack, 'help');
  expect(asked()).toBe(1);
  slack.addPerson({ ...ANNA, guest: true });
  time += 60_000;
  expect((await command(slack, 'prod')).text).toContain('Guests may not');
  expect(asked()).toBe(2);
});
