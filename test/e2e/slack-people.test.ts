// Whom the real bot shows nothing: guests, people of another workspace, everybody else in a channel shared with one.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNA, BEN, GUEST, STRANGER } from '../sandbox/slack/people.ts';
import { answerTo, command, OPS, press } from '../slack/bot-fixture.ts';
import { openWorkplace, SHARED, type Workplace, wordsIn } from './slack.ts';

let work: Workplace;
beforeAll(async () => {
  work = await openWorkplace();
});
afterAll(() => work?.close());

/** What no answer to them may hold. */
const DATA = /Billing|dormant|203\.0\.113|staging|sandbox|[\d,]+ connections/;

test.each([
  { who: 'a guest', user: GUEST.id, channel: OPS, said: 'Guests may not read connections here.' },
  { who: 'a stranger', user: STRANGER.id, channel: SHARED, said: 'members of this workspace only' },
])('$who is refused, alone, whatever the words', async ({ user, channel, said }) => {
  for (const text of ['prod', 'source Billing in prod', 'nodes prod', 'hygiene prod', 'status', 'prdo', '']) {
    const answer = await command(work.slack, text, { user, channel });
    expect(answer.text, text).toContain(said);
    expect(answer.ephemeralTo).toBe(user);
    expect(JSON.stringify(answer)).not.toMatch(DATA);
  }
});

test('a mention by a guest or a stranger is refused to them alone', async () => {
  const { slack } = work;
  for (const [user, channel] of [
    [GUEST.id, OPS],
    [STRANGER.id, SHARED],
  ] as const) {
    const act = () => slack.say({ user, channel, text: `<@${slack.botUser}> prod` });
    const answer = await answerTo(slack, act, { user, channel });
    expect(answer).toMatchObject({ ephemeralTo: user });
    expect(JSON.stringify(answer)).not.toMatch(DATA);
  }
});

test('a guest who clicks in a report that was shared is refused, and the report stays', async () => {
  const { slack } = work;
  const shared = await press(slack, await command(slack, 'prod'), { actionId: 'share' });
  const refusal = await press(slack, shared, { actionId: 'nodes', user: GUEST.id });
  expect(refusal).toMatchObject({ ephemeralTo: GUEST.id, text: expect.stringContaining('Guests may not') });
  expect(slack.messages(OPS, BEN.id).find(({ ts }) => ts === shared.ts)?.edits).toBe(0);
});

test('App Home of a guest holds no data', async () => {
  const { slack } = work;
  await slack.openHome(GUEST.id);
  const home = await slack.until(() => slack.home(GUEST.id));
  expect(wordsIn(home.blocks)).toContain('Guests may not read connections here.');
  expect(JSON.stringify(home)).not.toMatch(DATA);
});

test('in a channel shared with another organisation members are answered, and nothing stands there for all', async () => {
  const { slack } = work;
  const place = { channel: SHARED };
  const report = await command(slack, 'prod', place);
  expect(report).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringMatching(/^prod — /) });
  expect((await press(slack, report, { actionId: 'share' })).text).toContain('I do not share here');
  const mention = () => slack.say({ user: ANNA.id, channel: SHARED, text: `<@${slack.botUser}> prod` });
  expect(await answerTo(slack, mention, place)).toMatchObject({ ephemeralTo: ANNA.id });
  expect(
    slack.messages(SHARED, STRANGER.id).filter(({ user, ephemeralTo }) => user === slack.botUser && !ephemeralTo),
  ).toEqual([]);
});
