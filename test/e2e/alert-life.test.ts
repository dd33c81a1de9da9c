// The life of an alert in the real bot, in simulated time: told in Slack, handled there by people, ended.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClock } from '../sandbox/demo/clock.ts';
import { ANNA, BEN } from '../sandbox/slack/people.ts';
import { openWatched, type Watched } from './alerts.ts';
import { movesOf } from './slack.ts';

let watched: Watched;
beforeAll(async () => {
  const now = Date.now();
  watched = await openWatched({
    schedule: '*/5 * * * *',
    clock: createClock({ real: now, simulated: now, speed: 180 }),
  });
});
afterAll(() => watched?.close());

test('an alert fires, is acknowledged, becomes worse, is resolved and fires again in one message', async () => {
  const { prod, inState, reply, press, about } = watched;
  prod.spike('Billing API', 6);
  const fired = await inState('Billing API', 'Warning');
  expect(fired.text).toMatch(/^Warning — Billing API: \d+ dormant connections.* · prod\nSince /);
  expect(fired.text).toContain('https://wiki.example.com/billing');
  expect(movesOf(fired.blocks)).toEqual(['alert_acknowledge', 'alert_silence', 'alert_details', 'alert_why']);

  await press(fired, 'alert_acknowledge');
  const acknowledged = await inState('Billing API', 'Acknowledged');
  expect(acknowledged.text.split('\n')[0]).toContain(`by <@${ANNA.id}>`);
  expect(movesOf(acknowledged.blocks)).toEqual(['alert_silence', 'alert_details', 'alert_why']);

  prod.spike('Billing API', 18);
  const worse = await reply(fired, /^Worse: /);
  expect(worse).toMatchObject({ text: expect.stringContaining(`<@${ANNA.id}>`) });
  expect(worse.text).toContain(`<@${BEN.id}>`);
  expect(worse.broadcast ?? false).toBe(false);

  prod.calm('Billing API');
  const ended = await inState('Billing API', 'Resolved');
  await reply(fired, /^Resolved after /);
  expect(ended.text).toMatch(/peak [\d,]+/);
  expect(movesOf(ended.blocks)).toEqual([]);

  prod.spike('Billing API', 6);
  await inState('Billing API', 'Warning');
  expect(await reply(fired, /^Warning again after /)).toMatchObject({ broadcast: true });
  expect(about('Billing API').map(({ ts }) => ts)).toEqual([fired.ts]);
});

test('an alert that becomes critical is broadcast to the channel', async () => {
  const { prod, inState, reply } = watched;
  prod.spike('Kubernetes (peered VPC)', 4);
  const fired = await inState('peered network', 'Critical');
  prod.spike('Kubernetes (peered VPC)', 10);
  expect(await reply(fired, /^Critical — /)).toMatchObject({ broadcast: true });
  prod.calm('Kubernetes (peered VPC)');
  await inState('peered network', 'Resolved');
});

test('a silence from the form mutes a worsening alert until it is ended', async () => {
  const { prod, inState, press, all, about, ask, work } = watched;
  const { slack } = work;
  const source = 'Reports (private endpoint)';
  prod.spike(source, 6);
  const fired = await inState('private endpoint', 'Warning');
  await press(fired, 'alert_silence');
  await slack.until(() => slack.modal(ANNA.id));
  await slack.submit(ANNA.id, {
    duration: { duration: { type: 'radio_buttons', selected_option: { value: '7d' } } },
    date: { date: { type: 'datetimepicker', selected_date_time: null } },
    reason: { reason: { type: 'plain_text_input', value: 'load test' } },
    options: { options: { type: 'checkboxes', selected_options: [] } },
  });
  const silenced = await inState('private endpoint', 'Silenced');
  expect(silenced.text).toContain('load test');
  prod.spike(source, 24);
  const thread = () => all().filter(({ threadTs }) => threadTs === fired.ts);
  await slack.until(() => about('private endpoint').some(({ edits }) => edits > silenced.edits));
  expect(thread()).toEqual([]);
  expect((await ask('alerts')).text).toMatch(/^Alerts: .*\b1 silenced/);

  await ask('unsilence reports');
  expect((await inState('private endpoint', 'Warning')).ts).toBe(fired.ts);
  // It never stopped firing, so who ended the silence sees the edit alone.
  expect(thread()).toEqual([]);
});
