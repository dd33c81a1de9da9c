// The bot as it is installed, in real time: stopped and killed while an alert fires, it goes on with the one message.

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { poll } from '../slack/bot-fixture.ts';
import { openWatched, type Watched } from './alerts.ts';

let watched: Watched;
beforeAll(async () => {
  watched = await openWatched({ schedule: '*/2 * * * * *' });
});
afterAll(() => watched?.close());

test.each([
  { how: 'close', source: 'Billing API', factors: [4, 10] },
  { how: 'kill', source: 'Web EU', factors: [3, 8] },
] as const)(
  'after $how an alert that fired goes on in its message and its thread',
  async ({ how, source, factors }) => {
    const { prod, inState, reply, about, all, work, press, ask } = watched;
    prod.spike(source, factors[0]);
    const fired = await inState(source, 'Warning');
    await work.restart(how);
    await press(fired, 'alert_acknowledge');
    await inState(source, 'Acknowledged');
    await work.restart(how);
    prod.spike(source, factors[1]);
    await reply(fired, /^Worse: /);
    // Whatever was still in the outbox is told before this is answered a second time.
    await ask('status');
    await ask('alerts');
    expect(about(source).map(({ ts }) => ts)).toEqual([fired.ts]);
    expect(all().filter(({ threadTs }) => threadTs === fired.ts)).toHaveLength(1);
    prod.calm(source);
  },
);

test('an alert that began while the bot was down is posted after the restart', async () => {
  const { prod, inState, about, work } = watched;
  await work.bot().kill();
  prod.spike('Kubernetes (peered VPC)', 4);
  await work.restart();
  const fired = await inState('peered network', 'Critical');
  expect(about('peered network').map(({ ts }) => ts)).toEqual([fired.ts]);
});

test('an alert that a killed bot was posting is looked up in Slack and not posted again', async () => {
  // Beside those before, it would be the fourth in ten minutes: a row of an incident, without a message of its own.
  const { prod, inState, about, work, close } = await openWatched({ schedule: '*/2 * * * * *' });
  onTestFinished(close);
  const { slack } = work;
  const since = (from: number, method: string) => slack.calls.slice(from).some((call) => call.method === method);
  const before = slack.calls.length;
  // Slack takes the post, and the bot that sent it never hears of it.
  slack.faults.slow(2_000, 'chat.postMessage');
  prod.spike('Reports (private endpoint)', 6);
  await poll(() => since(before, 'chat.postMessage'));
  await work.bot().kill();
  slack.faults.clear();
  const after = slack.calls.length;
  await work.restart();
  const fired = await inState('private endpoint', 'Warning');
  await slack.until(() => since(after, 'conversations.history') || null);
  const found = slack.calls.length;
  await slack.until(() => since(found, 'chat.update') || null);
  expect(about('private endpoint').map(({ ts }) => ts)).toEqual([fired.ts]);
});
