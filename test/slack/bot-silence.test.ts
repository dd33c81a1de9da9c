// Silences: by command, by the choice of one of several, by the form of a button, and their end.

import { expect, test } from 'vitest';
import { ANNA, BEN, GUEST } from '../sandbox/slack/people.ts';
import { command, newSlack, OPS, press, runBot } from './bot-fixture.ts';
import { TEN } from './views/watch-sample.ts';
import {
  alertMessage,
  BILLING,
  billingFires,
  DAY,
  HOUR,
  MINUTE,
  pressed,
  toldTo,
  watchedBot,
} from './watch-fixture.ts';

const has = (message: { readonly blocks: unknown }, words: string) => JSON.stringify(message.blocks).includes(words);

test('a source is silenced by its name, with who, until when and why; every report says so; unsilence ends it', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  const answer = await command(slack, 'silence billing api in prod 4h hold load test');
  expect(answer).toMatchObject({
    ephemeralTo: ANNA.id,
    text: expect.stringContaining('Billing API in prod (load test)'),
  });
  expect(await store.silences()).toEqual([
    expect.objectContaining({
      ...{ cluster: 'prod', source: BILLING, node: null, rule: null, who: 'Billing API', hold: true },
      ...{ by: ANNA.id, reason: 'load test', at: TEN, until: TEN + 4 * HOUR },
    }),
  ]);
  expect((await command(slack, 'prod')).text).toContain('Billing API: silenced until');
  const ended = await command(slack, 'unsilence billing');
  expect(ended.text).toContain('No longer silenced: Billing API in prod.');
  expect(await store.silences()).toEqual([]);
});

test.each([
  ['silence a:27017 1d', { cluster: 'prod', source: null, node: 'a:27017', rule: null }],
  ['silence app:billing 4h', { cluster: null, source: 'app:billing', node: null, rule: null, who: 'app billing' }],
  ['silence churn 1w', { cluster: null, source: null, node: null, rule: 'churn' }],
  ['silence churn in prod 30m', { cluster: 'prod', source: null, node: null, rule: 'churn' }],
])('%s is about what it names', async (text, target) => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  await command(slack, 'prod');
  await command(slack, text);
  expect(await store.silences()).toEqual([expect.objectContaining(target)]);
});

test.each(['silence prod 30m failover', 'mute all in prod for 30 minutes failover'])(
  '%s asks first, and the button silences the whole cluster',
  async (text) => {
    const slack = await newSlack();
    const { store } = await watchedBot(slack);
    const question = await command(slack, text);
    expect(question.text).toContain('This silences all of prod for 30 min: every source, node and rule.');
    expect(await store.silences()).toEqual([]);
    const done = await press(slack, question, { actionId: 'silence_chosen' });
    expect(done).toMatchObject({ ts: question.ts, text: expect.stringContaining('everything in prod (failover)') });
    expect(await store.silences()).toEqual([
      expect.objectContaining({ cluster: 'prod', source: null, node: null, rule: null, until: TEN + 30 * MINUTE }),
    ]);
  },
);

test('an address that belongs to a source: all of the source, or only the address', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  // Web EU holds it, as the entry with fewer addresses.
  const question = await command(slack, 'silence 203.0.113.70 4h deploy');
  expect(question.text).toContain(
    '203.0.113.70 belongs to Web EU in prod. Silence all of Web EU, or only this address?',
  );
  const silenced = async (index: number) => {
    const blocks = question.blocks.filter(({ type }) => type === 'actions');
    await press(slack, question, { actionId: 'silence_chosen', blockId: String(blocks[index]?.['block_id']) });
    return store.silences();
  };
  expect(await silenced(1)).toEqual([
    expect.objectContaining({
      cluster: 'prod',
      source: '203.0.113.70',
      who: '203.0.113.70 of Web EU',
      reason: 'deploy',
    }),
  ]);
  const page = await command(slack, 'source Web EU');
  expect(page.text).toContain('203.0.113.70 of Web EU: silenced until');
  expect((await command(slack, 'source Billing API')).text).not.toContain('silenced until');
  expect((await command(slack, 'unsilence 203.0.113.70')).text).toContain(
    'No longer silenced: 203.0.113.70 of Web EU in prod.',
  );
});

test('the answer tells what is true afterwards: the silence that ends last, and whose each is', async () => {
  const slack = await newSlack();
  const { clock } = await watchedBot(slack);
  await command(slack, 'silence Billing API until 13:51 deploy', { user: BEN.id });
  clock.now += MINUTE;
  const second = await command(slack, 'silence Billing API for 20 minutes');
  expect(second.text).toMatch(/^Quiet until <!date[^|]*\|2026-11-21 13:51 UTC>: Billing API in prod \(yours until /);
  expect(second.text).toContain('2026-11-21 10:21 UTC> and ');
  expect(second.text).toContain('13:51 UTC>, deploy)');
  const ended = await press(slack, second, { actionId: 'unsilence' });
  expect(ended.text).toContain('The silence has ended. Billing API in prod stays quiet (');
  expect((await command(slack, 'unsilence Billing API')).text).toContain('No longer silenced: Billing API in prod.');
});

test('unsilence all shows what is in force, and ends it after the button; what is made later stays', async () => {
  const slack = await newSlack();
  const { store, clock } = await watchedBot(slack, { clusters: ['prod', 'staging'] });
  expect((await command(slack, 'unsilence all')).text).toContain('No silence is in force.');
  await command(slack, 'silence Web EU in prod 4h load test');
  clock.now += MINUTE;
  await command(slack, 'silence Billing API in staging 4h');
  const question = await command(slack, 'unmute all');
  expect(question.text).toContain('2 silences are in force. End all of them?');
  expect(question.text).toContain('(load test) · prod');
  clock.now += MINUTE;
  await command(slack, 'silence churn 4h');
  const done = await press(slack, question, { actionId: 'unsilence_all' });
  expect(done.text).toContain('No longer silenced: Web EU in prod, Billing API in staging.');
  expect(await store.silences()).toEqual([expect.objectContaining({ rule: 'churn' })]);
});

test('who unsilences what still fires sees the message change, and no reply comes', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  const message = await alertMessage(slack, 'Billing API');
  await command(slack, 'silence Billing API 4h');
  await slack.until(() => slack.messages(OPS, BEN.id).find((one) => one.ts === message.ts && has(one, 'Silenced')));
  await command(slack, 'unsilence Billing API');
  await slack.until(() => slack.messages(OPS, BEN.id).find((one) => one.ts === message.ts && !has(one, 'Silenced')));
  expect(await store.alert(billingFires.id)).toMatchObject({ state: 'firing', replies: 0 });
  expect(slack.messages(OPS, BEN.id).filter(({ threadTs }) => threadTs === message.ts)).toEqual([]);
});

test('a date is one of the zone that is set; what is over, too short or unknown is refused with a sentence', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  for (const [text, says] of [
    ['silence Web EU until 2026-11-20 18:00', 'That is in the past.'],
    ['silence Web EU 2m', 'A silence lasts at least 5 minutes.'],
    ['silence Wbe EU 4h', 'I know no source, node, rule or cluster "Wbe EU". Did you mean "Web EU"?'],
    ['unsilence Web EU', 'No silence of "Web EU" is in force. Nothing is silenced now.'],
  ] as const) {
    expect((await command(slack, text)).text).toContain(says);
  }
  expect(await store.silences()).toEqual([]);
  await command(slack, 'silence Web EU until 2026-11-30 18:00');
  expect((await store.silences())[0]?.until).toBe(Date.parse('2026-11-30T18:00:00Z'));
});

test('where a name fits several, each is a button that carries all that was asked', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { clusters: ['prod', 'staging'] });
  const choice = await command(slack, 'silence Billing API 4h hold deploy <!channel>');
  expect(choice.text).toContain('"Billing API" matches 2 targets');
  const done = await press(slack, choice, { actionId: 'silence_chosen' });
  expect(done).toMatchObject({ ts: choice.ts, text: expect.stringContaining('Billing API in prod') });
  expect(await store.silences()).toEqual([
    expect.objectContaining({ cluster: 'prod', source: BILLING, hold: true, reason: 'deploy <!channel>' }),
  ]);
});

const modalOf = (slack: Awaited<ReturnType<typeof newSlack>>, user: string) => slack.until(() => slack.modal(user));
const entered = (more: object = {}) => ({
  duration: { duration: { type: 'radio_buttons', selected_option: { value: '4h' } } },
  date: { date: { type: 'datetimepicker', selected_date_time: null } },
  reason: { reason: { type: 'plain_text_input', value: 'deploy' } },
  options: { options: { type: 'checkboxes', selected_options: [] } },
  ...more,
});

test('Silence on an alert opens the form before permissions are checked, and then fills it', async () => {
  const slack = await newSlack();
  const { store, clock } = await watchedBot(slack, { alerts: [billingFires] });
  const message = await alertMessage(slack, 'Billing API');
  const { channel, ts } = message;
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'alert_silence' });
  await slack.until(() => JSON.stringify(slack.modal(ANNA.id)).includes('Billing API'));
  const methods = slack.calls.map(({ method }) => method);
  expect(methods.indexOf('views.open')).toBeLessThan(methods.indexOf('users.info'));

  const result = await toldTo(slack, async () => {
    const { acknowledged, tookMs } = await slack.submit(ANNA.id, entered());
    expect([acknowledged, tookMs === null]).toEqual([true, false]);
  });
  expect(result).toMatchObject({
    channel: OPS,
    ephemeralTo: ANNA.id,
    text: expect.stringContaining('1 open alert is muted'),
  });
  expect(slack.modal(ANNA.id)).toBeNull();
  expect(await store.silences()).toEqual([
    expect.objectContaining({
      source: BILLING,
      rule: 'dormant-spike',
      reason: 'deploy',
      until: clock.now + 4 * HOUR,
      by: ANNA.id,
    }),
  ]);
  const edited = await slack.until(() => slack.messages(OPS, BEN.id).find((one) => one.ts === ts && one.edits > 0));
  expect(has(edited, 'Silenced')).toBe(true);
});

test('a date in the form takes the place of the duration; one that cannot be is said beside it, and nothing is stored', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  const { channel, ts } = await alertMessage(slack, 'Billing API');
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'alert_silence' });
  await modalOf(slack, ANNA.id);
  const until = (at: number) => entered({ date: { date: { type: 'datetimepicker', selected_date_time: at / 1_000 } } });
  const { answer } = await slack.submit(ANNA.id, until(TEN - HOUR));
  expect(answer).toEqual({ response_action: 'errors', errors: { date: 'That is in the past.' } });
  expect(await store.silences()).toEqual([]);
  const options = { options: { type: 'checkboxes', selected_options: [{ value: 'hold' }, { value: 'every_rule' }] } };
  await toldTo(slack, () => slack.submit(ANNA.id, { ...until(TEN + 2 * DAY), options }));
  expect(await store.silences()).toEqual([
    expect.objectContaining({ until: TEN + 2 * DAY, hold: true, rule: null, source: BILLING }),
  ]);
});

test('Silence on a source in a drill-down is about all of its rules', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { alerts: [billingFires] });
  const source = await command(slack, 'source Billing API');
  const { channel, ts } = source;
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'alert_silence' });
  await modalOf(slack, ANNA.id);
  await toldTo(slack, () => slack.submit(ANNA.id, entered()));
  expect(await store.silences()).toEqual([expect.objectContaining({ source: BILLING, rule: null, cluster: 'prod' })]);
});

test('who may read but not act is refused by command, click and form, and told whom to ask; nothing changes', async () => {
  const slack = await newSlack({ groups: [{ id: 'S0000DBA01', handle: 'dba', users: [ANNA.id] }] });
  const { store } = await watchedBot(slack, { alerts: [billingFires], act: { groups: ['S0000DBA01'] } });
  const message = await alertMessage(slack, 'Billing API');
  const says = 'You are not in a group that may acknowledge or silence here.';
  expect((await command(slack, 'prod', { user: BEN.id })).text).toContain('prod — 65 connections');
  for (const text of ['silence Billing API 4h', 'unsilence Billing API']) {
    const refusal = await command(slack, text, { user: BEN.id });
    expect(refusal).toMatchObject({ ephemeralTo: BEN.id, text: expect.stringContaining(says) });
    expect(has(refusal, 'S0000DBA01')).toBe(true);
  }
  expect((await pressed(slack, message, 'alert_acknowledge', { user: BEN.id })).text).toContain(says);
  const { channel, ts } = message;
  await slack.press({ user: BEN.id, message: { channel, ts }, actionId: 'alert_silence' });
  await slack.until(() => JSON.stringify(slack.modal(BEN.id)).includes(says));
  expect([await store.silences(), (await store.alert(billingFires.id))?.state]).toEqual([[], 'firing']);
  expect((await command(slack, 'silence Billing API 4h')).text).toContain('Quiet until');
});

test('a form that was opened when one might still act is refused when one may not any more', async () => {
  const slack = await newSlack();
  const { store, clock } = await watchedBot(slack, { alerts: [billingFires] });
  const { channel, ts } = await alertMessage(slack, 'Billing API');
  await slack.press({ user: ANNA.id, message: { channel, ts }, actionId: 'alert_silence' });
  await slack.until(() => JSON.stringify(slack.modal(ANNA.id)).includes('Billing API'));
  slack.addPerson({ ...ANNA, guest: true });
  clock.now += 2 * MINUTE;
  const refusal = await toldTo(slack, () => slack.submit(ANNA.id, entered()));
  expect(refusal).toMatchObject({ ephemeralTo: ANNA.id, text: expect.stringContaining('Guests may not') });
  expect(await store.silences()).toEqual([]);
});

test('a guest who presses Silence sees nothing but the refusal', async () => {
  const slack = await newSlack();
  await watchedBot(slack, { alerts: [billingFires] });
  const { channel, ts } = await alertMessage(slack, 'Billing API');
  await slack.press({ user: GUEST.id, message: { channel, ts }, actionId: 'alert_silence' });
  await slack.until(() => JSON.stringify(slack.modal(GUEST.id)).includes('Guests may not'));
  expect(JSON.stringify(slack.modal(GUEST.id))).not.toContain('Billing API');
});

test('every silence of the list has Unsilence; a second press says that it has ended', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack);
  const silenced = await command(slack, 'silence Web EU 4h');
  const board = await command(slack, 'alerts');
  expect((await press(slack, board, { actionId: 'unsilence' })).text).toContain('No longer silenced: Web EU in prod.');
  expect(await store.silences()).toEqual([]);
  expect((await press(slack, silenced, { actionId: 'unsilence' })).text).toContain('This silence has ended already.');
});

test('unsilence without a name asks which of those in force, each with its button', async () => {
  const slack = await newSlack();
  const { store } = await watchedBot(slack, { clusters: ['prod', 'staging'] });
  expect((await command(slack, 'unsilence')).text).toContain('No silence is in force.');
  await command(slack, 'silence Web EU in prod 4h');
  expect((await command(slack, 'unsilence in staging')).text).toContain('No silence is in force in staging.');
  const choice = await command(slack, 'unsilence in prod');
  expect(choice.text).toContain('1 silence is in force. Which one is to end?');
  expect(choice.text).toMatch(/Web EU: silenced until <.*> by <@.*> · prod/);
  expect((await press(slack, choice, { actionId: 'unsilence' })).text).toContain('No longer silenced: Web EU in prod.');
  expect(await store.silences()).toEqual([]);
});

test('a bot without a store says that these need one', async () => {
  const slack = await newSlack();
  await runBot(slack);
  for (const text of ['alerts', 'silence Billing API 4h', 'unsilence Billing API', 'history']) {
    expect((await command(slack, text)).text).toContain("need the bot's store");
  }
});
