// The past in Slack, over the real bot: the zone of a chart's times.

import { expect, test } from 'vitest';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { changeOf, snapshotOf } from '../store/sample.ts';
import { answerTo, command, newSlack, OPS } from './bot-fixture.ts';
import { TEN } from './views/watch-sample.ts';
import { alertMessage, BILLING, billingFires, MINUTE, pressed, watchedBot } from './watch-fixture.ts';

const has = (message: { readonly blocks: unknown }, words: string) => JSON.stringify(message.blocks).includes(words);

test("a chart has the times of the person's profile in an answer for one person, else those of the bot", async () => {
  const slack = await newSlack();
  slack.addPerson({ ...ANNA, zone: 'Asia/Tokyo' });
  slack.addPerson({ ...BEN, zone: 'Nowhere/Unheard' });
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  for (const minutes of [14, 34]) {
    const at = TEN - minutes * MINUTE;
    const snapshot = snapshotOf({ at, holding: { [BILLING]: [4, 412] } });
    await store.write(changeOf({ reading: { slot: at, snapshot: { ...snapshot, extra: true } } }));
  }
  const mine = await command(slack, 'history prod 1h');
  expect(JSON.stringify(mine.blocks)).toContain('times in the chart are in Asia/Tokyo');
  const ben = { user: BEN.id };
  expect(has(await command(slack, 'history prod 1h', ben), 'times in the chart are in UTC'), 'an odd zone').toBe(true);
  const message = await alertMessage(slack, 'Billing API');
  expect(has(await pressed(slack, message, 'alert_details'), 'Dormant, last 24 h, times in Asia/Tokyo')).toBe(true);
  const said = { user: ANNA.id, channel: OPS, text: `<@${slack.botUser}> history prod 1h` };
  const forAll = await answerTo(slack, () => slack.say(said));
  expect([forAll.ephemeralTo, has(forAll, 'times in the chart are in UTC')]).toEqual([null, true]);
});
